import { pause } from "./wait.ts";

/** Which IDs a runtime was asked for, and whether it answered. */
export type Searched = { readonly asked: readonly string[]; readonly isAnswered: boolean };

export type RefresherOptions = {
  readonly signal: AbortSignal;
  readonly search: (ids: readonly string[], signal: AbortSignal) => Promise<Searched>;
  /** Whether nothing more is to be asked about an ID. */
  readonly has: (id: string) => boolean;
};

/** Asks a runtime for the IDs of hints, at once, since a container may live for a moment only; those that it does not list yet again, later and later. */
export type Refresher = {
  add(id: string): void;
  ended(): Promise<void>;
};

/** A container that its own event runs ahead of is asked for so many times: after this time, then after twice that, … */
const firstPauseMs = 10;
const maxAttempts = 8;

/** What comes above this waits for the next list. */
const maxPending = 10_000;

/** How often an ID was asked for, and when it is to be asked for next, as performance.now() has it. */
type Pending = { readonly attempts: number; readonly due: number };

export function createRefresher({ signal, search, has }: RefresherOptions): Refresher {
  const pending = new Map<string, Pending>();
  /** Those of which something was heard while they were asked for: that answer may be too old. */
  const again = new Set<string>();
  let running: Promise<void> | undefined;
  let waking = new AbortController();
  signal.addEventListener("abort", () => waking.abort(), { once: true });

  const dueNow = () => {
    const now = performance.now();
    return [...pending].filter(([, { due }]) => due <= now).map(([id]) => id);
  };

  const settle = ({ asked, isAnswered }: Searched) => {
    for (const id of asked) {
      const attempts = again.has(id) ? 0 : (pending.get(id)?.attempts ?? 0) + 1;
      pending.delete(id);
      if (again.has(id)) pending.set(id, { attempts, due: 0 });
      else if (attempts < maxAttempts && (!isAnswered || !has(id)))
        pending.set(id, { attempts, due: performance.now() + firstPauseMs * 2 ** (attempts - 1) });
    }
  };

  const run = async () => {
    await Promise.resolve(); // hints that come together are asked for together
    while (pending.size > 0 && !signal.aborted) {
      const due = dueNow();
      if (due.length > 0) {
        again.clear();
        settle(await search(due, signal));
        continue;
      }
      waking = new AbortController();
      const next = Math.min(...[...pending.values()].map((one) => one.due));
      await pause(next - performance.now(), waking.signal);
    }
    running = undefined;
  };

  return {
    add(id) {
      again.add(id);
      if (pending.size < maxPending || pending.has(id))
        pending.set(id, { attempts: pending.get(id)?.attempts ?? 0, due: 0 });
      waking.abort();
      running ??= run();
    },
    ended: async () => running,
  };
}
