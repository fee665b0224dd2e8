import { LRUCache } from "lru-cache";
import type { ContainerFacts, Hint, Listing, PodFacts, Runtime } from "../runtimes/facts.ts";
import type { Logger } from "../telemetry/log.ts";
import { type ContainerIndex, podOf } from "./container-index.ts";
import type { Entry } from "./entry.ts";
import { identifyImage } from "./image-identity.ts";
import { pause } from "./wait.ts";

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
  /** A whole list: what is new is put, what it lacks is gone. */
  reconcile(listing: Listing, runtime: Runtime): void;
  /** A reason to ask. */
  hint(hint: Hint, runtime: Runtime): void;
  /** Asks for IDs and takes the answer. Never rejects: a runtime that does not answer knows nothing. */
  search(ids: readonly string[], runtime: Runtime, signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
};

/** More IDs than this are answered by one list instead of a search for each, unless the list is long. */
const maxSearches = 2;
const longList = 1000;

/** Hints are gathered this long into one question; a container that its own event runs ahead of is asked for again so many times. */
const gatherMs = 100;
const maxAttempts = 8;

/** IDs are never used again: one that is gone is not put back by a list that was made before. */
const maxGone = 20_000;

export function createIntake(options: IntakeOptions): Intake {
  const { index, log } = options;
  const gone = new LRUCache<string, true>({ max: maxGone });
  const stopping = new AbortController();
  const refreshers = new Map<Runtime, Refresher>();

  const put = (entry: Entry) => {
    if (index.put(entry)) options.onArrival(entry.id);
    else options.onFull();
  };

  const takePod = (facts: PodFacts, runtime: Runtime) => {
    const known = index.live(facts.id);
    if (known?.kind === "pod" && known.facts.isReady === facts.isReady && isSameRuntime(known, runtime)) return;
    const details = known?.kind === "pod" ? known.details : undefined;
    const pod = { kind: "pod" as const, id: facts.id, runtime: runtime.identity, facts, details };
    put(pod);
    for (const container of index.containersOf(facts.id)) index.replace({ ...container, pod });
    options.onIncomplete(facts.id);
  };

  const takeContainer = (facts: ContainerFacts, runtime: Runtime) => {
    const live = index.live(facts.id);
    const known = live?.kind === "container" ? live : undefined;
    const isIncomplete = known?.details === undefined || known.details === "unavailable" || known.facts.state !== facts.state;
    if (known === undefined || known.facts.state !== facts.state || known.pod === undefined || !isSameRuntime(known, runtime)) {
      const image = known?.image ?? identifyImage(facts.image, undefined);
      put({ kind: "container", id: facts.id, runtime: runtime.identity, facts, details: known?.details, image, pod: podOf(index, facts.podId) });
    }
    if (isIncomplete) options.onIncomplete(facts.id);
  };

  const take = (listing: Listing, runtime: Runtime) => {
    for (const pod of listing.pods) if (!gone.has(pod.id)) takePod(pod, runtime);
    for (const container of listing.containers) if (!gone.has(container.id)) takeContainer(container, runtime);
  };

  const reconcile = (listing: Listing, runtime: Runtime) => {
    take(listing, runtime);
    const listed = new Set([...listing.pods, ...listing.containers].map(({ id }) => id));
    for (const entry of index.entries()) {
      if (entry.runtime.endpoint === runtime.identity.endpoint && !listed.has(entry.id)) index.bury(entry.id);
    }
  };

  /** A container's sandbox has another ID, which the search for the container did not ask for. */
  const findOne = async (id: string, runtime: Runtime, signal: AbortSignal) => {
    const listing = await runtime.find(id, signal);
    const unknown = new Set(listing.containers.map(({ podId }) => podId).filter((podId) => index.live(podId) === undefined));
    for (const podId of unknown) take(await runtime.find(podId, signal), runtime);
    take(listing, runtime);
  };

  const search = async (ids: readonly string[], runtime: Runtime, signal: AbortSignal) => {
    const { container, sandbox } = index.counts();
    try {
      if (ids.length > maxSearches && container + sandbox <= longList) reconcile(await runtime.list(signal), runtime);
      else for (const id of ids.slice(0, maxSearches)) await findOne(id, runtime, signal);
    } catch (error) {
      if (!signal.aborted) log.debug({ error: String(error) }, "Container runtime did not answer a look-up");
    }
  };

  return {
    reconcile,
    search,
    hint({ id, change }, runtime) {
      if (change === "gone") {
        gone.set(id, true);
        index.bury(id);
        return;
      }
      let refresher = refreshers.get(runtime);
      if (refresher === undefined) {
        refresher = createRefresher({ signal: stopping.signal, search: (ids, signal) => search(ids, runtime, signal), has: (one) => gone.has(one) || index.live(one) !== undefined });
        refreshers.clear(); // a runtime that was connected before is no more
        refreshers.set(runtime, refresher);
      }
      refresher.add(id);
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

type Refresher = { add(id: string): void; ended(): Promise<void> };

type RefresherOptions = {
  readonly signal: AbortSignal;
  readonly search: (ids: readonly string[], signal: AbortSignal) => Promise<void>;
  readonly has: (id: string) => boolean;
};

/** Asks for the IDs of hints in rounds; those that the runtime does not list yet are asked for again in the next ones. */
function createRefresher({ signal, search, has }: RefresherOptions): Refresher {
  const attempts = new Map<string, number>();
  let running: Promise<void> | undefined;

  const run = async () => {
    while (attempts.size > 0 && !signal.aborted) {
      const asked = new Map(attempts);
      attempts.clear();
      await search([...asked.keys()], signal);
      for (const [id, count] of asked) if (!has(id) && count < maxAttempts && !attempts.has(id)) attempts.set(id, count + 1);
      await pause(gatherMs, signal);
    }
    running = undefined;
  };

  return {
    add(id) {
      attempts.set(id, 1);
      running ??= run();
    },
    ended: async () => running,
  };
}
