import { expect, test } from "vitest";
import { newId } from "../support/cri/answers.ts";
import { eventually } from "../support/eventually.ts";
import { lendAgent, lendRuntime, lendSender, lendSink } from "../support/lend.ts";

const podName = (name: string) => (record: { name: string; resource: Readonly<Record<string, unknown>> }) =>
  record.name === name && record.resource["k8s.pod.name"] !== undefined;
const named = (name: string) => (record: { name: string }) => record.name === name;

test("without a runtime on the machine telemetry passes unstamped after the wait, and log and metrics say why", async () => {
  const sink = await lendSink();
  const agent = await lendAgent({ runtime: "unix:///nowhere/containerd.sock", sink: sink.address, wait: "300ms" });
  const sender = lendSender(agent.grpc);
  await sender.spanOf(newId(), "lonely");
  const { resource } = await sink.waitFor(named("lonely"), "the span");
  expect(Object.keys(resource).toSorted()).toEqual(["container.id", "service.name"]);
  expect(agent.log()).toMatch(/warn Container runtime does not answer.*no such socket/);
  expect(await agent.metric("podstamp_unstamped_items", { reason: "runtime_down" })).toBe(1);
  expect(agent.hasExited()).toBe(false);
});

test("a runtime that starts after podstamp is found, and what is sent then is stamped", async () => {
  const sink = await lendSink();
  const container = newId();
  const runtime = await lendRuntime({
    isListening: false,
    pods: [{ name: "late-1", namespace: "shop", containers: [{ id: container, name: "late" }] }],
  });
  const agent = await lendAgent({ runtime: runtime.endpoint, sink: sink.address, wait: "100ms" });
  const sender = lendSender(agent.grpc);
  await sender.spanOf(container, "before");
  await sink.waitFor(named("before"), "the span before the runtime");
  await runtime.start();
  const stamped = await eventually(
    async () => {
      await sender.spanOf(container, "after");
      return sink.received().find(podName("after"));
    },
    { what: "a stamped span", everyMs: 100 },
  );
  expect(stamped.resource).toMatchObject({
    "k8s.pod.name": "late-1",
    "k8s.namespace.name": "shop",
    "k8s.container.name": "late",
  });
  expect(sink.received().find(named("before"))?.resource).not.toHaveProperty("k8s.pod.name");
});

test("a span that comes 200 ms before the runtime knows its container waits for it and leaves stamped", async () => {
  const sink = await lendSink();
  const runtime = await lendRuntime();
  const pod = runtime.addPod({ name: "early-1", namespace: "shop" });
  const agent = await lendAgent({ runtime: runtime.endpoint, sink: sink.address });
  const sender = lendSender(agent.grpc);
  // No event tells of it: podstamp has to ask again by itself.
  const container = runtime.add(pod, { name: "early" }, { visibleAfterMs: 200, isSilent: true });
  await sender.spanOf(container, "first");
  const { resource } = await sink.waitFor(named("first"), "the span");
  expect(resource).toMatchObject({
    "k8s.pod.name": "early-1",
    "k8s.container.name": "early",
    "container.id": container,
  });
  expect(await agent.metric("podstamp_waits")).toBe(1);
});

test("a container that its own event announces while its span waits is stamped", async () => {
  const sink = await lendSink();
  const runtime = await lendRuntime();
  const pod = runtime.addPod({ name: "early-2", namespace: "shop" });
  const agent = await lendAgent({ runtime: runtime.endpoint, sink: sink.address, wait: "10s" });
  const sender = lendSender(agent.grpc);
  await eventually(() => runtime.calls("Subscribe") > 0, { what: "the subscription" });
  const container = runtime.add(pod, { name: "early" }, { visibleAfterMs: 500 });
  await sender.spanOf(container, "announced");
  const { resource } = await sink.waitFor(named("announced"), "the span");
  expect(resource).toMatchObject({ "k8s.pod.name": "early-2" });
});

test("a span for an ID that never existed passes after the wait, as it was, and is counted", async () => {
  const sink = await lendSink();
  const runtime = await lendRuntime({ pods: [{ name: "web-1", namespace: "shop", containers: [{ name: "web" }] }] });
  const agent = await lendAgent({ runtime: runtime.endpoint, sink: sink.address, wait: "400ms" });
  const sender = lendSender(agent.grpc);
  const begun = performance.now();
  const ghost = newId();
  await sender.spanOf(ghost, "ghost");
  expect(performance.now() - begun).toBeGreaterThan(350);
  const { resource } = await sink.waitFor(named("ghost"), "the span");
  expect(resource).toEqual({ "service.name": "test", "container.id": ghost });
  expect(await agent.metric("podstamp_unstamped_items")).toBe(1);
  expect(await agent.metric("podstamp_stamped_items")).toBe(0);
  expect(await agent.metric("otelcol_exporter_sent_spans")).toBe(1);
});

test("telemetry of known containers does not wait for that of an unknown one", async () => {
  const sink = await lendSink();
  const container = newId();
  const runtime = await lendRuntime({
    pods: [{ name: "web-1", namespace: "shop", containers: [{ id: container, name: "web" }] }],
  });
  const agent = await lendAgent({ runtime: runtime.endpoint, sink: sink.address, wait: "3s" });
  const sender = lendSender(agent.grpc);
  await sender.spanOf(container, "first");
  const both = sender.traces([
    { resource: { "container.id": newId() }, records: [{ name: "unknown" }] },
    { resource: { "container.id": container }, records: [{ name: "known" }] },
  ]);
  await sink.waitFor(named("known"), "the span of the known container");
  expect(sink.received().some(named("unknown"))).toBe(false);
  await both;
  await sink.waitFor(named("unknown"), "the span of the unknown container");
});

test("a runtime that hangs holds up nobody: known containers are stamped, unknown ones pass after the wait", async () => {
  const sink = await lendSink();
  const container = newId();
  const runtime = await lendRuntime({
    pods: [{ name: "web-1", namespace: "shop", containers: [{ id: container, name: "web" }] }],
  });
  const agent = await lendAgent({ runtime: runtime.endpoint, sink: sink.address, wait: "500ms" });
  const sender = lendSender(agent.grpc);
  await sender.spanOf(container, "warm");
  runtime.freeze();
  await sender.spanOf(newId(), "unknown");
  await sender.spanOf(container, "known");
  expect((await sink.waitFor(named("known"), "the known span")).resource).toMatchObject({ "k8s.pod.name": "web-1" });
  expect((await sink.waitFor(named("unknown"), "the unknown span")).resource).not.toHaveProperty("k8s.pod.name");
  runtime.thaw();
});

test("a runtime that talks nonsense is no reason to fall over, and is believed again when it makes sense", async () => {
  const sink = await lendSink();
  const container = newId();
  const runtime = await lendRuntime({
    pods: [{ name: "web-1", namespace: "shop", containers: [{ id: container, name: "web" }] }],
  });
  runtime.garble("ListContainers");
  const agent = await lendAgent({ runtime: runtime.endpoint, sink: sink.address, wait: "200ms" });
  const sender = lendSender(agent.grpc);
  await sender.spanOf(container, "during");
  await sink.waitFor(named("during"), "the span during the nonsense");
  runtime.fail("ListContainers", undefined);
  const stamped = await eventually(
    async () => {
      await sender.spanOf(container, "after");
      return sink.received().find(podName("after"));
    },
    { what: "a stamped span", everyMs: 100 },
  );
  expect(stamped.resource).toMatchObject({ "k8s.pod.name": "web-1" });
  expect(agent.hasExited()).toBe(false);
});
