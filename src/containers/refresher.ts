import { pause } from "./wait.ts";

/** Which IDs a runtime was asked for, and whether it answered. */
export type Searched = { readonly asked: readonly string[]; readonly isAnswered: boolean };

export type RefresherOptions = {
  readonly signal: AbortSignal;
  readonly search: (ids: readonly string[], signal: AbortSignal) => Promise<Searched>;
  /** Whether nothing more is to be asked about an ID. */
  readonly has: (id: string) => boolean;
};

/** Asks a runtime for the IDs of hints in rounds; those that it does not list yet are asked for again in the next ones. */
export type Refresher = {
  add(id: string): void;
  ended(): Promise<void>;
};

/** Hints are gathered this long into one question; a container that its own event runs ahead of is asked for so many times. */
const gatherMs = 100;
const maxAttempts = 8;

/** What comes above this waits for the next list. */
const maxPending = 10_000;

export function createRefresher({ signal, search, has }: RefresherOptions): Refresher {
  /** How often each was asked for, in the order in which they are to be asked for. */
  const pending = new Map<string, number>();
  /** Those of which something was heard while they were asked for: that answer may be too old. */
  const again = new Set<string>();
  let running: Promise<void> | undefined;

  const run = async () => {
    while (pending.size > 0 && !signal.aborted) {
      again.clear();
      const { asked, isAnswered } = await search([...pending.keys()], signal);
      for (const id of asked) {
        const attempts = again.has(id) ? 0 : (pending.get(id) ?? 0) + 1;
        pending.delete(id);
        if (attempts < maxAttempts && (again.has(id) || !isAnswered || !has(id))) pending.set(id, attempts);
      }
      await pause(gatherMs, signal);
    }
    running = undefined;
  };

  return {
    add(id) {
      again.add(id);
      if (pending.size < maxPending && !pending.has(id)) pending.set(id, 0);
      running ??= run();
    },
    ended: async () => running,
  };
}
