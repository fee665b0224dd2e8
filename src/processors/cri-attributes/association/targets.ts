import type { Directory } from "../../../containers/directory.ts";
import { type KeySet, keySet } from "../../../otlp/wire/keys.ts";
import {
  areNamesUnreadable,
  beginOf,
  group,
  type Grouping,
  mostRepeatedBytes,
  repeatedBytes,
} from "../../../otlp/parting/grouping.ts";
import { read, type Reading, type ResourceReading } from "../../../otlp/reading.ts";
import type { Batch } from "../../../pipeline/contract.ts";
import { isTooMuchMore } from "./growth.ts";
import { type Identity, identifyContainer, identifyResource, podOfResource } from "./identity.ts";
import type { PodRules } from "./pod-rules.ts";
import { whole } from "../../../otlp/rope/rope.ts";

/** What is done with IDs on records: see record_attributes. */
export type RecordMode = "regroup" | "inline" | "off";

/** A part of a request that gets one stamp: a whole resource, or those records of it that name the same container. */
export type Target = {
  readonly resource: ResourceReading;
  /** Undefined for the whole resource. */
  readonly records: { readonly grouping: Grouping; readonly index: number } | undefined;
  readonly identity: Identity;
  /** Whether the records said so, and not the resource. */
  readonly isRecordLevel: boolean;
};

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
  const request = { reading, mode: modeOf(batch, options.mode), peer: batch.peer };
  const { resources } = reading;
  const [first] = resources;
  const targets =
    resources.length === 1 && first !== undefined
      ? targetsOf(first, request, options)
      : resources.flatMap((resource) => targetsOf(resource, request, options));
  return { reading, mode: request.mode, targets };
}

type Request = Pick<Targets, "reading" | "mode"> & { readonly peer: string | undefined };

function targetsOf(resource: ResourceReading, request: Request, options: TargetOptions): readonly Target[] {
  const { directory, rules, keys } = options;
  const { reading, mode, peer } = request;
  if (rules !== undefined) {
    const identify = identifierOf(rules, { resource, keys, peer });
    if (mode === "off" || rules.recordKeys.keys.length === 0) return wholly(resource, identify(undefined).identity);
    return byRecords(reading, resource, { identify, mode, wanted: rules.recordKeys });
  }
  const identity = identifyContainer(podOfResource(resource).containerId);
  const isKnown = identity?.kind === "named" && directory.findAny(identity.candidates).status !== "missing";
  if (identity !== undefined && isKnown) return wholly(resource, identity);
  // Asked for at most once, and not at all where each record names its container.
  const otherwise = () => identifyResource(resource, { directory, peer, uidOf: options.uidOf });
  if (mode === "off") return wholly(resource, otherwise());
  const identify = (values: Values): Identified =>
    values === undefined
      ? { identity: otherwise(), isRecordLevel: false }
      : { identity: identifyContainer(values[0]) ?? none, isRecordLevel: true };
  return byRecords(reading, resource, { identify, mode, wanted: ownRecordKeys });
}

function wholly(resource: ResourceReading, identity: Identity): readonly Target[] {
  return [{ resource, records: undefined, identity, isRecordLevel: false }];
}

/** The values of records for the keys by which they are told apart; undefined for those that name nothing. */
type Values = readonly (string | undefined)[] | undefined;
type Identified = { readonly identity: Identity; readonly isRecordLevel: boolean };

type Resource = { readonly resource: ResourceReading; readonly keys: KeySet; readonly peer: string | undefined };

/** Tells by the rules whose records with some values are. */
function identifierOf(rules: PodRules, { resource, keys, peer }: Resource): (values: Values) => Identified {
  const ofResource = (name: string) => {
    const index = keys.keys.indexOf(name);
    return resource.values[index] ?? resource.numbers[index];
  };
  return (values) => {
    const taken = rules.take({
      resource: ofResource,
      record: (name) => values?.[rules.recordKeys.keys.indexOf(name)],
      peer,
    });
    return taken === undefined
      ? { identity: none, isRecordLevel: false }
      : { identity: { kind: "ruled", taken }, isRecordLevel: taken.isRecordLevel };
  };
}

/** Samples of profiles share their attributes with others: what is of one container can only be written on a resource. */
function modeOf({ signal }: Batch, mode: RecordMode): RecordMode {
  return signal === "profiles" && mode === "inline" ? "regroup" : mode;
}

function byRecords(
  reading: Reading,
  resource: ResourceReading,
  { identify, mode, wanted }: { identify: (values: Values) => Identified; mode: RecordMode; wanted: KeySet },
): readonly Target[] {
  if (areNamesUnreadable(reading, wanted)) {
    const { identity: otherwise } = identify(undefined);
    const isNamed = otherwise.kind !== "none" && otherwise.kind !== "sent";
    const identity: Identity = isNamed ? otherwise : { kind: "unreadable" };
    return [{ resource, records: undefined, identity, isRecordLevel: false }];
  }
  const grouping = group(reading, resource, wanted);
  const filled = filledGroups(grouping);
  const target = (index: number, records: Target["records"]): Target => {
    const { identity, isRecordLevel } = identify(index === 0 ? undefined : grouping.values[index]);
    return { resource, records, identity, isRecordLevel };
  };
  const [only] = filled;
  if (only === undefined) return [target(0, undefined)];
  const size = reading.bytes.length;
  const mayBeTooMuch = mode === "regroup" && isTooMuchMore(mostRepeatedBytes(grouping), size);
  if (mayBeTooMuch && isTooMuchMore(repeatedBytes(grouping), size)) {
    return [{ resource, records: undefined, identity: { kind: "too_many" }, isRecordLevel: true }];
  }
  // Records that are all of one container need not move: their resource gets the stamp. Inline they keep it themselves.
  if (filled.length === 1 && (mode === "regroup" || only === 0)) return [target(only, undefined)];
  return filled.map((index) => target(index, { grouping, index }));
}

/** The groups that have records, in the order of their first ones: those with names were made in it. */
function filledGroups(grouping: Grouping): readonly number[] {
  const { order, ends } = grouping;
  const unnamed = (ends[0] ?? 0) > 0 ? (order[0] ?? Infinity) : Infinity;
  const filled: number[] = [];
  let isPlaced = unnamed === Infinity;
  for (let index = 1; index < ends.length; index++) {
    if (!isPlaced && unnamed < (order[beginOf(grouping, index)] ?? Infinity)) {
      filled.push(0);
      isPlaced = true;
    }
    filled.push(index);
  }
  if (!isPlaced) filled.push(0);
  return filled;
}
