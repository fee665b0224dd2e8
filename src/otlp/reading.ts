import { AttributeReader } from "./attribute.ts";
import { Cursor, Wire } from "./cursor.ts";
import { isAt, type KeySet } from "./keys.ts";
import { shapes, type Signal } from "./signals.ts";

/** One resource_spans or resource_logs of a request, as offsets into its bytes. */
export type ResourceReading = {
  /** Offsets of the field's tag, of its content and behind it. */
  readonly tag: number;
  readonly start: number;
  readonly stop: number;
  /** For each wanted key the resource's value, when it is a string that is not empty. */
  readonly values: readonly (string | undefined)[];
};

/** A checked request with its resources' identities; everything else is left where it lies. */
export type Reading = {
  readonly signal: Signal;
  readonly bytes: Uint8Array;
  readonly resources: readonly ResourceReading[];
};

/** Reads the wanted attributes of every resource. A key that stands more than once counts by its first string that is not empty. */
export function read(signal: Signal, bytes: Uint8Array, wanted: KeySet): Reading {
  const cursor = new Cursor(bytes);
  const attribute = new AttributeReader();
  const resources: ResourceReading[] = [];
  while (cursor.next()) {
    if (cursor.field !== 1) continue;
    const { tag, start, stop } = cursor;
    const values: (string | undefined)[] = [];
    const outer = cursor.enter();
    while (cursor.next()) if (cursor.field === 1) readResource(cursor, attribute, { wanted, values });
    cursor.leave(outer);
    resources.push({ tag, start, stop, values });
  }
  return { signal, bytes, resources };
}

type Values = { readonly wanted: KeySet; readonly values: (string | undefined)[] };

/** Resource: 1 attributes. */
function readResource(cursor: Cursor, attribute: AttributeReader, into: Values): void {
  const outer = cursor.enter();
  while (cursor.next()) {
    if (cursor.field !== 1 || cursor.wire !== Wire.LEN) continue;
    const index = attribute.find(cursor, into.wanted);
    if (index >= 0 && attribute.kind === "string")
      into.values[index] ??= text(cursor.bytes, attribute.valueStart, attribute.valueStop);
  }
  cursor.leave(outer);
}

/** How many records a resource holds. */
export function countRecords(reading: Reading, resource: ResourceReading): number {
  const cursor = new Cursor(reading.bytes, resource.start, resource.stop);
  let count = 0;
  while (cursor.next()) {
    if (cursor.field !== 2) continue;
    const outer = cursor.enter();
    while (cursor.next()) if (cursor.field === 2) count++;
    cursor.leave(outer);
  }
  return count;
}

/**
 * The records of one resource, sorted into groups by the values of their own attributes.
 * Flat numbers instead of objects: a request can hold ten thousand records.
 */
export type Grouping = {
  readonly resource: ResourceReading;
  /** The resource's fields beside its scopes, as ranges of the bytes: [start, stop, start, stop …]; Resource messages are all before. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly scopes: readonly Scope[];
  /** Offsets of the record's tag and behind it, index of its scope; records in their order. */
  readonly starts: readonly number[];
  readonly stops: readonly number[];
  readonly scopeOf: readonly number[];
  /** The records of each group, as indices in their order; group 0 are those that name nothing. */
  readonly groups: readonly (readonly number[])[];
  /** For each group the values by which it was made; none for group 0. */
  readonly values: readonly (readonly (string | undefined)[])[];
};

/** A scope's offsets as in ResourceReading, and what stands in it beside its records, as ranges. */
export type Scope = {
  readonly tag: number;
  readonly start: number;
  readonly stop: number;
  readonly before: readonly number[];
  readonly after: readonly number[];
};

/** Sorts the records of a resource by the values of the wanted record attributes; a key that stands more than once counts as in read(). */
export function group(reading: Reading, resource: ResourceReading, wanted: KeySet): Grouping {
  const cursor = new Cursor(reading.bytes, resource.start, resource.stop);
  const sorter = new Sorter(shapes[reading.signal].recordAttributes, wanted);
  const before: number[] = [];
  const after: number[] = [];
  const scopes: Scope[] = [];
  while (cursor.next()) {
    if (cursor.field === 2) scopes.push(readScope(cursor, (record) => sorter.add(record, scopes.length)));
    // A Resource message behind the scopes counts like one before them: its fields are merged.
    else extend(scopes.length > 0 && cursor.field !== 1 ? after : before, cursor.tag, cursor.stop);
  }
  const { starts, stops, scopeOf, groups, values } = sorter;
  return { resource, before, after, scopes, starts, stops, scopeOf, groups, values };
}

/** Scope: 2 records. */
function readScope(cursor: Cursor, onRecord: (cursor: Cursor) => void): Scope {
  const { tag, start, stop } = cursor;
  const before: number[] = [];
  const after: number[] = [];
  let seen = false;
  const outer = cursor.enter();
  while (cursor.next()) {
    if (cursor.field === 2) {
      seen = true;
      onRecord(cursor);
    } else extend(seen ? after : before, cursor.tag, cursor.stop);
  }
  cursor.leave(outer);
  return { tag, start, stop, before, after };
}

