import { describe, expect, test } from "vitest";
import type { LookupAnswer } from "../../../../src/processors/cri-attributes/inquiry/lookup.ts";
import { newId } from "../../../support/cri/answers.ts";
import { givenProcessor, type GivenProcessor } from "../given-processor.ts";

const [web, api, ignored] = [newId(), newId(), newId()];
const uid = "5cf2c2e1-0000-4000-8000-000000000001";
const pods = [
  {
    name: "web-56c89cfff7-tsdww",
    namespace: "shop",
    uid,
    ip: "10.1.0.1",
    labels: { app: "web", "pod-template-hash": "56c89cfff7" },
    annotations: { "resource.opentelemetry.io/team": "red" },
    containers: [
      { id: web, name: "web", image: "acme/web:1", restartCount: 2 },
      { id: api, name: "api", image: "acme/api:3" },
    ],
  },
  {
    name: "shy-1",
    namespace: "shop",
    ip: "10.1.0.2",
    annotations: { "opentelemetry.io/k8s-processor/ignore": "true" },
    containers: [{ id: ignored, name: "shy" }],
  },
];

async function lookup(given: GivenProcessor, question: object): Promise<LookupAnswer> {
  const [answer] = await given.answers("lookup", question);
  return answer as LookupAnswer;
}

/** The attributes that an answer says are there. */
function present({ attributes }: LookupAnswer): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.filter(({ value }) => value !== null).map(({ name, value }) => [name, value]));
}

function absent({ attributes }: LookupAnswer): Readonly<Record<string, string>> {
  return Object.fromEntries(attributes.flatMap((one) => ("absent" in one ? [[one.name, one.absent]] : [])));
}

function sources({ attributes }: LookupAnswer): Readonly<Record<string, string>> {
  return Object.fromEntries(attributes.flatMap((one) => ("source" in one ? [[one.name, one.source]] : [])));
}

const rule = (from: string, name = "") => ({ sources: [{ from, name }] });

describe("a look-up tells what telemetry leaves with", () => {
  const asked = [
    { "container.id": web },
    { "container.id": web.slice(0, 12), "k8s.pod.name": "somebody-else", "service.name": "own" },
    { "container.id": newId() },
    { "k8s.pod.uid": uid },
    { "k8s.pod.uid": uid, "k8s.container.name": "web", "k8s.container.restart_count": "7" },
    { "k8s.pod.ip": "10.1.0.1" },
    { "process.linux.cgroup": `/kubepods/pod${uid}/${api}` },
    { "container.id": ignored },
    { "service.name": "nobody" },
  ];
  const settings = {
    extract: {
      labels: [
        { key: "app", from: "pod" },
        { key_regex: "(.*)-hash", tag_name: "hash.$1" },
      ],
      otel_annotations: true,
    },
  };

  test.each(["cri_attributes", "k8s_attributes"] as const)("by the settings of %s", async (type) => {
    const given = await givenProcessor({ type, pods, settings });
    for (const resource of asked) {
      const stamped = await given.stamped(resource, "10.9.9.9");
      const answer = await lookup(given, { resource, connection: "10.9.9.9" });
      expect(present(answer)).toEqual(stamped);
      expect(answer.isFound).toBe(answer.entry !== null);
      expect(answer.isFound).toBe(answer.reason === null);
    }
  });

  test("and counts nothing of it", async () => {
    const given = await givenProcessor({ pods });
    for (const resource of asked) await lookup(given, { resource });
    for (const name of ["podstamp_stamped_items", "podstamp_unstamped_items", "podstamp_waits"] as const)
      expect(given.metric(name)).toBe(0);
    expect(given.metric("podstamp_lookups", { result: "hit" })).toBe(0);
    expect(given.metric("otelcol_k8s_pod_association")).toBe(0);
  });

  test("with the source of each attribute", async () => {
    const given = await givenProcessor({ type: "cri_attributes", pods, settings });
    const answer = await lookup(given, { resource: { "k8s.pod.uid": uid, "k8s.container.name": "web" } });
    expect(sources(answer)).toMatchObject({
      "k8s.pod.uid": "the telemetry itself",
      "k8s.container.name": "the telemetry itself",
      "container.id": "ListContainers id",
      "k8s.deployment.name": "label pod-template-hash, where the pod's name ends with it and 5 characters",
      "k8s.pod.label.app": "label app of the pod, by extract::labels[0]",
      "hash.pod-template": "label that matches (.*)-hash of the pod, by extract::labels[1]",
      team: "annotation resource.opentelemetry.io/team of the pod",
    });
    expect(absent(answer)).toMatchObject({ "k8s.job.name": "the pod's labels do not tell it" });
    expect(answer).toMatchObject({
      processor: "cri_attributes",
      rule: { of: "own", by: "the container's name in the pod with that uid", note: null },
      entry: {
        kind: "container",
        id: web,
        name: "web",
        state: "running",
        isGone: false,
        pod: { namespace: "shop", name: "web-56c89cfff7-tsdww", uid },
      },
    });
  });

  test("with what stays of the telemetry's own", async () => {
    const given = await givenProcessor({ pods });
    const resource = { "container.id": web, "k8s.pod.name": "mine" };
    expect(sources(await lookup(given, { resource }))["k8s.pod.name"]).toBe(
      "the telemetry itself, which stays without override",
    );
    const overriding = await givenProcessor({ pods, settings: { override: true } });
    expect(present(await lookup(overriding, { resource }))["k8s.pod.name"]).toBe("web-56c89cfff7-tsdww");
  });

  test("also of a record that names its container itself", async () => {
    const given = await givenProcessor({ type: "cri_attributes", pods });
    const record = { "container.id": web };
    const answer = await lookup(given, { resource: { "service.name": "agent" }, record });
    expect(answer.rule).toEqual({ of: "own", by: "the container's ID on the record", note: null });
    expect(present(answer)).toMatchObject({ "service.name": "agent", "k8s.container.name": "web" });
    const inline = await givenProcessor({ type: "cri_attributes", pods, settings: { record_attributes: "inline" } });
    expect(present(await lookup(inline, { record }))).toMatchObject({ "k8s.container.name": "web" });
  });
});

