import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { expandCgroupsPath, parseCgroup } from "../../../src/containers/names/cgroup-path.ts";
import { pods as listPods } from "../../../src/cli/listing/pods.ts";
import type { Pushed } from "../../support/node/cluster.ts";
import { givenIo } from "../../cli/given-cli.ts";
import { expectListed, identityByTag, tagOf } from "../../support/images/pushed.ts";
import { connected, heard, never, told } from "../../support/runtimes/connected.ts";
import { eventually } from "../../support/eventually.ts";
import { startPodman } from "../../support/engines/podman.ts";
import { realEngine } from "../../support/engines/real-engine.ts";

let pushed: Pushed | undefined;

const {
  node,
  engine: podman,
  lend,
  using,
} = realEngine("podman", async ({ folder, registry, push }) => {
  const pause = `${registry.host}/pause:3.10`;
  const engine = await startPodman(folder, pause);
  pushed = await push("shop/cart", "1.2", "image");
  await engine.pull(pause);
  await engine.pull(tagOf(pushed));
  return engine;
});

function image(): Pushed {
  if (pushed === undefined) throw new Error("Cannot test: the image must be pushed first");
  return pushed;
}

function cgroupsOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cgroup`, "utf8");
}

test("a real Podman says its name and version, and tells every fact of a container made by tag", async () => {
  const labels = { "com.docker.compose.project": "shop", "com.docker.compose.service": "cart", team: "web" };
  const id = await lend({ name: "cart-1", image: tagOf(image()), labels });
  await using(async (runtime) => {
    expect(runtime.identity).toMatchObject({ name: "podman", type: "podman", version: podman().version });
    const { facts, details, image: identity } = await told(runtime, id);
    expect(facts).toMatchObject({
      id,
      podId: "",
      name: "",
      runtimeName: "cart-1",
      attempt: 0,
      state: "running",
      labels,
    });
    expect(Math.abs(facts.createdAt - Date.now())).toBeLessThan(120_000);
    expect(details).toMatchObject({
      state: "running",
      finishedAt: undefined,
      exitCode: undefined,
      pid: (await podman().inspect(id)).State.Pid,
      cgroupsPath: `/libpod_parent/libpod-${id}`,
      addresses: [],
    });
    expect(Math.abs((details.startedAt ?? 0) - Date.now())).toBeLessThan(120_000);
    expect(parseCgroup(cgroupsOf(details.pid ?? 0))).toMatchObject({ containerId: id, runtime: "podman" });
    expect(identity).toEqual(identityByTag(image()));
  });
});

test("its images are listed with names, digests and sizes", async () => {
  expectListed(await using((runtime) => runtime.listImages(never)), image());
});

test("a container made by digest has that digest and no tag", async () => {
  const reference = `${image().repository}@${image().digest}`;
  await podman().pull(reference);
  const id = await lend({ image: reference });
  const { image: identity } = await using((runtime) => told(runtime, id));
  expect(identity).toMatchObject({
    name: image().repository,
    tags: [],
    id: image().id,
    manifestDigest: image().digest,
    repoDigests: [reference],
  });
});

test("an image that has a name of another repository too keeps the one that was asked for, and its digest alone", async () => {
  const other = `${node().registry.host}/twin/copy`;
  const id = await lend({ image: tagOf(image()) });
  await podman().api.call({
    method: "POST",
    path: `/v4.0.0/libpod/images/${image().id.slice(7)}/tag?repo=${encodeURIComponent(other)}&tag=2.0`,
  });
  const { image: identity } = await using((runtime) => told(runtime, id));
  expect(identity).toMatchObject({
    name: image().repository,
    tags: ["1.2"],
    repoDigests: [`${image().repository}@${image().digest}`],
  });
});

test("a pod is told by its own ID and by its infra container's, and its members belong to it", async () => {
  const labels = { app: "cart" };
  const pod = await podman().runPod("cart-pod", labels);
  onTestFinished(() => podman().removePod(pod.id));
  const member = await podman().run({ name: "in-pod", image: tagOf(image()), pod: pod.id });
  await using(async (runtime) => {
    const { pods, containers } = await runtime.list(never);
    const told = { isKubernetes: false, name: "cart-pod", namespace: "", uid: "", isReady: true, labels };
    expect(pods.toSorted((a) => (a.id === pod.id ? -1 : 1))).toMatchObject([
      { ...told, id: pod.id },
      { ...told, id: pod.infra },
    ]);
    expect(containers.map(({ id }) => id)).not.toContain(pod.infra);
    expect(containers.find(({ id }) => id === member)).toMatchObject({
      podId: pod.id,
      runtimeName: "in-pod",
      labels: {},
    });
    expect((await runtime.find(pod.infra, never)).pods).toMatchObject([{ id: pod.infra, name: "cart-pod" }]);
    expect((await runtime.find(member, never)).pods).toMatchObject([{ id: pod.id, name: "cart-pod" }]);
    // A list for people has each pod once.
    const { io, out } = givenIo();
    await listPods(["-q", "-r", podman().endpoint], io, undefined);
    expect(out()).toBe(`${pod.id}\n`);
    // A pod on the host's network has no address of its own.
    for (const id of [pod.id, pod.infra])
      expect(await runtime.describePod(id, never)).toMatchObject({ addresses: [], isHostNetwork: true });
  });
});

test("a start in place is told by the list alone, of a container and of a pod", async () => {
  const id = await lend({ image: tagOf(image()) });
  const pod = await podman().runPod("again-pod", {});
  onTestFinished(() => podman().removePod(pod.id));
  const restart = (path: string) => podman().api.call({ method: "POST", path: `/v4.0.0/libpod${path}/restart?t=0` });
  await using(async (runtime) => {
    const lives = async () => {
      const { pods, containers } = await runtime.list(never);
      const of = (which: string) => [...pods, ...containers].find((one) => one.id === which)?.life;
      return [of(id), of(pod.id), of(pod.infra)] as const;
    };
    const before = await lives();
    expect(before).not.toContain(undefined);
    expect(await lives()).toEqual(before);
    await restart(`/containers/${id}`);
    await restart(`/containers/${pod.infra}`);
    const after = await lives();
    expect(after.map((life, i) => life !== undefined && life !== before[i])).toEqual([true, true, true]);
  });
});

test("of the two IDs in the cgroup path of a pod's member the innermost is the container", async () => {
  const pod = await podman().runPod("two-ids", {});
  onTestFinished(() => podman().removePod(pod.id));
  const member = await podman().run({ image: tagOf(image()), pod: pod.id });
  const { details } = await using((runtime) => told(runtime, member));
  const path = expandCgroupsPath(details.cgroupsPath ?? "");
  expect(path).toBe(`/libpod_parent/${pod.id}/libpod-${member}`);
  expect(cgroupsOf(details.pid ?? 0)).toContain(path);
  expect(parseCgroup(cgroupsOf(details.pid ?? 0)).containerId).toBe(member);
});

test("a container that has ended says when and how", async () => {
  const id = await lend({ image: tagOf(image()), command: ["/bin/sh", "-c", "sleep 0.1; exit 7"] });
  await using(async (runtime) => {
    const { details } = await eventually(
      async () => {
        const answer = await told(runtime, id);
        return answer.facts.state === "exited" ? answer : undefined;
      },
      { what: "the end of the container" },
    );
    expect(details).toMatchObject({ state: "exited", exitCode: 7, pid: undefined });
    expect(details.finishedAt).toBeGreaterThanOrEqual(details.startedAt ?? Infinity);
  });
});

test("a real Podman finds containers by the beginning of an ID, and nothing by what is none", async () => {
  const id = await lend({ image: tagOf(image()) });
  await using(async (runtime) => {
    const ids = async (query: string) => (await runtime.find(query, never)).containers.map((each) => each.id);
    expect(await ids(id.slice(0, 12))).toEqual([id]);
    expect(await ids(id)).toEqual([id]);
    for (const query of [id.slice(1), "f".repeat(64), "../info", "in-pod", "a|b", ""])
      expect(await ids(query)).toEqual([]);
  });
});

test("Podman's events hint at containers and pods that appear, start, end and go", async () => {
  const probe = async () => podman().remove(await podman().run({ image: tagOf(image()) }));
  await using(async (runtime) => {
    const container = async () => {
      const id = await podman().run({ image: tagOf(image()) });
      await podman().kill(id);
      await eventually(async () => (await told(runtime, id)).facts.state === "exited", {
        what: "the end of the container",
      });
      await podman().remove(id);
      return id;
    };
    const changes = await heard(runtime, { probe, act: container, last: "gone" });
    expect(new Set(changes)).toEqual(new Set(["appeared", "changed", "exited", "gone"]));
    const pod = async () => {
      const { id } = await podman().runPod("short", {});
      await podman().removePod(id);
      return id;
    };
    expect(await heard(runtime, { probe, act: pod, last: "gone" })).toContain("appeared");
  });
});

test("where Docker's socket is Podman's, it is spoken to as the Podman that it is", async () => {
  const id = await lend({ image: tagOf(image()) });
  await connected({ type: "docker", endpoint: podman().endpoint }, async (runtime) => {
    expect(runtime.identity).toMatchObject({ name: "podman", type: "podman" });
    expect((await told(runtime, id)).details.cgroupsPath).toBe(`/libpod_parent/libpod-${id}`);
  });
});

test("a Podman that is killed is refused in words, and lists the same containers when it is back", async () => {
  const id = await lend({ image: tagOf(image()) });
  await using(async (runtime) => {
    const following = runtime.follow?.(() => {}, never);
    following?.catch(() => {});
    await runtime.list(never);
    await podman().crash();
    await expect(following).rejects.toThrow(/^Cannot ask unix:.*p\.sock \(EventsLibpod\): /);
    await expect(runtime.list(never)).rejects.toThrow(
      /^Cannot ask unix:.*p\.sock \(ContainerListLibpod\): nobody listens on this socket$/,
    );
    await podman().start();
    const again = await eventually(() => runtime.list(never), { what: "the list after the restart" });
    expect(again.containers.map((each) => each.id)).toContain(id);
  });
});
