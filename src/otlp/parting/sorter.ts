import type { Cursor } from "../wire/cursor.ts";
import { areSame, lookOf } from "../wire/stretches.ts";
import type { Reading } from "../reading.ts";
import { text } from "../wire/text.ts";
import type { RecordNames } from "../record-names.ts";
import type { PlainRecords } from "../wire/plain-records.ts";
import type { SlabSorter } from "./slab-sorter.ts";
import { type Lists, slotCount, takeLists } from "./lists.ts";

/** Places that a group is looked for at. */
const maxTries = 4;
/** A slot has two bytes. */
const maxInSlots = 0xffff;

/** Where a record's tag is, and what is behind it. */
type Range = { readonly tag: number; readonly stop: number };

/** The frame that a record is in, and the number of its attributes. */
type Place = { readonly frame: number; readonly attributes: number };

/** Sorts records into groups, as Grouping has them, one after the other. Group 0 is of those without a name. */
export class Sorter {
  /** Records and groups so far. */
  count = 0;
  groups = 1;
  readonly lists: Lists = takeLists();
  readonly #names: RecordNames;
  readonly #view: DataView;
  readonly #inSlab: SlabSorter | undefined;
  /** Groups that found no slot, by their names. */
  #byText: Map<string, number> | undefined;
  #byPlace: Map<string | number, number> | undefined;

  /** `inSlab` does of the names' plain records what it can; then this does the rest. */
  constructor(names: RecordNames, { view }: Pick<Reading, "view">, inSlab: SlabSorter | undefined) {
    this.#names = names;
    this.#view = view;
    this.#inSlab = inSlab;
    this.lists.ends[0] = 0;
  }

  /** Takes the record that the cursor's next() found, and with it those of its kind that are right behind. */
  add(cursor: Cursor, frame: number, attributes: number): void {
    if (this.#inSlab !== undefined) return this.#addInSlab(this.#inSlab, cursor, { frame, attributes });
    const { plain } = this.#names;
    if (plain === undefined) {
      const { tag, stop } = cursor;
      return this.#put({ tag, stop }, frame, this.#readWithCare(cursor, attributes));
    }
    plain.begin(cursor, attributes);
    do {
      let group = 0;
      if (plain.read()) group = plain.found > 0 ? this.#groupAtPlain(plain) : 0;
      else {
        cursor.start = plain.start;
        cursor.stop = plain.stop;
        group = this.#readWithCare(cursor, attributes);
      }
      this.#put(plain, frame, group);
    } while (plain.next());
    cursor.pos = plain.stop;
  }

  #addInSlab(inSlab: SlabSorter, cursor: Cursor, { frame, attributes }: Place): void {
    const count = inSlab.run(cursor, attributes);
    if (count === 0) {
      const { tag, stop } = cursor;
      return this.#put({ tag, stop }, frame, this.#readWithCare(cursor, attributes));
    }
    this.#meet(inSlab);
    const from = this.count;
    inSlab.putRecords(this.lists, from, count);
    this.count += count;
    for (let record = from; record < this.count; record++) this.lists.frameOf[record] = frame;
    cursor.pos = inSlab.next;
  }