describe("a look-up tells why there is nothing", () => {
  test.each([
    [{ "container.id": newId() }, "not_found", /no runtime on this node knows it/],
    [{ "container.id": "no such thing !" }, "invalid_id", /none that a runtime gives/],
    [{ "process.pid": "999999999" }, "not_found", /a process that has ended/],
    [{ "service.name": "x" }, "no_identity", /nothing in it says whose it is/],
    [{ "container.id": ignored }, "excluded", /annotation opentelemetry.io/],
  ])("of %j: %s", async (resource, reason, why) => {
    const given = await givenProcessor({ type: "cri_attributes", pods });
    const answer = await lookup(given, { resource });
    expect(answer).toMatchObject({ isFound: false, reason, entry: null });
    expect(answer.why).toMatch(why);
  });

  test("a runtime that does not answer, with its error", async () => {
    const given = await givenProcessor({ pods: [], isListening: false });
    const answer = await lookup(given, { resource: { "container.id": web } });
    expect(answer).toMatchObject({ isFound: false, reason: "runtime_down" });
    expect(answer.why).toMatch(/no container runtime answers; .*cri\.sock/);
    // Nobody is asked for a cgroup of which only the path is known: that no runtime answers is said all the same.
    const byPath = await lookup(given, { resource: { "process.linux.cgroup": "/user.slice" } });
    expect(byPath).toMatchObject({ reason: "not_found", why: answer.why });
  });

  test("a container that is gone is said to be gone", async () => {
    const given = await givenProcessor({ pods });
    given.server.remove(web);
    await expect
      .poll(async () => (await lookup(given, { resource: { "container.id": web } })).entry?.isGone)
      .toBe(true);
  });
});

describe("with rules of the file a look-up", () => {
  const settings = { pod_association: [rule("resource_attribute", "k8s.pod.ip"), rule("connection")] };

  test("tells which one was taken, and that none was", async () => {
    const given = await givenProcessor({ pods, settings });
    const byIp = await lookup(given, { resource: { "k8s.pod.ip": "10.1.0.1" } });
    expect(byIp.rule).toEqual({ of: "file", by: "resource_attribute/k8s.pod.ip", note: null });
    const byPeer = await lookup(given, { resource: {}, connection: "10.1.0.1" });
    expect(byPeer.rule).toEqual({ of: "file", by: "connection", note: null });
    const none = await lookup(given, { resource: { "container.id": web } });
    expect(none).toMatchObject({ isFound: false, reason: "no_identity", rule: { of: "none" } });
    expect(none.rule.note).toBe("no rule of pod_association has all its sources in it");
  });

  test("finds what is asked for plainly all the same, and says that no rule reads it", async () => {
    const given = await givenProcessor({ pods, settings });
    const plain = await lookup(given, { resource: { "container.id": web }, isPlain: true });
    expect(plain).toMatchObject({
      isFound: true,
      rule: {
        of: "own",
        by: "the container's ID",
        note: "no rule of pod_association reads this: telemetry that says only this leaves as it came",
      },
    });
  });

  test("tells a conflict of its sources", async () => {
    const sources = [
      { from: "resource_attribute", name: "k8s.pod.uid" },
      { from: "resource_attribute", name: "k8s.pod.name" },
    ];
    const given = await givenProcessor({ pods, settings: { pod_association: [{ sources }] } });
    const answer = await lookup(given, { resource: { "k8s.pod.uid": uid, "k8s.pod.name": "shy-1" } });
    expect(answer).toMatchObject({ isFound: false, reason: "conflict" });
  });
});

test.each([
  [{ resource: 1 }],
  [{ resource: { a: {} } }],
  [{ resource: { a: 1.5 } }],
  [{ record: { a: "x".repeat(70_000) } }],
  [{ resource: Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, "v"])) }],
  [{ connection: "somewhere" }],
  [{ connection: 7 }],
])("a question such as %j is refused in words", async (question) => {
  const { processor } = await givenProcessor({ pods });
  const reply = { send: async () => {}, offer: () => {}, signal: new AbortController().signal };
  const ended = await processor.answers?.["lookup"]?.({ ...question }, reply);
  expect(ended?.ok).toBe(false);
  expect(ended?.lines[0]).toMatch(/^Cannot look it up: the question must have /);
});
