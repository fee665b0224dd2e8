import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { identifyImage } from "../../../src/containers/index/image-identity.ts";
import { expandCgroupsPath, parseCgroup } from "../../../src/containers/names/cgroup-path.ts";
import type { Runtime } from "../../../src/runtimes/facts.ts";
import { whyNotBuilt } from "../../support/runtimes/built.ts";
import type { Pushed } from "../../support/node/cluster.ts";
import { identityByTag, tagOf } from "../../support/images/pushed.ts";
import { connected, heard, never, told } from "../../support/runtimes/connected.ts";
import { startCrio } from "../../support/runtimes/crio.ts";
import { eventually } from "../../support/eventually.ts";
import { lendAgent, lendSender, lendSink } from "../../support/lend.ts";
import { realNode } from "../../support/node/real-node.ts";

const why = whyNotBuilt("crio");

describe("a real CRI-O", () => {
  let image: Pushed | undefined;
  const node = realNode(
    async ({ push, kubelet }) => {
      image = await push("shop/cart", "1.2", "image");
      await kubelet.pull(tag());
    },
    { start: (options) => startCrio(options, { hasEvents: true }), why },
  );
  const pushed = () => {
    if (image === undefined) throw new Error("Cannot test: the image must be pushed first");
    return image;
  };
  const tag = () => `${pushed().repository}:${pushed().tag}`;
  const using = <T>(use: (runtime: Runtime) => Promise<T>) =>
    connected({ type: "cri-o", endpoint: node().containerd.endpoint }, use);
  const lendPod = async (name: string) => {
    const { kubelet } = node();
    const pod = await kubelet.runPod({
      name,
      namespace: "shop",
      labels: { app: "cart" },
      annotations: { team: "web" },
    });
    onTestFinished(() => kubelet.removePod(pod.id));
    return pod;
  };

  test("tells every fact of a pod and its container", async () => {
    const pod = await lendPod("cart-1");
    const id = await node().kubelet.run(pod, { name: "cart", image: tag(), restartCount: 2 });
    await using(async (runtime) => {
      expect(runtime.identity).toMatchObject({ name: "cri-o", type: "cri-o" });
      const { pods } = await runtime.list(never);
      expect(pods).toMatchObject([
        {
          id: pod.id,
          name: "cart-1",
          namespace: "shop",
          uid: pod.uid,
          isReady: true,
          labels: { app: "cart" },
          annotations: { team: "web" },
        },
      ]);
      const { facts, details, image: identity } = await told(runtime, id);
      expect(facts).toMatchObject({ podId: pod.id, name: "cart", attempt: 2, state: "running" });
      expect(details).toMatchObject({ state: "running", finishedAt: undefined, exitCode: undefined });
      const cgroup = readFileSync(`/proc/${details.pid}/cgroup`, "utf8");
      expect(cgroup).toContain(expandCgroupsPath(details.cgroupsPath ?? "nowhere"));
      expect(parseCgroup(cgroup)).toEqual({ containerId: id, podUid: pod.uid, runtime: "cri-o" });
      expect(identity).toEqual(identityByTag(pushed()));
    });
  });

  test("knows the image of a container that was asked for by digest", async () => {
    const { kubelet } = node();
    const reference = `${pushed().repository}@${pushed().digest}`;
    await kubelet.pull(reference);
    const id = await kubelet.run(await lendPod("digest-1"), { name: "cart", image: reference });
    const { image: identity } = await using((runtime) => told(runtime, id));
    expect(identity).toMatchObject({ name: pushed().repository, manifestDigest: pushed().digest, id: pushed().id });
  });

  test("knows the image of a container whose tag has gone to another image, by the list of images, too", async () => {
    const { kubelet, push, copy } = node();
    const [first, next] = [await push("shop/moving", "1", "image"), await push("shop/moved", "1", "image")];
    await kubelet.pull(tagOf(first));
    const id = await kubelet.run(await lendPod("moving-1"), { name: "old", image: tagOf(first) });
    await copy(next, "shop/moving", "1");
    await kubelet.pull(tagOf(first));
    await using(async (runtime) => {
      expect((await told(runtime, id)).image).toEqual(identityByTag(first));
      const { containers } = await runtime.list(never);
      const facts = containers.find((one) => one.id === id)?.image;
      const record = (await runtime.listImages(never)).find((one) => one.id.endsWith(facts?.id ?? "none"));
      const [shown = ""] = record?.repoDigests ?? [];
      expect(shown).toBe(`127.0.0.1@${first.digest}`); // what CRI-O makes of it
      const described = { specified: "", ref: "", id: "", repoTags: [], repoDigests: [], ...record, shown };
      expect(facts && identifyImage(facts, described).name).toBe(first.repository);
    });
  });

  test("leaves out the name and digests of an image that has names of several repositories, and says that it is ambiguous", async () => {
    const { kubelet, push, copy } = node();
    const one = await push("one/twin", "1.0", "image");
    await kubelet.pull(`${one.repository}:1.0`);
    const two = await copy(one, "two/twin", "2.0");
    expect(two.id).toBe(one.id);
    await kubelet.pull(`${two.repository}:2.0`);
    const id = await kubelet.run(await lendPod("twin-1"), { name: "twin", image: `${one.repository}:1.0` });
    const { image: identity } = await using((runtime) => told(runtime, id));
    expect(identity).toEqual({
      name: undefined,
      tags: [],
      repoDigests: [],
      manifestDigest: undefined,
      isAmbiguous: true,
      id: one.id,
    });
  });

  test("tells each of two followers of every container that appears, ends and goes", async () => {
    const { kubelet } = node();
    const probe = async (name: string) => {
      await kubelet.removePod((await kubelet.runPod({ name, namespace: "shop" })).id);
    };
    const pod = await lendPod("events-1");
    const ids: string[] = [];
    const act = async () => {
      if (ids[0] === undefined) {
        const id = await kubelet.run(pod, { name: "short", image: tag() });
        await kubelet.stop(id);
        await kubelet.remove(id);
        ids.push(id);
      }
      return ids[0] ?? "";
    };
    await using(async (first) =>
      using(async (second) => {
        const other: string[] = [];
        const stop = new AbortController();
        const following = second.follow?.(({ id, change }) => other.push(`${id} ${change}`), stop.signal);
        let attempts = 0;
        await eventually(
          async () => {
            await probe(`first-${attempts++}`);
            return other.length > 0;
          },
          { what: "a first hint" },
        );
        const changes = await heard(first, { probe, act, last: "gone" });
        expect(changes).toEqual(["appeared", "changed", "exited", "gone"]);
        await eventually(() => other.includes(`${ids[0]} gone`), { what: "the same at the other one" });
        expect(other.filter((line) => line.startsWith(ids[0] ?? "-"))).toEqual(
          changes.map((change) => `${ids[0]} ${change}`),
        );
        stop.abort();
        await following;
      }),
    );
  });

  test("keeps its containers through a crash, and is refused in words meanwhile", async () => {
    const { containerd, kubelet } = node();
    const id = await kubelet.run(await lendPod("crash-1"), { name: "cart", image: tag() });
    await using(async (runtime) => {
      const following = runtime.follow?.(() => {}, never);
      following?.catch(() => {});
      await runtime.list(never);
      await containerd.kill();
      await expect(following).rejects.toThrow(/^Cannot (?:ask|follow) unix:/);
      await expect(runtime.list(never)).rejects.toThrow(
        /\(ListContainers\): (?:nobody listens on this|no such) socket$/,
      );
      await containerd.start();
      const again = await eventually(() => runtime.list(never), { what: "the list after the restart" });
      expect(again.containers.map((each) => each.id)).toContain(id);
    });
  });
});

