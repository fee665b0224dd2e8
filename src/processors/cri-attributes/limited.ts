import type { CancelSignal } from "../../otlp/cancel.ts";

export type Wait = { readonly budgetMs: number; readonly signal: CancelSignal };

/** Does what takes time, and tells it by a signal when the budget is used up or nobody waits any more; it gives what it has then. */
export async function limited<T>({ budgetMs, signal }: Wait, work: (ending: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const end = () => ending.abort();
  const timer = setTimeout(end, budgetMs);
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  try {
    return await work(ending.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}
