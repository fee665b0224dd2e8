import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { status } from "@grpc/grpc-js";
import { expect, onTestFinished, test, vi } from "vitest";
import { nameKey } from "../../src/containers/index/aliases.ts";
import { criSource } from "../../src/runtimes/discovery/discovery.ts";
import { newId } from "../support/cri/answers.ts";
import { eventually } from "../support/eventually.ts";
import { testHost } from "../support/agent/host.ts";
import { lendRuntime } from "../support/lend.ts";
import { bogusIds, directoryOf, givenDirectory } from "./given-directory.ts";

const web = newId();
const sandbox = newId();
const pods = [
  {
    id: sandbox,
    name: "web-1",
    namespace: "shop",
    containers: [{ id: web, name: "web", image: "registry.example/shop/web:1.2" }],
  },
];
const crio = { version: { runtimeName: "cri-o", runtimeVersion: "1.36.3" } };

test("what runs before podstamp starts is known when it has started, and its first telemetry has the digests already", async () => {
  const { directory, resolve } = await givenDirectory({ server: { pods } });
  expect(directory.find({ id: sandbox, mayBePrefix: false })).toMatchObject({
    entry: { kind: "pod", facts: { name: "web-1" } },
  });
  const { found, outcome } = await resolve(web);
  expect(outcome).toBe("found");
  expect(found).toMatchObject({
    status: "found",
    entry: {
      pod: { facts: { name: "web-1", namespace: "shop" } },
      details: { pid: 4242 },
      image: { name: "registry.example/shop/web", tags: ["1.2"], manifestDigest: expect.stringMatching(/^sha256:/) },
    },
  });
});

test("a hundred who miss the same container cost one look-up", async () => {
  const { server, resolve } = await givenDirectory({ server: { pods } });
  const id = server.add(sandbox, { name: "late" }, { isSilent: true });
  const before = server.calls("ListContainers");
  const all = await Promise.all(Array.from({ length: 100 }, () => resolve(id)));
  expect(all.map(({ found }) => found.status)).toEqual(Array.from({ length: 100 }, () => "found"));
  expect(server.calls("ListContainers") - before).toBeLessThanOrEqual(2);
  expect(server.calls("ContainerStatus")).toBeLessThanOrEqual(3);
});

test("a flood of bogus IDs costs a few calls a second, and known containers are answered at once meanwhile", async () => {
  const { server, directory, resolve } = await givenDirectory({ server: { pods } });
  await resolve(web);
  const calls = () => server.calls("ListContainers") + server.calls("ListPodSandbox");
  const before = calls();
  const since = performance.now();
  const flood = bogusIds(2000).map((id) => resolve(id, 1000));
  expect(directory.find({ id: web, mayBePrefix: false }).status).toBe("found");
  const known = await resolve(web);
  expect(known.found.status).toBe("found");
  const outcomes = new Set((await Promise.all(flood)).map(({ outcome }) => outcome));
  const seconds = (performance.now() - since) / 1000;
  expect(outcomes).toEqual(new Set(["missing"]));
  expect(calls() - before).toBeLessThanOrEqual(8 * (seconds + 1));
});

test("a container that starts is known by its event, without a look-up", async () => {
  const { server, directory, stateOf } = await givenDirectory({ server: { pods } });
  const id = server.add(sandbox, { name: "new", restartCount: 2 });
  await eventually(() => stateOf(id) === "live", { what: "the new container" });
  expect(directory.find({ id, mayBePrefix: false })).toMatchObject({
    entry: { facts: { name: "new" }, pod: { facts: { name: "web-1" } } },
  });
});

test("a pod that starts is known by its event, and its container with it", async () => {
  const { server, directory } = await givenDirectory();
  const id = newId();
  server.addPod({ name: "new-1", namespace: "shop", containers: [{ id, name: "new" }] });
  const entry = await eventually(
    () => directory.entries().find((each) => each.id === id && each.kind === "container" && each.pod !== undefined),
    { what: "the container with its pod" },
  );
  expect(entry).toMatchObject({ pod: { facts: { name: "new-1" } } });
});

