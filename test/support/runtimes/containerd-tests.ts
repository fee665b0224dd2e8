import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { expandCgroupsPath, parseCgroup } from "../../../src/containers/names/cgroup-path.ts";
import { identifyImage } from "../../../src/containers/index/image-identity.ts";
import { connectCri } from "../../../src/runtimes/cri/cri.ts";
import type { Hint, Runtime } from "../../../src/runtimes/facts.ts";
import { noMetrics } from "../../../src/telemetry/no-metrics.ts";
import type { Pushed } from "../node/cluster.ts";
import { eventually } from "../eventually.ts";
import type { Pod } from "../node/kubelet.ts";
import { lendAgent, lendSender, lendSink } from "../lend.ts";
import { type OtherRuntime, realNode } from "../node/real-node.ts";

const metrics = noMetrics;
const never = new AbortController().signal;

type Made = { readonly pod: Pod; readonly container: string; readonly image: Pushed };
/** The tests that hold of every containerd: Debian's, or another one. */
export function containerdTests(other?: OtherRuntime): void {
  let made: Made | undefined;

  const node = realNode(async ({ push, kubelet }) => {
    const image = await push("shop/frontend", "1.4.2", "index");
    await kubelet.pull(`${image.repository}:${image.tag}`);
    const pod = await kubelet.runPod({
      name: "frontend-1",
      namespace: "shop",
      labels: { app: "frontend" },
      annotations: { team: "web" },
    });
    made = {
      pod,
      container: await kubelet.run(pod, {
        name: "frontend",
        image: `${image.repository}:${image.tag}`,
        restartCount: 3,
      }),
      image,
    };
  }, other);

  function given(): Made {
    if (made === undefined) throw new Error("Cannot test: the pod must be made first");
    return made;
  }

  /** Lends a connection to the real containerd. */
  async function connected<T>(use: (runtime: Runtime) => Promise<T>): Promise<T> {
    const runtime = await connectCri({ endpoint: node().containerd.endpoint, timeoutMs: 5000, metrics }, never);
    try {
      return await use(runtime);
    } finally {
      runtime.close();
    }
  }

  test("a real containerd lists a pod and its container with every fact that the kubelet gave them", async () => {
    const { pod, container } = given();
    const { pods, containers } = await connected((runtime) => runtime.list(never));
    expect(pods).toHaveLength(1);
    expect(pods[0]).toMatchObject({
      id: pod.id,
      name: "frontend-1",
      namespace: "shop",
      uid: pod.uid,
      attempt: 0,
      isReady: true,
      labels: { app: "frontend", "io.kubernetes.pod.uid": pod.uid },
      annotations: { team: "web", "kubernetes.io/config.source": "api" },
    });
    expect(containers).toHaveLength(1);
    expect(containers[0]).toMatchObject({
      id: container,
      podId: pod.id,
      name: "frontend",
      attempt: 3,
      state: "running",
      annotations: { "io.kubernetes.container.restartCount": "3" },
    });
    expect(Math.abs((containers[0]?.createdAt ?? 0) - Date.now())).toBeLessThan(120_000);
  });

  test("a real containerd finds a container by the first twelve digits of its ID", async () => {
    const { container } = given();
    const { containers } = await connected((runtime) => runtime.find(container.slice(0, 12), never));
    expect(containers.map(({ id }) => id)).toEqual([container]);
  });

  test("the cgroupsPath of a real container expands to the path in /proc/PID/cgroup", async () => {
    const { pod, container } = given();
    const { pid, cgroupsPath } = await connected(async (runtime) => {
      const [listed] = (await runtime.find(container, never)).containers;
      if (listed === undefined) throw new Error("Cannot find the container");
      return runtime.describeContainer(listed, never);
    });
    const text = readFileSync(`/proc/${pid}/cgroup`, "utf8");
    const paths = new Set(
      text
        .trim()
        .split("\n")
        .map((line) => line.split(":").slice(2).join(":")),
    );
    expect([...paths]).toEqual([expandCgroupsPath(cgroupsPath ?? "")]);
    expect(parseCgroup(text)).toMatchObject({ containerId: container, podUid: pod.uid });
  });

  test("an image asked for by tag has the name, tag and ID of its own and the digest of the index", async () => {
    const { container, image } = given();
    const identity = await connected(async (runtime) => {
      const [listed] = (await runtime.find(container, never)).containers;
      if (listed === undefined) throw new Error("Cannot find the container");
      return identifyImage(listed.image, (await runtime.describeContainer(listed, never)).image);
    });
    expect(identity).toMatchObject({
      name: image.repository,
      tags: ["1.4.2"],
      id: image.id,
      manifestDigest: image.digest,
      repoDigests: [`${image.repository}@${image.digest}`],
    });
  });

  test("an image asked for by digest has that digest and no tag, also when the spec's text is all there is", async () => {
    const { kubelet, push } = node();
    const image = await push("pay/checkout", "2.0.1", "image");
    const reference = `${image.repository}@${image.digest}`;
    await kubelet.pull(reference);
    const pod = await kubelet.runPod({ name: "checkout-1", namespace: "pay" });
    const ids = [
      await kubelet.run(pod, { name: "by-id", image: reference }),
      await kubelet.run(pod, { name: "by-text", image: reference, asks: "plain" }),
    ];
    const identities = await connected((runtime) =>
      Promise.all(
        ids.map(async (id) => {
          const [listed] = (await runtime.find(id, never)).containers;
          if (listed === undefined) throw new Error("Cannot find the container");
          return identifyImage(listed.image, (await runtime.describeContainer(listed, never)).image);
        }),
      ),
    );
    await kubelet.removePod(pod.id);
    const expected = {
      name: image.repository,
      tags: [],
      id: image.id,
      manifestDigest: image.digest,
      repoDigests: [reference],
    };
    expect(identities).toMatchObject([expected, expected]);
  });

  test("a span of a real container leaves with the pod, the container and the image of its spec", async () => {
    const { pod, container, image } = given();
    const sink = await lendSink();
    const agent = await lendAgent({ runtime: node().containerd.endpoint, sink: sink.address });
    await lendSender(agent.grpc).spanOf(container, "span");
    const { resource } = await sink.waitFor(({ name }) => name === "span", "the span");
    expect(resource).toMatchObject({
      "k8s.namespace.name": "shop",
      "k8s.pod.name": "frontend-1",
      "k8s.pod.uid": pod.uid,
      "k8s.container.name": "frontend",
      "k8s.container.restart_count": 3,
      "container.id": container,
      "container.runtime.name": "containerd",
      "container.image.name": image.repository,
      "container.image.tags": ["1.4.2"],
      "container.image.id": image.id,
      "container.image.repo_digests": [`${image.repository}@${image.digest}`],
      "oci.manifest.digest": image.digest,
    });
  });

  test("containerd's own events hint at each container that appears, ends and goes, to each of two followers", async () => {
    const { kubelet } = node();
    const { image } = given();
    const hints: Hint[][] = [[], []];
    const stop = new AbortController();
    await connected((first) =>
      connected(async (second) => {
        const following = [first, second].map(async (runtime, index) => {
          await runtime.follow?.((hint) => hints[index]?.push(hint), stop.signal);
        });
        // Nobody answers a subscription: both are there when both have heard of some pod.
        const heard = async () => {
          await kubelet.removePod((await kubelet.runPod({ name: "probe-1", namespace: "shop" })).id);
          return hints.every((each) => each.length > 0);
        };
        await eventually(heard, { what: "the first hint for both" });
        const pod = await kubelet.runPod({ name: "short-1", namespace: "shop" });
        const id = await kubelet.run(pod, { name: "short", image: `${image.repository}:${image.tag}` });
        await kubelet.stop(id);
        await kubelet.remove(id);
        await kubelet.removePod(pod.id);
        const changes = (list: readonly Hint[]) => list.filter((hint) => hint.id === id).map((hint) => hint.change);
        await eventually(() => hints.every((each) => changes(each).includes("gone")), {
          what: "the hint that it is gone",
        });
        expect(changes(hints[0] ?? [])).toEqual(["appeared", "changed", "exited", "exited", "gone"]);
        expect(changes(hints[1] ?? [])).toEqual(changes(hints[0] ?? []));
        stop.abort();
        await Promise.all(following);
      }),
    );
  });

  test("a killed containerd breaks off the events, is refused in words, and lists the same containers when it is back", async () => {
    const { containerd } = node();
    const { container } = given();
    await connected(async (runtime) => {
      const following = runtime.follow?.(() => {}, never);
      following?.catch(() => {});
      await runtime.list(never);
      await containerd.kill();
      await expect(following).rejects.toThrow(/^Cannot (?:ask|follow) unix:/);
      await expect(runtime.list(never)).rejects.toThrow(
        /^Cannot ask unix:.*containerd\.sock \(ListContainers\): nobody listens on this socket$/,
      );
      await containerd.start();
      const again = await eventually(() => runtime.list(never), { what: "the list after the restart" });
      expect(again.containers.map(({ id }) => id)).toContain(container);
    });
  });
}
