import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLookups, type LookupOutcome, type Lookups } from "../../../src/containers/following/lookups.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ref = (id: string) => ({ id, mayBePrefix: false });
const prefix = (id: string) => ({ id, mayBePrefix: true });

/** A runtime that knows what is in `known`, and what it was asked. */
function given(options: { query?: (ids: readonly string[]) => Promise<ReadonlySet<string>> } = {}) {
  const known = new Set<string>();
  const calls: (readonly string[])[] = [];
  const lookups = createLookups({
    query: async (ids) => {
      calls.push(ids);
      return options.query?.(ids) ?? new Set(ids);
    },
    has: ({ id, mayBePrefix }) => known.has(id) || (mayBePrefix && [...known].some((each) => each.startsWith(id))),
  });
  return { known, calls, lookups };
}

/** Tells the outcome of an ask once there is one. */
function outcome(lookups: Lookups, id: string, waitMs = 2000) {
  const told: { outcome?: LookupOutcome } = {};
  void lookups.ask(ref(id), waitMs).then((result) => (told.outcome = result));
  return told;
}

test("a hundred who miss the same container, and others in the same moment, make one call", async () => {
  const { known, calls, lookups } = given();
  known.add("a");
  const asked = Array.from({ length: 100 }, () => lookups.ask(ref("a"), 2000));
  asked.push(lookups.ask(ref("b"), 0));
  await vi.advanceTimersByTimeAsync(0);
  expect(await Promise.all(asked.slice(0, 100))).toEqual(Array.from({ length: 100 }, () => "found"));
  expect(calls).toEqual([["a", "b"]]);
});

test("a thousand bogus IDs a second make no more than four calls a second", async () => {
  const { calls, lookups } = given();
  for (let i = 0; i < 10_000; i++) {
    void lookups.ask(ref(`bogus-${i}`), 2000);
    await vi.advanceTimersByTimeAsync(1);
  }
  expect(calls.length).toBeLessThanOrEqual(41);
  expect(lookups.counts().waiting).toBeLessThanOrEqual(2500);
});

test("a container that appears 200 ms later is found within the wait", async () => {
  const { known, lookups } = given();
  const late = outcome(lookups, "a");
  await vi.advanceTimersByTimeAsync(200);
  known.add("a");
  await vi.advanceTimersByTimeAsync(100);
  expect(late.outcome).toBe("found");
});

test("an arrival resolves those who wait for the ID or a beginning of it, at once and no others", async () => {
  const { lookups } = given();
  const whole = "0123456789abcdef".repeat(4);
  const answers: string[] = [];
  void lookups.ask(ref(whole), 2000).then((told) => answers.push(`whole ${told}`));
  void lookups.ask(prefix(whole.slice(0, 12)), 2000).then((told) => answers.push(`twelve ${told}`));
  void lookups.ask(prefix(whole.slice(0, 31)), 2000).then((told) => answers.push(`more ${told}`));
  void lookups.ask(prefix(`${whole.slice(0, 12)}ff`), 2000).then((told) => answers.push(`other ${told}`));
  await vi.advanceTimersByTimeAsync(10);
  lookups.arrived(whole);
  await vi.advanceTimersByTimeAsync(0);
  expect(answers.toSorted()).toEqual(["more found", "twelve found", "whole found"]);
});

test("an ID that never existed is answered after the wait, however many go on asking for it", async () => {
  const { lookups } = given();
  const first = outcome(lookups, "a");
  for (let i = 0; i < 19; i++) {
    await vi.advanceTimersByTimeAsync(100);
    void lookups.ask(ref("a"), 2000);
  }
  expect(first.outcome).toBeUndefined();
  await vi.advanceTimersByTimeAsync(400);
  expect(first.outcome).toBe("missing");
  expect(await lookups.ask(ref("a"), 2000)).toBe("negative");
});

test("an unknown ID is known to be unknown for 5 s, then asked for once and known for twice as long, up to 5 min", async () => {
  const { calls, lookups } = given();
  const first = outcome(lookups, "a");
  await vi.advanceTimersByTimeAsync(2300);
  expect(first.outcome).toBe("missing");
  const quiet: number[] = [];
  for (let round = 0; round < 9; round++) {
    const before = calls.length;
    const since = Date.now();
    while ((await askNow(lookups)) === "negative") await vi.advanceTimersByTimeAsync(250);
    quiet.push(Math.round((Date.now() - since) / 1000));
    expect(calls.length).toBe(before + 1);
  }
  expect(quiet).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
});

