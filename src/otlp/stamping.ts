import { AttributeReader } from "./attribute.ts";
import { type Change, type Message, messageChange, writeChanged } from "./changes.ts";
import { Cursor, Wire } from "./cursor.ts";
import { type Entity, entityTypes } from "./entity-refs.ts";
import { type Frame, frameInside, type Grouping } from "./grouping.ts";
import { keyValueIndirection, type Reading, type ResourceReading } from "./reading.ts";
import type { Splice } from "./splice.ts";
import type { Stamp } from "./stamp.ts";

/** How a stamp is put on: existing attributes are kept unless they are empty, or replaced; those of `stays`, by index, are kept also empty. */
export type Mode = {
  readonly override: boolean;
  readonly stays?: ReadonlySet<number> | undefined;
  /** Entities that a resource is of from then on, unless it has one of the type. */
  readonly entities?: readonly Entity[] | undefined;
};

/** Appends the whole request: for each resource what `write` appends, between them the request's other fields as they are. */
export function writeRequest(
  out: Splice,
  reading: Reading,
  write: (resource: ResourceReading, index: number) => void,
): void {
  let at = 0;
  reading.resources.forEach((resource, index) => {
    out.copy(at, resource.tag);
    write(resource, index);
    at = resource.stop;
  });
  out.copy(at, reading.bytes.length);
}

/** Appends the resource as it is, or with the stamp on its Resource message. */
export function writeResource(
  out: Splice,
  reading: Reading,
  resource: ResourceReading,
  stamp: (Stamp & Mode) | undefined,
): void {
  const fields = [resource.start, resource.stop];
  const changes = stampResource(reading, fields, stamp);
  if (changes.length === 0) out.copy(resource.tag, resource.stop);
  else out.message(1, () => writeChanged(out, fields, changes));
}

/** Appends some of a resource's records as a resource of its own: its fields, the stamp, the frames that have one of the records. */
export function writeGroup(
  out: Splice,
  reading: Reading,
  grouping: Grouping,
  group: { records: readonly number[]; stamp: (Stamp & Mode) | undefined },
): void {
  out.message(1, () => {
    writeChanged(out, grouping.before, stampResource(reading, grouping.before, group.stamp));
    writeFrames(out, grouping, group.records);
    out.copyAll(grouping.after);
  });
}

/**
 * Appends the resource with each record of a stamped group carrying the stamp in its own attributes. Records that have
 * their attributes elsewhere, as samples of profiles do, stay as they are.
 */
export function writeInline(
  out: Splice,
  reading: Reading,
  grouping: Grouping,
  stampOf: (group: number) => (Stamp & Mode) | undefined,
): void {
  const { resource } = grouping;
  const changes = stampRecords(reading, grouping, stampOf);
  if (changes.length === 0) out.copy(resource.tag, resource.stop);
  else out.message(1, () => writeChanged(out, [resource.start, resource.stop], changes));
}

/** Appends those frames that have one of the records, each with its own fields and those records, in order. */
function writeFrames(out: Splice, grouping: Grouping, records: readonly number[]): void {
  const { frames, frameOf, starts, stops } = grouping;
  let next = 0;
  /** Appends the next records as long as they are inside this frame. */
  const writeInside = (index: number): void => {
    for (let record = records[next]; record !== undefined; record = records[next]) {
      if (frameOf[record] === index) {
        out.copy(starts[record] ?? 0, stops[record] ?? 0);
        next++;
        continue;
      }
      const inner = frameInside(grouping, frameOf[record] ?? -1, index);
      const frame = frames[inner];
      if (frame === undefined) return;
      const isFirst = frame.from === record;
      out.message(frame.no, () => {
        out.copyAll(frame.before);
        if (isFirst) out.copyAll(frame.once);
        writeInside(inner);
        out.copyAll(frame.after);
      });
    }
  };
  writeInside(-1);
}

/** The change that writes a frame with changes inside, in one piece. */
function frameChange({ no, tag, stop, contents, between }: Frame, inside: readonly Change[]): Change {
  return {
    start: tag,
    stop,
    write(out) {
      out.message(no, () => writeChanged(out, contents, inside));
      out.copyAll(between);
    },
  };
}

/** The changes that put the stamp on the Resource message among the fields in `ranges`: a missing one is made, split ones count as one. */
function stampResource(
  reading: Reading,
  ranges: readonly number[],
  stamp: (Stamp & Mode) | undefined,
): readonly Change[] {
  if (stamp === undefined || stamp.keys.keys.length === 0) return [];
  const messages: Message[] = [];
  forEachField(reading.bytes, ranges, ({ field, tag, start, stop }) => {
    if (field === 1) messages.push({ tag, start, stop });
  });
  const { entities = [] } = stamp;
  if (messages.length > 0) {
    const known = entities.length === 0 ? undefined : entityTypes(reading.bytes, messages);
    const more = entities.filter(({ type }) => known?.has(type) !== true).map(({ bytes }) => bytes);
    return stampMessages(reading, messages, { no: 1, field: 1, stamp, more });
  }
  const start = ranges[0] ?? 0;
  const write = (out: Splice) =>
    out.message(1, () => {
      out.insert(stamp.slice(1, 0, stamp.keys.keys.length));
      for (const { bytes } of entities) out.insert(bytes);
    });
  return [{ start, stop: start, write }];
}

