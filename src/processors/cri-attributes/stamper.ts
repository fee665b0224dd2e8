import { parseContainerRef } from "../../containers/names/container-ref.ts";
import type { Entry } from "../../containers/index/entry.ts";
import { keySet } from "../../otlp/wire/keys.ts";
import { sizeOfGroup } from "../../otlp/parting/grouping.ts";
import { Splice } from "../../otlp/rope/splice.ts";
import { createStamp, type Stamp } from "../../otlp/stamping/stamp.ts";
import type { Mode } from "../../otlp/stamping/put-stamp.ts";
import { groupWriter, recordsOf, writeInline, writeRequest, writeResource } from "../../otlp/stamping/stamping.ts";
import { isTooMuchMore } from "./association/growth.ts";
import { attributesOf, containerKeys, type Extraction, podKeys, presentStays } from "./extract/extraction.ts";
import { entitiesOf } from "./entities.ts";
import { factsOf } from "./extract/facts.ts";
import type { Supplement } from "./extract/supplement.ts";
import { podOfResource } from "./association/identity.ts";
import { isOfOther } from "./association/other-pod.ts";
import type { RecordMode, Target, Targets } from "./association/targets.ts";
import type { Bytes } from "../../otlp/rope/rope.ts";

export type StamperOptions = {
  readonly extraction: Extraction;
  readonly supplement: Supplement;
  readonly nodeName: string;
  readonly override: boolean;
  readonly mode: RecordMode;
  /** Whether resources tell of which entities they are. */
  readonly hasEntities: boolean;
};

/** A target with what was found out about it; without an entry it leaves as it came. */
export type Decided = {
  readonly target: Target;
  readonly entry: Entry | undefined;
  /** False when it is of a run of the container that nobody knows. */
  readonly isRunKnown?: boolean;
  /** What is written without an entry. */
  readonly extra?: Stamp | undefined;
  /** stampsOf() the entry, where that is at hand. */
  readonly stamps?: Stamps | undefined;
};

/** What is written of an entry, by whose the resource is. */
export type Stamps = Readonly<Record<Owner, Stamp & Mode>>;

/** Writes requests with the attributes of containers in them. */
export type Stamper = {
  /** What is written of an entry, whose run is known; it is the same for as long as the entry and what else is known of it are. */
  stampsOf(entry: Entry): Stamps;
  /**
   * The decided targets, in the order of the request, as a request; the very same bytes when they are the whole of it and nothing is
   * added. Undefined when it would be made much larger than it came, which no honest sender's is.
   */
  write(targets: Targets, decided: readonly Decided[], options: { readonly withRest: boolean }): Bytes | undefined;
};

/** Whose the resource is on which the stamp of a record goes: its own, another container's of its pod, another pod's. */
type Owner = "own" | "container" | "pod";

