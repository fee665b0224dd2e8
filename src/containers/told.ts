import type { Answer } from "../telemetry/answers.ts";
import type { Container, Entry, Pod } from "./index/entry.ts";
import type { Follower, FollowerState } from "./following/follower.ts";
import { within } from "./following/wait.ts";
import type { ContainerState, RuntimeIdentity } from "../runtimes/facts.ts";

/** An entry as it goes over the control socket: a container names its pod, which is told before it. */
export type Told =
  | { readonly isGone: boolean; readonly pod: Pod }
  | { readonly isGone: boolean; readonly container: Omit<Container, "pod">; readonly podId: string | undefined };

/** Entries as they go over the wire: pods first. */
export function tell(live: readonly Entry[], gone: readonly Entry[]): readonly Told[] {
  const all = [...live.map((entry) => ({ entry, isGone: false })), ...gone.map((entry) => ({ entry, isGone: true }))];
  const pods = new Map<string, Told>();
  const containers: Told[] = [];
  for (const { entry, isGone } of all) if (entry.kind === "pod") pods.set(entry.id, { isGone, pod: entry });
  for (const { entry, isGone } of all) {
    if (entry.kind === "pod") continue;
    const { pod, ...container } = entry;
    // One that was forgotten is still what its containers are known to be of.
    if (pod !== undefined && !pods.has(pod.id)) pods.set(pod.id, { isGone: true, pod });
    containers.push({ isGone, container, podId: pod?.id });
  }
  return [...pods.values(), ...containers];
}

/** What was told, as entries again. */
export type Heard = {
  readonly pods: readonly Pod[];
  readonly containers: readonly Container[];
  /** IDs of those that are gone and still answerable. */
  readonly gone: ReadonlySet<string>;
};

/** Puts together what tell() took apart, of one directory or several that know the same; what is none of it is left out. */
export function hear(items: readonly unknown[]): Heard {
  const pods = new Map<string, Pod>();
  const containers = new Map<string, Container>();
  const gone = new Set<string>();
  for (const item of items) {
    if (!isTold(item)) continue;
    const { id } = "pod" in item ? item.pod : item.container;
    const known = "pod" in item ? pods.has(id) : containers.has(id);
    if (known && !gone.has(id)) continue;
    if (item.isGone) gone.add(id);
    else gone.delete(id);
    if ("pod" in item) pods.set(id, item.pod);
    else containers.set(id, { ...item.container, pod: item.podId === undefined ? undefined : pods.get(item.podId) });
  }
  return { pods: [...pods.values()], containers: [...containers.values()], gone };
}

/** Who answers is a podstamp of the same protocol: what has the right place is what it should be. */
function isTold(item: unknown): item is Told {
  if (typeof item !== "object" || item === null) return false;
  const entry: unknown = "pod" in item ? item.pod : "container" in item ? item.container : undefined;
  return typeof entry === "object" && entry !== null && "id" in entry && "facts" in entry && "runtime" in entry;
}

/** So many are sent as one item to who wants them in brief. */
const perItem = 500;

type Known = { entries(): readonly Entry[]; gone(): readonly Entry[] };

/**
 * Answers the order `containers`: every pod and container with all that is known of it, or in brief (`"brief":true`), many in one item. The lines
 * at its end say of whom that may be old.
 */
export function answerContainers(index: Known, followers: () => readonly Follower[]): Answer {
  return async ({ brief }, { send, signal }) => {
    const lines = await refreshed(followers(), signal);
    const all = tell(index.entries(), index.gone());
    const size = brief === true ? perItem : 1;
    for (let at = 0; at < all.length && !signal.aborted; at += size) {
      const some = all.slice(at, at + size);
      if (brief === true) await send(some.map(inBrief));
      else for (const one of some) await send(one);
    }
    return { ok: true, lines };
  };
}

/** How long a list may take that is asked for because somebody looks. */
const refreshMs = 1000;

/** Lists those that tell of no changes by themselves, and says which runtimes do not answer. */
async function refreshed(followers: readonly Follower[], signal: AbortSignal): Promise<readonly string[]> {
  const each = followers.map(async (follower) => {
    const before = follower.state();
    if (before.status === "following" && !before.hasEvents) await within(follower.refresh(), refreshMs, signal);
    const state = follower.state();
    if (state.status === "connecting")
      return state.lastError === undefined ? [] : [`${state.lastError}; what it told before is shown`];
    const isOld = before.status === "following" && !before.hasEvents && state.lastListed === before.lastListed;
    return isOld ? [`${state.label} takes its time to answer; what it told before is shown`] : [];
  });
  return (await Promise.all(each)).flat();
}

/** What a table shows: labels and annotations are most of an entry. */
function inBrief(told: Told): Told {
  const bare = { annotations: {}, labels: {} };
  if ("pod" in told) {
    const { kind, id, runtime, facts } = told.pod;
    return { isGone: told.isGone, pod: { kind, id, runtime, facts: { ...facts, ...bare }, details: undefined } };
  }
  const { kind, id, runtime, facts, image } = told.container;
  // Without a pod they are all that names it.
  const { labels } = told.podId === undefined ? facts : bare;
  const brief = { ...facts, ...bare, labels, state: stateOf(told.container) };
  return { ...told, container: { kind, id, runtime, facts: brief, details: undefined, image } };
}

const inOrder: readonly ContainerState[] = ["unknown", "created", "running", "exited"];

/** The state of a container: lists and what was asked of it alone come one after the other, and the later state is the newer one. */
export function stateOf({ facts, details }: Pick<Container, "facts" | "details">): ContainerState {
  if (details === undefined || details === "unavailable") return facts.state;
  return inOrder.indexOf(facts.state) > inOrder.indexOf(details.state) ? facts.state : details.state;
}

/** Where a runtime stands, as the order `runtimes` tells it. */
export type RuntimeStanding = {
  readonly label: string;
  readonly status: FollowerState["status"];
  /** Null while it does not answer; then the error, if there was one. */
  readonly runtime: RuntimeIdentity | null;
  readonly hasEvents: boolean;
  readonly error: string | null;
};

/** Answers the order `runtimes`: where each stands, with the error of one that does not answer. */
export function answerRuntimes(states: () => readonly FollowerState[]): Answer {
  return async (_question, { send }) => {
    for (const state of states()) await send(standingOf(state));
    return { ok: true, lines: [] };
  };
}

function standingOf(state: FollowerState): RuntimeStanding {
  const { label, status } = state;
  if (state.status === "connecting")
    return { label, status, runtime: null, hasEvents: false, error: state.lastError ?? null };
  return { label, status, runtime: state.runtime.identity, hasEvents: state.hasEvents, error: null };
}
