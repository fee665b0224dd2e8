import { Cursor } from "../wire/cursor.ts";
import type { KeySet } from "../wire/keys.ts";
import { type FrameRole, type Level, resourceLevel } from "../levels.ts";
import type { Reading, ResourceReading } from "../reading.ts";
import { attributeNames, noNames, type RecordNames } from "../record-names.ts";
import { sampleNames, type SampleNames } from "../sample-names.ts";
import { giveBackLists, type Lists } from "./lists.ts";
import { slabSorterFor } from "./slab-sorter.ts";
import { Sorter } from "./sorter.ts";
import { text } from "../wire/text.ts";

/**
 * The records of one resource, sorted into groups by the values of their own attributes.
 * Flat numbers instead of objects: a request can hold ten thousand records.
 */
export type Grouping = {
  readonly resource: ResourceReading;
  /** The resource's fields beside its scopes, as ranges of the bytes: [start, stop, start, stop …]; Resource messages are all before. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** The messages between the resource and its records, each behind the one it is in. */
  readonly frames: readonly Frame[];
  /** Offsets of the record's tag and behind it, index of the frame it is in; records in their order. */
  readonly starts: readonly number[];
  readonly stops: readonly number[];
  readonly frameOf: readonly number[];
  /** The records, as indices, group by group and in each in their order; group 0 are those that name nothing. */
  readonly order: readonly number[];
  /** For each group the place in `order` behind its last record; it begins where the one before ends. */
  readonly ends: readonly number[];
  /** How many records and groups there are: what stands behind them in the lists is of others. */
  readonly count: number;
  readonly groups: number;
  /** The value by which a group was made, for one of the wanted keys; none for group 0. */
  value(group: number, key: number): string | undefined;
  /** Gives the lists back: nobody looks at the grouping any more. A second time does nothing: they are another request's by then. */
  giveBack(): void;
};

/** A message around records: a scope, a metric, a metric's data, a profile. */
export type Frame = {
  /** Its field number in the message that it is in, and the index of that; -1 is the resource. */
  readonly no: number;
  readonly parent: number;
  /** Offsets of its tag and behind it, and its content, as ranges: one, but for a metric's data that comes in pieces and counts as one. */
  readonly tag: number;
  readonly stop: number;
  readonly contents: readonly number[];
  /** What stands between the pieces and is not of it. */
  readonly between: readonly number[];
  /** What stands in it beside records and other frames, as ranges. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** What goes only with the first of its records when they part. */
  readonly once: readonly number[];
  /** Its records: the index of the first one and behind the last. */
  readonly from: number;
  readonly to: number;
  /** The number of the attributes in its records. */
  readonly attributes: number;
};

/** Sorts the records of a resource by the values of the wanted record attributes; a key that stands more than once counts as in read(). */
export function group(reading: Reading, resource: ResourceReading, wanted: KeySet): Grouping {
  const names = reading.strings === undefined ? attributeNames(wanted, reading) : samplesOf(reading, wanted).names;
  const inSlab = reading.strings === undefined ? slabSorterFor(reading, wanted) : undefined;
  const sorter = new Sorter(names, reading, inSlab);
  const frames: OpenFrame[] = [];
  const own: Own = { before: none, after: none, once: none };
  const cursor = new Cursor(reading.bytes, resource.start, resource.stop);
  readInside({ cursor, sorter, names, frames }, resourceLevel(reading.signal), { index: -1, own, onceFields: [] });
  sorter.sort();
  const { before, after } = own;
  const { lists, count, groups } = sorter;
  const { starts, stops, frameOf, order, ends, nameStarts, nameStops } = lists;
  let lent: Lists | undefined = lists;
  return {
    resource,
    before,
    after,
    frames,
    starts,
    stops,
    frameOf,
    order,
    ends,
    count,
    groups,
    value(number, key) {
      const at = number * wanted.keys.length + key;
      const start = nameStarts[at] ?? -1;
      return number === 0 || start < 0 ? undefined : text(reading.view, start, nameStops[at] ?? start);
    },
    giveBack() {
      if (lent !== undefined) giveBackLists(lent);
      lent = undefined;
    },
  };
}

/** The place in `order` where a group begins. */
export function beginOf({ ends }: Pick<Grouping, "ends">, group: number): number {
  return group === 0 ? 0 : (ends[group - 1] ?? 0);
}

/** How many records a group has. */
export function sizeOfGroup(grouping: Pick<Grouping, "ends">, group: number): number {
  return (grouping.ends[group] ?? 0) - beginOf(grouping, group);
}

/** Whether records may be named by the wanted attributes in a way that nobody can tell from something else. */
export function areNamesUnreadable(reading: Reading, wanted: KeySet): boolean {
  return reading.strings !== undefined && samplesOf(reading, wanted).status === "unreadable";
}

type Samples = { readonly status: SampleNames["status"]; readonly names: RecordNames };

/** Read once for a request: all its resources share the dictionary. */
const samplesByReading = new WeakMap<Reading, Map<KeySet, Samples>>();