test("telemetry that comes 200 ms before the runtime knows its container is held until it does", async () => {
  const { server, resolve } = await givenDirectory({ server: { pods } });
  const loud = server.add(sandbox, { name: "loud" }, { visibleAfterMs: 200 });
  const silent = server.add(sandbox, { name: "silent" }, { visibleAfterMs: 200, isSilent: true });
  const both = await Promise.all([resolve(loud), resolve(silent.slice(0, 12))]);
  expect(both.map(({ found }) => found)).toMatchObject([{ entry: { id: loud } }, { entry: { id: silent } }]);
});

test("an ID that never existed is answered after the wait, and at once when it comes again", async () => {
  const { server, resolve } = await givenDirectory({ server: { pods } });
  const [id = ""] = bogusIds(1);
  const since = performance.now();
  expect(await resolve(id, 300)).toMatchObject({ found: { status: "missing" }, outcome: "missing" });
  expect(performance.now() - since).toBeGreaterThanOrEqual(295);
  const before = server.calls("ListContainers");
  expect(await resolve(id, 300)).toMatchObject({ outcome: "negative" });
  expect(server.calls("ListContainers")).toBe(before);
});

test("a caller who gives up ends the wait", async () => {
  const { directory } = await givenDirectory({ server: { pods } });
  const [id = ""] = bogusIds(1);
  const giving = new AbortController();
  const resolving = directory.resolve({ id, mayBePrefix: false }, 600_000, giving.signal);
  giving.abort();
  expect(await resolving).toMatchObject({ found: { status: "missing" }, outcome: "gave_up" });
  expect(await directory.resolve({ id, mayBePrefix: false }, 600_000, AbortSignal.abort())).toMatchObject({
    outcome: "gave_up",
  });
});

test("who gives up after the runtime has said that it does not know the ID is told so", async () => {
  const { resolve } = await givenDirectory({ server: { pods } });
  const [id = ""] = bogusIds(1);
  expect(await resolve(id, 600_000, 150)).toMatchObject({ found: { status: "missing" }, outcome: "missing" });
});

test("a runtime that starts after podstamp is found, and what was unknown until then is known", async () => {
  const { server, directory, stateOf, resolve } = await givenDirectory({ server: { pods, isListening: false } });
  expect(directory.runtimes()).toMatchObject([
    { status: "connecting", lastError: expect.stringMatching(/no such socket|nobody listens/) },
  ]);
  expect((await resolve(web, 100)).outcome).toBe("missing");
  await server.start();
  await eventually(() => stateOf(web) === "live", { what: "the container" });
  expect(directory.runtimes()).toMatchObject([{ status: "following" }]);
});

test("after a restart of the runtime what is gone is a tombstone, and what is new is live", async () => {
  const { server, directory, stateOf } = await givenDirectory({ server: { pods } });
  await server.stop();
  server.remove(web);
  const id = server.add(sandbox, { name: "new" });
  expect(stateOf(web)).toBe("live");
  await server.start();
  await eventually(() => stateOf(id) === "live", { what: "the new container" });
  expect(stateOf(web)).toBe("gone");
  expect(stateOf(sandbox)).toBe("live");
  expect(directory.runtimes()).toMatchObject([{ status: "following" }]);
});

test("a container that is removed stays answerable", async () => {
  const { server, stateOf, resolve } = await givenDirectory({ server: { pods } });
  await resolve(web);
  server.exit(web);
  server.remove(web);
  await eventually(() => stateOf(web) === "gone", { what: "the tombstone" });
  expect((await resolve(web)).found).toMatchObject({
    entry: { pod: { facts: { name: "web-1" } }, image: { tags: ["1.2"] } },
  });
});

