import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseCgroup } from "../../../src/containers/names/cgroup-path.ts";
import type { Runtime } from "../../../src/runtimes/facts.ts";
import { whyNotBuilt } from "../../support/runtimes/built.ts";
import type { Pushed } from "../../support/node/cluster.ts";
import { identityByTag } from "../../support/images/pushed.ts";
import { connected, heard, never, type Place, told } from "../../support/runtimes/connected.ts";
import { type CriDockerd, startCriDockerd } from "../../support/runtimes/cri-dockerd.ts";
import { lendAgent, lendSender, lendSink } from "../../support/lend.ts";
import { whyNoContainers } from "../../support/machine/machine.ts";
import { realNode } from "../../support/node/real-node.ts";

let image: Pushed | undefined;
let daemon: CriDockerd | undefined;

const node = realNode(
  async ({ push, kubelet }) => {
    image = await push("shop/cart", "1.2", "image");
    await kubelet.pull(tag());
  },
  {
    async start(options) {
      daemon = await startCriDockerd(options);
      return daemon;
    },
    why: whyNoContainers("dockerd") ?? whyNotBuilt("cri-dockerd"),
  },
);

function pushed(): Pushed {
  if (image === undefined) throw new Error("Cannot test: the image must be pushed first");
  return image;
}

function tag(): string {
  return `${pushed().repository}:${pushed().tag}`;
}

const docker = () => ({ type: "docker", endpoint: daemon?.docker.endpoint ?? "" }) as const;
const using = <T>(use: (runtime: Runtime) => Promise<T>) =>
  connected({ type: "cri-dockerd", endpoint: node().containerd.endpoint }, use);

async function lendPod(name: string) {
  const { kubelet } = node();
  const pod = await kubelet.runPod({ name, namespace: "shop", labels: { app: "cart" }, annotations: { team: "web" } });
  onTestFinished(() => kubelet.removePod(pod.id));
  return pod;
}

test("a real cri-dockerd tells of a pod what others tell too, and no more than it knows", async () => {
  const pod = await lendPod("cart-1");
  const id = await node().kubelet.run(pod, { name: "cart", image: tag(), restartCount: 2 });
  await using(async (runtime) => {
    expect(runtime.identity).toMatchObject({ name: "docker", type: "cri-dockerd" });
    const { pods } = await runtime.list(never);
    expect(pods).toMatchObject([
      { id: pod.id, name: "cart-1", namespace: "shop", uid: pod.uid, isReady: true, annotations: { team: "web" } },
    ]);
    const { facts, details, image: identity } = await told(runtime, id);
    expect(facts).toMatchObject({ podId: pod.id, name: "cart", attempt: 2, state: "running" });
    // Its time of an end that has not come is hundreds of years before the epoch.
    expect(details).toMatchObject({
      state: "running",
      finishedAt: undefined,
      exitCode: undefined,
      cgroupsPath: undefined,
    });
    expect(parseCgroup(readFileSync(`/proc/${details.pid}/cgroup`, "utf8"))).toMatchObject({
      containerId: id,
      podUid: pod.uid,
    });
    expect(identity).toMatchObject(identityByTag(pushed()));
  });
});

test("an image by digest has that digest behind cri-dockerd's prefix", async () => {
  const { kubelet } = node();
  const reference = `${pushed().repository}@${pushed().digest}`;
  await kubelet.pull(reference);
  const id = await kubelet.run(await lendPod("digest-1"), { name: "cart", image: reference });
  const { image: identity } = await using((runtime) => told(runtime, id));
  expect(identity).toMatchObject({ name: pushed().repository, manifestDigest: pushed().digest, id: pushed().id });
});

test("it has no events: that is known before anybody asks for them", async () => {
  expect(await using((runtime) => Promise.resolve(runtime.follow))).toBeUndefined();
});

