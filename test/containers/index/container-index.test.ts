import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createIndex, podOf } from "../../../src/containers/index/container-index.ts";
import type { Container } from "../../../src/containers/index/entry.ts";
import type { ContainerState } from "../../../src/runtimes/facts.ts";
import { containerEntry, podEntry } from "../entries.ts";

const a = "0123456789ab";
const one = a + "c".repeat(52);
const two = a + "d".repeat(52);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "Date", "setTimeout", "clearTimeout"] });
  vi.advanceTimersByTime(1); // to the cache a time of 0 is no time
});
afterEach(() => void vi.useRealTimers());

const limits = { maxEntries: 10, tombstoneMs: 300_000, maxTombstones: 10 };

test("an entry is found by its ID and by any unique beginning of twelve digits or more", () => {
  const index = createIndex(limits);
  const entry = containerEntry(one);
  index.put(entry);
  expect(index.get(one, false)).toEqual({ status: "found", entry });
  for (const length of [12, 13, 15, 31, 63])
    expect(index.get(one.slice(0, length), true)).toEqual({ status: "found", entry });
  expect(index.get(one.slice(0, 12), false)).toEqual({ status: "missing" });
  expect(index.get(one.slice(0, 11), true)).toEqual({ status: "missing" });
  expect(index.get(`${a}d`, true)).toEqual({ status: "missing" });
});

test("a beginning of two IDs is ambiguous, a longer one of one of them is not", () => {
  const index = createIndex(limits);
  index.put(containerEntry(one));
  index.put(podEntry(two));
  expect(index.get(a, true)).toEqual({ status: "ambiguous" });
  expect(index.get(`${a}d`, true)).toMatchObject({ status: "found", entry: { id: two } });
});

test("a cgroup that several containers live in is none of theirs, and that of the one that is left", () => {
  const index = createIndex(limits);
  const cgroups = { paths: ["/shared"], ids: ["memory:7"] };
  for (const id of [one, two]) index.put({ ...containerEntry(id), cgroups });
  for (const alias of ["cgroup:/shared", "inode:memory:7"])
    expect(index.get(alias, false)).toEqual({ status: "ambiguous" });
  index.bury(one);
  for (const alias of ["cgroup:/shared", "inode:memory:7"])
    expect(index.get(alias, false)).toMatchObject({ status: "found", entry: { id: two } });
  index.bury(two);
  expect(index.get("cgroup:/shared", false)).toMatchObject({ status: "found" });
});

test("an entry that is gone stays answerable for the grace period, by its ID and its beginning", () => {
  const index = createIndex(limits);
  index.put(containerEntry(one));
  index.bury(one);
  expect(index.live(one)).toBeUndefined();
  vi.advanceTimersByTime(299_000);
  expect(index.get(one, false).status).toBe("found");
  expect(index.get(a, true).status).toBe("found");
  vi.advanceTimersByTime(2000);
  expect(index.get(a, true).status).toBe("missing");
  expect(index.get(one, false).status).toBe("missing");
});

test("one that is gone for good makes no beginning ambiguous", () => {
  const index = createIndex(limits);
  index.put(containerEntry(one));
  index.bury(one);
  vi.advanceTimersByTime(301_000);
  index.put(containerEntry(two));
  expect(index.get(a, true)).toMatchObject({ status: "found", entry: { id: two } });
});

test("without a grace period nothing that is gone is remembered", () => {
  const index = createIndex({ ...limits, tombstoneMs: 0 });
  index.put(containerEntry(one));
  index.bury(one);
  vi.advanceTimersByTime(1);
  expect(index.get(one, false)).toEqual({ status: "missing" });
  expect(index.get(a, true)).toEqual({ status: "missing" });
  expect(index.counts()).toEqual({ container: 0, sandbox: 0, tombstone: 0 });
});

test("of those that are gone the ones asked for least lately make room", () => {
  const index = createIndex({ ...limits, maxTombstones: 2 });
  const ids = ["1", "2", "3"].map((digit) => digit.repeat(64));
  for (const id of ids) index.put(containerEntry(id));
  index.bury(ids[0] ?? "");
  index.bury(ids[1] ?? "");
  index.get(ids[0] ?? "", false);
  index.bury(ids[2] ?? "");
  expect(ids.map((id) => index.get(id, false).status)).toEqual(["found", "missing", "found"]);
  expect(index.get("2".repeat(12), true).status).toBe("missing");
});

