import { describe, expect, test } from "vitest";
import { newId } from "../../support/cri/answers.ts";
import { lendHostRoot } from "../../support/node/host-root.ts";
import type { Attributes } from "../../support/otlp/plain.ts";
import { item, traces } from "../telemetry.ts";
import { givenProcessor } from "./given-processor.ts";

const [web, side, api, old, next] = [newId(), newId(), newId(), newId(), newId()];
const uidOf = (number: number) => `5cf2c2e1-0000-4000-8000-00000000000${number}`;
const pods = [
  {
    name: "web-1",
    namespace: "shop",
    uid: uidOf(1),
    ip: "10.1.0.1",
    additionalIps: ["fd00::1"],
    labels: { app: "web", shard: "7", main: "side" },
    annotations: { "resource.opentelemetry.io/k8s.container.name": "web" },
    containers: [
      { id: web, name: "web", image: "acme/web:1" },
      { id: side, name: "side", image: "acme/side:2" },
    ],
  },
  {
    name: "api-1",
    namespace: "shop",
    uid: uidOf(2),
    ip: "10.1.0.2",
    labels: { app: "api", none: "" },
    containers: [{ id: api, name: "api", image: "acme/api:3" }],
  },
  {
    name: "api-1",
    namespace: "other",
    uid: uidOf(3),
    ip: "10.1.0.3",
    containers: [
      { id: old, name: "api", image: "acme/api:4", restartCount: 1 },
      { id: next, name: "api", image: "acme/api:4", restartCount: 2 },
    ],
  },
];

type Source = readonly [from: string, name?: string];

/** A processor with rules of these sources, each rule a list. */
function givenRules(rules: readonly (readonly Source[])[], settings: object = {}) {
  const pod_association = rules.map((sources) => ({
    sources: sources.map(([from, name]) => ({ from, ...(name === undefined ? {} : { name }) })),
  }));
  const extract = { metadata: ["k8s.pod.name", "k8s.container.name"] };
  return givenProcessor({ pods, settings: { pod_association, extract, ...settings } });
}

const attribute = (name: string): Source => ["resource_attribute", name];

describe("the first rule whose sources all have a value decides", () => {
  test("and one that finds nothing does not fall through", async () => {
    const { stamped } = await givenRules([[attribute("k8s.pod.uid")], [attribute("k8s.pod.ip")]]);
    const unknown = { "k8s.pod.uid": uidOf(9), "k8s.pod.ip": "10.1.0.2" };
    expect(await stamped(unknown)).toEqual(unknown);
    expect(await stamped({ "k8s.pod.uid": "", "k8s.pod.ip": "10.1.0.2" })).toMatchObject({ "k8s.pod.name": "api-1" });
    expect(await stamped({ "k8s.pod.uid": "no uid!", "k8s.pod.ip": "10.1.0.2" })).not.toHaveProperty("k8s.pod.name");
  });

  test("all of its sources must be of the pod", async () => {
    const { stamped, metric } = await givenRules([
      [attribute("k8s.pod.uid"), ["connection"], attribute("k8s.namespace.name"), attribute("container.id")],
    ]);
    const said = { "k8s.pod.uid": uidOf(1), "k8s.namespace.name": "shop", "container.id": `containerd://${side}` };
    expect(await stamped(said, "10.1.0.1")).toMatchObject({ "k8s.pod.name": "web-1", "k8s.container.name": "side" });
    const wrong: readonly [Attributes, string][] = [
      [{ ...said, "k8s.namespace.name": "other" }, "10.1.0.1"],
      [{ ...said, "k8s.pod.uid": uidOf(2) }, "10.1.0.1"],
      [said, "10.1.0.2"],
    ];
    for (const [attributes, peer] of wrong) expect(await stamped(attributes, peer)).toEqual(attributes);
    expect(metric("podstamp_unstamped_items", { reason: "conflict" })).toBe(3);
  });

  test("a name that several pods have is that of the newest, with its namespace it is one", async () => {
    const byName = await givenRules([[attribute("k8s.pod.name")]], { extract: { metadata: ["k8s.pod.uid"] } });
    expect(await byName.stamped({ "k8s.pod.name": "api-1" })).toMatchObject({ "k8s.pod.uid": uidOf(3) });
    const byBoth = await givenRules([[attribute("k8s.pod.name"), attribute("k8s.namespace.name")]], {
      extract: { metadata: ["k8s.pod.uid"] },
    });
    const said = { "k8s.pod.name": "api-1", "k8s.namespace.name": "shop" };
    expect(await byBoth.stamped(said)).toMatchObject({ "k8s.pod.uid": uidOf(2) });
  });

  test("other attributes tell pods apart only where they are extracted", async () => {
    const extract = { metadata: ["k8s.pod.name"], labels: [{ key: "app", tag_name: "app" }] };
    const { stamped } = await givenRules([[attribute("app")], [attribute("shard")]], { extract });
    expect(await stamped({ app: "api" })).toMatchObject({ "k8s.pod.name": "api-1" });
    expect(await stamped({ shard: "7" })).toEqual({ shard: "7" });
  });

  test("a pod that is made while its telemetry waits is found by its name", async () => {
    const { stamped, server } = await givenRules([[attribute("k8s.pod.name")]], { wait: "10s" });
    const later = setTimeout(
      () => server.addPod({ name: "late-1", namespace: "shop", containers: [{ name: "late" }] }),
      50,
    );
    expect(await stamped({ "k8s.pod.name": "late-1" })).toMatchObject({ "k8s.container.name": "late" });
    clearTimeout(later);
  });

  test("a pod that is filtered or excluded is not there", async () => {
    const settings = { filter: { namespace: "shop" }, exclude: { pods: [{ name: "^web" }] } };
    const { stamped, metric } = await givenRules([[attribute("k8s.pod.uid")]], settings);
    for (const number of [1, 3]) {
      const said = { "k8s.pod.uid": uidOf(number) };
      expect(await stamped(said)).toEqual(said);
    }
    expect(metric("podstamp_unstamped_items", { reason: "excluded" })).toBe(1);
    expect(metric("podstamp_unstamped_items", { reason: "filtered" })).toBe(1);
  });
});

