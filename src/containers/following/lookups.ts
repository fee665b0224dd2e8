import type { ContainerRef } from "../names/container-ref.ts";
import { pause } from "./wait.ts";

export type LookupOptions = {
  /** Asks the runtime for these IDs, as many of them as it can be asked for now, and puts what it knows into the index. Gives those that it has answered for. */
  readonly query: (ids: readonly string[], signal: AbortSignal) => Promise<ReadonlySet<string>>;
  /** Whether the index has it. */
  readonly has: (ref: ContainerRef) => boolean;
};

/** Asks one runtime for IDs that the directory does not have. */
export type Lookups = {
  /**
   * Resolves once the container is there ("found"), was not found within `waitMs` of the first question ("missing"), is
   * known to be unknown from before ("negative"), or cannot be waited for as too many others are ("full").
   */
  ask(ref: ContainerRef, waitMs: number): Promise<LookupOutcome>;
  /** Whether the runtime has answered for an ID that is waited for, a moment ago. */
  isAnswered(id: string): boolean;
  /** An entry has come: whoever waits for it goes on. */
  arrived(id: string): void;
  /** What was unknown may be known now: a runtime has come. */
  forget(): void;
  counts(): { readonly waiting: number; readonly negative: number };
  stop(): Promise<void>;
};

export type LookupOutcome = "found" | "missing" | "negative" | "full";

/** Between two calls to `query`, whoever asks for what; and at least while so many are waited for that most of them must be made up. */
const cycleMs = 250;
const floodMs = 1000;
const floodSize = 64;

const none: ReadonlySet<string> = new Set();

const maxWaiting = 10_000;
const maxNegative = 10_000;

/** How long an ID is known to be unknown: doubled with each time that the runtime was asked for it in vain. */
const minNegativeMs = 5000;
const maxNegativeMs = 300_000;

/** As many digits as every beginning of an ID has: see ContainerRef. */
const prefixLength = 12;

type Waiting = {
  readonly ref: ContainerRef;
  /** When it was asked for first, as performance.now() has it: clocks are set. */
  readonly since: number;
  until: number;
  /** When the runtime has answered for it last, as performance.now() has it. */
  answeredAt: number | undefined;
  readonly answer: Promise<LookupOutcome>;
  readonly resolve: (outcome: LookupOutcome) => void;
};

type Negative = { readonly until: number; readonly ttl: number };

export function createLookups(options: LookupOptions): Lookups {
  const { query, has } = options;
  const stopping = new AbortController();
  /** In the order in which the runtime is to be asked for them. */
  const waiting = new Map<string, Waiting>();
  /** Those of them that are beginnings, by their first digits. */
  const beginnings = new Map<string, Set<string>>();
  const negative = new Map<string, Negative>();
  let cycling: Promise<void> | undefined;

  /** Asks for all that is waited for, in one round after the other, until nobody waits. */
  const cycle = async () => {
    await Promise.resolve(); // who asks in the same moment is asked for together
    let restUntil = 0;
    while (waiting.size > 0 && !stopping.signal.aborted) {
      const ids = [...waiting.keys()];
      const answered = performance.now() < restUntil ? none : await query(ids, stopping.signal);
      if (answered !== none) restUntil = waiting.size > floodSize ? performance.now() + floodMs : 0;
      for (const id of ids) settle(id, answered.has(id));
      await pause(cycleMs, stopping.signal);
    }
    for (const id of waiting.keys()) finish(id, "missing");
    cycling = undefined;
  };

  const settle = (id: string, isAnswered: boolean) => {
    const one = waiting.get(id);
    if (one === undefined) return;
    if (isAnswered) {
      one.answeredAt = performance.now();
      waiting.delete(id);
      waiting.set(id, one);
    }
    if (has(one.ref)) finish(id, "found");
    else if (performance.now() >= one.until) {
      remember(one);
      finish(id, "missing");
    }
  };

  const finish = (id: string, outcome: LookupOutcome) => {
    waiting.get(id)?.resolve(outcome);
    waiting.delete(id);
    const same = beginnings.get(id.slice(0, prefixLength));
    same?.delete(id);
    if (same?.size === 0) beginnings.delete(id.slice(0, prefixLength));
  };

  /** Without an answer the runtime's silence is remembered for a short while: nobody shall wait for it again and again. */
  const remember = ({ ref: { id }, answeredAt }: Waiting) => {
    const before = negative.get(id)?.ttl;
    const ttl =
      answeredAt === undefined || before === undefined
        ? (before ?? minNegativeMs)
        : Math.min(before * 2, maxNegativeMs);
    negative.delete(id);
    negative.set(id, { until: performance.now() + ttl, ttl });
    const [oldest] = negative.keys();
    if (negative.size > maxNegative && oldest !== undefined) negative.delete(oldest);
  };

  const wait = (ref: ContainerRef, waitMs: number): Promise<LookupOutcome> => {
    const { promise, resolve } = Promise.withResolvers<LookupOutcome>();
    const since = performance.now();
    waiting.set(ref.id, { ref, since, until: since + waitMs, answeredAt: undefined, answer: promise, resolve });
    if (ref.mayBePrefix) {
      const start = ref.id.slice(0, prefixLength);
      beginnings.set(start, (beginnings.get(start) ?? new Set()).add(ref.id));
    }
    cycling ??= cycle();
    return promise;
  };

  return {
    ask(ref, waitMs) {
      const known = waiting.get(ref.id);
      const before = negative.get(ref.id);
      if (known !== undefined) {
        if (before === undefined) known.until = Math.max(known.until, known.since + waitMs);
        return known.answer;
      }
      if (before !== undefined && before.until > performance.now()) return Promise.resolve("negative");
      if (waiting.size >= maxWaiting || stopping.signal.aborted) return Promise.resolve("full");
      // Who was unknown before is asked for once, not waited for again.
      return wait(ref, before === undefined ? waitMs : 0);
    },
    isAnswered(id) {
      const answeredAt = waiting.get(id)?.answeredAt;
      return answeredAt !== undefined && performance.now() - answeredAt <= floodMs + cycleMs;
    },
    arrived(id) {
      negative.delete(id);
      finish(id, "found");
      for (const start of beginnings.get(id.slice(0, prefixLength)) ?? [])
        if (id.startsWith(start)) finish(start, "found");
    },
    forget: () => negative.clear(),
    counts: () => ({ waiting: waiting.size, negative: negative.size }),
    async stop() {
      stopping.abort();
      await cycling;
    },
  };
}
