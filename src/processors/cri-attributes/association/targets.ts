import type { Directory } from "../../../containers/directory.ts";
import { type KeySet, keySet } from "../../../otlp/wire/keys.ts";
import { areNamesUnreadable, beginOf, group, type Grouping, sizeOfGroup } from "../../../otlp/parting/grouping.ts";
import { mostRepeatedBytes, repeatedBytes } from "../../../otlp/parting/repeated.ts";
import { read, type Reading, type ResourceReading } from "../../../otlp/reading.ts";
import type { Batch } from "../../../pipeline/contract.ts";
import { isTooMuchMore } from "./growth.ts";
import { type Identity, identifyContainer, identifyResource, podOfResource, type Sender } from "./identity.ts";
import type { PodRules } from "./pod-rules.ts";
import { unknownSender } from "./sender.ts";
import { whole } from "../../../otlp/rope/rope.ts";

/** What is done with IDs on records: see record_attributes. */
export type RecordMode = "regroup" | "inline" | "off";

/** A part of a request that gets one stamp: a whole resource, or those records of it that name the same container. */
export type Target = {
  readonly resource: ResourceReading;
  /** Undefined for the whole resource; else its records are those of the group. */
  readonly grouping: Grouping | undefined;
  readonly group: number;
  readonly identity: Identity;
  /** Whether the records said so, and not the resource. */
  readonly isRecordLevel: boolean;
};

/** What a request is made of; who is done with it gives it back. */
export type Targets = {
  readonly reading: Reading;
  /** What is done with IDs on records of this signal. */
  readonly mode: RecordMode;
  /** In the order of the request. */
  readonly targets: readonly Target[];
};

/** By which records are told apart without rules. */
const ownRecordKeys = keySet(["container.id"]);

const none: Identity = { kind: "none" };

export type TargetOptions = {
  readonly mode: RecordMode;
  readonly directory: Directory;
  /** Rules of the file; undefined for podstamp's own order. */
  readonly rules: PodRules | undefined;
  /** resourceKeys() with those of the rules. */
  readonly keys: KeySet;
  readonly uidOf: (uid: string) => string;
};

/**
 * Finds who a request's telemetry is of: by the rules of the file, or by container.id of the resource where the directory
 * knows it, else container.id of each record, else all that the resource names, else who sent it.
 */
export function findTargets(batch: Batch, options: TargetOptions): Targets {
  const reading = read(batch.signal, whole(batch.bytes), options.keys);
  const request = { reading, mode: modeOf(batch, options.mode), peer: batch.peer, isFromSdk: batch.isFromSdk };
  const { resources } = reading;
  const [first] = resources;
  const targets =
    resources.length === 1 && first !== undefined
      ? targetsOf(first, request, options)
      : resources.flatMap((resource) => targetsOf(resource, request, options));
  return { reading, mode: request.mode, targets };
}

/** Gives the memory of targets back, once: nobody looks at their groups any more. Those that are not given back are left to the collector. */
export function giveBack({ targets }: Targets): void {
  let last: Grouping | undefined;
  for (const { grouping } of targets) {
    if (grouping !== last) grouping?.giveBack();
    last = grouping;
  }
}

type Request = Pick<Targets, "reading" | "mode"> & Sender;

function targetsOf(resource: ResourceReading, request: Request, options: TargetOptions): readonly Target[] {
  const { directory, rules, keys } = options;
  const { reading, mode, peer, isFromSdk } = request;
  if (rules !== undefined) {
    const identify = identifierOf(rules, { resource, keys, peer, directory });
    if (mode === "off" || rules.recordKeys.keys.length === 0) return wholly(resource, identify(undefined, 0));
    return byRecords(reading, resource, { identify, mode, wanted: rules.recordKeys });
  }
  const identity = identifyContainer(podOfResource(resource).containerId);
  const isKnown = identity?.kind === "named" && directory.findAny(identity.candidates).status !== "missing";
  if (identity !== undefined && isKnown) return wholly(resource, identity);
  // Asked for at most once, and not at all where each record names its container.
  const otherwise = () => identifyResource(resource, { directory, peer, isFromSdk, uidOf: options.uidOf });
  if (mode === "off") return wholly(resource, otherwise());
  const identify: Identify = (grouping, index) =>
    index === 0 ? otherwise() : (identifyContainer(grouping?.value(index, 0)) ?? none);
  return byRecords(reading, resource, { identify, mode, wanted: ownRecordKeys });
}

function wholly(resource: ResourceReading, identity: Identity, isRecordLevel = false): readonly Target[] {
  return [{ resource, grouping: undefined, group: 0, identity, isRecordLevel }];
}

