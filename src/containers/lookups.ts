import type { ContainerRef } from "./container-ref.ts";
import { pause } from "./wait.ts";

export type LookupOptions = {
  /** Asks the runtimes for these IDs and puts what they know into the index. */
  readonly query: (ids: readonly string[], signal: AbortSignal) => Promise<void>;
  /** Whether the index has it. */
  readonly has: (ref: ContainerRef) => boolean;
};

/** Asks the runtimes for IDs that the directory does not have. */
export type Lookups = {
  /**
   * Resolves once the container is there ("found"), was not found within `waitMs` of the last question ("missing"), is
   * known to be unknown from before ("negative"), or cannot be waited for as too many others are ("full").
   */
  ask(ref: ContainerRef, waitMs: number): Promise<LookupOutcome>;
  /** An entry has come: whoever waits for it goes on. */
  arrived(id: string): void;
  /** What was unknown may be known now: a runtime has come. */
  forget(): void;
  counts(): { readonly waiting: number; readonly negative: number };
  stop(): Promise<void>;
};

export type LookupOutcome = "found" | "missing" | "negative" | "full";

/** At most this many calls to `query` a second, whoever asks for what. */
const cycleMs = 250;

const maxWaiting = 10_000;
const maxNegative = 10_000;

/** How long an ID is known to be unknown: doubled with each time that it was asked for in vain. */
const minNegativeMs = 5000;
const maxNegativeMs = 300_000;

type Waiting = {
  readonly ref: ContainerRef;
  until: number;
  readonly answer: Promise<LookupOutcome>;
  readonly resolve: (outcome: LookupOutcome) => void;
};

type Negative = { readonly until: number; readonly ttl: number };

export function createLookups(options: LookupOptions): Lookups {
  const { query, has } = options;
  const stopping = new AbortController();
  const waiting = new Map<string, Waiting>();
  const negative = new Map<string, Negative>();
  let cycling: Promise<void> | undefined;

  /** Asks for all that is waited for, in one round after the other, until nobody waits. */
  const cycle = async () => {
    while (waiting.size > 0 && !stopping.signal.aborted) {
      const asked = [...waiting.keys()];
      await query(asked, stopping.signal);
      for (const id of asked) settle(id);
      await pause(cycleMs, stopping.signal);
    }
    for (const id of [...waiting.keys()]) finish(id, "missing");
    cycling = undefined;
  };

  const settle = (id: string) => {
    const one = waiting.get(id);
    if (one === undefined) return;
    if (has(one.ref)) finish(id, "found");
    else if (Date.now() >= one.until) {
      remember(id);
      finish(id, "missing");
    }
  };

  const finish = (id: string, outcome: LookupOutcome) => {
    waiting.get(id)?.resolve(outcome);
    waiting.delete(id);
  };

  const remember = (id: string) => {
    const ttl = Math.min((negative.get(id)?.ttl ?? minNegativeMs / 2) * 2, maxNegativeMs);
    negative.delete(id);
    negative.set(id, { until: Date.now() + ttl, ttl });
    const oldest = negative.keys().next();
    if (negative.size > maxNegative && oldest.done !== true) negative.delete(oldest.value);
  };

  return {
    ask(ref, waitMs) {
      const known = waiting.get(ref.id);
      const before = negative.get(ref.id);
      if (known !== undefined) {
        if (before === undefined) known.until = Math.max(known.until, Date.now() + waitMs);
        return known.answer;
      }
      if (before !== undefined && before.until > Date.now()) return Promise.resolve("negative");
      if (waiting.size >= maxWaiting || stopping.signal.aborted) return Promise.resolve("full");
      const { promise, resolve } = Promise.withResolvers<LookupOutcome>();
      // Who was unknown before is asked for once, not waited for again.
      waiting.set(ref.id, { ref, until: before === undefined ? Date.now() + waitMs : 0, answer: promise, resolve });
      cycling ??= cycle();
      return promise;
    },
    arrived(id) {
      negative.delete(id);
      for (const { ref } of waiting.values()) {
        if (ref.id === id || (ref.mayBePrefix && id.startsWith(ref.id))) finish(ref.id, "found");
      }
    },
    forget: () => negative.clear(),
    counts: () => ({ waiting: waiting.size, negative: negative.size }),
    async stop() {
      stopping.abort();
      await cycling;
    },
  };
}