test("a runtime without events is listed now and then", async () => {
  const { server, directory, stateOf } = await givenDirectory({ server: { pods, ...crio }, relistWithoutEventsMs: 50 });
  const id = server.add(sandbox, { name: "new" });
  server.remove(web);
  await eventually(() => stateOf(id) === "live" && stateOf(web) === "gone", { what: "the changes" });
  expect(server.calls("Subscribe")).toBe(0);
  expect(directory.runtimes()).toMatchObject([{ hasEvents: false }]);
});

test("without events a container's name in its pod leads to the one that was started again, for a list a second", async () => {
  const uid = "0d2f6f4e-7c1b-4b5e-9a55-6f1f0e6a7b10";
  const named = nameKey(uid, "web");
  // One of whom no events are asked for, each time with a list behind it.
  const version = { runtimeName: "other" };
  const { server, resolve } = await givenDirectory({ server: { pods: pods.map((pod) => ({ ...pod, uid })), version } });
  const listed = () => server.calls("ListContainers");
  expect((await resolve(named)).found).toMatchObject({ entry: { id: web } });
  await eventually(() => listed() >= 2, { what: "the second list" });
  await sleep(1100);
  server.exit(web);
  const again = server.add(sandbox, { name: "web", restartCount: 1 });
  expect((await resolve(named)).found).toMatchObject({ entry: { id: again } });
  const before = listed();
  for (const end = performance.now() + 1500; performance.now() < end; await sleep(10)) await resolve(named);
  expect(listed() - before).toBeLessThanOrEqual(2);
  server.freeze();
  await sleep(1100);
  const since = performance.now();
  expect((await resolve(named)).found).toMatchObject({ entry: { id: again } });
  expect(performance.now() - since).toBeLessThan(1000);
});

test("when the events break off the runtime is listed at once", async () => {
  const { server, stateOf } = await givenDirectory({ server: { pods } });
  const id = server.add(sandbox, { name: "new" }, { isSilent: true });
  server.endStreams();
  await eventually(() => stateOf(id) === "live", { what: "the container that no event told" });
});

test("a runtime whose events never work is followed all the same, without a storm of calls", async () => {
  const { server, directory, resolve } = await givenDirectory({ server: { pods, isListening: false } });
  server.fail("Subscribe", status.UNIMPLEMENTED);
  await server.start();
  const id = server.add(sandbox, { name: "new" }, { isSilent: true });
  const states = new Set<string>();
  await eventually(() => server.calls("Subscribe") >= 4, { what: "four attempts", everyMs: 5 });
  const settled = directory.runtimes().map((state) => state.status);
  for (let i = 0; i < 20; i++) {
    states.add(directory.runtimes()[0]?.status ?? "");
    await new Promise((done) => setTimeout(done, 5));
  }
  expect(settled).toEqual(["following"]);
  expect([...states]).toEqual(["following"]);
  expect(server.calls("Version")).toBeLessThanOrEqual(2);
  expect(server.calls("ListContainers")).toBeLessThanOrEqual(server.calls("Subscribe") + 4);
  expect((await resolve(id)).found.status).toBe("found");
});

test("a frozen runtime holds up no known container and no stop", async () => {
  const { server, directory, resolve } = await givenDirectory({ server: { pods }, timeoutMs: 600_000 });
  await resolve(web);
  server.freeze();
  expect((await resolve(web)).found.status).toBe("found");
  const [id = ""] = bogusIds(1);
  expect((await resolve(id, 100, 400)).outcome).toBe("gave_up");
  const waiting = resolve(id, 600_000);
  await directory.stop();
  expect((await waiting).found.status).toBe("missing");
});

test("a runtime that is frozen from the beginning holds up the start for a moment and the stop not at all", async () => {
  const server = await lendRuntime({ pods });
  server.freeze();
  const host = testHost("directory");
  const source = criSource(server.endpoint, { timeoutMs: 600_000, metrics: host.metrics });
  const { directory, resolve } = await directoryOf([source], host, {});
  expect(directory.runtimes()).toMatchObject([{ status: "connecting" }]);
  expect((await resolve(web, 100)).outcome).toBe("missing");
  await directory.stop();
});