test("where the socket of its Docker is found on the host, that one's events are its own", async () => {
  const { kubelet, folder, containerd } = node();
  // A host whose sockets are where they usually are.
  const host = join(folder, "host");
  mkdirSync(join(host, "run"), { recursive: true });
  symlinkSync(containerd.socket, join(host, "run/cri-dockerd.sock"));
  symlinkSync(daemon?.docker.socket ?? "", join(host, "run/docker.sock"));
  const pod = await lendPod("events-1");
  const place: Place = {
    type: "cri-dockerd",
    endpoint: "unix:///run/cri-dockerd.sock",
    path: join(host, "run/cri-dockerd.sock"),
  };
  const changes = await connected(place, (runtime) =>
    heard(runtime, {
      probe: async (name) => kubelet.removePod((await kubelet.runPod({ name, namespace: "shop" })).id),
      async act() {
        const short = await kubelet.run(pod, { name: "short", image: tag() });
        await kubelet.stop(short);
        await kubelet.remove(short);
        return short;
      },
      last: "gone",
    }),
  );
  expect(new Set(changes)).toEqual(new Set(["appeared", "changed", "exited", "gone"]));
});

test("the Docker behind it tells the same pod and container, and its events", async () => {
  const { kubelet } = node();
  const pod = await lendPod("same-1");
  const id = await kubelet.run(pod, { name: "cart", image: tag(), restartCount: 3 });
  const cri = await using(async (runtime) => ({
    pods: (await runtime.list(never)).pods.filter((each) => each.id === pod.id),
    ...(await told(runtime, id)),
  }));
  await connected(docker(), async (runtime) => {
    const { pods } = await runtime.list(never);
    const { facts, details, image: identity } = await told(runtime, id);
    const [ofDocker] = pods.filter((each) => each.id === pod.id);
    const [ofCri] = cri.pods;
    expect(ofDocker).toMatchObject({ name: "same-1", namespace: "shop", uid: pod.uid, attempt: 0, isReady: true });
    expect(ofDocker?.annotations).toEqual(ofCri?.annotations);
    expect(ofDocker?.labels).toMatchObject(ofCri?.labels ?? { none: "" });
    expect(facts).toMatchObject({ podId: pod.id, name: "cart", attempt: 3, annotations: cri.facts.annotations });
    expect(facts.runtimeName).toBe(`k8s_cart_same-1_shop_${pod.uid}_3`);
    expect(facts.labels).toMatchObject(cri.facts.labels);
    expect(details.pid).toBe(cri.details.pid);
    expect(readFileSync(`/proc/${details.pid}/cgroup`, "utf8")).toContain(details.cgroupsPath);
    // Docker is asked for the ID of the image, and knows one name for it.
    expect(identity).toEqual(cri.image);
    const changes = await heard(runtime, {
      probe: async (name) => kubelet.removePod((await kubelet.runPod({ name, namespace: "shop" })).id),
      async act() {
        const short = await kubelet.run(pod, { name: "short", image: tag() });
        await kubelet.stop(short);
        await kubelet.remove(short);
        return short;
      },
      last: "gone",
    });
    expect(new Set(changes)).toEqual(new Set(["appeared", "changed", "exited", "gone"]));
  });
});

test("a span of a container leaves the same whether cri-dockerd, its Docker or both are asked", async () => {
  const { kubelet, containerd } = node();
  const pod = await lendPod("stamped-1");
  const id = await kubelet.run(pod, { name: "cart", image: tag(), restartCount: 3 });
  const sources = [{ type: "cri-dockerd", endpoint: containerd.endpoint }, docker()];
  for (const runtime of [sources, sources.slice(0, 1), sources.slice(1)]) {
    const sink = await lendSink();
    const agent = await lendAgent({ runtime, sink: sink.address });
    await lendSender(agent.grpc).spanOf(id, "span");
    const { resource } = await sink.waitFor(({ name }) => name === "span", "the span");
    const own = Object.entries(resource).filter(([key]) => /^(?:k8s|container|oci)\./.test(key));
    expect(Object.fromEntries(own)).toEqual({
      "k8s.namespace.name": "shop",
      "k8s.pod.name": "stamped-1",
      "k8s.pod.uid": pod.uid,
      "k8s.node.name": "test-node",
      "k8s.container.name": "cart",
      "k8s.container.restart_count": 3,
      "container.id": id,
      "container.runtime.name": "docker",
      "container.image.name": pushed().repository,
      "container.image.tags": ["1.2"],
      "container.image.id": pushed().id,
      "container.image.repo_digests": [`${pushed().repository}@${pushed().digest}`],
      "oci.manifest.digest": pushed().digest,
    });
  }
});
