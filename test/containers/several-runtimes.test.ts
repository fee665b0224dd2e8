import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { parseContainerRef } from "../../src/containers/names/container-ref.ts";
import { createDirectory, type Directory } from "../../src/containers/directory.ts";
import { autoPlaces } from "../../src/runtimes/discovery/auto-places.ts";
import { criSource } from "../../src/runtimes/discovery/discovery.ts";
import type { Listing, Runtime, RuntimePlaces, RuntimeType } from "../../src/runtimes/facts.ts";
import { newId } from "../support/cri/answers.ts";
import { eventually } from "../support/eventually.ts";
import { type HostRoot, lendHostRoot } from "../support/node/host-root.ts";
import { testHost } from "../support/agent/host.ts";
import { lendRuntime } from "../support/lend.ts";
import { containerEntry, podEntry } from "./entries.ts";
import { directoryOf } from "./given-directory.ts";

const containerd = "/run/containerd/containerd.sock";
const crio = "/run/crio/crio.sock";

/** A pod with one container of this ID. */
const podOf = (id: string, name = "web-1") => ({ name, namespace: "shop", containers: [{ id, name: "web" }] });

async function listenAt(root: HostRoot, path: string, id: string, runtimeName = "containerd") {
  mkdirSync(dirname(join(root.path, path)), { recursive: true });
  return lendRuntime({ socket: join(root.path, path), pods: [podOf(id)], version: { runtimeName } });
}

/** A directory over all runtimes of a host. */
async function givenAuto(root: HostRoot, timeoutMs = 1000) {
  const host = testHost("directory");
  const places = autoPlaces({}, { timeoutMs, metrics: host.metrics, hostRoot: root.path });
  const directory = await start(places, host);
  return { host, directory, up: (path: string) => host.metric("podstamp_runtime_up", { runtime: `unix://${path}` }) };
}

async function start(places: RuntimePlaces, host = testHost("directory")): Promise<Directory> {
  const directory = createDirectory({
    places,
    hostRoot: "/nowhere",
    relistMs: 600_000,
    relistWithoutEventsMs: 600_000,
    limits: { maxEntries: 1000, tombstoneMs: 300_000, maxTombstones: 100 },
    log: host.log,
    metrics: host.metrics,
  });
  onTestFinished(() => directory.stop());
  await directory.start();
  return directory;
}

const refOf = (id: string) => parseContainerRef(id) ?? { id, mayBePrefix: false };
const isLive = (directory: Directory, id: string) => directory.entries().some((entry) => entry.id === id);

test("all runtimes that answer are followed at once, and one that appears later too", async () => {
  const root = lendHostRoot();
  const [first, second] = [newId(), newId()];
  await listenAt(root, containerd, first);
  const { directory, up } = await givenAuto(root);
  expect(isLive(directory, first)).toBe(true);
  await listenAt(root, crio, second, "cri-o");
  await eventually(() => isLive(directory, second), { what: "the container of the second", timeoutMs: 15_000 });
  expect([up(containerd), up(crio)]).toEqual([1, 1]);
});

test("where no runtime is at all that is said once, and what comes is found soon", async () => {
  const root = lendHostRoot();
  const { directory, host } = await givenAuto(root);
  expect(directory.isReady()).toBe(true);
  expect(host.logged.map(({ message }) => message)).toEqual([expect.stringMatching(/^No container runtime/)]);
  expect(host.metric("podstamp_runtime_up", { runtime: "auto" })).toBe(0);
  const id = newId();
  await listenAt(root, containerd, id);
  await eventually(() => isLive(directory, id), { what: "the container", timeoutMs: 15_000 });
  expect(host.metric("podstamp_runtime_up", { runtime: "auto" })).toBe(1);
});

test(
  "another runtime that takes a socket's place is followed instead, though the first one still runs",
  { timeout: 40_000 },
  async () => {
    const root = lendHostRoot();
    const [first, second] = [newId(), newId()];
    await listenAt(root, containerd, first);
    const { directory } = await givenAuto(root);
    expect(isLive(directory, first)).toBe(true);
    await listenAt(root, "/run/other.sock", second);
    renameSync(join(root.path, "/run/other.sock"), join(root.path, containerd));
    await eventually(() => isLive(directory, second), { what: "the container of the other", timeoutMs: 20_000 });
    expect(isLive(directory, first)).toBe(false);
    // Its last spans may still come.
    expect(directory.find(refOf(first)).status).toBe("found");
  },
);