test("details that do not come hold up a container's telemetry once, and none behind it", async () => {
  const containers = Array.from({ length: 40 }, () => ({ id: newId(), name: "web" }));
  const { server, resolve } = await givenDirectory({
    server: { pods: [{ name: "many", namespace: "shop", containers }], isListening: false },
    timeoutMs: 600_000,
  });
  server.slow("ContainerStatus", 600_000);
  await server.start();
  const first = await Promise.all(containers.map(({ id }) => resolve(id)));
  expect(
    new Set(
      first.map(({ found }) =>
        found.status === "found" && found.entry.kind === "container" ? found.entry.details : "",
      ),
    ),
  ).toEqual(new Set(["unavailable"]));
  const since = performance.now();
  for (const { id } of containers) await resolve(id);
  expect(performance.now() - since).toBeLessThan(5000);
});

test("without details a container has what the list told, and the rest when the runtime tells it", async () => {
  const { server, resolve } = await givenDirectory({
    server: { pods, ...crio, isListening: false },
    relistWithoutEventsMs: 50,
  });
  server.fail("ContainerStatus", status.INTERNAL);
  await server.start();
  expect((await resolve(web)).found).toMatchObject({
    entry: {
      details: "unavailable",
      pod: { facts: { name: "web-1" } },
      image: { name: "registry.example/shop/web", tags: ["1.2"], repoDigests: [] },
    },
  });
  server.fail("ContainerStatus", undefined);
  await eventually(
    async () =>
      ((await resolve(web)).found as { entry?: { image: { repoDigests: readonly string[] } } }).entry?.image.repoDigests
        .length === 1,
    { what: "the digest" },
  );
});

test("an image service that fails takes nothing away from what the runtime tells", async () => {
  const { server, resolve } = await givenDirectory({ server: { pods, isListening: false } });
  server.fail("ImageStatus", status.UNAVAILABLE);
  await server.start();
  expect((await resolve(web)).found).toMatchObject({
    entry: { details: { pid: 4242 }, image: { manifestDigest: expect.stringMatching(/^sha256:/) } },
  });
});

test("answers that are no message are survived, and the next good one is taken", async () => {
  const { server, stateOf, resolve, directory } = await givenDirectory({ server: { pods, isListening: false } });
  server.garble("ListContainers");
  await server.start();
  await eventually(() => server.calls("ListContainers") >= 3, { what: "three attempts" });
  expect(directory.runtimes()).toMatchObject([{ status: "connecting" }]);
  server.fail("ListContainers", undefined);
  await eventually(() => stateOf(web) === "live", { what: "the container" });
  server.garble("ListContainers");
  expect((await resolve(bogusIds(1)[0] ?? "", 300)).outcome).toBe("missing");
  expect((await resolve(web)).found.status).toBe("found");
});

test(
  "twenty thousand containers are listed, and new ones are found among a flood of bogus IDs",
  { timeout: 60_000 },
  async () => {
    const many = Array.from({ length: 200 }, (_, i) => ({
      id: newId(),
      name: `pod-${i}`,
      namespace: "shop",
      containers: Array.from({ length: 100 }, (_one, j) => ({
        id: newId(),
        name: `c-${j}`,
        image: "registry.example/shop/web:1.2",
      })),
    }));
    const { server, directory, resolve } = await givenDirectory({ server: { pods: many }, timeoutMs: 30_000 });
    await eventually(() => directory.entries().length === 20_200, { what: "all entries", timeoutMs: 30_000 });
    const flood = bogusIds(500).map((id) => resolve(id, 3000));
    const late = Array.from({ length: 20 }, () => server.add(many[0]?.id ?? "", { name: "late" }, { isSilent: true }));
    const found = await Promise.all(late.map((id) => resolve(id, 20_000, 25_000)));
    expect(new Set(found.map((each) => each.found.status))).toEqual(new Set(["found"]));
    await Promise.all(flood);
  },
);

