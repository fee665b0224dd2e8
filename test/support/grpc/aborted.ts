import type { CancelSignal } from "../../../src/otlp/cancel.ts";

/** Resolves when the signal is aborted; at once when it is. */
export function aborted(signal: CancelSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