/**
 * Bytes that regrouping writes once more than they came: the fields of a resource and of its scopes go with every group.
 * A sender can make that a thousand times its request, so look before writing.
 */
export function repeatedBytes({ before, after, scopes, scopeOf, groups }: Grouping): number {
  const ownOf = scopes.map((scope) => sizeOf(scope.before) + sizeOf(scope.after));
  const isWritten: boolean[] = [];
  let filled = 0;
  let repeated = 0;
  for (const records of groups) {
    if (records.length > 0) filled++;
    let last = -1;
    for (const record of records) {
      const scope = scopeOf[record] ?? 0;
      if (scope === last) continue;
      if (isWritten[scope] === true) repeated += ownOf[scope] ?? 0;
      isWritten[scope] = true;
      last = scope;
    }
  }
  return repeated + Math.max(0, filled - 1) * (sizeOf(before) + sizeOf(after));
}

function sizeOf(ranges: readonly number[]): number {
  let size = 0;
  for (let i = 0; i < ranges.length; i += 2) size += (ranges[i + 1] ?? 0) - (ranges[i] ?? 0);
  return size;
}

/** Adds [start, stop) to ranges, joined with the last one where they touch. */
function extend(ranges: number[], start: number, stop: number): void {
  if (ranges.length > 0 && ranges.at(-1) === start) ranges[ranges.length - 1] = stop;
  else ranges.push(start, stop);
}

class Sorter {
  readonly starts: number[] = [];
  readonly stops: number[] = [];
  readonly scopeOf: number[] = [];
  readonly groups: number[][] = [[]];
  readonly values: (readonly (string | undefined)[])[] = [[]];
  readonly #field: number;
  readonly #wanted: KeySet;
  readonly #attribute = new AttributeReader();
  readonly #byKey = new Map<string, number>();
  /** The strings of the last record: the next one mostly names the same. */
  readonly #last: (string | undefined)[];
  readonly #lastBytes: Uint8Array[];
  #lastGroup = 0;
  /** For each wanted key the last record, by its index, that names it. */
  readonly #namedBy: number[];

  constructor(field: number, wanted: KeySet) {
    this.#field = field;
    this.#wanted = wanted;
    this.#last = wanted.keys.map(() => undefined);
    this.#lastBytes = wanted.keys.map(() => new Uint8Array());
    this.#namedBy = wanted.keys.map(() => -1);
  }

  /** Takes the record that the cursor's next() found. */
  add(cursor: Cursor, scope: number): void {
    const record = this.starts.length;
    this.starts.push(cursor.tag);
    this.stops.push(cursor.stop);
    this.scopeOf.push(scope);
    this.groups[this.#groupOf(cursor, record)]?.push(record);
  }

  #groupOf(cursor: Cursor, record: number): number {
    if (this.#last.length === 0) return 0;
    const { stop } = cursor;
    const outer = cursor.enter();
    const attribute = this.#attribute;
    const namedBy = this.#namedBy;
    let isNamed = false;
    let same = true;
    while (cursor.next()) {
      if (cursor.field !== this.#field || cursor.wire !== Wire.LEN) continue;
      const index = attribute.find(cursor, this.#wanted);
      if (index < 0 || attribute.kind !== "string" || namedBy[index] === record) continue;
      namedBy[index] = record;
      isNamed = true;
      if (!this.#isLast(cursor.bytes, index)) same = false;
    }
    cursor.problem = "";
    cursor.pos = stop;
    cursor.end = outer;
    if (!isNamed) return 0;
    for (let index = 0; index < this.#last.length; index++) {
      if (namedBy[index] === record || this.#last[index] === undefined) continue;
      this.#last[index] = undefined;
      same = false;
    }
    if (!same) this.#lastGroup = this.#named(this.#last);
    return this.#lastGroup;
  }

  /** Whether the attribute has the last record's value for this key; remembers it when not. */
  #isLast(bytes: Uint8Array, index: number): boolean {
    const { valueStart, valueStop } = this.#attribute;
    const last = this.#lastBytes[index];
    if (this.#last[index] !== undefined && last?.length === valueStop - valueStart && isAt(last, bytes, valueStart))
      return true;
    this.#lastBytes[index] = bytes.subarray(valueStart, valueStop);
    this.#last[index] = text(bytes, valueStart, valueStop);
    return false;
  }

  #named(values: readonly (string | undefined)[]): number {
    const key = values.length === 1 ? (values[0] ?? "") : JSON.stringify(values);
    const found = this.#byKey.get(key);
    if (found !== undefined) return found;
    const made = this.groups.length;
    this.groups.push([]);
    this.values.push([...values]);
    this.#byKey.set(key, made);
    return made;
  }
}

function text(bytes: Uint8Array, start: number, stop: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, stop - start).toString();
}