/** The changes that put the stamps of their groups on the records. */
function stampRecords(
  reading: Reading,
  grouping: Grouping,
  stampOf: (group: number) => (Stamp & Mode) | undefined,
): readonly Change[] {
  const { frames, frameOf } = grouping;
  const stamps: ((Stamp & Mode) | undefined)[] = [];
  grouping.groups.forEach((records, index) => {
    const stamp = stampOf(index);
    if (stamp !== undefined) for (const record of records) stamps[record] = stamp;
  });
  const inFrame: Change[][] = frames.map(() => []);
  const cursor = new Cursor(reading.bytes);
  stamps.forEach((stamp, record) => {
    cursor.pos = grouping.starts[record] ?? 0;
    const index = frameOf[record] ?? -1;
    const { attributes = 0 } = frames[index] ?? {};
    if (stamp === undefined || attributes === 0 || !cursor.next()) return;
    const { field: no, tag, start, stop } = cursor;
    inFrame[index]?.push(...stampMessages(reading, [{ tag, start, stop }], { no, field: attributes, stamp }));
  });
  const top: Change[] = [];
  // From the last frame to the first, so that each is whole before it goes into the one it is in.
  for (let index = frames.length - 1; index >= 0; index--) {
    const frame = frames[index];
    const inside = inFrame[index] ?? [];
    if (frame === undefined) continue;
    if (frame.attributes === 0) inside.reverse();
    if (inside.length > 0) (inFrame[frame.parent] ?? top).push(frameChange(frame, inside));
  }
  return top.toReversed();
}

/** What is stamped: messages that are field `no` of their parent and have their attributes in `field`. */
type Stamping = {
  readonly no: number;
  readonly field: number;
  readonly stamp: Stamp & Mode;
  /** Other fields that go behind the last message's. */
  readonly more?: readonly Uint8Array[];
};

/**
 * The changes that put the stamp on messages that count as one, merged as protobuf does. For each attribute: absent, it is put
 * behind the last message's fields; present with something in it, it is kept; present and empty everywhere, or `override`,
 * the first one is replaced and the others go. None when that adds nothing, or when a message is broken: it stays as it is.
 */
function stampMessages(reading: Reading, messages: readonly Message[], stamping: Stamping): readonly Change[] {
  const found = occurrences(reading, messages, stamping);
  if (found === undefined) return [];
  const edits = editAttributes(found, stamping);
  const end = messages.at(-1)?.stop ?? 0;
  const appended = [...edits.appended, ...(stamping.more ?? [])];
  if (appended.length > 0)
    edits.changes.push({ start: end, stop: end, write: (out) => appended.forEach((each) => out.insert(each)) });
  let next = 0;
  return messages.flatMap((message) => {
    const from = next;
    while ((edits.changes[next]?.stop ?? Infinity) <= message.stop) next++;
    return messageChange(stamping.no, message, edits.changes.slice(from, next));
  });
}

/** An attribute of the message whose key is the stamp's at index `key`. */
type Occurrence = { readonly key: number; readonly start: number; readonly stop: number; readonly isEmpty: boolean };

/** Where the stamp's own keys stand in the messages; undefined when a message is broken. */
function occurrences(
  { bytes, strings }: Reading,
  messages: readonly Message[],
  { field, stamp }: Stamping,
): Occurrence[] | undefined {
  const found: Occurrence[] = [];
  const attribute = new AttributeReader(keyValueIndirection(strings));
  const cursor = new Cursor(bytes);
  for (const message of messages) {
    cursor.pos = message.start;
    cursor.end = message.stop;
    while (cursor.next()) {
      if (cursor.field !== field || cursor.wire !== Wire.LEN) continue;
      const { tag, stop } = cursor;
      const key = attribute.find(cursor, stamp.keys);
      if (key >= 0) found.push({ key, start: tag, stop, isEmpty: attribute.kind === "empty" });
    }
    if (cursor.problem !== "") return undefined;
  }
  return found;
}

const nothing = new Uint8Array();

/** What becomes of the attributes that were found, and the pieces of the stamp that are to be appended. */
function editAttributes(
  found: readonly Occurrence[],
  { field, stamp }: Stamping,
): { readonly changes: Change[]; readonly appended: readonly Uint8Array[] } {
  const isKept: boolean[] = [];
  if (!stamp.override)
    for (const { key, isEmpty } of found) if (!isEmpty || stamp.stays?.has(key) === true) isKept[key] = true;
  const isPresent: boolean[] = [];
  const changes: Change[] = [];
  for (const { key, start, stop } of found) {
    const bytes = isPresent[key] === true ? nothing : stamp.slice(field, key, key + 1);
    isPresent[key] = true;
    if (isKept[key] !== true) changes.push({ start, stop, write: (out) => out.insert(bytes) });
  }
  const appended: Uint8Array[] = [];
  const count = stamp.keys.keys.length;
  for (let from = 0, to = 0; to <= count; to++) {
    if (to < count && isPresent[to] !== true) continue;
    if (to > from) appended.push(stamp.slice(field, from, to));
    from = to + 1;
  }
  return { changes, appended };
}

function forEachField(bytes: Uint8Array, ranges: readonly number[], visit: (cursor: Cursor) => void): void {
  for (let i = 0; i < ranges.length; i += 2) {
    const cursor = new Cursor(bytes, ranges[i], ranges[i + 1]);
    while (cursor.next()) visit(cursor);
  }
}
