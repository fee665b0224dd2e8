import type { Cursor } from "../wire/cursor.ts";
import { text } from "../reading.ts";
import type { RecordNames } from "../record-names.ts";

/** A power of two; requests of more containers than that look some of them up by their text. */
const seenSlots = 256;

/**
 * Groups by the look of what names them: most records are of one that was seen lately. All sorters share it, since what stands here
 * is only a guess that is compared byte for byte.
 */
const seenLately = new Uint32Array(seenSlots);

/**
 * What is known of each record while they come. All sorters share the lists, since one is done before the next begins; what lasts is cut
 * from them to measure. Lists of their own, which grow, were a third of what there is to collect of a request (measured).
 */
let lists = emptyLists();
/** Longer ones are not kept. */
const maxKept = 16_384;

function emptyLists(): Record<"starts" | "stops" | "frameOf" | "groupOf" | "order", number[]> {
  return { starts: [], stops: [], frameOf: [], groupOf: [], order: [] };
}

/** The records as Grouping has them. */
export type Sorted = {
  readonly starts: readonly number[];
  readonly stops: readonly number[];
  readonly frameOf: readonly number[];
  readonly order: readonly number[];
  readonly ends: readonly number[];
};

/** Sorts records into groups, as Grouping has them, one after the other. */
export class Sorter {
  /** Records so far. */
  count = 0;
  readonly values: (readonly (string | undefined)[])[] = [[]];
  /** How many records each group has. */
  readonly #sizes: number[] = [0];
  readonly #names: RecordNames;
  readonly #view: DataView;
  readonly #byKey = new Map<string, number>();
  readonly #byPlace = new Map<string | number, number>();
  /** Where the names of each group's first record stand. */
  readonly #nameStarts: number[] = [];
  readonly #nameStops: number[] = [];

  constructor(names: RecordNames, bytes: Uint8Array) {
    this.#names = names;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Takes the record that the cursor's next() found. */
  add(cursor: Cursor, frame: number, attributes: number): void {
    const record = this.count++;
    const { starts, stops, frameOf, groupOf } = lists;
    starts[record] = cursor.tag;
    stops[record] = cursor.stop;
    frameOf[record] = frame;
    const group = this.#names.read(cursor, attributes) ? this.#groupOf(cursor.bytes) : 0;
    groupOf[record] = group;
    this.#sizes[group] = (this.#sizes[group] ?? 0) + 1;
  }

  /** All that were taken; nothing may be added any more. */
  sorted(): Sorted {
    const { count } = this;
    const { starts, stops, frameOf, groupOf, order } = lists;
    // First where each group begins; behind each record that is placed, where its next one goes; in the end where it ends.
    const ends = this.#sizes;
    let sum = 0;
    for (let group = 0; group < ends.length; group++) {
      const size = ends[group] ?? 0;
      ends[group] = sum;
      sum += size;
    }
    while (order.length < count) order.push(0);
    for (let record = 0; record < count; record++) {
      const group = groupOf[record] ?? 0;
      const place = ends[group] ?? 0;
      order[place] = record;
      ends[group] = place + 1;
    }
    if (count > maxKept) lists = emptyLists();
    return {
      starts: starts.slice(0, count),
      stops: stops.slice(0, count),
      frameOf: frameOf.slice(0, count),
      order: order.slice(0, count),
      ends,
    };
  }

  /** The group of the record that was read, which has a name. */
  #groupOf(bytes: Uint8Array): number {
    if (this.#names.areShared) return this.#groupAt(bytes);
    const slot = this.#slot(bytes);
    const seen = seenLately[slot] ?? 0;
    if (seen > 0 && this.#isNamedAs(seen)) return seen;
    const group = this.#named(this.#values(bytes));
    const { starts, stops } = this.#names;
    for (let key = 0; key < starts.length; key++) {
      this.#nameStarts[group * starts.length + key] = starts[key] ?? -1;
      this.#nameStops[group * starts.length + key] = stops[key] ?? -1;
    }
    seenLately[slot] = group;
    return group;
  }

  /** A number for what the record is named by: the last bytes of IDs differ most. */
  #slot(bytes: Uint8Array): number {
    const { starts, stops } = this.#names;
    let mixed = 0;
    for (let key = 0; key < starts.length; key++) {
      if ((starts[key] ?? -1) < 0) continue;
      const stop = stops[key] ?? 0;
      mixed = Math.imul(mixed + (bytes[stop - 1] ?? 0), 31) + (bytes[stop - 2] ?? 0) * 17 + (bytes[stop - 3] ?? 0) * 7;
    }
    return mixed & (seenSlots - 1);
  }

  /** Whether the record has the names of a group, byte for byte. */
  #isNamedAs(group: number): boolean {
    const { starts, stops } = this.#names;
    for (let key = 0; key < starts.length; key++) {
      const start = starts[key] ?? -1;
      const other = this.#nameStarts[group * starts.length + key] ?? -1;
      if (start < 0 || other < 0) {
        if (start !== other) return false;
        continue;
      }
      const length = (stops[key] ?? 0) - start;
      if ((this.#nameStops[group * starts.length + key] ?? 0) - other !== length) return false;
      if (!areSame(this.#view, start, other, length)) return false;
    }
    return true;
  }

  /** The same, by where the values stand: each is looked at once. */
  #groupAt(bytes: Uint8Array): number {
    const { starts } = this.#names;
    const place = starts.length === 1 ? (starts[0] ?? -1) : starts.join();
    let found = this.#byPlace.get(place);
    if (found === undefined) {
      found = this.#named(this.#values(bytes));
      this.#byPlace.set(place, found);
    }
    return found;
  }

  #values(bytes: Uint8Array): readonly (string | undefined)[] {
    const { starts, stops } = this.#names;
    return starts.map((start, key) => (start < 0 ? undefined : text(bytes, start, stops[key] ?? start)));
  }

  #named(values: readonly (string | undefined)[]): number {
    const key = values.length === 1 ? (values[0] ?? "") : JSON.stringify(values);
    const found = this.#byKey.get(key);
    if (found !== undefined) return found;
    const made = this.values.push(values) - 1;
    this.#sizes.push(0);
    this.#byKey.set(key, made);
    return made;
  }
}

/** Whether so many bytes are the same at two places; compared from the back, where IDs of one kind differ most, and four at a time. */
// oxlint-disable-next-line max-params -- a pair of stretches without an object for it, once for each record
function areSame(view: DataView, start: number, other: number, length: number): boolean {
  let left = length;
  for (; left >= 4; left -= 4)
    if (view.getInt32(start + left - 4, true) !== view.getInt32(other + left - 4, true)) return false;
  while (left-- > 0) if (view.getInt8(start + left) !== view.getInt8(other + left)) return false;
  return true;
}
