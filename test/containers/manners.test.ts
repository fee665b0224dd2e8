import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { criSource } from "../../src/runtimes/discovery/discovery.ts";
import { newId } from "../support/cri/answers.ts";
import type { CriMethod } from "../support/cri/faults.ts";
import type { CriServer } from "../support/cri/server.ts";
import { eventually } from "../support/eventually.ts";
import { testHost } from "../support/agent/host.ts";
import { lendRuntime } from "../support/lend.ts";
import { bogusIds, directoryOf, givenDirectory } from "./given-directory.ts";

const methods: readonly CriMethod[] = [
  "Version",
  "ListPodSandbox",
  "ListContainers",
  "PodSandboxStatus",
  "ContainerStatus",
  "ImageStatus",
  "Subscribe",
];
const callsOf = (server: CriServer) => methods.reduce((sum, method) => sum + server.calls(method), 0);

async function callsIn(server: CriServer, ms: number): Promise<number> {
  const before = callsOf(server);
  await sleep(ms);
  return callsOf(server) - before;
}

const pods = Array.from({ length: 50 }, (_, i) => ({
  id: newId(),
  name: `pod-${i}`,
  namespace: "shop",
  ip: `10.88.0.${i + 1}`,
  containers: Array.from({ length: 10 }, (_one, j) => ({ id: newId(), name: `c-${j}` })),
}));
const known = pods[0]?.containers[0]?.id ?? "";

/** A directory that has asked all that it asks while nothing happens. */
async function givenSettled() {
  const given = await givenDirectory({ server: { pods } });
  const { server } = given;
  const isAsked = () => server.calls("ListContainers") >= 2 && server.calls("ContainerStatus") >= 500;
  await eventually(isAsked, { what: "the second list and all details", timeoutMs: 20_000 });
  await eventually(async () => (await callsIn(server, 1000)) === 0, { what: "that it is quiet", timeoutMs: 20_000 });
  return given;
}

test(
  "while nothing changes and events work, five hundred containers cost the runtime no call at all",
  { timeout: 40_000 },
  async () => {
    const { server, directory, host } = await givenSettled();
    const before = callsOf(server);
    // Longer than the time between two signs of life, which are no calls.
    await sleep(6500);
    expect(callsOf(server)).toBe(before);
    expect(directory.entries()).toHaveLength(550);
    expect(host.metric("podstamp_runtime_up", { runtime: server.endpoint })).toBe(1);
  },
);

test(
  "a thousand made-up IDs a second cost the runtime less than twenty calls a second, and known containers nothing",
  { timeout: 40_000 },
  async () => {
    const { server, directory, resolve } = await givenSettled();
    const before = callsOf(server);
    const since = performance.now();
    const flood: Promise<unknown>[] = [];
    let slowest = 0;
    for (let round = 0; round < 300; round++) {
      for (const id of bogusIds(10, round.toString(16).padStart(4, "a"))) flood.push(resolve(id.slice(0, 64), 2000));
      const asked = performance.now();
      expect(directory.find({ id: known, mayBePrefix: false }).status).toBe("found");
      slowest = Math.max(slowest, performance.now() - asked);
      await sleep(10);
    }
    const seconds = (performance.now() - since) / 1000;
    const calls = callsOf(server) - before;
    process.stdout.write(
      `flood: ${flood.length} made-up IDs in ${seconds.toFixed(1)} s cost ${calls} calls; a known one took ${slowest.toFixed(2)} ms at most\n`,
    );
    expect(calls / seconds).toBeLessThan(20);
    await Promise.all(flood);
  },
);

test("of containers only containers are listed, and of a known pod only pods", async () => {
  const [pod] = pods;
  const server = await lendRuntime({ pods });
  const host = testHost("lists");
  const { directory, stateOf } = await directoryOf(
    [criSource(server.endpoint, { timeoutMs: 5000, metrics: host.metrics })],
    host,
    {},
  );
  await eventually(() => server.calls("ListContainers") >= 2, { what: "the second list" });
  await eventually(async () => (await callsIn(server, 500)) === 0, { what: "that it is quiet", timeoutMs: 20_000 });
  const counts = () => [server.calls("ListContainers"), server.calls("ListPodSandbox")];
  const before = counts();
  const id = server.add(pod?.id ?? "", { name: "new" });
  await eventually(() => stateOf(id) === "live", { what: "the container" });
  await eventually(async () => (await callsIn(server, 500)) === 0, { what: "that it is quiet", timeoutMs: 20_000 });
  const between = counts();
  expect(between[0]).toBeGreaterThan(before[0] ?? 0);
  expect(between[1]).toBe(before[1]);
  server.stopPod(pod?.id ?? "");
  const isReady = () => directory.pods().some((one) => one.id === pod?.id && one.facts.isReady);
  await eventually(() => !isReady(), { what: "that the pod has ended" });
  expect(counts()).toEqual([between[0], (between[1] ?? 0) + 1]);
});

test("two that follow one runtime take nothing from one another", { timeout: 40_000 }, async () => {
  const server = await lendRuntime({ pods });
  const both = await Promise.all(
    [testHost("one"), testHost("two")].map((host) =>
      directoryOf([criSource(server.endpoint, { timeoutMs: 5000, metrics: host.metrics })], host, {}),
    ),
  );
  await eventually(() => server.calls("Subscribe") === 2, { what: "both subscriptions" });
  const ids = pods.slice(0, 20).map(({ id }) => server.add(id, { name: "new" }));
  await eventually(() => both.every(({ stateOf }) => ids.every((id) => stateOf(id) === "live")), {
    what: "all new ones",
  });
  for (const id of ids) server.remove(id);
  await eventually(() => both.every(({ stateOf }) => ids.every((id) => stateOf(id) === "gone")), {
    what: "that all are gone",
  });
});