/** Makes a stamper; each entry is encoded once, for as long as it and what else is known of it are the same. */
export function createStamper(options: StamperOptions): Stamper {
  const { extraction, supplement } = options;
  type Known = { readonly version: number; readonly of: Stamps };
  const stamps = new WeakMap<Entry, Known>();
  const stampsOfNoRun = new WeakMap<Entry, Known>();

  const stampsOf = (entry: Entry, isRunKnown: boolean): Stamps => {
    const known = isRunKnown ? stamps : stampsOfNoRun;
    const version = supplement.version();
    const before = known.get(entry);
    if (before?.version === version) return before.of;
    const stamp = createStamp(attributesOf(factsOf(entry, options), extraction, { isRunKnown }));
    const stays = extraction.dialect === "collector" ? positionsIn(stamp, presentStays) : undefined;
    const entities = options.hasEntities ? entitiesOf(stamp.keys.keys) : undefined;
    const of = {
      own: { ...stamp, override: options.override, stays, entities },
      container: { ...clearing(stamp, containerKeys), override: true, entities },
      pod: { ...clearing(stamp, [...podKeys, ...containerKeys]), override: true, entities },
    };
    known.set(entry, { version, of });
    return of;
  };

  const stampOf = (
    { target, entry, extra, isRunKnown = true, stamps: own }: Decided,
    mode: RecordMode,
  ): (Stamp & Mode) | undefined => {
    if (entry === undefined) return extra && { ...extra, override: options.override };
    // Inline the stamp goes on the record, and what stands there already is the record's own.
    const isInline = mode === "inline" && target.grouping !== undefined;
    return (own ?? stampsOf(entry, isRunKnown))[isInline ? "own" : ownerOf(target, entry, supplement)];
  };

  /** Appends the targets of one resource. */
  const writeTargets = (out: Splice, { reading, mode }: Targets, decided: readonly Decided[]) => {
    const [first] = decided;
    if (first === undefined) return;
    const { resource, grouping } = first.target;
    if (grouping === undefined) return writeResource(out, reading, resource, stampOf(first, mode));
    if (mode === "inline") {
      const stamped = new Map(decided.map((one) => [one.target.group, stampOf(one, mode)]));
      return writeInline(out, reading, grouping, (index) => stamped.get(index));
    }
    const left = recordsLeft(decided);
    if (left.length === grouping.count) return writeResource(out, reading, resource, undefined);
    // Those of whom nothing is known stay together, in their order, where the first of them stood.
    let hasWrittenLeft = false;
    const write = groupWriter(out, reading, grouping);
    for (const one of decided) {
      if (one.entry !== undefined) write(recordsOf(grouping, one.target.group), stampOf(one, mode));
      else if (!hasWrittenLeft) {
        hasWrittenLeft = true;
        write({ list: left.toSorted((a, b) => a - b), from: 0, to: left.length }, undefined);
      }
    }
  };

  return {
    stampsOf: (entry) => stampsOf(entry, true),
    write(targets, decided, { withRest }) {
      const { reading } = targets;
      const out = new Splice(reading.bytes, piecesFor(decided));
      const byResource = reading.resources.length === 1 ? [decided] : inRuns(decided);
      // What all resources of a profiles request point to goes with each part of it.
      if (withRest || reading.strings !== undefined) {
        let next = 0;
        writeRequest(out, reading, (resource) => {
          if (byResource[next]?.[0]?.target.resource === resource) writeTargets(out, targets, byResource[next++] ?? []);
        });
      } else for (const run of byResource) writeTargets(out, targets, run);
      return isTooMuchMore(out.length - reading.bytes.length, reading.bytes.length) ? undefined : out.toRope();
    },
  };
}

function positionsIn({ keys }: Stamp, wanted: readonly string[]): ReadonlySet<number> {
  return new Set(wanted.map((key) => keys.keys.indexOf(key)).filter((index) => index >= 0));
}

/** About how many pieces what is written is made of. */
function piecesFor(decided: readonly Decided[]): number {
  let pieces = 8;
  for (const { target } of decided)
    pieces += 8 + (target.grouping === undefined ? 0 : sizeOfGroup(target.grouping, target.group));
  return pieces;
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

/** The records of whom nothing is known. */
function recordsLeft(decided: readonly Decided[]): readonly number[] {
  const left: number[] = [];
  for (const { entry, target } of decided) {
    if (entry !== undefined || target.grouping === undefined) continue;
    const { list, from, to } = recordsOf(target.grouping, target.group);
    for (let at = from; at < to; at++) left.push(list[at] ?? 0);
  }
  return left;
}

/** The stamp, with which also those of `keys` go that it does not write itself. */
function clearing(stamp: Stamp, keys: readonly string[]): Stamp {
  const own = stamp.keys.keys;
  const cleared = keys.filter((key) => !own.includes(key));
  const within = (index: number) => Math.min(index, own.length);
  return {
    keys: keySet([...own, ...cleared]),
    // An attribute of no bytes takes the place of one that is there.
    slice: (field, from, to) => stamp.slice(field, within(from), within(to)),
    missing: stamp.missing,
  };
}

/**
 * Whose the resource is: it can be an agent's own, say, that sends spans of many containers. Then what it says about its
 * pod must not stay on what is of another.
 */
function ownerOf(target: Target, entry: Entry, supplement: Supplement): Owner {
  if (!target.isRecordLevel) return "own";
  const said = podOfResource(target.resource);
  const { containerId, containerName } = said;
  if (isOfOther(said, entry, (uid) => supplement.runtimeUid(uid) ?? uid)) return "pod";
  const isOtherContainer =
    (containerId !== undefined && !isIdOf(containerId, entry)) ||
    (containerName !== undefined && (entry.kind === "pod" || containerName !== entry.facts.name));
  return isOtherContainer ? "container" : "own";
}

function isIdOf(text: string, { id }: Entry): boolean {
  const ref = parseContainerRef(text);
  return ref !== undefined && (ref.id === id || (ref.mayBePrefix && id.startsWith(ref.id)));
}
