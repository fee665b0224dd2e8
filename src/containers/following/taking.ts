import type { ContainerFacts, Listing, PodFacts, Runtime, RuntimeIdentity } from "../../runtimes/facts.ts";
import { podOf } from "../index/container-index.ts";
import type { ContainerIndex } from "../index/container-index.ts";
import { type Container, containerViews, type Entry, lacksDetails, type Pod, podViews } from "../index/entry.ts";
import type { Gone } from "../index/gone.ts";
import { containerOfViews, podOfViews } from "../index/views.ts";

export type TakingOptions = {
  readonly index: ContainerIndex;
  readonly gone: Gone;
  /** An entry is in the index now. */
  readonly onArrival: (id: string) => void;
  /** There was no room for an entry. */
  readonly onFull: () => void;
  /** Details of this entry are missing or old. */
  readonly onIncomplete: (id: string) => void;
};

/** Puts what a runtime has answered beside what others say of the same containers and pods. */
export type Taking = {
  /** Takes an answer that was asked for at `askedAt`, as performance.now() has it. */
  take(listing: Listing, runtime: Runtime, askedAt: number): void;
  /** The runtime does not know it any more: what another one says of it stays. */
  leave(id: string, endpoint: string): void;
};

export function createTaking(options: TakingOptions): Taking {
  const { index, gone } = options;

  const put = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    if (index.put(entry)) options.onArrival(entry.id);
    else options.onFull();
  };

  const takePod = (facts: PodFacts, runtime: Runtime) => {
    const live = index.live(facts.id);
    const known = live?.kind === "pod" ? live : undefined;
    const { own, others } = part(known === undefined ? [] : podViews(known), runtime);
    const isStarted = own !== undefined && isStartedAnew(own.facts, facts);
    if (own?.facts.isReady !== facts.isReady || isStarted || !isSame(own.runtime, runtime)) {
      const details = own?.details && isStarted ? { ...own.details, addresses: [] } : own?.details;
      const pod = podOfViews(facts.id, [...others, { runtime: runtime.identity, facts, details }]);
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
    if (own !== undefined && !isMadeUp(facts.id) && own.facts.createdAt !== facts.createdAt) {
      // Nobody has heard of the end of who had this name before: nothing of what was told of it is true of this one.
      const views = [...others, { runtime: runtime.identity, facts, details: undefined }];
      put(containerOfViews(facts.id, views, { pod: podOfAny(views) }));
      options.onIncomplete(facts.id);
      return;
    }
    const isStarted = own !== undefined && isStartedAnew(own.facts, facts);
    const isChanged = own?.facts.state !== facts.state || isStarted;
    if (isChanged || own.facts.runtimeName !== facts.runtimeName || hasNoPod(known) || !isSame(own.runtime, runtime)) {
      const details = isStarted ? ofLifeBefore(own.details) : own?.details;
      const views = [...others, { runtime: runtime.identity, facts, details }];
      put(containerOfViews(facts.id, views, { pod: known?.pod ?? podOfAny(views), cgroups: known?.cgroups }));
    } else if (hasAddresses(own.details)) index.confirm(facts.id);
    if (isChanged || known === undefined || lacksDetails(known)) options.onIncomplete(facts.id);
  };

  const podOfAny = (views: readonly { readonly facts: ContainerFacts }[]) =>
    views.flatMap(({ facts }) => podOf(index, facts.podId) ?? [])[0];

  const take: Taking["take"] = ({ pods, containers }, runtime, askedAt) => {
    const ended = new Set(
      [...pods, ...containers].map(({ id }) => id).filter((id) => gone.hasSince(id, runtime, askedAt)),
    );
    const mayTake = ({ id }: { readonly id: string }) => !ended.has(id) || index.get(id, false).status === "missing";
    for (const pod of pods) if (mayTake(pod)) takePod(pod, runtime);
    for (const container of containers) if (mayTake(container)) takeContainer(container, runtime);
    // Who lived for a moment only and was gone before the answer came has told of itself all the same.
    for (const id of ended) leave(id, runtime.identity.endpoint);
  };

  const leave: Taking["leave"] = (id, endpoint) => {
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

  return { take, leave };
}

/** An ID that a runtime has made up is never another's, also when old events are told again; with containerd's own tools it is a name that its user gives again. */
export function isMadeUp(id: string): boolean {
  return /^[0-9a-f]{64}$/.test(id);
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

/** Whether this runtime has said something of it. */
export function isKnownTo(entry: Entry, endpoint: string): boolean {
  const views: readonly Seen[] = entry.views ?? [entry];
  return views.some(({ runtime }) => runtime.endpoint === endpoint);
}

/** Whether its pod is still to be found. */
function hasNoPod(container: Container | undefined): boolean {
  return container?.pod === undefined && container?.facts.podId !== "";
}

type Life = { readonly life?: string };

/** Whether a list tells of another life than it did before. Without its end being heard of, all else may be the same. */
function isStartedAnew(before: Life, now: Life): boolean {
  return now.life !== undefined && before.life !== now.life;
}

/** Until the runtime has told the new ones: who had these addresses has them no more, and somebody else may. */
function ofLifeBefore(details: Container["details"]): Container["details"] {
  return details === undefined || details === "unavailable" ? details : { ...details, addresses: [], pid: undefined };
}

function hasAddresses(details: Container["details"]): boolean {
  return details !== undefined && details !== "unavailable" && (details.addresses?.length ?? 0) > 0;
}
