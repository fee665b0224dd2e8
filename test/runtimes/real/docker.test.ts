import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { expandCgroupsPath } from "../../../src/containers/names/cgroup-path.ts";
import type { Pushed } from "../../support/node/cluster.ts";
import { expectListed, identityByTag, tagOf } from "../../support/images/pushed.ts";
import { connected, heard, never, told } from "../../support/runtimes/connected.ts";
import { startDocker } from "../../support/engines/docker.ts";
import { eventually } from "../../support/eventually.ts";
import { architectures, buildImage, busyboxLayer, dockerArchive } from "../../support/images/image.ts";
import { whereIs } from "../../support/machine/machine.ts";
import { realEngine } from "../../support/engines/real-engine.ts";

let pushed: Pushed | undefined;

const {
  node,
  engine: docker,
  lend,
  using,
} = realEngine("dockerd", async ({ folder, containerd, push }) => {
  const engine = await startDocker({ folder, containerd: containerd.socket });
  pushed = await push("shop/cart", "1.2", "index");
  await engine.pull(tagOf(pushed));
  return engine;
});

function image(): Pushed {
  if (pushed === undefined) throw new Error("Cannot test: the image must be pushed first");
  return pushed;
}

function cgroupsOf(pid: number): readonly string[] {
  const lines = readFileSync(`/proc/${pid}/cgroup`, "utf8").trim().split("\n");
  return [...new Set(lines.map((line) => line.split(":").slice(2).join(":")))];
}

test("a real Docker says its name and version, and tells every fact of a container made by tag", async () => {
  const labels = { "com.docker.compose.project": "shop", "com.docker.compose.service": "cart", team: "web" };
  const id = await lend({ name: "cart-1", image: tagOf(image()), labels });
  await using(async (runtime) => {
    expect(runtime.identity).toMatchObject({
      name: "docker",
      type: "docker",
      version: docker().version,
      endpoint: docker().endpoint,
    });
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
    const { pid } = details;
    expect(details).toMatchObject({
      state: "running",
      finishedAt: undefined,
      exitCode: undefined,
      pid: (await docker().inspect(id)).State.Pid,
      addresses: [],
    });
    expect(Math.abs((details.startedAt ?? 0) - Date.now())).toBeLessThan(120_000);
    expect(cgroupsOf(pid ?? 0)).toEqual([expandCgroupsPath(details.cgroupsPath ?? "")]);
    expect(identity).toEqual(identityByTag(image()));
  });
});

test("its images are listed with names, digests and sizes", async () => {
  expectListed(await using((runtime) => runtime.listImages(never)), image());
});

test("a container below a cgroup of its own has that path, as the kernel has it", async () => {
  const parent = `/podstamp-docker-${process.pid}`;
  const id = await lend({ image: tagOf(image()), host: { CgroupParent: parent } });
  const { details } = await using((runtime) => told(runtime, id));
  expect(details.cgroupsPath).toBe(`${parent}/${id}`);
  expect(cgroupsOf(details.pid ?? 0)).toEqual([`${parent}/${id}`]);
});

test("a container made by digest has that digest and no tag; one made by the image's ID has the only name of its image", async () => {
  const reference = `${image().repository}@${image().digest}`;
  await docker().pull(reference);
  const [byDigest, byId] = [await lend({ image: reference }), await lend({ image: image().id.slice(7, 19) })];
  await using(async (runtime) => {
    const digest = { manifestDigest: image().digest, repoDigests: [reference], id: image().id };
    expect((await told(runtime, byDigest)).image).toMatchObject({ name: image().repository, tags: [], ...digest });
    expect((await told(runtime, byId)).image).toMatchObject({ name: image().repository, tags: ["1.2"], ...digest });
  });
});

test("an image whose tag has gone to other bytes keeps its name, and its ID is never one", async () => {
  const first = await node().push("shop/moving", "latest", "image");
  await docker().pull(tagOf(first));
  const [byName, byId] = [await lend({ image: tagOf(first) }), await lend({ image: first.id })];
  const second = await node().push("shop/moving", "latest", "index");
  expect(second.digest).not.toBe(first.digest);
  await docker().api.call({
    method: "POST",
    path: `/images/${encodeURIComponent(tagOf(image()))}/tag?repo=${encodeURIComponent(first.repository)}&tag=latest`,
  });
  await using(async (runtime) => {
    const { containers } = await runtime.list(never);
    const requested = containers.filter(({ id }) => id === byName || id === byId).map((each) => each.image.requested);
    expect(requested).toEqual(["", ""]);
    expect((await told(runtime, byName)).image).toMatchObject({
      name: first.repository,
      tags: ["latest"],
      id: first.id,
    });
    const nameless = (await told(runtime, byId)).image;
    expect(nameless.id).toBe(first.id);
    expect(nameless.tags).toEqual([]);
    expect(nameless.name ?? first.repository).toBe(first.repository);
  });
});