test("a burst of events on a large node leaves no container out", { timeout: 60_000 }, async () => {
  const many = {
    id: newId(),
    name: "many",
    namespace: "shop",
    containers: Array.from({ length: 1500 }, (_, i) => ({ id: newId(), name: `c-${i}` })),
  };
  const { server, stateOf } = await givenDirectory({ server: { pods: [many] } });
  await eventually(() => server.calls("ListPodSandbox") >= 2, { what: "the second list, after which only hints tell" });
  const burst = Array.from({ length: 100 }, () => server.add(many.id, { name: "new" }));
  await eventually(() => burst.every((id) => stateOf(id) === "live"), { what: "all of them", timeoutMs: 30_000 });
});

test("more containers than there is room for are left out and counted", async () => {
  const containers = Array.from({ length: 10 }, () => ({ id: newId(), name: "web" }));
  const { directory, host } = await givenDirectory({
    server: { pods: [{ name: "many", namespace: "shop", containers }] },
    maxEntries: 6,
  });
  expect(directory.entries()).toHaveLength(6);
  expect(host.metric("podstamp_lookups", { result: "index_full" })).toBeGreaterThanOrEqual(5);
});

test("a runtime that does not answer holds up no other one's containers", async () => {
  const [frozen, healthy] = [
    await lendRuntime({ pods }),
    await lendRuntime({ pods: [{ id: newId(), name: "other", namespace: "shop" }] }),
  ];
  const host = testHost("directory");
  const sources = [frozen, healthy].map(({ endpoint }) =>
    criSource(endpoint, { timeoutMs: 600_000, metrics: host.metrics }),
  );
  const { resolve, directory } = await directoryOf(sources, host, {});
  frozen.freeze();
  const pod =
    directory.entries().find(({ kind, runtime }) => kind === "pod" && runtime.endpoint === healthy.endpoint)?.id ?? "";
  for (let round = 0; round < 3; round++) {
    const id = healthy.add(pod, { name: "late" }, { isSilent: true });
    expect((await resolve(id)).found.status).toBe("found");
  }
});

test("hints of two runtimes in turn are gathered for each", async () => {
  const servers = [
    await lendRuntime({ pods }),
    await lendRuntime({ pods: [{ id: newId(), name: "other", namespace: "shop" }] }),
  ];
  const host = testHost("directory");
  const sources = servers.map(({ endpoint }) => criSource(endpoint, { timeoutMs: 5000, metrics: host.metrics }));
  const { directory, stateOf } = await directoryOf(sources, host, {});
  const podOf = (endpoint: string) =>
    directory.entries().find(({ kind, runtime }) => kind === "pod" && runtime.endpoint === endpoint)?.id ?? "";
  const before = servers.map((server) => server.calls("ListContainers"));
  const ids = Array.from({ length: 100 }, () =>
    servers.map((server) => server.add(podOf(server.endpoint), { name: "new" })),
  ).flat();
  await eventually(() => ids.every((id) => stateOf(id) === "live"), { what: "all of them" });
  const calls = servers.map((server, index) => server.calls("ListContainers") - (before[index] ?? 0));
  for (const count of calls) expect(count).toBeLessThanOrEqual(50);
});

test("after its stop a directory leaves no timer and no connection behind that would keep a process", async () => {
  const server = await lendRuntime({ pods });
  const script = join(import.meta.dirname, "alone.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [script, server.endpoint], { timeout: 15_000 });
  expect(stdout).toBe("2 entries, missing\n");
});

test("what is gone is forgotten when its time is over, on a node on which nothing happens any more", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const { server, directory } = await givenDirectory({ server: { pods }, tombstoneMs: 20 });
  server.remove(web);
  await eventually(() => directory.entries().every(({ id }) => id !== web), { what: "that it is gone" });
  const before = directory.version();
  await eventually(() => vi.advanceTimersByTime(10_000) && directory.version() > before, {
    what: "that it is forgotten",
  });
});
