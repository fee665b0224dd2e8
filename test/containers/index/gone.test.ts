import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createGone } from "../../../src/containers/index/gone.ts";
import type { Runtime } from "../../../src/runtimes/facts.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

const runtimeAt = (endpoint: string) => ({ identity: { endpoint } }) as Runtime;
const runtime = runtimeAt("unix:///a.sock");

test("what a runtime has lost is gone for that runtime, until it is there again", () => {
  const gone = createGone();
  gone.add("a", runtime);
  expect([gone.has("a", runtime), gone.has("a", runtimeAt("unix:///b.sock"))]).toEqual([true, false]);
  gone.delete("a", runtime);
  expect(gone.has("a", runtime)).toBe(false);
});

test("what has been gone for a minute is forgotten, with the next one or when it is said", () => {
  const gone = createGone();
  gone.add("a", runtime);
  vi.advanceTimersByTime(40_000);
  gone.add("b", runtime);
  // Told once more: its time begins anew.
  gone.add("a", runtime);
  gone.add("c", runtime);
  vi.advanceTimersByTime(40_000);
  gone.add("d", runtime);
  expect(["a", "b", "c", "d"].map((id) => gone.has(id, runtime))).toEqual([true, true, true, true]);
  vi.advanceTimersByTime(20_001);
  gone.add("e", runtime);
  expect(["a", "b", "c", "d", "e"].map((id) => gone.has(id, runtime))).toEqual([false, false, false, true, true]);
  vi.advanceTimersByTime(60_001);
  gone.purge();
  expect(["d", "e"].map((id) => gone.has(id, runtime))).toEqual([false, false]);
});

test("while an answer is on its way that was asked for before, what has gone since is remembered, and for two seconds before", () => {
  const gone = createGone();
  gone.add("long before", runtime);
  vi.advanceTimersByTime(3000);
  gone.add("before", runtime);
  vi.advanceTimersByTime(1500);
  const slow = gone.ask();
  const slower = gone.ask();
  gone.add("after", runtime);
  vi.advanceTimersByTime(600_000);
  gone.purge();
  const ids = ["long before", "before", "after"];
  expect(ids.map((id) => gone.has(id, runtime))).toEqual([false, true, true]);
  expect(ids.map((id) => gone.hasSince(id, runtime, slow.askedAt))).toEqual([false, true, true]);
  slow.end();
  gone.purge();
  expect(gone.has("after", runtime)).toBe(true);
  slower.end();
  gone.purge();
  expect(ids.map((id) => gone.has(id, runtime))).toEqual([false, false, false]);
});

test("where five pods a second begin and end, each with a container, the last six hundred IDs are remembered", () => {
  const gone = createGone();
  const ids = Array.from({ length: 3000 }, (_, index) => String(index));
  for (const id of ids) {
    vi.advanceTimersByTime(100);
    gone.add(id, runtime);
  }
  expect(ids.filter((id) => gone.has(id, runtime))).toEqual(ids.slice(-601));
});

test("however many are gone at once, the latest twenty thousand are remembered", () => {
  const gone = createGone();
  for (let i = 0; i < 20_010; i++) gone.add(String(i), runtime);
  expect([gone.has("9", runtime), gone.has("10", runtime), gone.has("20009", runtime)]).toEqual([false, true, true]);
});
