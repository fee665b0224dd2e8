import type { Batch, Delivery } from "./contract.ts";
import type { CancelSignal } from "../otlp/cancel.ts";
import { longestTimerMs } from "../longest-timer.ts";

/** Sends a batch, once or as often as the decorators around it decide. Never rejects. */
export type Push = (batch: Batch, signal: CancelSignal) => Promise<Delivery>;

/** The Collector's retry_on_failure; times in ms. */
export type RetrySettings = {
  readonly initialIntervalMs: number;
  /** Share of the wait by which it is randomly shorter or longer. */
  readonly randomizationFactor: number;
  readonly multiplier: number;
  readonly maxIntervalMs: number;
  /** 0 is for ever. */
  readonly maxElapsedMs: number;
};

export type RetryHooks = {
  /** Told before each wait. */
  readonly onWait: (cause: Error, waitMs: number) => void;
  readonly random?: () => number;
};

export type Retry = {
  readonly push: Push;
  /**
   * Ends all waits now, with the delivery that led to them, or `onceMore` with one attempt more; from here on every batch
   * has one attempt only.
   */
  stop(how?: "onceMore"): void;
};

/**
 * Sends again what can be sent again: after an exponential backoff with jitter, or later if the other side said so,
 * until it is taken, refused for good, too old, or nobody waits any more. The last delivery is the answer.
 */
export function withRetry(push: Push, settings: RetrySettings, hooks: RetryHooks): Retry {
  const sleeping = new Set<() => void>();
  const random = hooks.random ?? Math.random;
  let isStopped = false;
  let isOnceMore = false;

  const retrying: Push = async (batch, signal) => {
    const begun = performance.now();
    let interval = settings.initialIntervalMs;
    for (;;) {
      const delivery = await push(batch, signal);
      if (delivery.status !== "retry" || isStopped || signal.aborted) return delivery;
      const wait = Math.max(interval * (1 + settings.randomizationFactor * (2 * random() - 1)), delivery.afterMs ?? 0);
      if (settings.maxElapsedMs > 0 && performance.now() - begun + wait > settings.maxElapsedMs) return delivery;
      if (batch.deadline !== undefined && Date.now() + wait >= batch.deadline) return delivery;
      hooks.onWait(delivery.cause, wait);
      const isCutShort = (await sleep(wait, signal, sleeping)) === "ended";
      if (isCutShort && (signal.aborted || !isOnceMore)) return delivery;
      interval = Math.min(interval * settings.multiplier, settings.maxIntervalMs);
    }
  };
  const stop: Retry["stop"] = (how) => {
    isStopped = true;
    isOnceMore = how === "onceMore";
    for (const wake of sleeping) wake();
  };
  return { push: retrying, stop };
}

/** Waits; "ended" when the signal or a call of the function it puts into `sleeping` cut it short. */
function sleep(ms: number, signal: CancelSignal, sleeping: Set<() => void>): Promise<"slept" | "ended"> {
  return new Promise((resolve) => {
    const finish = (outcome: "slept" | "ended"): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      sleeping.delete(end);
      resolve(outcome);
    };
    const end = (): void => finish("ended");
    const timer = setTimeout(() => finish("slept"), Math.min(ms, longestTimerMs));
    signal.addEventListener("abort", end, { once: true });
    sleeping.add(end);
  });
}
