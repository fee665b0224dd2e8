import { afterAll, beforeEach, expect, onTestFinished, test } from "vitest";
import type { Pushed } from "../../support/node/cluster.ts";
import { ctr, type Ctr } from "../../support/runtimes/ctr.ts";
import { lendWatcher } from "../../support/ebpf/agent.ts";
import { setUpProbes, whyNoProbes } from "../../support/ebpf/set-up.ts";
import { eventually } from "../../support/eventually.ts";
import { type Docker, startDocker } from "../../support/engines/docker.ts";
import { lendAgent, lendSender, lendSink } from "../../support/lend.ts";
import { whyNoContainers } from "../../support/machine/machine.ts";
import { type Podman, startPodman } from "../../support/engines/podman.ts";
import { runPodstamp } from "../../support/agent/podstamp.ts";
import { freePort } from "../../support/net/ports.ts";
import { realNode } from "../../support/node/real-node.ts";
import type { Received } from "../../support/otlp/sink.ts";

type Made = { readonly docker: Docker; readonly podman: Podman; readonly ctr: Ctr; readonly image: Pushed };
let made: Made | undefined;

const why = whyNoContainers("dockerd") ?? whyNoContainers("podman");
beforeEach(({ skip }) => skip(why !== undefined, why));

const node = realNode(async ({ folder, containerd, registry, push }) => {
  if (why !== undefined) return;
  const image = await push("shop/cart", "1.2", "image");
  const pause = `${registry.host}/pause:3.10`;
  const [docker, podman] = [
    await startDocker({ folder, containerd: containerd.socket }),
    await startPodman(folder, pause),
  ];
  made = { docker, podman, ctr: ctr(containerd.socket, "default", folder), image };
  await podman.pull(pause);
  for (const client of [docker, podman, made.ctr]) await client.pull(tag());
});
afterAll(async () => {
  await made?.ctr.removeAll();
  await made?.docker.stop();
  await made?.podman.stop();
});

function given(): Made {
  if (made === undefined) throw new Error("Cannot test: the engines must be started first");
  return made;
}

function tag(): string {
  return `${given().image.repository}:${given().image.tag}`;
}

function everyRuntime() {
  return [
    { type: "docker", endpoint: given().docker.endpoint },
    { type: "podman", endpoint: given().podman.endpoint },
    { type: "containerd", endpoint: node().containerd.endpoint },
  ];
}

/** podstamp before all three runtimes, and what a span of a container leaves with. */
async function stamping() {
  const sink = await lendSink();
  const agent = await lendAgent({ runtime: everyRuntime(), sink: sink.address });
  const sender = lendSender(agent.grpc);
  let spans = 0;
  return async (id: string) => {
    const own = `span ${spans++}`;
    await sender.spanOf(id, own);
    const { resource } = await sink.waitFor(({ name }) => name === own, "the span");
    return Object.fromEntries(Object.entries(resource).filter(([key]) => /^(?:container|k8s|oci|podman)\./.test(key)));
  };
}

const compose = { "com.docker.compose.project": "shop", "com.docker.compose.service": "cart" };
const composed = {
  "container.label.com.docker.compose.project": "shop",
  "container.label.com.docker.compose.service": "cart",
};

function imageAttributes(): Readonly<Record<string, unknown>> {
  const { image } = given();
  return {
    "container.image.name": image.repository,
    "container.image.tags": ["1.2"],
    "container.image.id": image.id,
    "container.image.repo_digests": [`${image.repository}@${image.digest}`],
    "oci.manifest.digest": image.digest,
  };
}

test("spans of containers of Docker, Podman and ctr leave with their container, and with nothing of Kubernetes'", async () => {
  const { docker, podman, ctr: client } = given();
  const inDocker = await docker.run({ name: "cart-docker", image: tag(), labels: compose });
  onTestFinished(() => docker.remove(inDocker));
  const inPodman = await podman.run({ name: "cart-podman", image: tag(), labels: compose });
  onTestFinished(() => podman.remove(inPodman));
  await client.run({ id: "cart-ctr", image: tag(), labels: compose });
  onTestFinished(() => client.remove("cart-ctr"));
  const stamped = await stamping();
  expect(await stamped(inDocker)).toEqual({
    "container.id": inDocker,
    "container.name": "cart-docker",
    "container.runtime.name": "docker",
    ...composed,
    ...imageAttributes(),
  });
  expect(await stamped(inPodman)).toEqual({
    "container.id": inPodman,
    "container.name": "cart-podman",
    "container.runtime.name": "podman",
    ...composed,
    ...imageAttributes(),
  });
  expect(await stamped("cart-ctr")).toEqual({
    "container.id": "cart-ctr",
    "container.name": "cart-ctr",
    "container.runtime.name": "containerd",
    ...composed,
    ...imageAttributes(),
  });
});

