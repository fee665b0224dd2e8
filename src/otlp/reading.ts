import { AttributeReader, type Indirection } from "./wire/attribute.ts";
import { countRecords as countIn } from "./check.ts";
import { Cursor, Wire } from "./wire/cursor.ts";
import type { KeySet } from "./wire/keys.ts";
import { shapes, type Signal } from "./signals.ts";
import { type Range, readStringTable, type StringTable } from "./wire/string-table.ts";

/** One resource_… of a request, as offsets into its bytes. */
export type ResourceReading = {
  /** Offsets of the field's tag, of its content and behind it. */
  readonly tag: number;
  readonly start: number;
  readonly stop: number;
  /** For each wanted key the resource's value, when it is a string that is not empty. */
  readonly values: readonly (string | undefined)[];
  /** For each wanted key the resource's value, when it is an integer from 0 to 2^53. */
  readonly numbers: readonly (number | undefined)[];
  /** Wanted keys, by index, that stand there with something else: nothing, an empty string, another type. */
  readonly others: ReadonlySet<number> | undefined;
};

/** A checked request with its resources' identities; everything else is left where it lies. */
export type Reading = {
  readonly signal: Signal;
  readonly bytes: Uint8Array;
  readonly resources: readonly ResourceReading[];
  /** The strings that attributes point to in a profiles request, read when they are asked for; the other signals have none. */
  readonly strings: (() => StringTable) | undefined;
};

/** Reads the wanted attributes of every resource. A key that stands more than once counts by its first string that is not empty. */
export function read(signal: Signal, bytes: Uint8Array, wanted: KeySet): Reading {
  const strings = shapes[signal].isDivisible ? undefined : stringsOf(bytes);
  const cursor = new Cursor(bytes);
  const attribute = new AttributeReader(keyValueIndirection(strings));
  const resources: ResourceReading[] = [];
  const textAt = strings === undefined ? text : sharedText();
  while (cursor.next()) {
    if (cursor.field !== 1) continue;
    const { tag, start, stop } = cursor;
    const values: (string | undefined)[] = [];
    const numbers: (number | undefined)[] = [];
    const into: Values = { wanted, values, numbers, others: undefined, textAt };
    const outer = cursor.enter();
    while (cursor.next()) if (cursor.field === 1) readResource(cursor, attribute, into);
    cursor.leave(outer);
    resources.push({ tag, start, stop, values, numbers, others: into.others });
  }
  return { signal, bytes, resources, strings };
}

/** How the attributes of resources point to strings: KeyValue's 3 key_strindex. */
export function keyValueIndirection(strings: (() => StringTable) | undefined): Indirection | undefined {
  return strings && { strings, keyField: 3 };
}

/** ExportProfilesServiceRequest: 2 dictionary. */
function stringsOf(bytes: Uint8Array): () => StringTable {
  let table: StringTable | undefined;
  return () => {
    if (table !== undefined) return table;
    const dictionaries: Range[] = [];
    const cursor = new Cursor(bytes);
    while (cursor.next())
      if (cursor.field === 2 && cursor.wire === Wire.LEN) dictionaries.push({ start: cursor.start, stop: cursor.stop });
    table = readStringTable(bytes, dictionaries);
    return table;
  };
}

/** As text(), for what many can point to: it is decoded once. */
function sharedText(): typeof text {
  const known = new Map<number, string>();
  return (bytes, start, stop) => {
    const found = known.get(start) ?? text(bytes, start, stop);
    known.set(start, found);
    return found;
  };
}

type Values = {
  readonly wanted: KeySet;
  readonly values: (string | undefined)[];
  readonly numbers: (number | undefined)[];
  others: Set<number> | undefined;
  readonly textAt: typeof text;
};

/** Resource: 1 attributes. */
function readResource(cursor: Cursor, attribute: AttributeReader, into: Values): void {
  const outer = cursor.enter();
  while (cursor.next()) {
    if (cursor.field !== 1 || cursor.wire !== Wire.LEN) continue;
    const index = attribute.find(cursor, into.wanted);
    if (index < 0) continue;
    if (attribute.kind === "string")
      into.values[index] ??= into.textAt(cursor.bytes, attribute.valueStart, attribute.valueStop);
    else if (attribute.integer !== undefined) into.numbers[index] ??= attribute.integer;
    else (into.others ??= new Set()).add(index);
  }
  cursor.leave(outer);
}

/** How many records a resource holds. */
export function countRecords({ signal, bytes }: Reading, resource: ResourceReading): number {
  return countIn(signal, bytes, resource);
}

/** A power of two; texts of up to so many bytes are remembered. */
const lateTexts = 1024;
const longestLate = 64;

/**
 * Texts that were read lately: IDs and names come again and again, and the engine has to make a string of each and to hash it. What
 * stands here is only a guess that is compared byte for byte.
 */
const late = Array.from<string | undefined>({ length: lateTexts }).fill(undefined);
/** The bytes of each, since those of a string are dear to look at. */
const lateBytes = new Uint8Array(lateTexts * longestLate);

/** The UTF-8 text that stands at [start, stop). */
export function text(bytes: Uint8Array, start: number, stop: number): string {
  const length = stop - start;
  if (length > longestLate || length === 0) return decoded(bytes, start, length);
  const last =
    (bytes[stop - 1] ?? 0) * 31 + (length > 2 ? (bytes[stop - 2] ?? 0) * 17 + (bytes[stop - 3] ?? 0) * 7 : 0);
  const slot = (last + length) & (lateTexts - 1);
  const known = late[slot];
  const place = slot * longestLate;
  if (known !== undefined && known.length === length && isLateAt(place, bytes, start, length)) return known;
  const made = decoded(bytes, start, length);
  // The length of a text that is kept is to be that of its bytes, as it is of ASCII.
  if (made.length === length) {
    late[slot] = made;
    for (let i = 0; i < length; i++) lateBytes[place + i] = bytes[start + i] ?? 0;
  }
  return made;
}

// oxlint-disable-next-line max-params -- a stretch of bytes without an object for it
function isLateAt(place: number, bytes: Uint8Array, start: number, length: number): boolean {
  for (let i = length - 1; i >= 0; i--) if (lateBytes[place + i] !== bytes[start + i]) return false;
  return true;
}

function decoded(bytes: Uint8Array, start: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString();
}
