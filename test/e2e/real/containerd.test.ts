import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import type { Pod } from "../../support/node/kubelet.ts";
import { lendAgent, lendSender, lendSink } from "../../support/lend.ts";
import { runPodstamp } from "../../support/agent/podstamp.ts";
import { realNode } from "../../support/node/real-node.ts";
import type { Received } from "../../support/otlp/sink.ts";

type Made = { readonly pod: Pod; readonly container: string; readonly image: string };
let made: Made | undefined;

const node = realNode(async ({ push, kubelet }) => {
  const pushed = await push("shop/frontend", "1.4.2", "index");
  const image = `${pushed.repository}:${pushed.tag}`;
  await kubelet.pull(image);
  const pod = await kubelet.runPod({ name: "frontend-1", namespace: "shop" });
  made = { pod, container: await kubelet.run(pod, { name: "frontend", image }), image };
});

function given(): Made {
  if (made === undefined) throw new Error("Cannot test: the pod must be made first");
  return made;
}

const named = (name: string) => (record: Received) => record.name === name;
const isStamped = (record: Received) => record.resource["k8s.pod.name"] === "frontend-1";

test("a span of a container that was removed a second ago still leaves with its pod", async () => {
  const { kubelet, containerd } = node();
  const { image } = given();
  const sink = await lendSink();
  const agent = await lendAgent({ runtime: containerd.endpoint, sink: sink.address });
  const sender = lendSender(agent.grpc);
  const pod = await kubelet.runPod({ name: "job-1", namespace: "batch" });
  const container = await kubelet.run(pod, { name: "job", image, command: ["/bin/sleep", "0.1"] });
  await sleep(500);
  await kubelet.remove(container);
  await kubelet.removePod(pod.id);
  await sleep(1000);
  await sender.spanOf(container, "last words");
  const { resource } = await sink.waitFor(named("last words"), "the span");
  expect(resource).toMatchObject({
    "k8s.pod.name": "job-1",
    "k8s.pod.uid": pod.uid,
    "k8s.container.name": "job",
    "container.id": container,
  });
});

test("a pause container's ID gives the pod and no container", async () => {
  const { containerd } = node();
  const { pod } = given();
  const sink = await lendSink();
  const agent = await lendAgent({ runtime: containerd.endpoint, sink: sink.address });
  await lendSender(agent.grpc).spanOf(pod.id, "sandbox");
  const { resource } = await sink.waitFor(named("sandbox"), "the span");
  expect(resource).toMatchObject({
    "k8s.pod.name": "frontend-1",
    "k8s.namespace.name": "shop",
    "k8s.pod.uid": pod.uid,
  });
  expect(
    Object.keys(resource).filter((key) => key.startsWith("container.") || key.startsWith("k8s.container.")),
  ).toEqual(["container.id"]);
});

test("IDs on the records put each span under its own container's resource", async () => {
  const { kubelet, containerd } = node();
  const { container, image } = given();
  const other = await kubelet.runPod({ name: "cart-1", namespace: "shop" });
  onTestFinished(() => kubelet.removePod(other.id));
  const second = await kubelet.run(other, { name: "cart", image });
  const sink = await lendSink();
  const agent = await lendAgent({ runtime: containerd.endpoint, sink: sink.address });
  const records = [container, second, container].map((id, i) => ({
    name: `record-${i}`,
    attributes: { "container.id": id },
  }));
  await lendSender(agent.grpc).traces([{ resource: { "service.name": "probe" }, records }]);
  await eventually(() => sink.received().length === 3, { what: "three spans" });
  const pods = Object.fromEntries(sink.received().map((record) => [record.name, record.resource["k8s.pod.name"]]));
  expect(pods).toEqual({ "record-0": "frontend-1", "record-1": "cart-1", "record-2": "frontend-1" });
});

test("podstamp ps and inspect show the containers of the node from the command line", async () => {
  const { containerd } = node();
  const { container, pod } = given();
  const ps = await runPodstamp(["ps", "-o", "json", "--runtime-endpoint", containerd.endpoint]);
  expect(ps.code).toBe(0);
  expect(ps.stdout).toContain(container);
  expect(ps.stdout).toContain("frontend-1");
  const inspect = await runPodstamp(["inspect", container.slice(0, 12), "--runtime-endpoint", containerd.endpoint]);
  expect(inspect.code).toBe(0);
  expect(inspect.stdout).toContain("k8s.pod.uid");
  expect(inspect.stdout).toContain(pod.uid);
});

test("two podstamps on one containerd both stamp, and both hear of a new container", async () => {
  const { kubelet, containerd } = node();
  const { image } = given();
  const sinks = [await lendSink(), await lendSink()];
  const agents = await Promise.all(
    sinks.map((sink) => lendAgent({ runtime: containerd.endpoint, sink: sink.address })),
  );
  const pod = await kubelet.runPod({ name: "shared-1", namespace: "shop" });
  onTestFinished(() => kubelet.removePod(pod.id));
  const container = await kubelet.run(pod, { name: "shared", image });
  await Promise.all(agents.map((agent) => lendSender(agent.grpc).spanOf(container, "shared")));
  for (const sink of sinks)
    expect((await sink.waitFor(named("shared"), "the span")).resource).toMatchObject({ "k8s.pod.name": "shared-1" });
  for (const agent of agents) expect(await agent.metric("podstamp_events")).toBeGreaterThan(0);
});

test("containerd is killed and started again under load: nothing crashes, nothing is lost, attributes are there before, during and after", async () => {
  const { kubelet, containerd } = node();
  const { container, image } = given();
  const sink = await lendSink();
  const agent = await lendAgent({
    runtime: containerd.endpoint,
    sink: sink.address,
    wait: "500ms",
    processors: ["cri_attributes", "batch"],
  });
  const sender = lendSender(agent.grpc);
  let sent = 0;
  let isLoading = true;
  const load = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (isLoading) {
        await sender.spanOf(container, "load");
        sent++;
        await sleep(2);
      }
    }),
  );
  await sleep(300);
  await containerd.kill();
  await sleep(1000);
  await containerd.start();
  const pod = await kubelet.runPod({ name: "after-1", namespace: "shop" });
  onTestFinished(() => kubelet.removePod(pod.id));
  const fresh = await kubelet.run(pod, { name: "after", image });
  await eventually(
    async () => {
      await sender.spanOf(fresh, "fresh");
      return sink.received().some((record) => record.name === "fresh" && record.resource["k8s.pod.name"] === "after-1");
    },
    { what: "a stamped span of a container made after the restart", everyMs: 200 },
  );
  isLoading = false;
  await load;
  await eventually(() => sink.received().filter(named("load")).length >= sent, { what: "all spans of the load" });
  expect(sent).toBeGreaterThan(100);
  expect(sink.received().filter(named("load"))).toHaveLength(sent);
  expect(sink.received().filter(named("load")).filter(isStamped)).toHaveLength(sent);
  expect(agent.hasExited()).toBe(false);
});