test("containers that start while podstamp runs are known, and so are those that were gone before their span came", async () => {
  const { docker, podman, ctr: client } = given();
  const stamped = await stamping();
  const inDocker = await docker.run({ name: "late-docker", image: tag() });
  expect(await stamped(inDocker)).toMatchObject({ "container.name": "late-docker", ...imageAttributes() });
  const inPodman = await podman.run({ name: "late-podman", image: tag() });
  expect(await stamped(inPodman)).toMatchObject({ "container.name": "late-podman", ...imageAttributes() });
  await client.run({ id: "late-ctr", image: tag() });
  expect(await stamped("late-ctr")).toMatchObject({ "container.name": "late-ctr" });
  await docker.remove(inDocker);
  await podman.remove(inPodman);
  await client.remove("late-ctr");
  expect(await stamped(inDocker)).toMatchObject({ "container.name": "late-docker" });
  expect(await stamped(inPodman)).toMatchObject({ "container.name": "late-podman" });
  expect(await stamped("late-ctr")).toMatchObject({ "container.name": "late-ctr" });
});

test("the kernel's records of containers of Docker and Podman are of these, and a call between them is one trace", async ({
  skip,
}) => {
  const whyNot = whyNoProbes();
  skip(whyNot !== undefined, whyNot);
  setUpProbes((line) => console.log(`Set-up: ${line}`));
  const { docker, podman } = given();
  const runtime = everyRuntime().filter(({ type }) => type !== "containerd");
  const watcher = await lendWatcher({ runtime, settings: `include: {containers: ["kernel-*"]}` });
  const port = await freePort();
  const serving = ["busybox", "httpd", "-f", "-p", `127.0.0.1:${port}`, "-h", "/bin"];
  const asking = `until busybox wget -q -O /dev/null http://127.0.0.1:${port}/busybox; do sleep 0.1; done; exit 3`;
  const inDocker = await docker.run({ name: "kernel-docker", image: tag(), command: serving });
  onTestFinished(() => docker.remove(inDocker));
  const inPodman = await podman.run({ name: "kernel-podman", image: tag(), command: ["sh", "-c", asking] });
  onTestFinished(() => podman.remove(inPodman));
  const isCall = (kind: number) => (record: Received) =>
    record.span?.kind === kind && record.attributes["http.response.status_code"] === 200;
  const ofServer = await watcher.waitFor("the server's span", isCall(2));
  const ofClient = await watcher.waitFor("the client's span", isCall(3));
  expect(ofServer.resource).toMatchObject({
    "container.id": inDocker,
    "container.name": "kernel-docker",
    "container.runtime.name": "docker",
    "service.name": "kernel-docker",
  });
  expect(ofClient.resource).toMatchObject({
    "container.id": inPodman,
    "container.name": "kernel-podman",
    "container.runtime.name": "podman",
    "service.name": "kernel-podman",
  });
  expect([ofServer.traceId, ofServer.span?.parent]).toEqual([ofClient.traceId, ofClient.span?.id]);
  const end = await watcher.waitFor("the client's end", ({ attributes }) => attributes["process.exit.code"] === 3);
  expect(end.resource).toMatchObject({ "container.name": "kernel-podman", ...imageAttributes() });
});

test("a name of ctr's that is used again is the new container's", async () => {
  const { ctr: client, image } = given();
  const stamped = await stamping();
  await client.run({ id: "again", image: tag(), labels: { "com.docker.compose.project": "first" } });
  expect(await stamped("again")).toMatchObject({ "container.label.com.docker.compose.project": "first" });
  await client.remove("again");
  const byDigest = `${image.repository}@${image.digest}`;
  await client.pull(byDigest);
  await client.run({ id: "again", image: byDigest, labels: { "com.docker.compose.project": "second" } });
  onTestFinished(() => client.remove("again"));
  const again = await stamped("again");
  expect(again).toMatchObject({ "container.label.com.docker.compose.project": "second" });
  expect(again["container.image.tags"]).toBeUndefined();
});

