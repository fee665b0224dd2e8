import { expect, onTestFinished, test, vi } from "vitest";
import { createIndex } from "../../../src/containers/index/container-index.ts";
import { createIntake } from "../../../src/containers/following/intake.ts";
import type { Listing, Runtime } from "../../../src/runtimes/facts.ts";
import { testHost } from "../../support/agent/host.ts";
import { containerEntry, identity, podEntry } from "../entries.ts";

const container = containerEntry("c", "pod").facts;
const pod = podEntry("pod").facts;
const nothing: Listing = { pods: [], containers: [] };

/** An intake over a runtime that answers with `listing` when told. */
function given() {
  const index = createIndex({ maxEntries: 100, tombstoneMs: 300_000, maxTombstones: 100 });
  const arrived: string[] = [];
  const incomplete: string[] = [];
  const intake = createIntake({
    index,
    log: testHost("intake").log,
    onArrival: (id) => arrived.push(id),
    onFull: () => {},
    onIncomplete: (id) => incomplete.push(id),
  });
  const runtime = (answers: Partial<Runtime> = {}): Runtime => ({
    identity,
    list: async () => nothing,
    find: async () => nothing,
    describeContainer: () => Promise.reject(new Error("not asked")),
    describePod: () => Promise.reject(new Error("not asked")),
    listImages: async () => [],
    follow: undefined,
    close() {},
    ...answers,
  });
  return { index, intake, arrived, incomplete, runtime };
}

test("a container that was removed while the runtime was listed is not put back by the list", () => {
  const { index, intake, runtime } = given();
  const take = intake.expect(runtime());
  intake.hint({ id: "c", change: "gone" }, runtime());
  take({ pods: [pod], containers: [container] });
  expect(index.live("c")).toBeUndefined();
  expect(index.live("pod")).toBeDefined();
});

test("a container that was removed while a runtime took ten minutes to answer is not put back, nor remembered once nothing is awaited", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const { index, intake, runtime } = given();
  const known = { pods: [pod], containers: [container] };
  const never = new AbortController().signal;
  /** Asks, and answers ten minutes after the container went. */
  const withRemoval = async (ask: (answer: Promise<Listing>) => Promise<unknown>) => {
    const { promise, resolve } = Promise.withResolvers<Listing>();
    const done = ask(promise);
    intake.hint({ id: "c", change: "gone" }, runtime());
    vi.advanceTimersByTime(600_000);
    intake.purge();
    resolve(known);
    await done;
    return index.live("c");
  };
  intake.expect(runtime())(known);
  expect(index.live("c")).toBeDefined();
  const take = intake.expect(runtime());
  expect(await withRemoval(async (answer) => take(await answer))).toBeUndefined();
  expect(await withRemoval((answer) => intake.search(["c"], runtime({ find: () => answer }), never))).toBeUndefined();
  // Nobody who failed to answer is waited for.
  intake.expect(runtime())(undefined);
  const silent = { list: () => Promise.reject(new Error("no")), find: () => Promise.reject(new Error("no")) };
  await intake.search(["c"], runtime(silent), never);
  await intake.search(["c", "d", "e"], runtime(silent), never);
  intake.hint({ id: "c", change: "gone" }, runtime());
  vi.advanceTimersByTime(600_000);
  intake.purge();
  const hinted = vi.fn(async () => known);
  intake.hint({ id: "c", change: "changed" }, runtime({ find: hinted }));
  await vi.waitFor(() => expect(index.live("c")).toBeDefined());
  expect(hinted).toHaveBeenCalled();
});

test("a container that came while the runtime was listed is not taken for gone as the list lacks it", async () => {
  const { index, intake, runtime } = given();
  const take = intake.expect(runtime());
  await intake.search(
    ["c"],
    runtime({ find: async () => ({ pods: [pod], containers: [container] }) }),
    new AbortController().signal,
  );
  take(nothing);
  expect(index.live("c")).toBeDefined();
  intake.expect(runtime())(nothing);
  expect(index.live("c")).toBeUndefined();
});

test("a pod that is known later than its container comes to its container", () => {
  const { index, intake, runtime } = given();
  intake.expect(runtime())({ pods: [], containers: [container] });
  expect(index.live("c")).toMatchObject({ pod: undefined });
  intake.expect(runtime())({ pods: [pod], containers: [container] });
  expect(index.live("c")).toMatchObject({ pod: { facts: { name: "web-1" } } });
});

test("a look-up finds the sandbox of the container too", async () => {
  const { index, intake, runtime } = given();
  const find = async (id: string): Promise<Listing> =>
    id === "pod" ? { pods: [pod], containers: [] } : { pods: [], containers: [container] };
  await intake.search(["c"], runtime({ find }), new AbortController().signal);
  expect(index.live("c")).toMatchObject({ pod: { facts: { name: "web-1" } } });
});

test("what has not changed is no new entry, so that what was encoded for it stays in use", () => {
  const { index, intake, arrived, runtime } = given();
  intake.expect(runtime())({ pods: [pod], containers: [container] });
  const before = index.live("c");
  intake.expect(runtime())({ pods: [{ ...pod }], containers: [{ ...container }] });
  expect(index.live("c")).toBe(before);
  expect(arrived).toEqual(["pod", "c"]);
});