describe("addresses", () => {
  test.each(["10.1.0.1", "::ffff:10.1.0.1", "fd00::1", "FD00:0:0:0:0:0:0:1", "fd00::1%eth0"])(
    "%s is the pod's, of the connection or of an attribute",
    async (address) => {
      const { stamped } = await givenRules([[attribute("k8s.pod.ip")], [attribute("host.name")], [["connection"]]]);
      expect(await stamped({}, address)).toMatchObject({ "k8s.pod.name": "web-1" });
      if (address.includes("%")) return;
      expect(await stamped({ "k8s.pod.ip": address }, "127.0.0.1")).toMatchObject({ "k8s.pod.name": "web-1" });
      expect(await stamped({ "host.name": address }, "127.0.0.1")).toMatchObject({ "k8s.pod.name": "web-1" });
    },
  );

  test("a host's name that is none is passed over, and who came over a unix socket has none", async () => {
    const { stamped } = await givenRules([[attribute("host.name")], [["connection"]]]);
    expect(await stamped({ "host.name": "10.1.0" }, "10.1.0.2")).toMatchObject({ "k8s.pod.name": "api-1" });
    expect(await stamped({ "host.name": "node-a" })).toEqual({ "host.name": "node-a" });
  });

  test("k8s.pod.ip is the connection's where it is asked for, also of nobody", async () => {
    const { stamped } = await givenProcessor({ pods, settings: { extract: { metadata: ["k8s.pod.ip"] } } });
    expect(await stamped({}, "10.1.0.2")).toEqual({ "k8s.pod.ip": "10.1.0.2" });
    expect(await stamped({}, "10.9.9.9")).toEqual({ "k8s.pod.ip": "10.9.9.9" });
    expect(await stamped({ "k8s.pod.uid": uidOf(1) }, "10.9.9.9")).toMatchObject({ "k8s.pod.ip": "10.1.0.1" });
    expect(await stamped({ "k8s.pod.uid": uidOf(9) }, "10.9.9.9")).not.toHaveProperty("k8s.pod.ip");
  });

  test("passthrough writes nothing else", async () => {
    const { stamped, metric } = await givenProcessor({ pods, settings: { passthrough: true } });
    expect(await stamped({ "container.id": web }, "10.1.0.2")).toEqual({
      "container.id": web,
      "k8s.pod.ip": "10.1.0.2",
    });
    expect(await stamped({ ip: "10.1.0.1" }, "10.1.0.2")).toMatchObject({ "k8s.pod.ip": "10.1.0.1" });
    expect(metric("podstamp_unstamped_items", { reason: "passthrough" })).toBe(2);
  });
});