describe("a real CRI-O without events, as it comes", () => {
  const node = realNode(undefined, { start: (options) => startCrio(options, { hasEvents: false }), why });

  test("ends the subscription at once: that is said, and lists go on", async () => {
    await connected({ type: "cri-o", endpoint: node().containerd.endpoint }, async (runtime) => {
      await expect(runtime.follow?.(() => {}, never)).rejects.toThrow(/GetContainerEvents ended$/);
      expect(await runtime.list(never)).toEqual({ pods: [], containers: [] });
    });
  });

  test("is asked for them again more and more rarely, and its containers are known all the same", async () => {
    const { kubelet, containerd, push } = node();
    const sink = await lendSink();
    const agent = await lendAgent({ runtime: containerd.endpoint, sink: sink.address });
    await sleep(3000);
    // After 0, 0.1, 0.3, 0.7, 1.5 and 3.1 seconds, not in a loop.
    const asked = await agent.metric("podstamp_runtime_calls", { method: "GetContainerEvents" });
    expect(asked).toBeGreaterThanOrEqual(2);
    expect(asked).toBeLessThanOrEqual(8);
    const image = await push("shop/cart", "1.2", "image");
    await kubelet.pull(`${image.repository}:1.2`);
    const pod = await kubelet.runPod({ name: "unheard-1", namespace: "shop" });
    onTestFinished(() => kubelet.removePod(pod.id));
    const id = await kubelet.run(pod, { name: "cart", image: `${image.repository}:1.2` });
    await lendSender(agent.grpc).spanOf(id, "unheard");
    const { resource } = await sink.waitFor(({ name }) => name === "unheard", "the span");
    expect(resource).toMatchObject({ "k8s.pod.name": "unheard-1", "container.image.name": image.repository });
  });

  test("has its containers known by the names that they have now, after a restart of which nobody told", async () => {
    const { kubelet, containerd, push } = node();
    const image = await push("shop/cart", "1.2", "image");
    await kubelet.pull(`${image.repository}:1.2`);
    const pod = await kubelet.runPod({ name: "again-1", namespace: "shop" });
    onTestFinished(() => kubelet.removePod(pod.id));
    const spec = { name: "cart", image: `${image.repository}:1.2` };
    const first = await kubelet.run(pod, spec);
    const sink = await lendSink();
    const agent = await lendAgent({ runtime: containerd.endpoint, sink: sink.address });
    const sender = lendSender(agent.grpc);
    const idOf = async (name: string) => {
      const resource = { "k8s.pod.uid": pod.uid, "k8s.container.name": "cart" };
      await sender.traces([{ resource, records: [{ name }] }]);
      return (await sink.waitFor((one) => one.name === name, "the span")).resource["container.id"];
    };
    expect(await idOf("before")).toBe(first);
    // Subscribing is tried again, and lists are asked for, more and more rarely.
    await sleep(4000);
    await kubelet.stop(first);
    const second = await kubelet.run(pod, { ...spec, restartCount: 1 });
    await sleep(1100);
    expect(await idOf("after")).toBe(second);
  });
});
