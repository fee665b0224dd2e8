/** The reason of an abort that only ends a pause: one that is given costs no error with a stack. */
export const woken = "woken";

/** Resolves after `ms`, or at once when `signal` is aborted: who waits looks at the signal himself. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}

/** `promise` or, when that comes first, `fallback` once `signal` is aborted. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal, fallback: T): Promise<T> {
  if (signal.aborted) return Promise.resolve(fallback);
  return new Promise((resolve, reject) => {
    const onAbort = () => resolve(fallback);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** Waits for `promise` no longer than `ms` and than `signal` allows, and says which it was. */
export async function within(
  promise: Promise<unknown>,
  ms: number,
  signal: AbortSignal,
): Promise<"done" | "late" | "aborted"> {
  const over = new AbortController();
  const end = () => over.abort(woken);
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  try {
    return await Promise.race([
      promise.then(() => "done" as const),
      pause(ms, over.signal).then(() => (signal.aborted ? ("aborted" as const) : ("late" as const))),
    ]);
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}