describe("our own sources", () => {
  test("a record's attributes move it to its pod", async () => {
    const { through } = await givenRules([[attribute("k8s.pod.uid")]]);
    expect(await through(traces({ attributes: { "k8s.pod.uid": uidOf(1) }, items: [item("a")] }))).toHaveLength(1);
    const records = await givenRules([[["record_attribute", "k8s.pod.uid"]], [attribute("k8s.pod.ip")]]);
    const named = (name: string, uid?: string) => ({
      name,
      attributes: uid === undefined ? {} : { "k8s.pod.uid": uid },
    });
    const resources = await records.through(
      traces({
        attributes: { "k8s.pod.ip": "10.1.0.2" },
        items: [named("a", uidOf(1)), named("b"), named("c", uidOf(3)), named("d", uidOf(1))],
      }),
    );
    expect(resources.map((attributes) => attributes["k8s.pod.name"])).toEqual(["web-1", "api-1", "api-1"]);
  });

  test("container.id of records, a container's cgroup", async () => {
    const records = await givenRules([[["record_attribute", "container.id"]]]);
    const resources = await records.through(traces({ attributes: {}, items: [item("a", web), item("b", api)] }));
    expect(resources.map((attributes) => attributes["k8s.container.name"])).toEqual(["web", "api"]);
    const { stamped } = await givenRules([[["cgroup"]]]);
    const cgroup = `/kubepods/besteffort/pod${uidOf(1)}/${side}`;
    expect(await stamped({ "process.linux.cgroup": cgroup })).toMatchObject({ "k8s.container.name": "side" });
  });

  test("a process that is in no container has none", async () => {
    const { stamped } = await givenRules([[["process.pid"]], [["connection"]]]);
    expect(await stamped({ "process.pid": process.pid }, "10.1.0.2")).toEqual({ "process.pid": process.pid });
    expect(await stamped({}, "10.1.0.2")).toMatchObject({ "k8s.pod.name": "api-1" });
  });
});

describe("a process by a rule", () => {
  const rules: readonly (readonly Source[])[] = [[["process.pid"]], [["connection"]]];
  const said = { "process.pid": 4001 };

  test("is the host's, and of nobody where a pod sent it that has numbers of its own", async () => {
    const root = lendHostRoot();
    root.process(4001, `0::/kubepods/besteffort/pod${uidOf(1)}/${side}\n`);
    const { stamped, server } = await givenRules(rules, { host_root: root.path, wait: "2s" });
    expect(await stamped(said)).toMatchObject({ "k8s.container.name": "side" });
    expect(await stamped(said, "127.0.0.1")).toMatchObject({ "k8s.container.name": "side" });
    expect(await stamped(said, "10.1.0.2")).toEqual(said);
    server.addPod({ name: "young-1", namespace: "shop", ip: "10.1.0.4" });
    expect(await stamped(said, "10.1.0.4")).toEqual(said);
  });
});

describe("the container of a pod", () => {
  const byUid = [[attribute("k8s.pod.uid")]];

  test.each([
    [{ "k8s.container.name": "side" }, "side"],
    [{ "container.id": side }, "side"],
    [{ "container.id": side.slice(0, 12) }, "side"],
    [{ "k8s.container.name": "web", "container.id": side }, "web"],
    [{ "k8s.container.name": "no", "container.id": side }, undefined],
    [{ "container.id": api }, undefined],
    [{}, undefined],
  ])("%j chooses %s", async (said, name) => {
    const extract = { metadata: ["container.image.name"] };
    const { stamped } = await givenRules(byUid, { extract });
    const resource = await stamped({ "k8s.pod.uid": uidOf(1), ...said });
    expect(resource["container.image.name"]).toBe(name === undefined ? undefined : `acme/${name}`);
  });

  test.each([
    [{}, next],
    [{ "k8s.container.restart_count": 1 }, old],
    [{ "k8s.container.restart_count": "2" }, next],
    [{ "k8s.container.restart_count": 3 }, undefined],
    [{ "k8s.container.restart_count": "many" }, undefined],
    [{ "k8s.container.restart_count": "+1" }, old],
    [{ "k8s.container.restart_count": "" }, undefined],
    [{ "k8s.container.restart_count": true }, undefined],
    [{ "k8s.container.restart_count": 1.5 }, undefined],
    [{ "k8s.container.restart_count": -1 }, undefined],
  ])("is of the run that %j tells", async (said, id) => {
    const { stamped } = await givenRules(byUid, { extract: { metadata: ["container.id", "container.image.name"] } });
    const resource = await stamped({ "k8s.pod.uid": uidOf(3), ...said });
    expect(resource["container.id"]).toBe(id);
    expect(resource["container.image.name"]).toBe("acme/api");
  });

  test.each([
    ["a label", { labels: [{ key: "main", tag_name: "k8s.container.name" }] }, "side"],
    ["an annotation", { otel_annotations: true }, "web"],
  ])("is the one that %s names, which is written first", async (_, rules, name) => {
    const extract = { metadata: ["container.image.name"], ...rules };
    const { stamped } = await givenRules(byUid, { extract });
    const said = { "k8s.pod.uid": uidOf(1) };
    const written = { "k8s.container.name": name, "container.image.name": `acme/${name}` };
    expect(await stamped(said)).toEqual({ ...said, ...written });
    // What stands on the resource goes before.
    const other = { ...said, "k8s.container.name": name === "web" ? "side" : "web" };
    expect(await stamped(other)).toEqual({ ...other, "container.image.name": `acme/${other["k8s.container.name"]}` });
    // An ID does not, as it does not before a name on the resource.
    const byId = await givenRules([[attribute("container.id")]], { extract });
    const id = { "container.id": name === "web" ? side : web };
    expect(await byId.stamped(id)).toEqual({ ...id, ...written });
  });

  test("is the only one where a label names it with nothing", async () => {
    const labels = [{ key: "none", tag_name: "k8s.container.name" }];
    const { stamped } = await givenRules(byUid, { extract: { metadata: ["k8s.container.name"], labels } });
    expect(await stamped({ "k8s.pod.uid": uidOf(2) })).toMatchObject({ "k8s.container.name": "api" });
  });

  test("stays known for a while when the pod is gone", async () => {
    const { stamped, server } = await givenRules(byUid);
    server.remove(api);
    await expect.poll(() => stamped({ "k8s.pod.uid": uidOf(2) })).toMatchObject({ "k8s.container.name": "api" });
  });
});

