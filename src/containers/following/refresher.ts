import { pause, woken } from "./wait.ts";

/** Which IDs a runtime was asked for, and whether it answered. */
export type Searched = { readonly asked: readonly string[]; readonly isAnswered: boolean };

/** A search with what a slower one, which is still on the way, will have asked for. */
export type Searching = Searched & { readonly later?: Promise<Searched> | undefined };

export type RefresherOptions = {
  readonly signal: AbortSignal;
  readonly search: (ids: readonly string[], signal: AbortSignal) => Promise<Searching>;
  /** Whether nothing more is to be asked about an ID. */
  readonly has: (id: string) => boolean;
  /** Whether something is known about it already, so that others go first. */
  readonly isKnown: (id: string) => boolean;
};

/** Asks a runtime for the IDs of hints, at once, since a container may live for a moment only; those that it does not list yet again, later and later. */
export type Refresher = {
  add(id: string): void;
  ended(): Promise<void>;
};

/** A container that its own event runs ahead of is asked for so many times: after this time, then after twice that, … */
const firstPauseMs = 10;
const maxAttempts = 8;

/** Hints of what is known already are gathered this long. */
const gatherMs = 100;

/** What comes above this waits for the next list. */
const maxPending = 10_000;

/** How often an ID was asked for, when it is to be asked for next, as performance.now() has it, and when something was heard of it last, in the order of all. */
type Pending = { readonly attempts: number; readonly due: number; readonly heard: number };

export function createRefresher({ signal, search, has, isKnown }: RefresherOptions): Refresher {
  const pending = new Map<string, Pending>();
  let heard = 0;
  let running: Promise<void> | undefined;
  let slower: Promise<void> | undefined;
  let waking = new AbortController();
  signal.addEventListener("abort", () => waking.abort(woken), { once: true });

  const dueNow = () => {
    const now = performance.now();
    const due = [...pending].flatMap(([id, one]) => (one.due <= now ? [id] : []));
    const known = due.filter(isKnown);
    return known.length === 0 ? due : [...due.filter((id) => !isKnown(id)), ...known];
  };

  /** What was heard of after `before` may not be in this answer. */
  const settle = ({ asked, isAnswered }: Searched, before: number) => {
    for (const id of asked) {
      const known = pending.get(id);
      if (known === undefined || known.heard > before) continue;
      const attempts = known.attempts + 1;
      pending.delete(id);
      if (attempts < maxAttempts && (!isAnswered || !has(id)))
        pending.set(id, { ...known, attempts, due: performance.now() + firstPauseMs * 2 ** (attempts - 1) });
    }
  };

  const settleLater = async (later: Promise<Searched>, before: number) => {
    settle(await later, before);
    waking.abort(woken);
  };

  const run = async () => {
    await Promise.resolve(); // hints that come together are asked for together
    while (pending.size > 0 && !signal.aborted) {
      const due = dueNow();
      if (due.length > 0) {
        const before = heard;
        const { later, ...searched } = await search(due, signal);
        settle(searched, before);
        if (later !== undefined) slower = settleLater(later, before);
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
      heard++;
      // What is known is in no hurry: it has started, say, and will have ended in a moment.
      const due = isKnown(id) ? Math.min(pending.get(id)?.due ?? Infinity, performance.now() + gatherMs) : 0;
      if (pending.size < maxPending || pending.has(id)) pending.set(id, { attempts: 0, due, heard });
      waking.abort(woken);
      running ??= run();
    },
    async ended() {
      await running;
      await slower;
    },
  };
}
