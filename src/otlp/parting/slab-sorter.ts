import type { Reading } from "../reading.ts";
import { type Memory, createProgram } from "../rope/webassembly.ts";
import { workBytes, workroomOf } from "../rope/moving.ts";
import type { Cursor } from "../wire/cursor.ts";
import type { KeySet } from "../wire/keys.ts";
import type { Lists } from "./lists.ts";
import { sortProgram } from "./sort-program.ts";

/** What wasm/sort.c exports. `tables` and `message` are offsets in the memory, all others count from the begin of the message. */
type Exports = {
  readonly key_at: () => number;
  readonly names_at: () => number;
  readonly records_at: () => number;
  readonly size: () => number;
  readonly begin: (tables: number) => void;
  readonly place: (tables: number, message: number, start: number, stop: number) => number;
  readonly run: (tables: number, message: number, at: number, end: number, attribute: number) => number;
};

/** What makes programs, and where the parts of their tables lie, in bytes. */
type Program = {
  readonly make: (memories: { readonly env: { readonly memory: Memory } }) => Exports;
  readonly key: number;
  readonly names: number;
  readonly records: number;
};

/** The numbers that the tables begin with. */
const next = 0;
const groups = 1;
const keyLength = 3;

/** Read when it is first asked for. */
let program: Program | undefined;
const sorters = new WeakMap<Memory, SlabSorter>();

/**
 * What sorts records by one attribute in the slab that they lie in; undefined where they do not lie in one, or there are more
 * attributes to look at. A slab has one: what it has found holds until it is asked for again.
 */
export function slabSorterFor({ bytes }: Pick<Reading, "bytes">, wanted: KeySet): SlabSorter | undefined {
  const [key, another] = wanted.encoded;
  const room = workroomOf(bytes);
  if (room === undefined || key === undefined || another !== undefined) return undefined;
  // A KeyValue without a key has the empty one.
  if (key.length === 0 || key.length >= 128) return undefined;
  const { memory, at } = room;
  let sorter = sorters.get(memory);
  if (sorter === undefined) {
    program ??= readProgram(memory);
    sorter = new SlabSorter(program, memory, at);
    sorters.set(memory, sorter);
  }
  sorter.begin(bytes.byteOffset, key);
  return sorter;
}

function readProgram(memory: Memory): Program {
  const make = createProgram<Exports>(Buffer.from(sortProgram, "base64"));
  const { key_at, names_at, records_at, size } = make({ env: { memory } });
  if (size() > workBytes)
    throw new RangeError(`Cannot sort in a slab: the tables must fit into ${workBytes} bytes, have ${size()}`);
  return { make, key: key_at(), names: names_at(), records: records_at() };
}

/** As PlainRecords and Sorter, of one key: finds the names of records that have the usual shape and makes groups of them, many in one call. */
export class SlabSorter {
  readonly #exports: Exports;
  readonly #tables: number;
  readonly #numbers: Int32Array;
  readonly #keyAt: Uint8Array;
  /** Where names and records begin among the numbers. */
  readonly #names: number;
  readonly #records: number;
  #message = 0;
  #key: Uint8Array | undefined;

  constructor({ make, key, names, records }: Program, memory: Memory, tables: number) {
    this.#exports = make({ env: { memory } });
    this.#tables = tables;
    this.#numbers = new Int32Array(memory.buffer, tables, workBytes / 4);
    this.#keyAt = new Uint8Array(memory.buffer, tables + key, 128);
    this.#names = names / 4;
    this.#records = records / 4;
  }

  /** Begins with no groups but that of records without a name. */
  begin(message: number, key: Uint8Array): void {
    this.#message = message;
    if (this.#key !== key) {
      this.#key = key;
      this.#keyAt.set(key);
      this.#numbers[keyLength] = key.length;
    }
    this.#exports.begin(this.#tables);
  }

  /** How many groups it has made, with that of records without a name. */
  get groups(): number {
    return this.#numbers[groups] ?? 1;
  }

  /** Where the last run has ended. */
  get next(): number {
    return this.#numbers[next] ?? 0;
  }

  /**
   * Looks at the record under the cursor and at those of its kind right behind it, up to the first that must be read with care;
   * `field` is the number of their attributes, below 16. How many they are.
   */
  run({ tag, end }: Cursor, field: number): number {
    return this.#exports.run(this.#tables, this.#message, tag, end, (field << 3) | 2);
  }

  /** The group of a name that was read with care, at [start, stop); below 0 when there is none and no room for it: then there never is. */
  place(start: number, stop: number): number {
    return this.#exports.place(this.#tables, this.#message, start, stop);
  }

  /** Puts the records of the last run behind the first `from` of the lists, but for the frame that they are in. */
  putRecords({ starts, stops, groupOf, ends }: Lists, from: number, count: number): void {
    const numbers = this.#numbers;
    for (let record = from, at = this.#records; record < from + count; record++, at += 3) {
      const group = numbers[at + 2] ?? 0;
      starts[record] = numbers[at] ?? 0;
      stops[record] = numbers[at + 1] ?? 0;
      groupOf[record] = group;
      ends[group] = (ends[group] ?? 0) + 1;
    }
  }

  /** Puts the names of its groups into the lists. */
  putNames({ nameStarts, nameStops }: Lists): void {
    const numbers = this.#numbers;
    const count = this.groups;
    for (let group = 1, at = this.#names + 2; group < count; group++, at += 2) {
      nameStarts[group] = numbers[at] ?? -1;
      nameStops[group] = numbers[at + 1] ?? -1;
    }
  }
}
