import { createHash } from "node:crypto";
import { containerIn } from "../../containers/association.ts";
import type { Directory } from "../../containers/directory.ts";
import { type Entry, isComplete, type Pod } from "../../containers/index/entry.ts";
import type { Resolved } from "../../containers/finder.ts";
import type { Found } from "../../containers/index/container-index.ts";
import { pause } from "../../containers/following/wait.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import { chooseContainer } from "./association/container-choice.ts";
import { candidatesOf, isSandboxItself, keyOf, keyOfTarget, mayCome } from "./association/candidates.ts";
import { hintsOf, type Identity, podOfResource } from "./association/identity.ts";
import { oldName } from "./association/old-name.ts";
import type { Hidden } from "./association/pod-filter.ts";
import type { Judged } from "./association/pod-rules.ts";
import type { Decided, Stamper, Stamps } from "./stamper.ts";
import { placed, type Target } from "./association/targets.ts";
import { limited, type Wait } from "./limited.ts";

/** Why something leaves without the identity of a pod. */
export type Reason =
  | Hidden
  | "passthrough"
  | "no_identity"
  | "invalid_id"
  | "not_found"
  | "ambiguous_prefix"
  | "conflict"
  | "runtime_down"
  | "waiting_cap"
  | "timeout"
  | "growth_cap"
  | "unreadable";

export type Outcome = Decided & { readonly reason: Reason | undefined };

export type DeciderOptions = {
  readonly directory: Directory;
  readonly metrics: Metrics;
  readonly waitMs: number;
  /** Why a pod counts as one that is not known; undefined when it does not. */
  readonly hidden: (pod: Pod) => Hidden | undefined;
  /** As in the Collector, and by rules of the file: k8s.container.name goes before a container's ID, and the sender counts whatever is named. */
  readonly isNameFirst: boolean;
  /** The container that an attribute of the pod's own names, where rules for labels and annotations may write one. */
  readonly nameIn: (pod: Pod) => string | undefined;
  /** Whether what only a pod's status tells is to be written, or filtered by. */
  readonly needsPodDetails: boolean;
  /** Grows whenever what is known beside the runtimes has changed, by which a pod may be hidden. */
  readonly version: () => number;
  readonly stampsOf: Stamper["stampsOf"];
};

/** What was found by a container's ID on records, and when: it holds until something has changed. */
type Known = { readonly directory: number; readonly beside: number; readonly entry: Entry; readonly stamps: Stamps };

/** Says of whom targets are. */
export type Decider = {
  /** What can be said at once about a target; undefined when it has to be waited for. It is counted the first time. */
  now(target: Target, isFirst: boolean): Outcome | undefined;
  /** Whether it is known, and only lacks details. */
  isListed(target: Target): boolean;
  /** The targets with whom they are of, once those who sent them have been asked for: a moment for each, and no longer than the wait. */
  place(targets: readonly Target[], wait: Wait): Promise<readonly Target[]>;
  /** Asks the runtimes for the targets, each once, within the budget and no longer than the signal lasts. */
  resolve(targets: readonly Target[], wait: Wait): Promise<ReadonlyMap<string, Resolved>>;
  /** What is said of a target when all is still not known after the wait: with what the list told, if it was listed. */
  late(target: Target, resolved: ReadonlyMap<string, Resolved>): Outcome;
};

/** Between two looks for a pod that only a table of all knows. */
const lookMs = 50;

/** So long telemetry is held to find out who has sent it, where that tells whose number a process has. */
const senderMs = 300;

