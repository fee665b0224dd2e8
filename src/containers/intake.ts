import { LRUCache } from "lru-cache";
import type { ContainerFacts, Hint, Listing, PodFacts, Runtime } from "../runtimes/facts.ts";
import type { Logger } from "../telemetry/log.ts";
import { podOf } from "./container-index.ts";
import type { ContainerIndex } from "./container-index.ts";
import type { Entry } from "./entry.ts";
import { identifyImage } from "./image-identity.ts";
import { createRefresher } from "./refresher.ts";
import type { Refresher, Searched } from "./refresher.ts";

export type IntakeOptions = {
  readonly index: ContainerIndex;
  readonly log: Logger;
  /** An entry is in the index now. */
  readonly onArrival: (id: string) => void;
  /** There was no room for an entry. */
  readonly onFull: () => void;
  /** Details of this entry are missing or old. */
  readonly onIncomplete: (id: string) => void;
};

/** Takes what the runtimes say into the index. */
export type Intake = {
  /** To be called before a whole list is asked for; takes its answer: what is new is put, what was there before and is not listed is gone. */
  expect(runtime: Runtime): (listing: Listing) => void;
  /** A reason to ask. */
  hint(hint: Hint, runtime: Runtime): void;
  /**
   * Asks for IDs, for as many of them as the runtime can be asked for now, and takes the answer. Gives those that were asked
   * for, and whether they were answered. Never rejects.
   */
  search(ids: readonly string[], runtime: Runtime, signal: AbortSignal): Promise<Searched>;
  stop(): Promise<void>;
};

/** More IDs than this are answered by one list instead of a search for each, … */
const maxSearches = 2;

/** … except while lists would take more than a tenth of the time, here in multiples of what the last one took, and no longer than this. */
const restAfterList = 9;
const maxRestMs = 2000;

/** IDs are never used again: one that is gone is not put back by a list that was made before. */
const maxGone = 20_000;

export function createIntake(options: IntakeOptions): Intake {
  const { index, log } = options;
  const gone = new LRUCache<string, true>({ max: maxGone });
  const stopping = new AbortController();
  const refreshers = new Map<Runtime, Refresher>();
  /** When the next list may be asked for instead of searches. */
  const nextList = new WeakMap<Runtime, number>();

  const put = (entry: Entry) => {
    if (index.put(entry)) options.onArrival(entry.id);
    else options.onFull();
  };

  const takePod = (facts: PodFacts, runtime: Runtime) => {
    const live = index.live(facts.id);
    const known = live?.kind === "pod" ? live : undefined;
    if (known?.facts.isReady !== facts.isReady || !isSameRuntime(known, runtime)) {
      const pod = { kind: "pod" as const, id: facts.id, runtime: runtime.identity, facts, details: known?.details };
      put(pod);
      for (const container of index.containersOf(facts.id)) index.replace({ ...container, pod });
      options.onIncomplete(facts.id);
    } else if (known.details === undefined) options.onIncomplete(facts.id);
  };

  const takeContainer = (facts: ContainerFacts, runtime: Runtime) => {
    const live = index.live(facts.id);
    const known = live?.kind === "container" ? live : undefined;
    const isChanged = known?.facts.state !== facts.state;
    if (known === undefined || isChanged || known.pod === undefined || !isSameRuntime(known, runtime)) {
      put({
        kind: "container",
        id: facts.id,
        runtime: runtime.identity,
        facts,
        details: known?.details,
        image: known?.image ?? identifyImage(facts.image, undefined),
        pod: podOf(index, facts.podId),
      });
    }
    if (isChanged || known?.details === undefined || known.details === "unavailable") options.onIncomplete(facts.id);
  };

  const take = (listing: Listing, runtime: Runtime) => {
    for (const pod of listing.pods) if (!gone.has(pod.id)) takePod(pod, runtime);
    for (const container of listing.containers) if (!gone.has(container.id)) takeContainer(container, runtime);
  };

  const expect = (runtime: Runtime) => {
    // What comes while the runtime answers may be missing in the answer.
    const before = index.entries().filter((entry) => entry.runtime.endpoint === runtime.identity.endpoint);
    return (listing: Listing) => {
      take(listing, runtime);
      const listed = new Set([...listing.pods, ...listing.containers].map(({ id }) => id));
      for (const { id } of before) if (!listed.has(id)) index.bury(id);
    };
  };

  const listAll = async (runtime: Runtime, signal: AbortSignal) => {
    const taken = expect(runtime);
    const started = performance.now();
    try {
      taken(await runtime.list(signal));
    } finally {
      const now = performance.now();
      nextList.set(runtime, now + Math.min(restAfterList * (now - started), maxRestMs));
    }
  };

  /** A container's sandbox has another ID, which the search for the container did not ask for. */
  const findOne = async (id: string, runtime: Runtime, signal: AbortSignal) => {
    const listing = await runtime.find(id, signal);
    const podIds = new Set(listing.containers.map(({ podId }) => podId));
    for (const podId of podIds) {
      if (podId !== "" && index.live(podId) === undefined) take(await runtime.find(podId, signal), runtime);
    }
    take(listing, runtime);
  };

  const search: Intake["search"] = async (ids, runtime, signal) => {
    const isListing = ids.length > maxSearches && (nextList.get(runtime) ?? 0) <= performance.now();
    const asked = isListing ? ids : ids.slice(0, maxSearches);
    try {
      if (isListing) await listAll(runtime, signal);
      else for (const id of asked) await findOne(id, runtime, signal);
      return { asked, isAnswered: true };
    } catch (error) {
      if (!signal.aborted) log.debug({ error: String(error) }, "Container runtime did not answer a look-up");
      return { asked, isAnswered: false };
    }
  };

  const refresherOf = (runtime: Runtime): Refresher => {
    const known = refreshers.get(runtime);
    if (known !== undefined) return known;
    for (const other of refreshers.keys()) {
      // A connection that was there before is no more.
      if (other.identity.endpoint === runtime.identity.endpoint) refreshers.delete(other);
    }
    const made = createRefresher({
      signal: stopping.signal,
      search: (ids, signal) => search(ids, runtime, signal),
      has: (id) => gone.has(id) || index.live(id) !== undefined,
    });
    refreshers.set(runtime, made);
    return made;
  };

  return {
    expect,
    search,
    hint({ id, change }, runtime) {
      if (change === "gone") {
        gone.set(id, true);
        index.bury(id);
      } else if (!gone.has(id)) refresherOf(runtime).add(id);
    },
    async stop() {
      stopping.abort();
      await Promise.all([...refreshers.values()].map(({ ended }) => ended()));
    },
  };
}

function isSameRuntime(entry: Entry, { identity }: Runtime): boolean {
  return entry.runtime.endpoint === identity.endpoint && entry.runtime.version === identity.version;
}
