import { type Change, writeChanged } from "../editing/changes.ts";
import { Cursor } from "../wire/cursor.ts";
import { beginOf, type Frame, frameInside, type Grouping } from "../parting/grouping.ts";
import { type Mode, stampMessages } from "./put-stamp.ts";
import type { Reading, ResourceReading } from "../reading.ts";
import { ResourceFields } from "./resource-fields.ts";
import type { Splice } from "../rope/splice.ts";
import type { Stamp } from "./stamp.ts";

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
  if (stamp === undefined) return out.copy(resource.tag, resource.stop);
  const fields = new ResourceFields(reading, resource, [resource.start, resource.stop]);
  const plan = fields.plan(stamp);
  if (plan === undefined) return out.copy(resource.tag, resource.stop);
  const place = out.open(1);
  fields.write(out, plan);
  out.close(place);
}

/** Some of a resource's records, as indices in their order: those at [from, to) of the list. */
export type Records = { readonly list: readonly number[]; readonly from: number; readonly to: number };

/** The records of a group. */
export function recordsOf(grouping: Grouping, group: number): Records {
  return { list: grouping.order, from: beginOf(grouping, group), to: grouping.ends[group] ?? 0 };
}

/** Appends some of a resource's records as a resource of its own: its fields, the stamp, the frames that have one of the records. */
export type WriteGroup = (records: Records, stamp: (Stamp & Mode) | undefined) => void;

/** Writes groups of one resource. */
export function groupWriter(out: Splice, reading: Reading, grouping: Grouping): WriteGroup {
  const fields = new ResourceFields(reading, grouping.resource, grouping.before);
  const inside = new InsideWriter(out, grouping);
  return (records, stamp) => {
    const place = out.open(1);
    fields.write(out, fields.plan(stamp));
    inside.write(records);
    out.copyAll(grouping.after);
    out.close(place);
  };
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

/** Writes records in the frames that they are in. */
class InsideWriter {
  readonly #out: Splice;
  readonly #grouping: Grouping;
  #list: readonly number[] = [];
  #next = 0;
  #to = 0;

  constructor(out: Splice, grouping: Grouping) {
    this.#out = out;
    this.#grouping = grouping;
  }

  write({ list, from, to }: Records): void {
    this.#list = list;
    this.#next = from;
    this.#to = to;
    this.#inside(-1);
  }

  /** Appends the next records as long as they are inside the frame (-1 is the resource), in the frames in it that have one of them, each with its own fields. */
  #inside(index: number): void {
    const out = this.#out;
    const { frames, frameOf, starts, stops } = this.#grouping;
    while (this.#next < this.#to) {
      const record = this.#list[this.#next] ?? 0;
      const own = frameOf[record] ?? -1;
      if (own === index) {
        out.copy(starts[record] ?? 0, stops[record] ?? 0);
        this.#next++;
        continue;
      }
      const inner = frameInside(this.#grouping, own, index);
      const frame = frames[inner];
      if (frame === undefined) return;
      const place = out.open(frame.no);
      out.copyAll(frame.before);
      if (frame.from === record) out.copyAll(frame.once);
      this.#inside(inner);
      out.copyAll(frame.after);
      out.close(place);
    }
  }
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

/** The changes that put the stamps of their groups on the records. */
function stampRecords(
  reading: Reading,
  grouping: Grouping,
  stampOf: (group: number) => (Stamp & Mode) | undefined,
): readonly Change[] {
  const { frames, frameOf, order, ends, groups } = grouping;
  const stamps: ((Stamp & Mode) | undefined)[] = [];
  for (let group = 0, next = 0; group < groups; group++) {
    const stamp = stampOf(group);
    for (const end = ends[group] ?? 0; next < end; next++) if (stamp !== undefined) stamps[order[next] ?? 0] = stamp;
  }
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