test("a pod of Podman's is named on its containers and its first process, and is none of Kubernetes'", async () => {
  const { podman } = given();
  const pod = await podman.runPod("shop-pod", { app: "cart" });
  onTestFinished(() => podman.removePod(pod.id));
  const member = await podman.run({ name: "cart-member", image: tag(), pod: pod.id });
  const stamped = await stamping();
  expect(await stamped(member)).toEqual({
    "container.id": member,
    "container.name": "cart-member",
    "container.runtime.name": "podman",
    "podman.pod.name": "shop-pod",
    ...imageAttributes(),
  });
  expect(await stamped(pod.infra)).toEqual({ "container.id": pod.infra, "podman.pod.name": "shop-pod" });
});

test("a container that a kubelet made through Docker has its pod, and no name but the pod spec's", async () => {
  const { docker } = given();
  const pod = {
    "io.kubernetes.pod.name": "cart-1",
    "io.kubernetes.pod.namespace": "shop",
    "io.kubernetes.pod.uid": "11111111-2222-3333-4444-555555555555",
  };
  const sandbox = await docker.run({
    name: "k8s_POD_cart-1_shop_11111111-2222-3333-4444-555555555555_0",
    image: tag(),
    labels: { ...pod, "io.kubernetes.docker.type": "podsandbox", "io.kubernetes.container.name": "POD" },
  });
  onTestFinished(() => docker.remove(sandbox));
  const container = await docker.run({
    name: "k8s_cart_cart-1_shop_11111111-2222-3333-4444-555555555555_2",
    image: tag(),
    labels: {
      ...pod,
      "io.kubernetes.docker.type": "container",
      "io.kubernetes.container.name": "cart",
      "io.kubernetes.sandbox.id": sandbox,
    },
  });
  onTestFinished(() => docker.remove(container));
  const stamped = await stamping();
  const ofPod = {
    "k8s.namespace.name": "shop",
    "k8s.pod.name": "cart-1",
    "k8s.pod.uid": "11111111-2222-3333-4444-555555555555",
    "k8s.node.name": "test-node",
  };
  expect(await stamped(container)).toEqual({
    ...ofPod,
    "k8s.container.name": "cart",
    "k8s.container.restart_count": 2,
    "container.id": container,
    "container.runtime.name": "docker",
    ...imageAttributes(),
  });
  expect(await stamped(sandbox)).toEqual({ ...ofPod, "container.id": sandbox });
});

test("podstamp ps lists the containers of an engine, whatever its socket is called", async () => {
  const { docker } = given();
  const id = await docker.run({ name: "listed", image: tag() });
  onTestFinished(() => docker.remove(id));
  const { code, stdout, output } = await runPodstamp(["ps", "-o", "json", "--runtime-endpoint", docker.endpoint]);
  expect(output).toContain(id);
  expect(stdout).toContain("listed");
  expect(code).toBe(0);
});

test("containers that end at once and remove themselves are never taken for others, and most are known in time", async () => {
  const { docker, podman } = given();
  const sink = await lendSink();
  const agent = await lendAgent({ runtime: everyRuntime(), sink: sink.address });
  const sender = lendSender(agent.grpc);
  const short = { image: tag(), command: ["/bin/true"] };
  const run = {
    docker: (name: string) => docker.run({ ...short, name, host: { AutoRemove: true } }),
    podman: (name: string) => podman.run({ ...short, name, remove: true }),
  };
  const names: string[] = [];
  const burst = async (engine: keyof typeof run, numbers: readonly number[]) => {
    for (const number of numbers) {
      const name = `short-${engine}-${number}`;
      await sender.spanOf(await run[engine](name), name);
      names.push(name);
    }
  };
  await Promise.all([
    burst("docker", [0, 1, 2, 3, 4, 5, 6, 7]),
    burst("docker", [8, 9, 10, 11, 12, 13, 14, 15]),
    burst("podman", [0, 1, 2, 3, 4, 5, 6, 7]),
  ]);
  const mine = () => sink.received().filter(({ name }) => name.startsWith("short-"));
  await eventually(() => mine().length === names.length, { what: "all spans" });
  // Whoever was removed before the engine could be asked is nobody; on a busy machine those are some.
  const known = mine().filter(({ resource }) => resource["container.name"] !== undefined);
  expect(known.filter(({ name, resource }) => resource["container.name"] !== name)).toEqual([]);
  expect(known.length).toBeGreaterThan(names.length / 2);
});
