import type { CancelSignal } from "../../otlp/cancel.ts";

/** The room of a queue: what is taken is given back, and who finds none may wait for it in turn. */
export type Room = {
  /** How much is taken. */
  readonly used: number;
  /** Takes it without asking: what is there already. */
  add(size: number): void;
  /** Takes it when there is enough, or waits for it where that is wanted; false when there is none, when `signal` is aborted or after end(). */
  take(size: number, signal: CancelSignal): boolean | Promise<boolean>;
  give(size: number): void;
  /** Lets go of all who wait. */
  end(): void;
};

type Waiter = { readonly size: number; readonly answer: (hasRoom: boolean) => void };

/** Batches that may wait for room at a time. */
const maxWaiting = 10_000;

/** A room of this capacity; `waits` says whether who finds none waits. */
export function createRoom({ capacity, waits }: { readonly capacity: number; readonly waits: boolean }): Room {
  const waiting = new Set<Waiter>();
  let used = 0;

  /** First come, first served. */
  const wait = (size: number, signal: CancelSignal): Promise<boolean> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve(false);
      const leave = (): void => waiter.answer(false);
      const waiter: Waiter = {
        size,
        answer: (hasRoom) => {
          waiting.delete(waiter);
          signal.removeEventListener("abort", leave);
          resolve(hasRoom);
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      waiting.add(waiter);
    });

  return {
    get used() {
      return used;
    },
    add: (size) => {
      used += size;
    },
    take(size, signal) {
      if (waiting.size === 0 && used + size <= capacity) {
        used += size;
        return true;
      }
      return waits && waiting.size < maxWaiting ? wait(size, signal) : false;
    },
    give(size) {
      used -= size;
      for (const waiter of waiting) {
        if (used + waiter.size > capacity) return;
        used += waiter.size;
        waiter.answer(true);
      }
    },
    end() {
      for (const waiter of waiting) waiter.answer(false);
    },
  };
}
