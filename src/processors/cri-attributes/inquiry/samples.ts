import { once } from "node:events";
import { type EntryFilter, fits, readFilter } from "../../../containers/entry-filter.ts";
import { keySet } from "../../../otlp/wire/keys.ts";
import { read, type Reading } from "../../../otlp/reading.ts";
import type { Answer, Question, Reply } from "../../../telemetry/answers.ts";
import type { Outcome, Reason } from "../decider.ts";

/** A part of a request that leaves, with what was found out about it. */
export type Seen = { readonly outcome: Outcome; readonly items: number; readonly reading: Reading };

/** Sees what leaves, while somebody looks: nothing is made for it while nobody does. */
export type Tap = {
  readonly isOpen: boolean;
  see(seen: Seen): void;
};

/** One part of a request as `podstamp events --spans` shows it: never what the telemetry holds, only whose it is. */
export type Sample = {
  /** RFC 3339. */
  readonly time: string;
  readonly processor: string;
  readonly signal: string;
  /** service.name of the resource as it came. */
  readonly service: string | null;
  readonly items: number;
  readonly outcome: "stamped" | "unstamped";
  /** Why not, as in podstamp_unstamped_items. */
  readonly reason: Reason | null;
  readonly container: { readonly id: string; readonly name: string } | null;
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string } | null;
  /** Parts that were seen since the one before and not shown, since there were too many. */
  readonly notShown: number;
};

/** So many samples a second, unless the question says how many; more than the second are nobody's to read. */
const usualRate = 20;
const maxRate = 1000;

type Watcher = {
  readonly reply: Reply;
  readonly filter: EntryFilter;
  /** Of which outcome; undefined for any. */
  readonly outcome: Sample["outcome"] | undefined;
  readonly rate: number;
  /** When the second began, as performance.now() has it, and what has been shown in it. */
  since: number;
  shown: number;
  notShown: number;
};

/** Samples of what leaves a processor, for those who ask; stop() ends what they are told. */
export type Samples = { readonly tap: Tap; readonly answer: Answer; stop(): void };

export function createSamples(processor: string): Samples {
  const watchers = new Set<Watcher>();
  const stopping = new AbortController();
  const see = (seen: Seen) => {
    for (const watcher of watchers) {
      if (!isWanted(watcher, seen)) continue;
      if (isTooMuch(watcher)) watcher.notShown++;
      else {
        watcher.reply.offer(sampleOf(seen, processor, watcher.notShown));
        watcher.notShown = 0;
      }
    }
  };
  // A plain property: the data path reads it for each part of each request.
  const tap = { isOpen: false, see };
  return {
    tap,
    async answer(question, reply) {
      const watcher = watcherOf(question, reply);
      watchers.add(watcher);
      tap.isOpen = true;
      const signal = AbortSignal.any([reply.signal, stopping.signal]);
      if (!signal.aborted) await once(signal, "abort");
      watchers.delete(watcher);
      tap.isOpen = watchers.size > 0;
      return { ok: true, lines: [] };
    },
    stop: () => stopping.abort(),
  };
}

function watcherOf(question: Question, reply: Reply): Watcher {
  const { rate, outcome } = question;
  const isRate = typeof rate === "number" && Number.isInteger(rate) && rate >= 1;
  return {
    reply,
    filter: readFilter(question),
    outcome: outcome === "stamped" || outcome === "unstamped" ? outcome : undefined,
    rate: isRate ? Math.min(rate, maxRate) : usualRate,
    since: -Infinity,
    shown: 0,
    notShown: 0,
  };
}

function isWanted({ filter, outcome }: Watcher, { outcome: { entry } }: Seen): boolean {
  return fits(filter, entry) && (outcome === undefined || (outcome === "stamped") === (entry !== undefined));
}

function isTooMuch(watcher: Watcher): boolean {
  const now = performance.now();
  if (now - watcher.since >= 1000) {
    watcher.since = now;
    watcher.shown = 0;
  }
  return ++watcher.shown > watcher.rate;
}

const serviceKeys = keySet(["service.name"]);

function sampleOf({ outcome, items, reading }: Seen, processor: string, notShown: number): Sample {
  const { entry, reason = null, target } = outcome;
  const pod = entry?.kind === "container" ? entry.pod : entry;
  const container = entry?.kind === "container" ? entry : undefined;
  // One resource is a request of its own; where its strings are in a dictionary its service has no name here.
  const { resources } = read(
    reading.signal,
    reading.bytes.subarray(target.resource.tag, target.resource.stop),
    serviceKeys,
  );
  return {
    time: new Date().toISOString(),
    processor,
    signal: reading.signal,
    service: resources[0]?.values[0] ?? null,
    items,
    outcome: entry === undefined ? "unstamped" : "stamped",
    reason,
    container:
      container === undefined
        ? null
        : { id: container.id, name: container.facts.name || container.facts.runtimeName || "" },
    pod: pod === undefined ? null : { namespace: pod.facts.namespace, name: pod.facts.name, uid: pod.facts.uid },
    notShown,
  };
}