/** Whose the records of a group are; those of group 0 name nothing, nor does a resource without groups. */
type Identify = (grouping: Grouping | undefined, group: number) => Identity;

type Resource = {
  readonly resource: ResourceReading;
  readonly keys: KeySet;
  readonly peer: string | undefined;
  readonly directory: Directory;
};

/** Tells by the rules whose records with some values are. */
function identifierOf(rules: PodRules, { resource, keys, peer, directory }: Resource): Identify {
  const ofResource = (name: string) => {
    const index = keys.keys.indexOf(name);
    return resource.values[index] ?? resource.numbers[index];
  };
  return (grouping, index) => {
    const { keys: names } = rules.recordKeys;
    const valueOf = (at: number) => grouping?.value(index, at);
    const ruledBy = (value: (at: number) => string | undefined): Identity => {
      const taken = rules.take({ resource: ofResource, record: (name) => value(names.indexOf(name)), peer });
      return taken === undefined ? none : { kind: "ruled", taken };
    };
    const identity = ruledBy(valueOf);
    const isOfProcess = identity.kind === "ruled" && identity.taken.isOfProcess;
    const sender = isOfProcess ? unknownSender(peer, directory) : undefined;
    if (sender === undefined) return identity;
    // The groups may be given back until then.
    const values = names.map((_, at) => valueOf(at));
    return { kind: "unplaced", sender, identify: () => ruledBy((at) => values[at]) };
  };
}

/** Samples of profiles share their attributes with others: what is of one container can only be written on a resource. */
function modeOf({ signal }: Batch, mode: RecordMode): RecordMode {
  return signal === "profiles" && mode === "inline" ? "regroup" : mode;
}

function byRecords(
  reading: Reading,
  resource: ResourceReading,
  { identify, mode, wanted }: { identify: Identify; mode: RecordMode; wanted: KeySet },
): readonly Target[] {
  if (areNamesUnreadable(reading, wanted)) {
    const otherwise = identify(undefined, 0);
    const isNamed = otherwise.kind !== "none" && otherwise.kind !== "sent";
    const identity: Identity = isNamed ? otherwise : { kind: "unreadable" };
    return wholly(resource, identity);
  }
  const grouping = group(reading, resource, wanted);
  const named = grouping.groups - 1;
  const unnamed = sizeOfGroup(grouping, 0);
  /** The resource as a whole, which is whose its only records are. */
  const onlyTarget = (index: number): readonly Target[] => {
    const identity = identify(grouping, index);
    grouping.giveBack();
    return wholly(resource, identity, isOfRecords(identity, index));
  };
  const targetOf = (index: number): Target => {
    const identity = identify(grouping, index);
    return { resource, grouping, group: index, identity, isRecordLevel: isOfRecords(identity, index) };
  };
  if (grouping.count === 0) return onlyTarget(0);
  const size = reading.bytes.length;
  const mayBeTooMuch = mode === "regroup" && isTooMuchMore(mostRepeatedBytes(grouping), size);
  if (mayBeTooMuch && isTooMuchMore(repeatedBytes(grouping), size)) {
    grouping.giveBack();
    return wholly(resource, { kind: "too_many" }, true);
  }
  // Records that are all of one container need not move: their resource gets the stamp. Inline they keep it themselves.
  if (named === 0 || (named === 1 && unnamed === 0 && mode === "regroup")) return onlyTarget(named);
  // In the order of their first records: those with names were made in it.
  const targets: Target[] = [];
  const firstUnnamed = unnamed > 0 ? (grouping.order[0] ?? 0) : Infinity;
  let isPlaced = unnamed === 0;
  for (let index = 1; index <= named; index++) {
    if (!isPlaced && firstUnnamed < (grouping.order[beginOf(grouping, index)] ?? Infinity)) {
      targets.push(targetOf(0));
      isPlaced = true;
    }
    targets.push(targetOf(index));
  }
  if (!isPlaced) targets.push(targetOf(0));
  return targets;
}

/** The target with whom it is of, once who sent it has been asked for. */
export function placed(target: Target): Target {
  if (target.identity.kind !== "unplaced") return target;
  const identity = target.identity.identify();
  return { ...target, identity, isRecordLevel: isOfRecords(identity, target.group) };
}

/** Whether the records of the group have said whose they are. */
function isOfRecords(identity: Identity, index: number): boolean {
  return identity.kind === "ruled" ? identity.taken.isRecordLevel : index !== 0 && identity.kind !== "none";
}
