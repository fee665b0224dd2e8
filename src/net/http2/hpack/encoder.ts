import { DynamicTable, entryOverhead } from "./dynamic-table.ts";
import { huffmanSize, putHuffman } from "./huffman.ts";
import { staticByName, staticCount } from "./static-table.ts";

/**
 * How a field is written: into the table and by its index from then on; as it is each time, for values that do not come again;
 * or as it is with the wish that nobody puts it into a table, for secrets (RFC 7541, sections 6.2 and 7.1.3).
 */
export type HpackIndexing = "indexed" | "literal" | "never";

/** Encodes the header blocks of one direction of a connection, in the order in which they are sent (RFC 7541). */
export type HpackEncoder = {
  /** Begins a block; what the last one left in `bytes` is overwritten. */
  begin(): void;
  /** Appends a field. A name is in lower case; name and value have one character for each byte. */
  add(name: string, value: string, indexing: HpackIndexing): void;
  /** The block is bytes[0, length), until the next begin(). */
  readonly bytes: Buffer;
  readonly length: number;
  /** The peer's SETTINGS_HEADER_TABLE_SIZE. The next block tells what we make of it (section 4.2). */
  setPeerTableSize(bytes: number): void;
  /** Changes whenever the dynamic table does: a block that was encoded while it was the same may be sent again. */
  readonly generation: number;
};

/** More than this is not used of a peer's table: every entry is a reason to search and to remember. */
const largestTable = 4096;
/** A block that was larger gives its memory back. */
const keptBytes = 16 * 1024;

/** An encoder whose dynamic table is empty and has the size that a connection begins with. */
export function createHpackEncoder(): HpackEncoder {
  return new Encoder();
}

class Encoder implements HpackEncoder {
  bytes: Buffer = Buffer.allocUnsafeSlow(512);
  length = 0;
  readonly #table = new DynamicTable(largestTable);
  /** The number of insertion of the newest entry with a name and a value; no more of them than the table has entries. */
  readonly #known = new Map<string, Map<string, number>>();
  /** The smallest size since the last block, and whether the next one must tell the size. */
  #smallest = largestTable;
  #mustTell = false;
  #changes = 0;

  get generation(): number {
    return this.#table.generation + this.#changes;
  }

  setPeerTableSize(bytes: number): void {
    const size = Math.min(bytes, largestTable);
    if (size === this.#table.maxSize) return;
    this.#smallest = Math.min(this.#smallest, size);
    this.#makeRoom(size, 0);
    this.#table.resize(size);
    this.#mustTell = true;
    this.#changes++;
  }

  begin(): void {
    this.length = 0;
    if (this.bytes.length > keptBytes) this.bytes = Buffer.allocUnsafeSlow(512);
    if (!this.#mustTell) return;
    if (this.#smallest < this.#table.maxSize) this.#integer(0x20, 0x1f, this.#smallest);
    this.#integer(0x20, 0x1f, this.#table.maxSize);
    this.#smallest = this.#table.maxSize;
    this.#mustTell = false;
    // The update belongs to this block alone.
    this.#changes++;
  }

  add(name: string, value: string, indexing: HpackIndexing): void {
    this.#room(name.length + value.length + 16);
    const fixed = staticByName.get(name);
    const known = this.#known.get(name);
    if (indexing !== "never") {
      const index = fixed?.values.get(value) ?? this.#indexOf(known?.get(value));
      if (index !== undefined) return this.#integer(0x80, 0x7f, index);
    }
    const nameIndex = fixed?.index ?? this.#indexOf(anyOf(known)) ?? 0;
    const isKept = indexing === "indexed" && name.length + value.length + entryOverhead <= this.#table.maxSize;
    if (isKept) this.#integer(0x40, 0x3f, nameIndex);
    else this.#integer(indexing === "never" ? 0x10 : 0, 0x0f, nameIndex);
    if (nameIndex === 0) this.#string(name);
    this.#string(value);
    if (isKept) this.#remember(name, value);
  }

  #indexOf(number: number | undefined): number | undefined {
    return number === undefined ? undefined : staticCount + this.#table.inserted - number;
  }

  #remember(name: string, value: string): void {
    this.#makeRoom(this.#table.maxSize, name.length + value.length + entryOverhead);
    const values = this.#known.get(name);
    if (values === undefined) this.#known.set(name, new Map([[value, this.#table.inserted]]));
    else values.set(value, this.#table.inserted);
    this.#table.insert(name, value);
  }

  /** Takes the oldest entries out of the table, and out of what is known of it, until `size` more fit into `limit`. */
  #makeRoom(limit: number, size: number): void {
    const table = this.#table;
    while (table.count > 0 && table.size + size > limit) {
      const name = table.name(table.count - 1);
      const values = this.#known.get(name);
      const oldest = table.inserted - table.count;
      const value = table.value(table.count - 1);
      if (values?.get(value) === oldest) values.delete(value);
      if (values?.size === 0) this.#known.delete(name);
      table.dropOldest();
    }
  }

  /** A string, in Huffman code where that is shorter (section 5.2). */
  #string(text: string): void {
    const coded = huffmanSize(text);
    if (coded < text.length) {
      this.#integer(0x80, 0x7f, coded);
      this.length = putHuffman(this.bytes, this.length, text);
      return;
    }
    this.#integer(0, 0x7f, text.length);
    this.length += this.bytes.write(text, this.length, "latin1");
  }

  /** An integer behind the bits of `pattern`, with `mask` as its prefix (section 5.1). */
  #integer(pattern: number, mask: number, value: number): void {
    if (value < mask) {
      this.bytes[this.length++] = pattern | value;
      return;
    }
    this.bytes[this.length++] = pattern | mask;
    for (value -= mask; value >= 0x80; value >>>= 7) this.bytes[this.length++] = (value & 0x7f) | 0x80;
    this.bytes[this.length++] = value;
  }

  #room(extra: number): void {
    if (this.length + extra <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + extra));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}

/** The entry of any value: all that is asked of it is its name. */
function anyOf(values: ReadonlyMap<string, number> | undefined): number | undefined {
  if (values === undefined) return undefined;
  for (const number of values.values()) return number;
  return undefined;
}