function samplesOf(reading: Reading, wanted: KeySet): Samples {
  const known = samplesByReading.get(reading) ?? new Map<KeySet, Samples>();
  samplesByReading.set(reading, known);
  let samples = known.get(wanted);
  if (samples === undefined) {
    const found: SampleNames =
      wanted.keys.length === 0 || reading.strings === undefined
        ? { status: "nameless" }
        : sampleNames(reading.bytes, reading.strings(), wanted);
    samples = { status: found.status, names: found.status === "named" ? found.names : noNames() };
    known.set(wanted, samples);
  }
  return samples;
}

type Own = { before: Ranges; after: Ranges; once: Ranges };
type OpenFrame = Omit<Frame, "stop" | "to" | "attributes" | "before" | "after" | "once" | "contents" | "between"> &
  Own & { stop: number; contents: Ranges; between: Ranges; to: number; attributes: number };
/** [start, stop, start, stop …]; each is what extended() gave, which goes on with it. */
type Ranges = number[];
const none: Ranges = [];
type Walk = {
  readonly cursor: Cursor;
  readonly sorter: Sorter;
  readonly names: RecordNames;
  readonly frames: OpenFrame[];
};
type Place = { readonly index: number; readonly own: Own; readonly onceFields: readonly number[] };

/** Reads the message that the cursor is in: its frames, its records and what is its own. */
function readInside(walk: Walk, level: Level, { index, own, onceFields }: Place): void {
  const { cursor, sorter, frames } = walk;
  const from = level.isOneof ? lastKind(cursor, level) : 0;
  let seen = (frames[index]?.from ?? 0) < sorter.count && index >= 0;
  let data: number | undefined;
  while (cursor.next()) {
    const { field, tag, stop } = cursor;
    const role = field < level.fields.length ? level.fields[field]?.role : undefined;
    if (role?.kind === "record") {
      seen = true;
      const frame = frames[index];
      if (frame !== undefined) frame.attributes = role.attributes;
      sorter.add(cursor, index, role.attributes);
    } else if (role?.kind === "frame" && tag >= from) {
      seen = true;
      // Of a oneof there is one message, in as many pieces as it comes.
      if (data === undefined || !level.isOneof) data = openFrame(walk, index);
      readFrame(walk, role, data);
    } else if (onceFields.includes(field)) own.once = extended(own.once, tag, stop);
    // A Resource message behind the scopes counts like one before them: its fields are merged.
    else if (seen && role?.kind !== "resource") own.after = extended(own.after, tag, stop);
    else own.before = extended(own.before, tag, stop);
  }
}

function openFrame({ cursor, sorter, frames }: Walk, parent: number): number {
  const { field: no, tag, stop } = cursor;
  const from = sorter.count;
  const own = { before: none, after: none, once: none, contents: none, between: none };
  return frames.push({ no, parent, tag, stop, ...own, from, to: from, attributes: 0 }) - 1;
}

/** Reads the message under the cursor into the frame. */
function readFrame(walk: Walk, { inside, isInner }: FrameRole, index: number): void {
  const { cursor, sorter, frames, names } = walk;
  const frame = frames[index];
  if (frame === undefined) return;
  const onceFields = isInner ? names.enter(cursor).onceFields : [];
  if (frame.contents.length > 0) frame.between = extended(frame.between, frame.stop, cursor.tag);
  frame.contents = added(frame.contents, cursor.start, cursor.stop);
  frame.stop = cursor.stop;
  const outer = cursor.enter();
  readInside(walk, inside, { index, own: frame, onceFields });
  cursor.leave(outer);
  frame.to = sorter.count;
}

/** Where the last run of fields of one kind begins, of a oneof of which only they count. */
function lastKind(cursor: Cursor, level: Level): number {
  const { pos } = cursor;
  let from = 0;
  let last = 0;
  while (cursor.next()) {
    const { field, tag } = cursor;
    if (field === last || level.fields[field]?.role.kind !== "frame") continue;
    last = field;
    from = tag;
  }
  cursor.pos = pos;
  return from;
}

/** The ranges and [start, stop), joined with the last one where they touch. */
function extended(ranges: Ranges, start: number, stop: number): Ranges {
  const last = ranges.length - 1;
  if (start === stop) return ranges;
  if (last < 0 || ranges[last] !== start) return added(ranges, start, stop);
  ranges[last] = stop;
  return ranges;
}

/** The ranges and one more. Mostly there is only one: a list that grows takes room for seventeen numbers. */
function added(ranges: Ranges, start: number, stop: number): Ranges {
  if (ranges.length === 0) return [start, stop];
  ranges.push(start, stop);
  return ranges;
}

/** The frame right inside `outer` that `inner` is, or is in; -1 when it is outside. */
export function frameInside({ frames }: Grouping, inner: number, outer: number): number {
  let at = inner;
  while (at >= 0 && frames[at]?.parent !== outer) at = frames[at]?.parent ?? -1;
  return at;
}