export function createDecider(options: DeciderOptions): Decider {
  const { directory, waitMs, metrics } = options;
  const count = (result: string) => metrics.counter("podstamp_lookups", { result });
  const lookups = {
    found: count("hit"),
    ambiguous: count("ambiguous"),
    missing: count("miss"),
    conflict: count("conflict"),
  };

  const findNow = (identity: Identity): Judged => judgeBy(identity, directory.findAny(candidatesOf(identity)));

  /** The entry with the container that the resource means; a pod that is hidden is not known. */
  const outcomeOf = (target: Target, found: Judged, named?: string): Outcome => {
    if (found.status === "missing") return unknown(target);
    if (found.status === "conflict") return { target, entry: undefined, reason: "conflict" };
    if (found.status === "ambiguous") return { target, entry: undefined, reason: "ambiguous_prefix" };
    const pod = podOf(found.entry);
    const reason = pod && options.hidden(pod);
    if (reason !== undefined) return { target, entry: undefined, reason };
    if (target.isRecordLevel) return { target, entry: found.entry, reason: undefined };
    if (target.identity.kind === "sent" && pod !== undefined && isForwarded(target, pod))
      return { target, entry: undefined, reason: "conflict" };
    const hints = hintsOf(target.resource);
    // What is written of the pod is written first, and chooses as what stood there does.
    const isOpen = hints.name === undefined && (found.entry.kind === "pod" || options.isNameFirst);
    const name = isOpen && pod !== undefined ? options.nameIn(pod) : hints.name;
    // While only the pod is known of the container that a cgroup or process names, another one of the pod is not meant.
    const id =
      hints.id ?? (found.entry.kind === "pod" ? (containerIn(candidatesOf(target.identity)) ?? named) : undefined);
    return { target, ...chooseContainer(found.entry, { ...hints, name, id }, options), reason: undefined };
  };

  /** Who names another pod of this node was not sent by it, although a name alone is not what it is found by. */
  const isForwarded = ({ resource }: Target, sender: Pod): boolean => {
    const { podName, namespace } = podOfResource(resource);
    if (options.isNameFirst || podName === undefined || namespace === undefined) return false;
    const isNamed = ({ facts }: Pod) => facts.name === podName && facts.namespace === namespace;
    return !isNamed(sender) && directory.pods().some(isNamed);
  };

  /** A sandbox that is ready and has no container yet is of a pod that is being made; who names the sandbox itself means it. */
  const isBegun = (target: Target, entry: Entry): boolean =>
    entry.kind === "pod" &&
    entry.facts.isReady &&
    directory.containersOf(entry).length === 0 &&
    !isSandboxItself(target.identity, entry);

  const lacksPodDetails = (entry: Entry): boolean => {
    const pod = podOf(entry);
    return pod !== undefined && pod.details === undefined;
  };
  const isWhole = (entry: Entry): boolean => isComplete(entry) && !(options.needsPodDetails && lacksPodDetails(entry));

  /** What is known of the container that records name, as long as nothing has changed. */
  const knownOf = ({ identity, isRecordLevel }: Target): Known | undefined => {
    if (identity.kind !== "named" || !isRecordLevel || identity.note?.by !== options) return undefined;
    const known = identity.note.what as Known;
    return known.directory === directory.version() && known.beside === options.version() ? known : undefined;
  };

  /** One that is gone is soon forgotten, by the clock. */
  const remember = ({ identity, isRecordLevel }: Target, entry: Entry): void => {
    if (identity.kind !== "named" || !isRecordLevel || identity.note === undefined || !directory.isLive(entry)) return;
    const when = { directory: directory.version(), beside: options.version() };
    identity.note.by = options;
    identity.note.what = { ...when, entry, stamps: options.stampsOf(entry) } satisfies Known;
  };

  const now: Decider["now"] = (target, isFirst) => {
    const known = knownOf(target);
    if (known !== undefined) {
      if (isFirst) lookups.found.add(1);
      return { target, entry: known.entry, stamps: known.stamps, reason: undefined };
    }
    const { identity } = target;
    switch (identity.kind) {
      case "none":
        return { target, entry: undefined, reason: "no_identity" };
      case "invalid":
        return { target, entry: undefined, reason: "invalid_id" };
      case "too_many":
        return { target, entry: undefined, reason: "growth_cap" };
      case "unreadable":
        return { target, entry: undefined, reason: "unreadable" };
      case "absent":
        return { target, entry: undefined, reason: "not_found" };
      case "unplaced":
        return undefined;
      case "ruled":
      case "named":
      case "sent": {
        const found = findNow(identity);
        if (isFirst) lookups[found.status].add(1);
        if (found.status === "missing") return mayCome(identity) ? undefined : unknown(target);
        // Filters may look at them too.
        if (found.status === "found" && options.needsPodDetails && lacksPodDetails(found.entry)) return undefined;
        const outcome = outcomeOf(target, found);
        const { entry } = outcome;
        if (entry === undefined) return outcome;
        if (found.status === "found" && oldName(target, { found: found.entry, entry, directory }) !== undefined)
          return undefined;
        if (!isWhole(entry) || isBegun(target, entry)) return undefined;
        remember(target, entry);
        return outcome;
      }
    }
  };

  /** Nobody can be asked for a pod by other attributes: all are listed, and looked at, until it is there. */
  const resolveInTable = async (identity: Identity, signal: AbortSignal): Promise<Resolved> => {
    const ref = { id: `rule:${createHash("sha256").update(keyOf(identity)).digest("hex")}`, mayBePrefix: false };
    const found = new AbortController();
    const either = AbortSignal.any([signal, found.signal]);
    const asking = directory.resolve(ref, waitMs, either);
    let isOver = false;
    const watching = (async () => {
      while (!isOver && !either.aborted && findNow(identity).status === "missing") await pause(lookMs, either);
      found.abort();
    })();
    const { outcome } = await asking;
    isOver = true;
    found.abort();
    await watching;
    const judged = findNow(identity);
    return judged.status === "found" ? { found: judged, outcome: "found" } : { found: { status: "missing" }, outcome };
  };

  const resolveOne = async (target: Target, signal: AbortSignal): Promise<Resolved> => {
    const { identity } = target;
    const candidates = candidatesOf(identity);
    const isInTable = identity.kind === "ruled" && identity.taken.isInTable;
    const resolved = isInTable
      ? await resolveInTable(identity, signal)
      : await directory.resolveAny(candidates, waitMs, signal);
    if (resolved.found.status !== "found") return resolved;
    const { entry } = resolved.found;
    const until = performance.now() + waitMs;
    while (isBegun(target, entry) && performance.now() < until && !signal.aborted) await pause(lookMs, signal);
    // Its pod and the container that is meant may not have been described yet; a rule may ask for the pod's addresses.
    const pod = podOf(entry);
    if (pod !== undefined && lacksPodDetails(entry) && (options.needsPodDetails || identity.kind === "ruled"))
      await directory.complete(pod.id, signal);
    const told = outcomeOf(target, findNow(identity)).entry;
    const name = told && oldName(target, { found: entry, entry: told, directory });
    if (name !== undefined) await directory.resolve(name, waitMs, signal);
    const meant = outcomeOf(target, findNow(identity)).entry;
    if (meant !== undefined && !isComplete(meant)) await directory.complete(meant.id, signal);
    return resolved;
  };

  return {
    now,
    isListed: ({ identity }) => findNow(identity).status === "found",
    async place(targets, wait) {
      const senders = new Map(
        targets.flatMap(({ identity }) =>
          identity.kind === "unplaced" ? [[identity.sender.ref.id, identity.sender.ref] as const] : [],
        ),
      );
      if (senders.size === 0) return targets;
      const ask = (signal: AbortSignal) =>
        Promise.all([...senders.values()].map((ref) => directory.resolve(ref, waitMs, signal)));
      await limited({ ...wait, budgetMs: Math.min(senderMs, waitMs, wait.budgetMs) }, ask);
      return targets.map(placed);
    },
    resolve(targets, wait) {
      const wanted = new Map(targets.map((target) => [keyOfTarget(target), target]));
      const ask = (signal: AbortSignal) =>
        Promise.all(
          [...wanted].map(async ([key, target]): Promise<[string, Resolved]> => [
            key,
            await resolveOne(target, signal),
          ]),
        );
      return limited(wait, ask).then((answers) => new Map(answers));
    },
    late(target, resolved) {
      const found = findNow(target.identity);
      if (found.status !== "missing") return outcomeOf(target, found);
      const answer = resolved.get(keyOfTarget(target));
      if (answer === undefined || target.identity.kind === "sent") return unknown(target);
      const told = judgeBy(target.identity, answer.found);
      if (told.status !== "missing") return outcomeOf(target, told, answer.named);
      const isUp = directory.runtimes().some(({ status }) => status === "following");
      return { target, entry: undefined, reason: isUp ? reasons[answer.outcome] : "runtime_down" };
    },
  };
}

const reasons = {
  found: "not_found",
  missing: "not_found",
  negative: "not_found",
  full: "waiting_cap",
  gave_up: "timeout",
} as const;

/** What was found by an identity's candidates, as the rule has it where one has decided. */
function judgeBy(identity: Identity, found: Found): Judged {
  return identity.kind === "ruled" ? identity.taken.find(found) : found;
}

function podOf(entry: Entry): Pod | undefined {
  return entry.kind === "pod" ? entry : entry.pod;
}

/** Nobody knows it: who only went by the sender's address has said nothing of itself. */
function unknown(target: Target): Outcome {
  return { target, entry: undefined, reason: target.identity.kind === "sent" ? "no_identity" : "not_found" };
}
