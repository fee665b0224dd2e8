import { parseContainerRef } from "../../containers/container-ref.ts";
import type { Entry } from "../../containers/entry.ts";
import type { Reading } from "../../otlp/reading.ts";
import { Splice } from "../../otlp/splice.ts";
import { createStamp, type Stamp } from "../../otlp/stamp.ts";
import { type Mode, writeGroup, writeInline, writeRequest, writeResource } from "../../otlp/stamping.ts";
import { isTooMuchMore } from "./growth.ts";
import { type AttributeChoice, attributesOf, factsOf } from "./attributes.ts";
import type { RecordMode, Target, Targets } from "./targets.ts";

export type StamperOptions = AttributeChoice & {
  readonly nodeName: string;
  readonly override: boolean;
  readonly mode: RecordMode;
};

/** A target with what was found out about it; without an entry it leaves as it came. */
export type Decided = { readonly target: Target; readonly entry: Entry | undefined };

/** Writes requests with the attributes of containers in them. */
export type Stamper = {
  /**
   * The decided targets, in the order of the request, as a request; the very same bytes when they are the whole of it and nothing is
   * added. Undefined when it would be made much larger than it came, which no honest sender's is.
   */
  write(targets: Targets, decided: readonly Decided[], options: { readonly withRest: boolean }): Uint8Array | undefined;
};

type StampPair = { readonly plain: Stamp & Mode; readonly foreign: Stamp & Mode };

/** Makes a stamper; each entry is encoded once, for as long as it is the same. */
export function createStamper(options: StamperOptions): Stamper {
  const stamps = new WeakMap<Entry, StampPair>();

  const stampsOf = (entry: Entry): StampPair => {
    let pair = stamps.get(entry);
    if (pair === undefined) {
      const stamp = createStamp(attributesOf(factsOf(entry, options.nodeName), options));
      pair = { plain: { ...stamp, override: options.override }, foreign: { ...stamp, override: true } };
      stamps.set(entry, pair);
    }
    return pair;
  };

  const stampOf = ({ target, entry }: Decided): (Stamp & Mode) | undefined => {
    if (entry === undefined) return undefined;
    const pair = stampsOf(entry);
    return isForeign(target, entry) ? pair.foreign : pair.plain;
  };

  /** Appends the targets of one resource. */
  const writeTargets = (out: Splice, reading: Reading, decided: readonly Decided[]) => {
    const [first] = decided;
    if (first === undefined) return;
    const { resource, records } = first.target;
    if (records === undefined) return writeResource(out, reading, resource, stampOf(first));
    if (options.mode === "inline") {
      const stamped = new Map(decided.map((one) => [one.target.records?.index, stampOf(one)]));
      return writeInline(out, reading, records.grouping, (index) => stamped.get(index));
    }
    const { grouping } = records;
    const left = decided.filter(({ entry }) => entry === undefined).flatMap(({ target }) => recordsOf(target));
    if (left.length === grouping.starts.length) return writeResource(out, reading, resource, undefined);
    // Those of whom nothing is known stay together, in their order, where the first of them stood.
    let hasWrittenLeft = false;
    for (const one of decided) {
      if (one.entry !== undefined) writeGroup(out, reading, grouping, { records: recordsOf(one.target), stamp: stampOf(one) });
      else if (!hasWrittenLeft) {
        hasWrittenLeft = true;
        writeGroup(out, reading, grouping, { records: left.toSorted((a, b) => a - b), stamp: undefined });
      }
    }
  };

  return {
    write({ reading }, decided, { withRest }) {
      const out = new Splice(reading.bytes);
      const byResource = inRuns(decided);
      if (withRest) {
        let next = 0;
        writeRequest(out, reading, (resource) => {
          if (byResource[next]?.[0]?.target.resource === resource) writeTargets(out, reading, byResource[next++] ?? []);
        });
      } else for (const run of byResource) writeTargets(out, reading, run);
      return isTooMuchMore(out.length - reading.bytes.length, reading.bytes.length) ? undefined : out.toBytes();
    },
  };
}

/** Neighbours of the same resource together. */
function inRuns(decided: readonly Decided[]): readonly (readonly Decided[])[] {
  const runs: Decided[][] = [];
  for (const one of decided) {
    const last = runs.at(-1);
    if (last?.[0]?.target.resource === one.target.resource) last.push(one);
    else runs.push([one]);
  }
  return runs;
}

function recordsOf({ records }: Target): readonly number[] {
  return records?.grouping.groups[records.index] ?? [];
}

/**
 * Whether the resource is someone else's than the record: an agent's own, say, that sends spans of many containers.
 * Then its pod's attributes must not stay on what is of another.
 */
function isForeign(target: Target, entry: Entry): boolean {
  if (!target.isRecordLevel) return false;
  const [containerId, podUid, podName] = target.resource.values;
  const pod = entry.kind === "pod" ? entry : entry.pod;
  return (
    (containerId !== undefined && !isIdOf(containerId, entry)) ||
    (podUid !== undefined && podUid !== pod?.facts.uid) ||
    (podName !== undefined && podName !== pod?.facts.name)
  );
}

function isIdOf(text: string, { id }: Entry): boolean {
  const ref = parseContainerRef(text);
  return ref !== undefined && (ref.id === id || (ref.mayBePrefix && id.startsWith(ref.id)));
}