test("associations are counted as the Collector counts them", async () => {
  const { stamped, metric } = await givenRules([[attribute("k8s.pod.uid"), ["connection"]], [attribute("k8s.pod.ip")]]);
  await stamped({ "k8s.pod.uid": uidOf(1) }, "10.1.0.1");
  await stamped({ "k8s.pod.ip": "10.9.9.9" });
  await stamped({});
  const count = (status: string, pod_identifier: string) =>
    metric("otelcol_k8s_pod_association", { status, pod_identifier, otelcol_signal: "traces" });
  expect(count("success", "resource_attribute/k8s.pod.uid+connection")).toBe(1);
  expect(count("error", "resource_attribute/k8s.pod.ip")).toBe(1);
  expect(count("error", "")).toBe(1);
  const bare = await givenProcessor({ pods });
  await bare.stamped({}, "10.1.0.1");
  const labels = { status: "success", pod_identifier: "connection", otelcol_signal: "traces" };
  expect(bare.metric("otelcol_k8s_pod_association", labels)).toBe(1);
  const passing = await givenProcessor({ pods, settings: { passthrough: true } });
  expect(await passing.stamped({}, "10.1.0.1")).toEqual({ "k8s.pod.ip": "10.1.0.1" });
  expect(passing.metric("otelcol_k8s_pod_association")).toBe(0);
});

describe("while the runtime has not told a pod's status yet", () => {
  /** The first request comes before the details do. */
  async function early(settings: object) {
    const given = await givenProcessor({ pods, settings: { ...settings, wait: "5s" }, isListening: false });
    given.server.slow("PodSandboxStatus", 300);
    await given.server.start();
    await expect.poll(() => given.metric("podstamp_directory_entries", { kind: "sandbox" })).toBe(pods.length);
    return given;
  }

  test("a filter on its address waits for it", async () => {
    const filter = { fields: [{ key: "status.podIP", value: "10.1.0.2" }] };
    const { stamped } = await early({ filter, extract: { metadata: ["k8s.pod.name"] } });
    expect(await stamped({ "k8s.pod.uid": uidOf(2) })).toMatchObject({ "k8s.pod.name": "api-1" });
  });

  test("a rule that asks for its address too, and its address and hostname as attributes, wait for it", async () => {
    const pod_association = [
      { sources: [{ from: "resource_attribute", name: "k8s.pod.uid" }, { from: "connection" }] },
    ];
    const { stamped } = await early({ pod_association, extract: { metadata: ["k8s.pod.ip"] } });
    expect(await stamped({ "k8s.pod.uid": uidOf(2) }, "10.1.0.2")).toMatchObject({ "k8s.pod.ip": "10.1.0.2" });
  });

  test("what needs nothing of it does not", async () => {
    const { stamped, metric } = await early({ extract: { metadata: ["k8s.pod.name"] } });
    expect(await stamped({ "k8s.pod.uid": uidOf(2) })).toMatchObject({ "k8s.pod.name": "api-1" });
    expect(metric("podstamp_waits", { outcome: "missing" })).toBe(0);
  });
});
