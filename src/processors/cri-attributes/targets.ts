import type { Directory } from "../../containers/directory.ts";
import { keySet } from "../../otlp/keys.ts";
import { areNamesUnreadable, group, type Grouping, repeatedBytes } from "../../otlp/grouping.ts";
import { read, type Reading, type ResourceReading } from "../../otlp/reading.ts";
import type { Batch } from "../../pipeline/contract.ts";
import { isTooMuchMore } from "./growth.ts";
import { type Identity, identifyContainer, identifyResource, podOfResource, resourceKeys } from "./identity.ts";
import { whole } from "../../otlp/rope.ts";

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

const recordKeys = keySet(["container.id"]);

const none: Identity = { kind: "none" };

/**
 * Finds who a request's telemetry is of: container.id of the resource where the directory knows it, else container.id of
 * each record, else all that the resource names, else who sent it.
 */
export function findTargets(
  batch: Batch,
  options: { readonly mode: RecordMode; readonly directory: Directory },
): Targets {
  const { directory } = options;
  const reading = read(batch.signal, whole(batch.bytes), resourceKeys);
  const mode = modeOf(batch, options.mode);
  const targets = reading.resources.flatMap((resource): readonly Target[] => {
    const identity = identifyContainer(podOfResource(resource).containerId);
    const isKnown = identity?.kind === "named" && directory.findAny(identity.candidates).status !== "missing";
    if (identity !== undefined && isKnown) return [{ resource, records: undefined, identity, isRecordLevel: false }];
    const otherwise = identifyResource(resource, { directory, peer: batch.peer });
    if (mode === "off") return [{ resource, records: undefined, identity: otherwise, isRecordLevel: false }];
    return byRecords(reading, resource, { otherwise, mode });
  });
  return { reading, mode, targets };
}

/** Samples of profiles share their attributes with others: what is of one container can only be written on a resource. */
function modeOf({ signal }: Batch, mode: RecordMode): RecordMode {
  return signal === "profiles" && mode === "inline" ? "regroup" : mode;
}

function byRecords(
  reading: Reading,
  resource: ResourceReading,
  { otherwise, mode }: { otherwise: Identity; mode: RecordMode },
): readonly Target[] {
  if (areNamesUnreadable(reading, recordKeys)) {
    const isNamed = otherwise.kind !== "none" && otherwise.kind !== "sent";
    const identity: Identity = isNamed ? otherwise : { kind: "unreadable" };
    return [{ resource, records: undefined, identity, isRecordLevel: false }];
  }
  const grouping = group(reading, resource, recordKeys);
  const filled = grouping.groups
    .map((records, index) => ({ index, first: records[0] ?? -1 }))
    .filter(({ first }) => first >= 0);
  const target = (index: number, records: Target["records"]): Target =>
    index === 0
      ? { resource, records, identity: otherwise, isRecordLevel: false }
      : { resource, records, identity: identifyContainer(grouping.values[index]?.[0]) ?? none, isRecordLevel: true };
  const [only] = filled;
  if (only === undefined) return [target(0, undefined)];
  if (mode === "regroup" && isTooMuchMore(repeatedBytes(grouping), reading.bytes.length)) {
    return [{ resource, records: undefined, identity: { kind: "too_many" }, isRecordLevel: true }];
  }
  // Records that are all of one container need not move: their resource gets the stamp. Inline they keep it themselves.
  if (filled.length === 1 && (mode === "regroup" || only.index === 0)) return [target(only.index, undefined)];
  return filled.toSorted((a, b) => a.first - b.first).map(({ index }) => target(index, { grouping, index }));
}