  /** Counts groups that were made in the slab. */
  #meet({ groups }: SlabSorter): void {
    while (this.groups < groups) this.lists.ends[this.groups++] = 0;
  }

  /** The group of the record under the cursor. */
  #readWithCare(cursor: Cursor, attributes: number): number {
    return this.#names.read(cursor, attributes) ? this.#groupOf() : 0;
  }

  /** Puts the next record into a group. */
  #put({ tag, stop }: Range, frame: number, group: number): void {
    const record = this.count++;
    const { starts, stops, frameOf, groupOf, ends } = this.lists;
    starts[record] = tag;
    stops[record] = stop;
    frameOf[record] = frame;
    groupOf[record] = group;
    ends[group] = (ends[group] ?? 0) + 1;
  }

  /** Puts all that were taken into their order; nothing may be added any more. */
  sort(): void {
    const { count, groups } = this;
    const { groupOf, order, ends } = this.lists;
    this.#inSlab?.putNames(this.lists);
    // First where each group begins; behind each record that is placed, where its next one goes; in the end where it ends.
    let sum = 0;
    for (let group = 0; group < groups; group++) {
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
  }

  /** As #groupOf(), which makes groups; of one key those that are there are mostly found at their slot. */
  #groupAtPlain(plain: PlainRecords): number {
    if (!plain.isOne) return this.#groupOf();
    const view = this.#view;
    const { slots, nameStarts, nameStops } = this.lists;
    const { nameStart, nameStop } = plain;
    const length = nameStop - nameStart;
    const group = slots[lookOf(view, nameStart, length) & (slotCount - 1)] ?? 0;
    const other = nameStarts[group] ?? 0;
    if (group > 0 && (nameStops[group] ?? 0) - other === length && areSame(view, nameStart, view, other, length))
      return group;
    plain.keep();
    return this.#groupOf();
  }

  /** The group of the record that was read with care, or kept, which has a name. */
  #groupOf(): number {
    const inSlab = this.#inSlab;
    if (inSlab !== undefined) return this.#groupInSlab(inSlab);
    if (this.#names.areShared) return this.#groupAt();
    const { slots } = this.lists;
    let slot = this.#look();
    for (let tries = 0; tries < maxTries; tries++) {
      slot &= slotCount - 1;
      const group = slots[slot] ?? 0;
      if (group === 0 && this.groups <= maxInSlots) return (slots[slot] = this.#made());
      if (group > 0 && this.#isNamedAs(group)) return group;
      slot++;
    }
    return this.#named();
  }

  #groupInSlab(inSlab: SlabSorter): number {
    const [start = 0] = this.#names.starts;
    const [stop = 0] = this.#names.stops;
    const group = inSlab.place(start, stop);
    this.#meet(inSlab);
    return group > 0 ? group : this.#named();
  }

  /** A number for what the record is named by. */
  #look(): number {
    const { starts, stops } = this.#names;
    let look = 0;
    for (let key = 0; key < starts.length; key++) {
      const start = starts[key] ?? -1;
      if (start >= 0) look = Math.imul(look, 31) + lookOf(this.#view, start, (stops[key] ?? 0) - start);
    }
    return look;
  }

  /** Whether the record has the names of a group, byte for byte. */
  #isNamedAs(group: number): boolean {
    const { starts, stops } = this.#names;
    const { nameStarts, nameStops } = this.lists;
    for (let key = 0, at = group * starts.length; key < starts.length; key++, at++) {
      const start = starts[key] ?? -1;
      const other = nameStarts[at] ?? -1;
      if (start < 0 || other < 0) {
        if (start !== other) return false;
        continue;
      }
      const length = (stops[key] ?? 0) - start;
      if ((nameStops[at] ?? 0) - other !== length) return false;
      if (!areSame(this.#view, start, this.#view, other, length)) return false;
    }
    return true;
  }

  /** The same, by where the values stand: each is looked at once. */
  #groupAt(): number {
    const { starts } = this.#names;
    const place = starts.length === 1 ? (starts[0] ?? -1) : starts.join();
    const byPlace = (this.#byPlace ??= new Map());
    let found = byPlace.get(place);
    if (found === undefined) {
      found = this.#named();
      byPlace.set(place, found);
    }
    return found;
  }

  #named(): number {
    const { starts, stops } = this.#names;
    const values = starts.map((start, key) => (start < 0 ? null : text(this.#view, start, stops[key] ?? start)));
    const name = values.length === 1 ? (values[0] ?? "") : JSON.stringify(values);
    const byText = (this.#byText ??= new Map());
    let found = byText.get(name);
    if (found === undefined) {
      found = this.#made();
      byText.set(name, found);
    }
    return found;
  }

  /** A new group with the names of the record that was read. */
  #made(): number {
    const { starts, stops } = this.#names;
    const { nameStarts, nameStops, ends } = this.lists;
    const group = this.groups++;
    for (let key = 0, at = group * starts.length; key < starts.length; key++, at++) {
      nameStarts[at] = starts[key] ?? -1;
      nameStops[at] = stops[key] ?? -1;
    }
    ends[group] = 0;
    return group;
  }
}
