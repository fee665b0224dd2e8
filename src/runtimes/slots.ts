/** At most so many at a time, first come, first served. */
export type Slots = {
  /** Resolves with what gives the slot back; undefined when there was none in time or `signal` was aborted. */
  take(signal: AbortSignal): Promise<(() => void) | undefined>;
};

/** A semaphore of `count` slots in which nobody waits longer than `waitMs`. */
export function createSlots(count: number, waitMs: number): Slots {
  let free = count;
  const waiting = new Set<() => void>();
  const release = () => {
    const [next] = waiting;
    if (next === undefined) free++;
    else next();
  };
  return {
    take(signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      if (free > 0) {
        free--;
        return Promise.resolve(release);
      }
      return new Promise((resolve) => {
        const end = (slot: (() => void) | undefined) => {
          waiting.delete(granted);
          clearTimeout(timer);
          signal.removeEventListener("abort", refused);
          resolve(slot);
        };
        const granted = () => end(release);
        const refused = () => end(undefined);
        const timer = setTimeout(refused, waitMs);
        signal.addEventListener("abort", refused, { once: true });
        waiting.add(granted);
      });
    },
  };
}