test("a real Docker finds containers by the beginning of an ID, and nothing by what is none", async () => {
  const id = await lend({ image: tagOf(image()) });
  await using(async (runtime) => {
    const ids = async (query: string) => (await runtime.find(query, never)).containers.map((each) => each.id);
    expect(await ids(id.slice(0, 12))).toEqual([id]);
    expect(await ids(id)).toEqual([id]);
    for (const query of [id.slice(1), "f".repeat(64), "../info", "cart", "a|b", ""])
      expect(await ids(query)).toEqual([]);
  });
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

test("containers that a kubelet made through cri-dockerd are a pod's, sandbox and all", async () => {
  const pod = {
    "io.kubernetes.pod.name": "cart-7d9f6c5b8d-x2x9z",
    "io.kubernetes.pod.namespace": "shop",
    "io.kubernetes.pod.uid": "11111111-2222-3333-4444-555555555555",
  };
  const suffix = "cart-7d9f6c5b8d-x2x9z_shop_11111111-2222-3333-4444-555555555555_0";
  const sandbox = await lend({
    name: `k8s_POD_${suffix}`,
    image: tagOf(image()),
    labels: {
      ...pod,
      app: "cart",
      "io.kubernetes.container.name": "POD",
      "io.kubernetes.docker.type": "podsandbox",
      "annotation.team": "web",
    },
  });
  const container = await lend({
    name: `k8s_cart_${suffix.slice(0, -1)}3`,
    image: tagOf(image()),
    labels: {
      ...pod,
      "io.kubernetes.container.name": "cart",
      "io.kubernetes.container.logpath": "/var/log/pods/0.log",
      "io.kubernetes.docker.type": "container",
      "io.kubernetes.sandbox.id": sandbox,
      "annotation.io.kubernetes.container.restartCount": "3",
    },
  });
  await using(async (runtime) => {
    const { pods, containers } = await runtime.list(never);
    expect(pods).toMatchObject([
      {
        id: sandbox,
        name: "cart-7d9f6c5b8d-x2x9z",
        namespace: "shop",
        uid: "11111111-2222-3333-4444-555555555555",
        attempt: 0,
        isReady: true,
        annotations: { team: "web" },
      },
    ]);
    expect(pods[0]?.labels).toMatchObject({ ...pod, app: "cart" });
    expect(Object.keys(pods[0]?.labels ?? {}).filter((key) => /annotation|docker/.test(key))).toEqual([]);
    expect(containers.map(({ id }) => id)).not.toContain(sandbox);
    expect(containers.find(({ id }) => id === container)).toMatchObject({
      podId: sandbox,
      name: "cart",
      attempt: 3,
      labels: { ...pod, "io.kubernetes.container.name": "cart" },
      annotations: { "io.kubernetes.container.restartCount": "3" },
    });
    expect(await runtime.find(sandbox, never)).toMatchObject({ pods: [{ id: sandbox }], containers: [] });
    expect(await runtime.describePod(sandbox, never)).toMatchObject({ addresses: [], isHostNetwork: true });
  });
});

test("Docker's events hint at a container that appears, starts, is renamed, ends and goes", async () => {
  const changes = await using((runtime) =>
    heard(runtime, {
      probe: async () => docker().remove(await docker().run({ image: tagOf(image()) })),
      async act() {
        const id = await docker().run({ image: tagOf(image()) });
        await docker().api.call({ method: "POST", path: `/containers/${id}/rename?name=renamed` });
        await docker().kill(id);
        await docker().remove(id);
        return id;
      },
      last: "gone",
    }),
  );
  // Joining the host's network and leaving it are changes too, as late as after the end.
  expect([changes[0], changes.at(-1)]).toEqual(["appeared", "gone"]);
  expect(changes.filter((change) => change !== "changed")).toEqual(["appeared", "exited", "gone"]);
  expect(changes.filter((change) => change === "changed").length).toBeGreaterThanOrEqual(2);
});

test("a restart of the container is heard as its end and its start", async () => {
  const id = await lend({ image: tagOf(image()) });
  const changes = await using((runtime) =>
    heard(runtime, {
      probe: async () => docker().remove(await docker().run({ image: tagOf(image()) })),
      async act() {
        await docker().api.call({ method: "POST", path: `/containers/${id}/restart?t=0` });
        return id;
      },
      last: "changed",
    }),
  );
  expect(changes).toContain("exited");
});

test("a killed Docker breaks off the events, is refused in words, and lists the same containers when it is back", async () => {
  const id = await lend({ image: tagOf(image()) });
  await using(async (runtime) => {
    const following = runtime.follow?.(() => {}, never);
    following?.catch(() => {});
    await runtime.list(never);
    await docker().crash();
    await expect(following).rejects.toThrow(/^Cannot ask unix:.*d\.sock \(Events\): /);
    await expect(runtime.list(never)).rejects.toThrow(
      /^Cannot ask unix:.*d\.sock \(ContainerList\): nobody listens on this socket$/,
    );
    await docker().start();
    const again = await eventually(() => runtime.list(never), { what: "the list after the restart" });
    expect(again.containers.map((each) => each.id)).toContain(id);
  });
});

test("containers on networks of their own have those addresses, of both families, and lose them with the network", async () => {
  const { folder, containerd } = node();
  const alone = await startDocker({ folder, containerd: containerd.socket, name: "docker-alone", hasOwnNetwork: true });
  onTestFinished(() => alone.stop());
  const post = (path: string, body: unknown) => alone.api.call({ method: "POST", path, body });
  const { own } = architectures();
  const layer = busyboxLayer(whereIs("busybox") ?? "busybox");
  const name = "shop/alone:1.0";
  const made = buildImage({ layer, architecture: own, name, command: ["/bin/sleep", "1000000"] });
  await post("/images/load", dockerArchive(made, name));
  const ranges = [{ Subnet: "172.31.250.0/24" }, { Subnet: "fd00:250::/64" }];
  await post("/networks/create", { Name: "shop", Driver: "bridge", EnableIPv6: true, IPAM: { Config: ranges } });
  await post("/networks/create", { Name: "more", Driver: "bridge", IPAM: { Config: [{ Subnet: "172.31.251.0/24" }] } });
  const id = await alone.run({ image: name, host: { NetworkMode: "shop" } });
  await connected({ type: "docker", endpoint: alone.endpoint }, async (runtime) => {
    const { facts, details, image: identity } = await told(runtime, id);
    expect(details.addresses).toEqual(["172.31.250.2", "fd00:250::2"]);
    expect(details).not.toHaveProperty("isHostPid");
    expect(details).not.toHaveProperty("hostname");
    const host = { NetworkMode: "shop", PidMode: "host" };
    const watcher = await alone.run({ image: name, hostname: "checkout", host });
    expect((await told(runtime, watcher)).details).toMatchObject({ isHostPid: true, hostname: "checkout" });
    await alone.remove(watcher);
    const before = facts.life;
    // What was loaded was never pulled: no registry has given it a digest.
    expect(identity).toMatchObject({ name: "shop/alone", tags: ["1.0"], id: made.config.digest, repoDigests: [] });
    const probe = async () => alone.remove(await alone.run({ image: name }));
    const connect = async () => {
      await post("/networks/more/connect", { Container: id });
      return id;
    };
    expect(await heard(runtime, { probe, act: connect, last: "changed" })).toContain("changed");
    expect((await told(runtime, id)).details.addresses).toEqual(
      expect.arrayContaining(["172.31.250.2", "fd00:250::2", "172.31.251.2"]),
    );
    await post("/networks/shop/disconnect", { Container: id });
    const moved = await told(runtime, id);
    expect(moved.details.addresses).toEqual(["172.31.251.2"]);
    // The list alone says that it is another: an event may have been missed.
    expect([before, moved.facts.life]).toEqual(["172.31.250.2 fd00:250::2", "172.31.251.2"]);
    await alone.kill(id);
    expect((await told(runtime, id)).details.addresses).toEqual([]);
  });
});

test("a Docker at a socket of any name is found to be one, also where a runtime of CRI is expected", async () => {
  await connected({ type: "cri", endpoint: docker().endpoint }, (runtime) => {
    expect(runtime.identity).toMatchObject({ name: "docker", type: "docker" });
    return Promise.resolve();
  });
});

test("containerd leaves Docker's namespace to Docker", async () => {
  const id = await lend({ image: tagOf(image()) });
  const place = { type: "containerd", endpoint: node().containerd.endpoint } as const;
  const ids = async (namespaces?: readonly string[]) =>
    connected({ ...place, ...(namespaces === undefined ? {} : { namespaces }) }, async (runtime) =>
      (await runtime.list(never)).containers.map((each) => each.id),
    );
  expect(await ids()).not.toContain(id);
  // Unless it is asked for by name.
  expect(await ids(["moby"])).toContain(id);
});
