import { describe, expect, test } from "vitest";
import { whole } from "../../src/otlp/rope/rope.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import type { Batch } from "../../src/pipeline/contract.ts";
import { criAttributesProcessor } from "../../src/processors/cri-attributes/cri-attributes.ts";
import { eventually } from "../support/eventually.ts";
import { settled } from "./given-next.ts";
import { given, ofWeb, pay, podOfWeb, refused, sandbox, twins, unknown, web } from "./given-web.ts";
import { item, logs, resourcesOf, traces } from "./telemetry.ts";

describe("container.id on the resource", () => {
  test("brings every attribute of pod, container and image, behind those that are there", async () => {
    const { through, host } = await given();
    const [resource] = await through(
      traces({ attributes: { "service.name": "web", "container.id": web }, items: [item("a"), item("b")] }),
    );
    expect(resource?.attributes).toEqual({ "service.name": "web", ...ofWeb });
    expect(resource?.items.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(host.metric("podstamp_stamped_items")).toBe(2);
    expect(host.metric("podstamp_lookups", { result: "hit" })).toBe(1);
  });

  test("is the same for log records", async () => {
    const { through } = await given();
    const [resource] = await through(logs({ attributes: { "container.id": web }, items: [item("a line")] }));
    expect(resource).toEqual({ attributes: ofWeb, items: [{ name: "a line", attributes: {} }] });
  });

  test.each([
    `containerd://${web}`,
    web.slice(0, 12),
    web.slice(0, 31),
    `cri-containerd-${web}.scope`,
    web.toUpperCase(),
  ])("is read as %s, and stays as it was written", async (written) => {
    const { through } = await given();
    const [resource] = await through(traces({ attributes: { "container.id": written }, items: [item("a")] }));
    expect(resource?.attributes).toEqual({ ...ofWeb, "container.id": written });
  });

  test("of a sandbox brings the pod and nothing of a container", async () => {
    const { through } = await given();
    const [resource] = await through(traces({ attributes: { "container.id": sandbox }, items: [item("a")] }));
    expect(resource?.attributes).toEqual({ "container.id": sandbox, ...podOfWeb });
  });

  test("keeps what is there already, except an empty string", async () => {
    const { through } = await given();
    const there = {
      "container.id": web,
      "k8s.pod.name": "mine",
      "k8s.namespace.name": "",
      "k8s.container.restart_count": 0,
    };
    const [resource] = await through(traces({ attributes: there, items: [item("a")] }));
    expect(resource?.attributes).toEqual({ ...ofWeb, "k8s.pod.name": "mine", "k8s.container.restart_count": 0 });
  });

  test("with override takes the place of what is there", async () => {
    const { through } = await given({ override: true });
    const there = {
      "container.id": `docker://${web}`,
      "k8s.pod.name": "mine",
      "k8s.namespace.name": "",
      "host.name": "h",
    };
    const [resource] = await through(traces({ attributes: there, items: [item("a")] }));
    expect(resource?.attributes).toEqual({ ...ofWeb, "host.name": "h" });
  });

  test("with semconv: legacy brings the Collector's old names, with both brings both", async () => {
    const legacy = await given({ semconv: "legacy" });
    const batch = traces({ attributes: { "container.id": web }, items: [item("a")] });
    const [old] = await legacy.through(batch);
    const { "container.image.tags": tags, "container.runtime.name": runtime, ...rest } = ofWeb;
    expect(old?.attributes).toEqual({ ...rest, "container.image.tag": "1.2", "container.runtime": "containerd" });
    const both = await given({ semconv: "both" });
    const [all] = await both.through(batch);
    expect(all?.attributes).toEqual({
      ...rest,
      "container.image.tag": "1.2",
      "container.runtime": runtime,
      "container.image.tags": tags,
      "container.runtime.name": runtime,
    });
  });

  test("brings only what extract.metadata names", async () => {
    const { through } = await given({ extract: { metadata: ["k8s.pod.name", "container.image.name"] } });
    const [resource] = await through(traces({ attributes: { "container.id": web }, items: [item("a")] }));
    expect(resource?.attributes).toEqual({
      "container.id": web,
      "k8s.pod.name": "web-1",
      "container.image.name": "registry.example/shop/web",
    });
  });

  test("of a container that ended and was removed a moment ago still brings all", async () => {
    const { through, server, host } = await given();
    await through(traces({ attributes: { "container.id": web }, items: [item("a")] }));
    server.exit(web);
    server.remove(web);
    await eventually(() => host.metric("podstamp_directory_entries", { kind: "tombstone" }) === 1, {
      what: "the tombstone",
    });
    const [resource] = await through(traces({ attributes: { "container.id": web }, items: [item("a")] }));
    expect(resource?.attributes).toEqual(ofWeb);
  });
});

describe("what has no identity", () => {
  test("leaves as the very same bytes", async () => {
    const { consume, next, unstamped } = await given();
    const batch: Batch = {
      ...traces({ attributes: { "host.name": "h" }, items: [item("a"), item("b")] }),
      peer: "10.0.0.1",
      deadline: Date.now() + 60_000,
    };
    await consume(batch);
    expect(next.taken[0]?.batch).toEqual(batch);
    expect(unstamped("no_identity")).toBe(2);
  });

  test("leaves as the very same bytes also when its container was waited for in vain", async () => {
    const { consume, next, unstamped, host } = await given();
    const batch = traces({ attributes: { "container.id": unknown }, items: [item("a", unknown)] });
    await consume(batch);
    expect(next.taken.map((taken) => taken.batch)).toEqual([batch]);
    expect(unstamped("not_found") + unstamped("timeout")).toBe(1);
    expect(host.metric("podstamp_lookups", { result: "miss" })).toBe(1);
    expect(host.metric("podstamp_lookups", { result: "hit" })).toBe(0);
  });

  test("is counted by its reason", async () => {
    const { consume, unstamped, host } = await given();
    await consume(traces({ attributes: { "container.id": "no container!" }, items: [item("a")] }));
    await consume(traces({ attributes: { "container.id": twins[0].slice(0, 12) }, items: [item("a"), item("b")] }));
    expect([unstamped("invalid_id"), unstamped("ambiguous_prefix")]).toEqual([1, 2]);
    expect(host.metric("podstamp_lookups", { result: "ambiguous" })).toBe(1);
  });

  test("while no runtime answers is passed after the wait, and counted as that", async () => {
    const { consume, next, unstamped } = await given({}, false);
    await consume(traces({ attributes: { "container.id": web }, items: [item("a")] }));
    expect(next.taken).toHaveLength(1);
    expect(unstamped("runtime_down")).toBe(1);
  });
});

describe("container.id on records", () => {
  test("moves them into one resource for each container; those without one, and of unknown ones, stay together", async () => {
    const { through, unstamped, host } = await given();
    const items = [
      item("w1", web),
      item("none"),
      item("p", pay),
      item("w2", `containerd://${web}`),
      item("w3", web),
      item("u", unknown),
    ];
    const resources = await through(traces({ attributes: { "service.name": "agent" }, items }));
    const names = resources.map((resource) => ({
      pod: resource.attributes["k8s.pod.name"],
      names: resource.items.map(({ name }) => name).join(),
    }));
    expect(names.toSorted((a, b) => (a.names < b.names ? -1 : 1))).toEqual([
      { pod: undefined, names: "none" },
      { pod: "pay-1", names: "p" },
      { pod: undefined, names: "u" },
      { pod: "web-1", names: "w1,w3" },
      { pod: "web-1", names: "w2" },
    ]);
    expect(resources.every(({ attributes }) => attributes["service.name"] === "agent")).toBe(true);
    expect(unstamped("no_identity")).toBe(1);
    expect(unstamped("not_found") + unstamped("timeout")).toBe(1);
    expect(host.metric("podstamp_stamped_items")).toBe(4);
  });

  test("of one container alone stamp the resource where it stands", async () => {
    const { through } = await given();
    const [resource, ...others] = await through(traces({ attributes: {}, items: [item("a", web), item("b", web)] }));
    expect(others).toEqual([]);
    expect(resource).toMatchObject({ attributes: ofWeb, items: [{ name: "a" }, { name: "b" }] });
  });

  test("inline are stamped one by one and stay where they are", async () => {
    const { through } = await given({ record_attributes: "inline" });
    const [resource, ...others] = await through(
      traces({ attributes: { "service.name": "agent" }, items: [item("a", web), item("b"), item("c", pay)] }),
    );
    expect(others).toEqual([]);
    expect(resource?.attributes).toEqual({ "service.name": "agent" });
    expect(resource?.items.map(({ attributes }) => attributes["k8s.pod.name"])).toEqual(["web-1", undefined, "pay-1"]);
    expect(resource?.items[0]?.attributes).toEqual(ofWeb);
  });

  test("off are not looked at", async () => {
    const { through, unstamped } = await given({ record_attributes: "off" });
    const [resource] = await through(traces({ attributes: {}, items: [item("a", web)] }));
    expect(resource).toEqual({ attributes: {}, items: [item("a", web)] });
    expect(unstamped("no_identity")).toBe(1);
  });

  test("decide when the resource's own ID is unknown", async () => {
    const { through } = await given();
    const [resource] = await through(traces({ attributes: { "container.id": unknown }, items: [item("a", web)] }));
    expect(resource?.attributes).toEqual(ofWeb);
  });

  const agent = {
    "service.name": "agent",
    "k8s.pod.name": "agent-x",
    "k8s.pod.uid": "agent-uid",
    "k8s.pod.ip": "10.0.0.9",
    "k8s.daemonset.name": "agent",
    "k8s.namespace.name": "monitoring",
    "k8s.container.name": "agent",
    "container.image.name": "agent",
    "container.image.tag": "9",
    "k8s.node.name": "node-a",
    "k8s.cluster.name": "c1",
  };

  test("take away what an agent's resource says about its own pod, also where nothing takes its place", async () => {
    const { through } = await given();
    const resources = await through(
      traces({ attributes: agent, items: [item("w", web), item("s", sandbox), item("mine")] }),
    );
    const byName = new Map(resources.map((resource) => [resource.items[0]?.name, resource.attributes]));
    const kept = { "service.name": "agent", "k8s.cluster.name": "c1" };
    expect(byName.get("w")).toEqual({ ...kept, ...ofWeb });
    expect(byName.get("s")).toEqual({ ...kept, ...podOfWeb });
    expect(byName.get("mine")).toEqual(agent);
  });

  test("take away the agent's attributes also when they are not among those that are written", async () => {
    const { through } = await given({ extract: { metadata: ["k8s.pod.name"] } });
    const [resource] = await through(traces({ attributes: agent, items: [item("w", web)] }));
    expect(resource?.attributes).toEqual({
      "service.name": "agent",
      "k8s.cluster.name": "c1",
      "k8s.node.name": "node-a",
      "k8s.pod.name": "web-1",
    });
  });

  test.each([
    ["its namespace", { "k8s.namespace.name": "monitoring" }],
    ["a pod of the same name in another one", { "k8s.namespace.name": "monitoring", "k8s.pod.name": "web-1" }],
    ["its address", { "k8s.pod.ip": "10.0.0.9" }],
    ["its container", { "k8s.container.name": "agent", "container.image.name": "agent" }],
  ])("take it away also where all that the agent says of itself is %s", async (_, said) => {
    const { through } = await given();
    const attributes = { "service.name": "agent", ...said };
    const [resource] = await through(traces({ attributes, items: [item("w", web)] }));
    expect(resource?.attributes).toEqual({ "service.name": "agent", ...ofWeb });
  });

  test("keep what their resource says rightly of their pod and container", async () => {
    const { through } = await given();
    const attributes = {
      ...podOfWeb,
      "k8s.pod.ip": "10.0.0.7",
      "container.image.name": "mine",
      "k8s.container.name": "web",
    };
    const [resource] = await through(traces({ attributes, items: [item("w", web)] }));
    expect(resource?.attributes).toEqual({ ...ofWeb, ...attributes });
  });

  test("inline keep what stands on the record, whoever's the resource is", async () => {
    const { through } = await given({ record_attributes: "inline" });
    const record = { name: "w", attributes: { "container.id": web, "k8s.pod.name": "mine" } };
    const [resource] = await through(traces({ attributes: agent, items: [record] }));
    expect(resource?.attributes).toEqual(agent);
    expect(resource?.items[0]?.attributes).toEqual({ ...ofWeb, "k8s.pod.name": "mine" });
  });
});

test("of a merged batch each request gets an answer of its own", async () => {
  const { consume, next } = await given();
  const requests = [
    traces({ attributes: { "container.id": web }, items: [item("a")] }),
    traces({ attributes: { "container.id": unknown }, items: [item("b"), item("c")] }),
    traces({ attributes: { "container.id": pay }, items: [item("d")] }),
  ];
  let end = 0;
  const parts = requests.map(({ bytes, items }) => ({ end: (end += bytes.length), items }));
  next.answers((batch) => (resourcesOf(batch)[0]?.attributes["k8s.pod.name"] === "pay-1" ? refused : accepted));
  const delivery = await consume({
    signal: "traces",
    bytes: Buffer.concat(requests.map(({ bytes }) => whole(bytes))),
    items: 4,
    parts,
  });
  expect(delivery).toEqual({ status: "parts", parts: [accepted, accepted, refused] });
  expect(next.taken.map(({ batch }) => batch.items).toSorted((a, b) => a - b)).toEqual([1, 1, 2]);
});

test("two processors over the same runtimes ask them once", async () => {
  const { server, host, next } = await given();
  const settings = { runtimes: [{ type: "cri", endpoint: server.endpoint }], semconv: "legacy" };
  criAttributesProcessor.create(criAttributesProcessor.schema.parse(settings), host, next);
  await settled();
  expect(server.calls("Version")).toBe(1);
});

test("a request of very many resources and IDs is no more work than its size", async () => {
  const { consume, next } = await given({ record_attributes: "inline" });
  const resources = Array.from({ length: 30_000 }, (_, i) => ({
    attributes: { "container.id": i % 2 === 0 ? web : unknown },
    items: [item("a")],
  }));
  expect(await consume(traces(...resources))).toEqual(accepted);
  expect(next.taken.map(({ batch }) => batch.items)).toEqual([15_000, 15_000]);
});