test("what would be more than there is room for is not taken, and what is known may still change", () => {
  const index = createIndex({ ...limits, maxEntries: 2 });
  expect([index.put(containerEntry(one)), index.put(podEntry("p")), index.put(containerEntry(two))]).toEqual([
    true,
    true,
    false,
  ]);
  expect(index.put({ ...containerEntry(one), details: "unavailable" })).toBe(true);
  expect(index.get(one, false)).toMatchObject({ entry: { details: "unavailable" } });
  expect(index.get(two, false).status).toBe("missing");
  index.bury("p");
  expect(index.put(containerEntry(two))).toBe(true);
});

test("a newer state takes the place of a live entry and of one that is gone, and of no other", () => {
  const index = createIndex(limits);
  index.replace(containerEntry(one));
  expect(index.get(one, false).status).toBe("missing");
  index.put(containerEntry(one));
  index.bury(one);
  index.replace({ ...containerEntry(one), details: "unavailable" });
  expect(index.live(one)).toBeUndefined();
  expect(index.get(a, true)).toMatchObject({ entry: { details: "unavailable" } });
});

test("a container that is back is live again, under one entry", () => {
  const index = createIndex(limits);
  index.put(containerEntry(one));
  index.bury(one);
  index.put(containerEntry(one));
  expect(index.counts()).toEqual({ container: 1, sandbox: 0, tombstone: 0 });
  expect(index.get(a, true)).toMatchObject({ status: "found", entry: { id: one } });
});

test("the live containers of a sandbox are known by it, and the sandbox also when it is gone", () => {
  const index = createIndex(limits);
  index.put(podEntry("pod"));
  index.put(containerEntry(one, "pod"));
  index.put(containerEntry(two, "other"));
  expect(index.containersOf("pod").map(({ id }) => id)).toEqual([one]);
  index.bury("pod");
  expect(podOf(index, "pod")?.facts.name).toBe("web-1");
  index.bury(one);
  expect(index.containersOf("pod")).toEqual([]);
  expect(index.counts()).toEqual({ container: 1, sandbox: 0, tombstone: 2 });
});

test("of two containers of one name in a pod the youngest is meant, though the end of the one before has not been heard of; one that runs goes before one that has ended", () => {
  const index = createIndex(limits);
  const pod = podEntry("pod");
  const named = "name:uid:uid-of-web-1/web";
  const container = (id: string, createdAt: number, state: ContainerState): Container => {
    const entry = containerEntry(id);
    return { ...entry, pod, facts: { ...entry.facts, createdAt, state } };
  };
  const meant = () => index.get(named, false);
  index.put(container("first", 10, "running"));
  index.put(container("second", 20, "created"));
  expect(meant()).toMatchObject({ entry: { id: "second" } });
  index.put(container("second", 20, "exited"));
  expect(meant()).toMatchObject({ entry: { id: "first" } });
  index.put(container("first", 10, "exited"));
  expect(meant()).toMatchObject({ entry: { id: "second" } });
  // It was removed, and the one before it was not.
  index.bury("second");
  expect(meant()).toMatchObject({ entry: { id: "second" } });
  // A clock that was set back makes the next one look older.
  index.put(container("third", 5, "running"));
  expect(meant()).toMatchObject({ entry: { id: "third" } });
});

test("the count of those that are gone counts none whose time is over", () => {
  const index = createIndex(limits);
  index.put(containerEntry(one));
  index.bury(one);
  vi.advanceTimersByTime(301_000);
  expect(index.counts().tombstone).toBe(0);
});

test("those whose time is over are forgotten when it is said, also while nobody asks for them", () => {
  const index = createIndex(limits);
  index.put(containerEntry(one));
  index.put(containerEntry(two));
  index.bury(one);
  vi.advanceTimersByTime(200_000);
  index.bury(two);
  const before = index.version();
  index.purge();
  expect(index.version()).toBe(before);
  vi.advanceTimersByTime(101_000);
  index.purge();
  expect(index.version()).toBe(before + 1);
  expect(index.gone().map(({ id }) => id)).toEqual([two]);
});
