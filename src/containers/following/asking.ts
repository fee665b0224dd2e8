import type { Listing, Runtime } from "../../runtimes/facts.ts";
import type { Logger } from "../../telemetry/log.ts";
import { isAlias } from "../index/aliases.ts";
import type { Gone } from "../index/gone.ts";
import type { Searched, Searching } from "./refresher.ts";
import type { Taking } from "./taking.ts";

export type AskingOptions = {
  readonly log: Logger;
  readonly ask: Gone["ask"];
  readonly take: Taking["take"];
  /** To be called before a whole list is asked for; takes its answer, or undefined when none came. */
  readonly expect: (runtime: Runtime) => (listing: Listing | undefined) => void;
  /** How long the last list of a runtime took. */
  readonly listMs: (endpoint: string) => number | undefined;
  readonly isKnown: (id: string) => boolean;
  /** Whether it is known as a pod's. */
  readonly isPod: (id: string) => boolean;
};

/** Asks a runtime for IDs, each by a search or all by one list, and takes its answers. Never rejects. */
export type Asking = {
  /** For those that data names. */
  search(ids: readonly string[], runtime: Runtime, signal: AbortSignal): Promise<Searched>;
  /** For those that hints name. */
  searchHinted(ids: readonly string[], runtime: Runtime, signal: AbortSignal): Promise<Searching>;
};

/** More IDs than this are answered by one list instead of a search for each: of those that data names, which anybody can make up, and of hints … */
const maxSearches = 2;
const maxHinted = 8;

/** On a large node a list takes longer than many searches, in which whoever lives for a moment has come and gone. */
const usualSearchMs = 3;

/** … except while lists would take more than a tenth of the time, here in multiples of what the last one took, and no longer than this. */
const restAfterList = 9;
const maxRestMs = 2000;

export function createAsking({ log, ask, take, expect, listMs, isKnown, isPod }: AskingOptions): Asking {
  /** When the next list may be asked for instead of searches. */
  const nextList = new WeakMap<Runtime, number>();

  /** One list at a time. */
  const listAll = (runtime: Runtime, signal: AbortSignal): Promise<void> => {
    const started = performance.now();
    const taken = expect(runtime);
    const listing = runtime
      .list(signal)
      .then(taken, (error: unknown) => {
        taken(undefined);
        throw error;
      })
      .finally(() => {
        const now = performance.now();
        nextList.set(runtime, now + Math.min(restAfterList * (now - started), maxRestMs));
      });
    nextList.set(runtime, Infinity);
    return listing;
  };

  /** A container's sandbox has another ID, which the search for the container did not ask for. */
  const findOne = async (id: string, runtime: Runtime, signal: AbortSignal) => {
    const { askedAt, end } = ask();
    try {
      const listing = await runtime.find(id, signal, isPod(id) ? "pod" : undefined);
      const podIds = new Set(listing.containers.map(({ podId }) => podId));
      for (const podId of podIds) {
        if (podId !== "" && !isKnown(podId)) take(await runtime.find(podId, signal, "pod"), runtime, askedAt);
      }
      take(listing, runtime, askedAt);
    } finally {
      end();
    }
  };

  const searchFor = async (
    ids: readonly string[],
    runtime: Runtime,
    { max, signal }: { readonly max: number; readonly signal: AbortSignal },
  ): Promise<Searched> => {
    // A runtime can be searched by ID only: what is called by another name is found in the list.
    const searchable = ids.filter((id) => !isAlias(id));
    const isWanted = ids.length > max || searchable.length < ids.length;
    const isListing = isWanted && (nextList.get(runtime) ?? 0) <= performance.now();
    const asked = isListing ? ids : searchable.slice(0, max);
    const work = isListing ? listAll(runtime, signal) : findEach(asked, runtime, signal);
    return { asked, isAnswered: await isDone(work, signal) };
  };

  const isDone = (work: Promise<void>, signal: AbortSignal): Promise<boolean> =>
    work.then(
      () => true,
      (error: unknown) => {
        if (!signal.aborted) log.debug({ error: String(error) }, "Container runtime did not answer a look-up");
        return false;
      },
    );

  /** As many hints are searched for while a list that takes its time is on the way: whoever lives for a moment has come and gone in it. */
  const searchHinted = async (ids: readonly string[], runtime: Runtime, signal: AbortSignal): Promise<Searching> => {
    const isSlow = (listMs(runtime.identity.endpoint) ?? 0) > ids.length * usualSearchMs;
    if (!isSlow || ids.length <= maxHinted) return searchFor(ids, runtime, { max: maxHinted, signal });
    const mayList = (nextList.get(runtime) ?? 0) <= performance.now();
    const later = mayList
      ? isDone(listAll(runtime, signal), signal).then((isAnswered) => ({ asked: ids, isAnswered }))
      : undefined;
    const asked = ids.slice(0, maxHinted);
    const isAnswered = await isDone(findEach(asked, runtime, signal), signal);
    return { asked, isAnswered, later };
  };

  /** Two at a time: of the calls that a runtime is given at once some are left for details and lists. */
  const findEach = async (ids: readonly string[], runtime: Runtime, signal: AbortSignal) => {
    const left = [...ids];
    const work = async () => {
      for (let id = left.shift(); id !== undefined; id = left.shift()) await findOne(id, runtime, signal);
    };
    await Promise.all([work(), work()]);
  };

  return {
    search: (ids, runtime, signal) => searchFor(ids, runtime, { max: maxSearches, signal }),
    searchHinted,
  };
}
