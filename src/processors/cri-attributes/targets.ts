import type { ContainerRef } from "../../containers/container-ref.ts";
import { parseContainerRef } from "../../containers/container-ref.ts";
import { keySet } from "../../otlp/keys.ts";
import { areNamesUnreadable, group, type Grouping, repeatedBytes } from "../../otlp/grouping.ts";
import { read, type Reading, type ResourceReading } from "../../otlp/reading.ts";
import type { Batch } from "../../pipeline/contract.ts";
import { isTooMuchMore } from "./growth.ts";
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

/** What a target says about where it comes from. */
export type Identity =
  | { readonly kind: "container"; readonly ref: ContainerRef }
  /** It names a container in a way that no runtime does. */
  | { readonly kind: "invalid" }
  /** Its records name so many containers that moving them would make the request many times larger. */
  | { readonly kind: "too_many" }
  /** It is a profile of which nobody can tell where its samples have their attributes. */
  | { readonly kind: "unreadable" }
  | { readonly kind: "none" };

export type Targets = {
  readonly reading: Reading;
  /** What is done with IDs on records of this signal. */
  readonly mode: RecordMode;
  /** In the order of the request. */
  readonly targets: readonly Target[];
};

/** Resource attributes that are read: the identity, and what shows that a resource is someone else's than its records. */
export const resourceKeys = keySet(["container.id", "k8s.pod.uid", "k8s.pod.name"]);
const recordKeys = keySet(["container.id"]);

const none: Identity = { kind: "none" };

/**
 * Finds who a request's telemetry is of: one explicit identity after the other, container.id of the resource where the
 * directory knows it, else container.id of each record, else the resource's all the same.
 */
export function findTargets(
  batch: Batch,
  options: { readonly mode: RecordMode; readonly isKnown: (ref: ContainerRef) => boolean },
): Targets {
  const reading = read(batch.signal, whole(batch.bytes), resourceKeys);
  const mode = modeOf(batch, options.mode);
  const targets = reading.resources.flatMap((resource): readonly Target[] => {
    const identity = identify(resource.values[0]);
    if (mode === "off" || (identity.kind === "container" && options.isKnown(identity.ref))) {
      return [{ resource, records: undefined, identity, isRecordLevel: false }];
    }
    return byRecords(reading, resource, { otherwise: identity, mode });
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
    const identity: Identity = otherwise.kind === "none" ? { kind: "unreadable" } : otherwise;
    return [{ resource, records: undefined, identity, isRecordLevel: false }];
  }
  const grouping = group(reading, resource, recordKeys);
  const filled = grouping.groups
    .map((records, index) => ({ index, first: records[0] ?? -1 }))
    .filter(({ first }) => first >= 0);
  const target = (index: number, records: Target["records"]): Target =>
    index === 0
      ? { resource, records, identity: otherwise, isRecordLevel: false }
      : { resource, records, identity: identify(grouping.values[index]?.[0]), isRecordLevel: true };
  const [only] = filled;
  if (only === undefined) return [target(0, undefined)];
  if (mode === "regroup" && isTooMuchMore(repeatedBytes(grouping), reading.bytes.length)) {
    return [{ resource, records: undefined, identity: { kind: "too_many" }, isRecordLevel: true }];
  }
  // Records that are all of one container need not move: their resource gets the stamp. Inline they keep it themselves.
  if (filled.length === 1 && (mode === "regroup" || only.index === 0)) return [target(only.index, undefined)];
  return filled.toSorted((a, b) => a.first - b.first).map(({ index }) => target(index, { grouping, index }));
}

function identify(text: string | undefined): Identity {
  if (text === undefined) return none;
  const ref = parseContainerRef(text);
  return ref === undefined ? { kind: "invalid" } : { kind: "container", ref };
}
