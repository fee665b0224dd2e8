import { DynamicTable, entryOverhead } from "./dynamic-table.ts";
import { decodeHuffman } from "./huffman.ts";
import { staticCount, staticNames, staticValues } from "./static-table.ts";

/** Told of each field; name and value have one character for each byte. `neverIndexed` is to be kept when the field is sent on. */
export type OnField = (name: string, value: string, neverIndexed: boolean) => void;

/**
 * What came of a header block. After "list_too_large" the table is what the peer believes it to be and the connection can go on;
 * after "compression_error" it can not (RFC 9113, section 4.3).
 */
export type HpackOutcome = "ok" | "list_too_large" | "compression_error";

export type HpackDecoderLimits = {
  /** Of the dynamic table: our SETTINGS_HEADER_TABLE_SIZE, as acknowledged. */
  readonly maxTableBytes: number;
  /** Of one decoded list: name, value and 32 for each field, as SETTINGS_MAX_HEADER_LIST_SIZE counts. */
  readonly maxListBytes: number;
  readonly maxFields: number;
};

/** Decodes the header blocks of one direction of a connection, in their order (RFC 7541). */
export type HpackDecoder = {
  /** Decodes the whole block[start, end). Fields beyond the limits are not told, nor any after the first of them. */
  decode(block: Buffer, start: number, end: number, onField: OnField): HpackOutcome;
  /** Our SETTINGS_HEADER_TABLE_SIZE was acknowledged. When the table has to shrink, the next block must say so first (section 4.2). */
  setMaxTableSize(bytes: number): void;
  /** Changes whenever the dynamic table does: a block decodes to the same fields while it is the same before and after. */
  readonly generation: number;
};

/** A decoder with an empty dynamic table. */
export function createHpackDecoder(limits: HpackDecoderLimits): HpackDecoder {
  return new Decoder(limits);
}

/** No integer that a block has use for is larger: lengths are bounded by the block, indexes and sizes by the table. */
const largestInteger = 2 ** 28;

class Decoder implements HpackDecoder {
  readonly #table: DynamicTable;
  readonly #maxListBytes: number;
  readonly #maxFields: number;
  #maxTableBytes: number;
  /** The next block must begin with a size update. */
  #mustResize = false;
  #block: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;

  constructor({ maxTableBytes, maxListBytes, maxFields }: HpackDecoderLimits) {
    this.#table = new DynamicTable(maxTableBytes);
    this.#maxTableBytes = maxTableBytes;
    this.#maxListBytes = maxListBytes;
    this.#maxFields = maxFields;
  }

  get generation(): number {
    return this.#table.generation;
  }

  setMaxTableSize(bytes: number): void {
    this.#maxTableBytes = bytes;
    if (bytes >= this.#table.maxSize) return;
    this.#mustResize = true;
    this.#table.resize(bytes);
    // A block that was fine before may now lack its size update.
    this.#table.generation++;
  }

  // oxlint-disable-next-line max-params -- a span of a buffer is three, and an object for each block is what this avoids
  decode(block: Buffer, start: number, end: number, onField: OnField): HpackOutcome {
    this.#block = block;
    this.#at = start;
    this.#end = end;
    if (!this.#resize()) return "compression_error";
    const table = this.#table;
    let room = this.#maxListBytes;
    let fields = 0;
    while (this.#at < end) {
      const first = block[this.#at] ?? 0;
      let name: string | undefined;
      let value: string | undefined;
      if (first >= 0x80) {
        const index = this.#integer(0x7f);
        if (index <= staticCount) {
          // Index 0 has no name, nor has an integer that is none.
          name = index > 0 ? staticNames[index] : undefined;
          value = staticValues[index];
        } else if (index - staticCount <= table.count) {
          name = table.name(index - staticCount - 1);
          value = table.value(index - staticCount - 1);
        }
      } else if (first >= 0x40) {
        name = this.#name(0x3f);
        value = name === undefined ? undefined : this.#string();
        if (name !== undefined && value !== undefined) table.insert(name, value);
      } else if (first < 0x20) {
        name = this.#name(0x0f);
        value = name === undefined ? undefined : this.#string();
      }
      // A size update in the middle (0x20 to 0x3f) is none of these.
      if (name === undefined || value === undefined) return "compression_error";
      room -= name.length + value.length + entryOverhead;
      if (room >= 0 && ++fields <= this.#maxFields) onField(name, value, first >= 0x10 && first < 0x20);
      else room = -1;
    }
    return room < 0 ? "list_too_large" : "ok";
  }

  /** Size updates, which stand at the beginning of a block only (section 4.2). */
  #resize(): boolean {
    while (this.#at < this.#end && ((this.#block[this.#at] ?? 0) & 0xe0) === 0x20) {
      const size = this.#integer(0x1f);
      if (size < 0 || size > this.#maxTableBytes) return false;
      this.#table.resize(size);
      this.#mustResize = false;
    }
    return !this.#mustResize || this.#at === this.#end;
  }

  /** A name by its index, or as a string behind an index of 0. */
  #name(mask: number): string | undefined {
    const index = this.#integer(mask);
    if (index === 0) return this.#string();
    if (index < 0) return undefined;
    if (index <= staticCount) return staticNames[index];
    const age = index - staticCount - 1;
    return age < this.#table.count ? this.#table.name(age) : undefined;
  }

  #string(): string | undefined {
    if (this.#at >= this.#end) return undefined;
    const isHuffman = (this.#block[this.#at] ?? 0) >= 0x80;
    const length = this.#integer(0x7f);
    const from = this.#at;
    if (length < 0 || length > this.#end - from) return undefined;
    this.#at = from + length;
    return isHuffman ? decodeHuffman(this.#block, from, this.#at) : this.#block.toString("latin1", from, this.#at);
  }

  /** An integer whose prefix is the bits of `mask` (section 5.1); -1 when it is cut off, longer or larger than any that is of use. */
  #integer(mask: number): number {
    let value = (this.#block[this.#at++] ?? 0) & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 28; shift += 7) {
      if (this.#at >= this.#end) return -1;
      const byte = this.#block[this.#at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value <= largestInteger ? value : -1;
    }
    return -1;
  }
}