test("a runtime whose socket disappears while it runs goes on being followed", async () => {
  const root = lendHostRoot();
  const server = await listenAt(root, containerd, newId());
  const { directory, up } = await givenAuto(root);
  rmSync(join(root.path, containerd));
  const late = server.addPod({ ...podOf(newId(), "late"), id: newId() });
  await eventually(() => isLive(directory, late), { what: "the pod" });
  expect(up(containerd)).toBe(1);
});

test(
  "a runtime that is frozen is down though its stream of events is open, and up again when it goes on",
  { timeout: 60_000 },
  async () => {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, "../support/cri/server-process.ts"), JSON.stringify({ pods: [podOf(newId())] })],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    onTestFinished(() => void child.kill("SIGKILL"));
    const [endpoint] = (await once(createInterface(child.stdout), "line")) as [string];
    const host = testHost("directory");
    const source = criSource(endpoint, { timeoutMs: 500, metrics: host.metrics });
    const { directory } = await directoryOf([source], host, {});
    const up = () => host.metric("podstamp_runtime_up", { runtime: endpoint });
    expect(up()).toBe(1);
    const [pod] = directory.entries();
    child.kill("SIGSTOP");
    await eventually(() => up() === 0, { what: "that it is down", timeoutMs: 20_000 });
    expect(directory.find(refOf(pod?.id ?? "")).status).toBe("found");
    expect(directory.runtimes()).toMatchObject([{ status: "connecting", lastError: expect.stringMatching(/in time/) }]);
    child.kill("SIGCONT");
    await eventually(() => up() === 1, { what: "that it is up", timeoutMs: 20_000 });
  },
);

test(
  "calls that hang while the process runs make a runtime down as soon as something was asked in vain",
  { timeout: 40_000 },
  async () => {
    const server = await lendRuntime({ pods: [podOf(newId())] });
    const host = testHost("directory");
    const { resolve } = await directoryOf(
      [criSource(server.endpoint, { timeoutMs: 300, metrics: host.metrics })],
      host,
      {},
    );
    const up = () => host.metric("podstamp_runtime_up", { runtime: server.endpoint });
    expect(up()).toBe(1);
    server.freeze();
    await resolve(newId(), 100);
    await eventually(() => up() === 0, { what: "that it is down", timeoutMs: 20_000 });
    server.thaw();
    await eventually(() => up() === 1, { what: "that it is up", timeoutMs: 20_000 });
  },
);

test("a socket behind which nobody speaks sense, or nobody at all, holds up no other and is told with its reason", async () => {
  const root = lendHostRoot();
  const id = newId();
  await listenAt(root, containerd, id);
  mkdirSync(join(root.path, "run/crio"));
  const mute: Server = createServer(() => {}).listen(join(root.path, crio));
  await once(mute, "listening");
  onTestFinished(() => void mute.close());
  const { directory, up, host } = await givenAuto(root, 300);
  expect(isLive(directory, id)).toBe(true);
  expect([up(containerd), up(crio)]).toEqual([1, 0]);
  expect(host.logged.find(({ level }) => level === "warn")?.fields["error"]).toMatch(/in time/);
});

