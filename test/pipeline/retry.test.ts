import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Batch, Delivery } from "../../src/pipeline/contract.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import { withRetry } from "../../src/pipeline/retry.ts";
import type { RetrySettings } from "../../src/pipeline/retry.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settings: RetrySettings = {
  initialIntervalMs: 1000,
  randomizationFactor: 0.5,
  multiplier: 2,
  maxIntervalMs: 3000,
  maxElapsedMs: 60_000,
};
const batch: Batch = { signal: "traces", bytes: Buffer.from("x"), items: 1 };
const busy: Delivery = { status: "retry", cause: new Error("busy") };
const refused: Delivery = { status: "rejected", cause: new Error("bad") };

/** A push that gives these deliveries one after the other, the last one for ever, and the times at which it was asked. */
function scripted(...deliveries: readonly Delivery[]): { push: () => Promise<Delivery>; times: number[] } {
  const times: number[] = [];
  const begun = Date.now();
  return {
    times,
    push: async () => {
      times.push(Date.now() - begun);
      return deliveries[Math.min(times.length, deliveries.length) - 1] ?? accepted;
    },
  };
}

function never(): AbortSignal {
  return new AbortController().signal;
}

describe("retry", () => {
  test("waits longer from attempt to attempt, up to the limit, until the batch is taken", async () => {
    const { push, times } = scripted(busy, busy, busy, busy, accepted);
    const waits: number[] = [];
    const retry = withRetry(push, settings, { onWait: (_, ms) => waits.push(ms), random: () => 0.5 });
    const delivery = retry.push(batch, never());
    await vi.runAllTimersAsync();
    expect(await delivery).toBe(accepted);
    expect(times).toEqual([0, 1000, 3000, 6000, 9000]);
    expect(waits).toEqual([1000, 2000, 3000, 3000]);
  });

  test.each([
    [0, 500],
    [1, 1500],
  ])("with the random number %s waits %s ms at first", async (random, ms) => {
    const { push, times } = scripted(busy, accepted);
    const delivery = withRetry(push, settings, { onWait: () => {}, random: () => random }).push(batch, never());
    await vi.runAllTimersAsync();
    await delivery;
    expect(times).toEqual([0, ms]);
  });

  test("waits as long as the other side said, when that is longer", async () => {
    const { push, times } = scripted({ ...busy, afterMs: 7000 }, { ...busy, afterMs: 10 }, accepted);
    const delivery = withRetry(push, settings, { onWait: () => {}, random: () => 0.5 }).push(batch, never());
    await vi.runAllTimersAsync();
    await delivery;
    expect(times).toEqual([0, 7000, 9000]);
  });

  test("does not send again what was refused for good", async () => {
    const { push, times } = scripted(refused);
    expect(await withRetry(push, settings, { onWait: () => {} }).push(batch, never())).toBe(refused);
    expect(times).toHaveLength(1);
  });

  test("gives up when the next attempt would come too late", async () => {
    const { push, times } = scripted(busy);
    const delivery = withRetry(push, { ...settings, maxElapsedMs: 5000 }, { onWait: () => {}, random: () => 0.5 }).push(
      batch,
      never(),
    );
    await vi.runAllTimersAsync();
    expect(await delivery).toBe(busy);
    expect(times).toEqual([0, 1000, 3000]);
  });

  test("never gives up with max_elapsed_time 0", async () => {
    const { push, times } = scripted(...Array.from({ length: 500 }, () => busy), accepted);
    const delivery = withRetry(push, { ...settings, maxElapsedMs: 0 }, { onWait: () => {} }).push(batch, never());
    await vi.runAllTimersAsync();
    expect(await delivery).toBe(accepted);
    expect(times).toHaveLength(501);
  });

  test("does not wait past the sender's deadline", async () => {
    const { push, times } = scripted(busy);
    const delivery = await withRetry(push, settings, { onWait: () => {}, random: () => 0.5 }).push(
      { ...batch, deadline: Date.now() + 900 },
      never(),
    );
    expect(delivery).toBe(busy);
    expect(times).toEqual([0]);
  });

  test("ends its wait when nobody waits for the answer", async () => {
    const { push, times } = scripted(busy);
    const gone = new AbortController();
    const delivery = withRetry(push, settings, { onWait: () => {} }).push(batch, gone.signal);
    await vi.advanceTimersByTimeAsync(100);
    gone.abort();
    expect(await delivery).toBe(busy);
    expect(times).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("stop ends all waits, and later batches have one attempt", async () => {
    const { push, times } = scripted(busy);
    const retry = withRetry(push, settings, { onWait: () => {} });
    const sleeping = [retry.push(batch, never()), retry.push(batch, never())];
    await vi.advanceTimersByTimeAsync(100);
    retry.stop();
    expect(await Promise.all(sleeping)).toEqual([busy, busy]);
    expect(await retry.push(batch, never())).toBe(busy);
    expect(times).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("stop can have what waits make one attempt more, but not what nobody waits for", async () => {
    const { push, times } = scripted(busy, busy, accepted);
    const retry = withRetry(push, settings, { onWait: () => {} });
    const givenUp = new AbortController();
    const sleeping = [retry.push(batch, never()), retry.push(batch, givenUp.signal)];
    await vi.advanceTimersByTimeAsync(100);
    givenUp.abort();
    retry.stop("onceMore");
    expect(await Promise.all(sleeping)).toEqual([accepted, busy]);
    expect(times).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });
});
