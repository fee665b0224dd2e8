import { setTimeout as sleep } from "node:timers/promises";

/** How long to try, how often, and what for (for the message when it did not come). */
export type Patience = { readonly what: string; readonly timeoutMs?: number; readonly everyMs?: number };

/** Asks until the answer is neither undefined nor false, and returns it; throws with the last error when the time is up. */
export async function eventually<T>(ask: () => T | Promise<T>, patience: Patience): Promise<NonNullable<T>> {
  const { what, timeoutMs = 10_000, everyMs = 20 } = patience;
  const end = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= end)
      throw new Error(`Cannot see ${what}: it did not come within ${timeoutMs} ms`, { cause: last });
    await sleep(everyMs);
  }
}
