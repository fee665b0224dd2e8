import { AttributeReader, type Indirection } from "./wire/attribute.ts";
import { countRecords as countIn } from "./check.ts";
import { Cursor, Wire } from "./wire/cursor.ts";
import type { Message } from "./editing/changes.ts";
import type { KeySet } from "./wire/keys.ts";
import { shapes, type Signal } from "./signals.ts";
import { text } from "./wire/text.ts";
import { type Range, readStringTable, type StringTable } from "./wire/string-table.ts";

/** One resource_… of a request, as offsets into its bytes. */
export type ResourceReading = {
  /** Offsets of the field's tag, of its content and behind it. */
  readonly tag: number;
  readonly start: number;
  readonly stop: number;
  /** Its Resource messages, which count as one. */
  readonly messages: readonly Message[];
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
  /** The same bytes. */
  readonly view: DataView;
  readonly resources: readonly ResourceReading[];
  /** The strings that attributes point to in a profiles request, read when they are asked for; the other signals have none. */
  readonly strings: (() => StringTable) | undefined;
};

/** Reads the wanted attributes of every resource. A key that stands more than once counts by its first string that is not empty. */
export function read(signal: Signal, bytes: Uint8Array, wanted: KeySet): Reading {
  const strings = shapes[signal].isDivisible ? undefined : stringsOf(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const cursor = new Cursor(bytes);
  const attribute = new AttributeReader(keyValueIndirection(strings));
  let resources: ResourceReading[] | undefined;
  const textAt = strings === undefined ? text : sharedText();
  while (cursor.next()) {
    if (cursor.field !== 1) continue;
    const { tag, start, stop } = cursor;
    const into: Values = { wanted, view, values: [], numbers: [], others: undefined, textAt };
    let messages: Message[] | undefined;
    const outer = cursor.enter();
    while (cursor.next()) {
      if (cursor.field !== 1) continue;
      messages = appended(messages, { tag: cursor.tag, start: cursor.start, stop: cursor.stop });
      readResource(cursor, attribute, into);
    }
    cursor.leave(outer);
    const { values, numbers, others } = into;
    resources = appended(resources, { tag, start, stop, messages: messages ?? [], values, numbers, others });
  }
  return { signal, bytes, view, resources: resources ?? [], strings };
}

/** The list with one more. Most have one only: a list that grows takes room for seventeen. */
function appended<T>(list: T[] | undefined, one: T): T[] {
  if (list === undefined) return [one];
  list.push(one);
  return list;
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
  return (view, start, stop) => {
    const found = known.get(start) ?? text(view, start, stop);
    known.set(start, found);
    return found;
  };
}

type Values = {
  readonly wanted: KeySet;
  readonly view: DataView;
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
      into.values[index] ??= into.textAt(into.view, attribute.valueStart, attribute.valueStop);
    else if (attribute.integer !== undefined) into.numbers[index] ??= attribute.integer;
    else (into.others ??= new Set()).add(index);
  }
  cursor.leave(outer);
}

/** How many records a resource holds. */
export function countRecords({ signal, bytes }: Reading, resource: ResourceReading): number {
  return countIn(signal, bytes, resource);
}