async function askNow(lookups: Lookups): Promise<LookupOutcome> {
  const asked = lookups.ask(ref("a"), 2000);
  await vi.advanceTimersByTimeAsync(0);
  return asked;
}

test("a runtime's silence is remembered for 5 s and never for longer", async () => {
  const { lookups } = given({ query: async () => new Set() });
  for (let round = 0; round < 4; round++) {
    const told = outcome(lookups, "a");
    await vi.advanceTimersByTimeAsync(2300);
    expect(told.outcome).toBe("missing");
    expect(await lookups.ask(ref("a"), 2000)).toBe("negative");
    await vi.advanceTimersByTimeAsync(5000);
  }
});

test("when a runtime has come, what was unknown is waited for again", async () => {
  const { known, lookups } = given();
  void lookups.ask(ref("a"), 0);
  await vi.advanceTimersByTimeAsync(0);
  expect(await lookups.ask(ref("a"), 2000)).toBe("negative");
  lookups.forget();
  known.add("a");
  const again = outcome(lookups, "a");
  await vi.advanceTimersByTimeAsync(300);
  expect(again.outcome).toBe("found");
});

test("those that the runtime could not be asked for stand before the others in the next round", async () => {
  const { calls, lookups } = given({ query: async (ids) => new Set(ids.slice(0, 2)) });
  for (const id of ["a", "b", "c", "d", "e"]) void lookups.ask(ref(id), 2000);
  await vi.advanceTimersByTimeAsync(600);
  expect(calls.map((ids) => ids.slice(0, 2).join(""))).toEqual(["ab", "cd", "ea"]);
});

test("more than ten thousand are not waited for", async () => {
  const { lookups } = given();
  for (let i = 0; i < 10_000; i++) void lookups.ask(ref(`bogus-${i}`), 2000);
  expect(await lookups.ask(ref("one-more"), 2000)).toBe("full");
  await vi.advanceTimersByTimeAsync(2300);
  expect(lookups.counts()).toEqual({ waiting: 0, negative: 10_000 });
});

test("a clock that is set back holds up nobody: the wait ends in time, and the runtime is asked for others", async () => {
  const { calls, lookups } = given();
  for (let i = 0; i < 100; i++) void lookups.ask(ref(`bogus-${i}`), 2000);
  await vi.advanceTimersByTimeAsync(100);
  vi.setSystemTime(Date.now() - 3_600_000);
  await vi.advanceTimersByTimeAsync(2300);
  expect(lookups.counts()).toEqual({ waiting: 0, negative: 100 });
  const before = calls.length;
  void lookups.ask(ref("a"), 2000);
  await vi.advanceTimersByTimeAsync(0);
  expect(calls.length).toBe(before + 1);
  await vi.advanceTimersByTimeAsync(5000);
  // Nor is it known to be unknown for an hour.
  expect(await lookups.ask(ref("bogus-1"), 0)).not.toBe("negative");
});

test("after its stop nobody waits and no timer is left", async () => {
  const { lookups } = given();
  const told = outcome(lookups, "a");
  await vi.advanceTimersByTimeAsync(100);
  await lookups.stop();
  expect(told.outcome).toBe("missing");
  expect(vi.getTimerCount()).toBe(0);
  expect(await lookups.ask(ref("b"), 2000)).toBe("full");
});

test("tells whether the runtime has answered for what is waited for, and not a long time ago", async () => {
  const silence = Promise.withResolvers<ReadonlySet<string>>();
  let isSilent = false;
  const { lookups } = given({ query: async (ids) => (isSilent ? silence.promise : new Set(ids)) });
  expect(lookups.isAnswered("a")).toBe(false);
  outcome(lookups, "a", 10_000);
  expect(lookups.isAnswered("a")).toBe(false);
  await vi.advanceTimersByTimeAsync(100);
  expect(lookups.isAnswered("a")).toBe(true);
  isSilent = true;
  await vi.advanceTimersByTimeAsync(1500);
  expect(lookups.isAnswered("a")).toBe(false);
  silence.resolve(new Set(["a"]));
  await vi.advanceTimersByTimeAsync(0);
  expect(lookups.isAnswered("a")).toBe(true);
});