test.each([
  ["the beginning of a page", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"],
  ["bytes of no meaning", Buffer.alloc(4096, 0xff)],
  ["a frame that is larger than any", Buffer.from("ffffff040000000000", "hex")],
])(
  "a socket that answers with %s is down, and believed again when a runtime is there",
  { timeout: 40_000 },
  async (_, bytes) => {
    const root = lendHostRoot();
    mkdirSync(join(root.path, "run/crio"), { recursive: true });
    const garbage = createServer((socket) => {
      socket.on("error", () => {});
      socket.write(bytes, () => socket.destroy());
    }).listen(join(root.path, crio));
    await once(garbage, "listening");
    const { directory, up } = await givenAuto(root, 300);
    expect(up(crio)).toBe(0);
    garbage.close();
    const id = newId();
    await listenAt(root, crio, id, "cri-o");
    await eventually(() => isLive(directory, id), { what: "the container", timeoutMs: 20_000 });
    expect(up(crio)).toBe(1);
  },
);

test("a socket that may not be used says what to do", async () => {
  const root = lendHostRoot();
  await listenAt(root, containerd, newId());
  chmodSync(root.path, 0o755);
  chmodSync(join(root.path, containerd), 0);
  const { host } = await asNobody(() => givenAuto(root));
  expect(host.logged.find(({ level }) => level === "warn")?.fields["error"]).toMatch(
    /permission denied; run podstamp as/,
  );
});

/** Root may use every socket: for once it is nobody. */
async function asNobody<T>(what: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return what();
  process.seteuid?.(65_534);
  try {
    return await what();
  } finally {
    process.seteuid?.(0);
  }
}

/** A runtime that answers with what a test gives it. */
function runtimeOf(type: RuntimeType, listing: () => Listing, more: Partial<Runtime> = {}): RuntimePlaces {
  const endpoint = `unix:///${type}.sock`;
  const identity = { name: type, version: "1", endpoint, type, instance: "" };
  const runtime: Runtime = {
    identity,
    list: async () => listing(),
    find: async () => listing(),
    describeContainer: () => Promise.reject(new Error("not told")),
    describePod: () => Promise.reject(new Error("not told")),
    listImages: async () => [],
    follow: undefined,
    close() {},
    ...more,
  };
  return { label: "list", find: () => [{ label: endpoint, type, instance: () => "", connect: async () => runtime }] };
}

const described = {
  state: "running" as const,
  startedAt: 5,
  finishedAt: undefined,
  exitCode: undefined,
  pid: undefined,
  cgroupsPath: undefined,
  image: { specified: "", shown: "", ref: "", id: "", repoTags: [], repoDigests: [] },
};

test(
  "a container that two runtimes know is one entry with the best facts of both, and stays until both have lost it",
  { timeout: 30_000 },
  async () => {
    const id = newId();
    const pod = podEntry(newId()).facts;
    const { facts } = containerEntry(id, pod.id);
    const inDocker = {
      ...facts,
      podId: "",
      name: "",
      runtimeName: "k8s_web_web-1_shop",
      labels: { own: "docker's" },
      image: { specified: "", requested: "shop/web:1.2", ref: "", id: "" },
    };
    const listed = { cri: true, docker: true };
    const cri = runtimeOf("cri-dockerd", () => ({ pods: [pod], containers: listed.cri ? [facts] : [] }), {
      describeContainer: async () => described,
    });
    const sandbox = { ...inDocker, id: pod.id, runtimeName: "k8s_POD_web-1_shop" };
    const docker = runtimeOf("docker", () => ({ pods: [], containers: listed.docker ? [inDocker, sandbox] : [] }), {
      describeContainer: async () => ({ ...described, pid: 4242, addresses: ["10.9.0.2"] }),
    });
    const host = testHost("directory");
    const places: RuntimePlaces = { label: "list", find: () => [...cri.find(), ...docker.find()] };
    const directory = createDirectory({
      places,
      hostRoot: "/nowhere",
      relistMs: 50,
      relistWithoutEventsMs: 50,
      limits: { maxEntries: 100, tombstoneMs: 300_000, maxTombstones: 100 },
      log: host.log,
      metrics: host.metrics,
    });
    onTestFinished(() => directory.stop());
    await directory.start();
    const entry = await eventually(
      () =>
        directory.entries().find((each) => each.id === id && each.details !== undefined && each.views?.length === 2),
      { what: "the entry of both" },
    );
    expect(entry).toMatchObject({
      kind: "container",
      runtime: { type: "cri-dockerd" },
      facts: { name: "web", podId: pod.id, runtimeName: "k8s_web_web-1_shop", labels: { own: "docker's" } },
      image: { name: "shop/web", tags: ["1.2"] },
      pod: { facts: { name: "web-1" } },
    });
    await eventually(() => directory.find({ id: "ip:10.9.0.2", mayBePrefix: false }).status === "found", {
      what: "its address",
    });
    expect(directory.entries().filter(({ kind }) => kind === "pod")).toHaveLength(1);
    expect(directory.find(refOf(pod.id))).toMatchObject({ entry: { kind: "pod" } });
    listed.docker = false;
    await eventually(() => directory.entries().some((each) => each.id === id && each.views === undefined), {
      what: "that one has lost it",
    });
    expect(isLive(directory, id)).toBe(true);
    listed.cri = false;
    await eventually(() => !isLive(directory, id), { what: "that both have lost it" });
    expect(directory.find(refOf(id)).status).toBe("found");
  },
);
