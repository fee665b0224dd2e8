import type { ContainerFacts, Hint, Listing, PodFacts, Runtime, RuntimeIdentity } from "../../runtimes/facts.ts";
import type { Logger } from "../../telemetry/log.ts";
import { isAlias } from "../index/aliases.ts";
import { podOf } from "../index/container-index.ts";
import type { ContainerIndex } from "../index/container-index.ts";
import { type Container, containerViews, type Entry, lacksDetails, type Pod, podViews } from "../index/entry.ts";
import { createGone } from "../index/gone.ts";
import { createRefresher } from "./refresher.ts";
import type { Refresher, Searched, Searching } from "./refresher.ts";
import { containerOfViews, podOfViews } from "../index/views.ts";

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
  /** The runtime at an endpoint is there no more: what it alone knew is gone. */
  forget(endpoint: string): void;
  /** When all that a runtime has was listed last, as performance.now() has it. */
  listedAt(endpoint: string): number;
  /**
   * Asks for IDs, for as many of them as the runtime can be asked for now, and takes the answer. Gives those that were asked
   * for, and whether they were answered. Never rejects.
   */
  search(ids: readonly string[], runtime: Runtime, signal: AbortSignal): Promise<Searched>;
  /** Forgets what was gone long ago. */
  purge(): void;
  stop(): Promise<void>;
};

/** An ID that a runtime has made up is never another's, also when old events are told again. */
function isMadeUp(id: string): boolean {
  return /^[0-9a-f]{64}$/.test(id);
}

/** More IDs than this are answered by one list instead of a search for each: of those that data names, which anybody can make up, and of hints … */
const maxSearches = 2;
const maxHinted = 8;

/** On a large node a list takes longer than many searches, in which whoever lives for a moment has come and gone. */
const usualSearchMs = 3;

/** … except while lists would take more than a tenth of the time, here in multiples of what the last one took, and no longer than this. */
const restAfterList = 9;
const maxRestMs = 2000;