test("a start in place of which nobody has heard takes the old addresses away until the new ones are told", () => {
  const { index, intake, incomplete, runtime } = given();
  const told = { state: "running", startedAt: 1, finishedAt: undefined, exitCode: undefined, pid: 7 } as const;
  const described = { specified: "", shown: "", ref: "", id: "", repoTags: [], repoDigests: [] };
  const details = { ...told, cgroupsPath: undefined, addresses: ["10.0.0.7"], image: described };
  const list = (life: string) =>
    intake.expect(runtime())({ pods: [{ ...pod, life }], containers: [{ ...container, life }] });
  const at = (address: string) => index.get(`ip:${address}`, false);
  list("first");
  index.replace({ ...podEntry("pod"), facts: { ...pod, life: "first" }, details: { addresses: ["10.0.0.8"] } });
  index.replace({ ...containerEntry("c", "pod", details), facts: { ...container, life: "first" } });
  incomplete.length = 0;
  list("first");
  expect([at("10.0.0.7"), at("10.0.0.8")]).toMatchObject([{ entry: { id: "c" } }, { entry: { id: "pod" } }]);
  expect(incomplete).toEqual([]);
  list("second");
  expect([at("10.0.0.7"), at("10.0.0.8")]).toEqual([{ status: "missing" }, { status: "missing" }]);
  expect(incomplete).toEqual(["pod", "c"]);
});

test("a name that was given to another container while nobody heard of it says nothing of the one before, whatever their states; an ID that was made up does", () => {
  const { index, intake, incomplete, runtime } = given();
  const described = { specified: "", shown: "", ref: "", id: "sha256:1", repoTags: [], repoDigests: [] };
  const times = { startedAt: undefined, finishedAt: undefined, exitCode: undefined, pid: undefined };
  const details = { state: "unknown", ...times, cgroupsPath: undefined, image: described } as const;
  const madeUp = "0".repeat(64);
  const list = (createdAt: number, requested: string) => {
    const image = { ...container.image, requested };
    const one = { ...container, state: "unknown", createdAt, image } as const;
    intake.expect(runtime())({ pods: [pod], containers: [one, { ...one, id: madeUp }] });
  };
  list(10, "shop/a:1");
  for (const id of ["c", madeUp]) {
    const entry = index.live(id);
    if (entry?.kind === "container") index.replace({ ...entry, details });
  }
  incomplete.length = 0;
  list(20, "shop/b:2");
  expect(index.live("c")).toMatchObject({ details: undefined, image: { name: "shop/b" }, pod: { id: "pod" } });
  expect(incomplete).toEqual(["pod", "c"]);
  expect(index.live(madeUp)).toMatchObject({ details });
});

test("details that did not come are asked for again at the next list, of pods as of containers", () => {
  const { index, intake, incomplete, runtime } = given();
  intake.expect(runtime())({ pods: [pod], containers: [container] });
  index.replace({ ...containerEntry("c", "pod"), details: "unavailable" });
  incomplete.length = 0;
  intake.expect(runtime())({ pods: [pod], containers: [container] });
  expect(incomplete).toEqual(["pod", "c"]);
});

test("the entries of another runtime are not gone when this one does not list them", () => {
  const { index, intake, runtime } = given();
  const other = runtime({ identity: { ...identity, endpoint: "unix:///other.sock" } });
  intake.expect(other)({ pods: [pod], containers: [] });
  intake.expect(runtime())({ pods: [], containers: [container] });
  expect(index.live("pod")).toBeDefined();
});

test("hints of a runtime that does not answer are dropped after eight attempts", async () => {
  const { intake, runtime } = given();
  let asked = 0;
  const silent = runtime({ find: () => (asked++, Promise.reject(new Error("no answer"))) });
  intake.hint({ id: "c", change: "appeared" }, silent);
  await expect.poll(() => asked, { timeout: 10_000 }).toBe(8);
  await new Promise((done) => setTimeout(done, 250));
  expect(asked).toBe(8);
  await intake.stop();
});

test("an end that the runtime knows nothing of a while later was none: its list is believed", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const { index, intake, runtime } = given();
  const listing: Listing = { pods: [pod], containers: [container] };
  intake.expect(runtime())(listing);
  intake.hint({ id: "c", change: "gone" }, runtime());
  // It may not have cleared up yet.
  vi.advanceTimersByTime(500);
  intake.expect(runtime())(listing);
  expect(index.live("c")).toBeUndefined();
  vi.advanceTimersByTime(2000);
  intake.expect(runtime())(listing);
  expect(index.live("c")).toBeDefined();
});

test("a container that was gone before its answer came is remembered, though it was never live", async () => {
  const { index, intake, runtime } = given();
  const answer = Promise.withResolvers<Listing>();
  const find = (id: string) => (id === "c" ? answer.promise : Promise.resolve({ pods: [pod], containers: [] }));
  const searching = intake.search(["c"], runtime({ find }), new AbortController().signal);
  intake.hint({ id: "c", change: "gone" }, runtime());
  answer.resolve({ pods: [], containers: [container] });
  await searching;
  expect(index.live("c")).toBeUndefined();
  expect(index.get("c", false)).toMatchObject({ status: "found", entry: { pod: { facts: { name: "web-1" } } } });
});

test("an ID that its user gives again is taken again", async () => {
  const { index, intake, runtime } = given();
  const one = runtime({ find: async () => ({ pods: [], containers: [container] }) });
  intake.expect(one)({ pods: [], containers: [container] });
  intake.hint({ id: "c", change: "gone" }, one);
  expect(index.live("c")).toBeUndefined();
  intake.hint({ id: "c", change: "appeared" }, one);
  await expect.poll(() => index.live("c")).toBeDefined();
  await intake.stop();
});