export function createIntake(options: IntakeOptions): Intake {
  const { index, log } = options;
  const gone = createGone();
  const stopping = new AbortController();
  const refreshers = new Map<Runtime, Refresher>();
  /** When the next list may be asked for instead of searches. */
  const nextList = new WeakMap<Runtime, number>();
  /** How long the last list took, and when it was. */
  const listMs = new Map<string, number>();
  const listedAt = new Map<string, number>();

  const put = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    if (index.put(entry)) options.onArrival(entry.id);
    else options.onFull();
  };

  const takePod = (facts: PodFacts, runtime: Runtime) => {
    const live = index.live(facts.id);
    const known = live?.kind === "pod" ? live : undefined;
    const { own, others } = part(known === undefined ? [] : podViews(known), runtime);
    if (own?.facts.isReady !== facts.isReady || !isSame(own.runtime, runtime)) {
      const pod = podOfViews(facts.id, [...others, { runtime: runtime.identity, facts, details: own?.details }]);
      put(pod);
      if (pod !== undefined) adopt(pod);
      options.onIncomplete(facts.id);
    } else if (known !== undefined) {
      index.confirm(facts.id);
      if (lacksDetails(known)) options.onIncomplete(facts.id);
    }
  };

  const adopt = (pod: Pod) => {
    for (const container of index.containersOf(pod.id)) index.replace({ ...container, pod });
  };

  const takeContainer = (facts: ContainerFacts, runtime: Runtime) => {
    const live = index.live(facts.id);
    // Docker lists as a container what to Kubernetes is the pod's sandbox.
    if (live?.kind === "pod" && !isSame(live.runtime, runtime)) return;
    const known = live?.kind === "container" ? live : undefined;
    const { own, others } = part(known === undefined ? [] : containerViews(known), runtime);
    const isChanged = own?.facts.state !== facts.state;
    if (isChanged || own.facts.runtimeName !== facts.runtimeName || hasNoPod(known) || !isSame(own.runtime, runtime)) {
      const views = [...others, { runtime: runtime.identity, facts, details: own?.details }];
      put(containerOfViews(facts.id, views, { pod: known?.pod ?? podOfAny(views), cgroups: known?.cgroups }));
    } else if (hasAddresses(own.details)) index.confirm(facts.id);
    if (isChanged || known === undefined || lacksDetails(known)) options.onIncomplete(facts.id);
  };

  const podOfAny = (views: readonly { readonly facts: ContainerFacts }[]) =>
    views.flatMap(({ facts }) => podOf(index, facts.podId) ?? [])[0];

  /** Takes an answer that was asked for at `askedAt`, as performance.now() has it. */
  const take = ({ pods, containers }: Listing, runtime: Runtime, askedAt: number) => {
    const ended = new Set(
      [...pods, ...containers].map(({ id }) => id).filter((id) => gone.hasSince(id, runtime, askedAt)),
    );
    const mayTake = ({ id }: { readonly id: string }) => !ended.has(id) || index.get(id, false).status === "missing";
    for (const pod of pods) if (mayTake(pod)) takePod(pod, runtime);
    for (const container of containers) if (mayTake(container)) takeContainer(container, runtime);
    // Who lived for a moment only and was gone before the answer came has told of itself all the same.
    for (const id of ended) leave(id, runtime.identity.endpoint);
  };

  /** The runtime does not know it any more: what another one says of it stays. */
  const leave = (id: string, endpoint: string) => {
    const entry = index.live(id);
    if (entry === undefined || !isKnownTo(entry, endpoint)) return;
    const rest =
      entry.kind === "pod"
        ? podOfViews(id, without(podViews(entry), endpoint))
        : containerOfViews(id, without(containerViews(entry), endpoint), { pod: entry.pod, cgroups: entry.cgroups });
    if (rest === undefined) index.bury(id);
    else {
      index.replace(rest);
      if (rest.kind === "pod") adopt(rest);
    }
  };

  const expect = (runtime: Runtime) => {
    const { endpoint } = runtime.identity;
    // What comes while the runtime answers may be missing in the answer.
    const before = index.entries().filter((entry) => isKnownTo(entry, endpoint));
    const since = performance.now();
    return (listing: Listing) => {
      take(listing, runtime, since);
      listedAt.set(endpoint, performance.now());
      listMs.set(endpoint, performance.now() - since);
      const listed = new Set([...listing.pods, ...listing.containers].map(({ id }) => id));
      for (const { id } of before) if (!listed.has(id)) leave(id, endpoint);
    };
  };

  /** One list at a time. */
  const listAll = (runtime: Runtime, signal: AbortSignal): Promise<void> => {
    const started = performance.now();
    const taken = expect(runtime);
    const listing = runtime
      .list(signal)
      .then(taken)
      .finally(() => {
        const now = performance.now();
        nextList.set(runtime, now + Math.min(restAfterList * (now - started), maxRestMs));
      });
    nextList.set(runtime, Infinity);
    return listing;
  };

  /** A container's sandbox has another ID, which the search for the container did not ask for. */
  const findOne = async (id: string, runtime: Runtime, signal: AbortSignal) => {
    const askedAt = performance.now();
    const listing = await runtime.find(id, signal);
    const podIds = new Set(listing.containers.map(({ podId }) => podId));
    for (const podId of podIds) {
      if (podId !== "" && index.live(podId) === undefined) take(await runtime.find(podId, signal), runtime, askedAt);
    }
    take(listing, runtime, askedAt);
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
    const isSlow = (listMs.get(runtime.identity.endpoint) ?? 0) > ids.length * usualSearchMs;
    if (!isSlow || ids.length <= maxHinted) return searchFor(ids, runtime, { max: maxHinted, signal });
    const mayList = (nextList.get(runtime) ?? 0) <= performance.now();
    const later = mayList
      ? isDone(listAll(runtime, signal), signal).then((isAnswered) => ({ asked: ids, isAnswered }))
      : undefined;
    const asked = ids.slice(0, maxHinted);
    const isAnswered = await isDone(findEach(asked, runtime, signal), signal);
    return { asked, isAnswered, later };
  };

  const search: Intake["search"] = (ids, runtime, signal) => searchFor(ids, runtime, { max: maxSearches, signal });

  /** Two at a time: of the calls that a runtime is given at once some are left for details and lists. */
  const findEach = async (ids: readonly string[], runtime: Runtime, signal: AbortSignal) => {
    const left = [...ids];
    const work = async () => {
      for (let id = left.shift(); id !== undefined; id = left.shift()) await findOne(id, runtime, signal);
    };
    await Promise.all([work(), work()]);
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
      search: (ids, signal) => searchHinted(ids, runtime, signal),
      has: (id) => gone.has(id, runtime) || index.live(id) !== undefined,
      isKnown: (id) => index.get(id, false).status === "found",
    });
    refreshers.set(runtime, made);
    return made;
  };

  return {
    expect,
    search,
    hint({ id, change }, runtime) {
      if (change === "gone") {
        gone.add(id, runtime);
        leave(id, runtime.identity.endpoint);
        return;
      }
      // With containerd's own tools an ID is a name that its user gives again.
      if (change === "appeared") {
        gone.delete(id, runtime);
        if (!isMadeUp(id)) index.release(id);
      }
      if (!gone.has(id, runtime)) {
        index.doubt(id);
        const known = index.live(id);
        // Something else than its state: its name or its networks.
        if (change === "changed" && known?.kind === "container" && known.facts.state === "running")
          options.onIncomplete(id);
        refresherOf(runtime).add(id);
      }
    },
    forget(endpoint) {
      for (const entry of index.entries()) leave(entry.id, endpoint);
      for (const other of refreshers.keys()) if (other.identity.endpoint === endpoint) refreshers.delete(other);
      listedAt.delete(endpoint);
      listMs.delete(endpoint);
    },
    listedAt: (endpoint) => listedAt.get(endpoint) ?? -Infinity,
    purge: gone.purge,
    async stop() {
      stopping.abort();
      await Promise.all([...refreshers.values()].map(({ ended }) => ended()));
    },
  };
}

function isSame(one: RuntimeIdentity, { identity }: Runtime): boolean {
  return one.endpoint === identity.endpoint && one.version === identity.version && one.instance === identity.instance;
}

type Seen = { readonly runtime: RuntimeIdentity };

/** What this runtime said before, and what others say. */
function part<V extends Seen>(
  views: readonly V[],
  { identity }: Runtime,
): { own: V | undefined; others: readonly V[] } {
  return {
    own: views.find(({ runtime }) => runtime.endpoint === identity.endpoint),
    others: without(views, identity.endpoint),
  };
}

function without<V extends Seen>(views: readonly V[], endpoint: string): readonly V[] {
  return views.filter(({ runtime }) => runtime.endpoint !== endpoint);
}

function isKnownTo(entry: Entry, endpoint: string): boolean {
  const views: readonly Seen[] = entry.views ?? [entry];
  return views.some(({ runtime }) => runtime.endpoint === endpoint);
}

/** Whether its pod is still to be found. */
function hasNoPod(container: Container | undefined): boolean {
  return container?.pod === undefined && container?.facts.podId !== "";
}

function hasAddresses(details: Container["details"]): boolean {
  return details !== undefined && details !== "unavailable" && (details.addresses?.length ?? 0) > 0;
}
