import { moveBetween } from "./moving.ts";
import { type Bytes, type Copier, type Recipe, Rope } from "./rope.ts";
import { allocate } from "./slab.ts";

/**
 * New bytes made of ranges of old ones and of small inserts between them. Nothing is copied until the end:
 * then each range once, straight into its place.
 */
export class Splice implements Recipe {
  readonly #source: Uint8Array;
  /** Pairs: [start, end) of the source, [-1 - index, -1] an insert, or [-field, length] the tag and length of a message. */
  #pieces: number[];
  #used = 0;
  #inserts: Uint8Array[];
  #inserted = 0;
  #length = 0;

  /** `expected` is about how many pieces there will be: a list that has to grow is left to the collector each time. */
  constructor(source: Uint8Array, expected = 8) {
    this.#source = source;
    const { pieces = blank.slice(0, 2 * expected), inserts = [] } = (expected > few ? spare.pop() : undefined) ?? none;
    this.#pieces = pieces;
    this.#inserts = inserts;
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** Appends source[start, end). */
  copy(start: number, end: number): void {
    if (start === end) return;
    const pieces = this.#pieces;
    const last = this.#used - 1;
    this.#length += end - start;
    if (last > 0 && pieces[last] === start && (pieces[last - 1] ?? -1) >= 0) pieces[last] = end;
    else this.#add(start, end);
  }

  /** Appends ranges of the source: [start, end, start, end …]. */
  copyAll(ranges: readonly number[]): void {
    for (let i = 0; i < ranges.length; i += 2) this.copy(ranges[i] ?? 0, ranges[i + 1] ?? 0);
  }

  /** Appends bytes that are not in the source. */
  insert(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#length += bytes.length;
    this.#add(-1 - this.#inserted, -1);
    this.#inserts[this.#inserted++] = bytes;
  }

  /** Appends a length-delimited field whose content is what `write` appends. */
  message(field: number, write: () => void): void {
    const place = this.open(field);
    write();
    this.close(place);
  }

  /** Begins a length-delimited field; what is appended until close() is its content. */
  open(field: number): number {
    this.#add(-field, this.#length);
    return this.#used - 1;
  }

  /** Ends the field that open() gave the place of; those inside it must be ended. */
  close(place: number): void {
    const pieces = this.#pieces;
    const length = this.#length - (pieces[place] ?? 0);
    pieces[place] = length;
    this.#length += varintSize((pieces[place - 1] ?? 0) * -8) + varintSize(length);
  }

  /** All of it as new bytes, or the source itself when this is a copy of all of it. */
  toBytes(): Buffer {
    const source = this.#source;
    if (this.#isSource()) return Buffer.from(source.buffer, source.byteOffset, source.length);
    const target = allocate(this.#length);
    this.write(target, 0);
    return target;
  }

  /** All of it for someone who only writes it: nothing is copied until then. Nothing may be appended any more. */
  toRope(): Bytes {
    return this.#isSource() ? this.toBytes() : new Rope([this], this.#length);
  }

  copier(): Copier {
    return new SpliceCopier(this.#source, { pieces: this.#pieces, used: this.#used, inserts: this.#inserts });
  }

  views(): readonly Uint8Array[] | undefined {
    const count = this.#used / 2;
    return count > maxRopePieces || this.#length < count * minRopePieceBytes ? undefined : this.#views();
  }

  giveBack(): void {
    const pieces = this.#pieces;
    const inserts = this.#inserts;
    // What was inserted need not stay for the sake of a list.
    for (let i = 0; i < this.#inserted; i++) inserts[i] = nothing;
    this.#pieces = [];
    this.#inserts = [];
    this.#used = this.#inserted = 0;
    if (spare.length < maxSpare && pieces.length > 2 * few && pieces.length <= blank.length)
      spare.push({ pieces, inserts });
  }

  /** Whether it is a copy of all of the source. */
  #isSource(): boolean {
    const [start, end] = this.#pieces;
    return this.#used === 2 && start === 0 && end === this.#source.length;
  }

  #add(first: number, second: number): void {
    const pieces = this.#pieces;
    pieces[this.#used++] = first;
    pieces[this.#used++] = second;
  }

  #views(): readonly Uint8Array[] {
    const views: Uint8Array[] = [];
    for (let i = 0; i < this.#used; i += 2) {
      const start = this.#pieces[i] ?? 0;
      const end = this.#pieces[i + 1] ?? 0;
      const insert = end < 0 ? this.#inserts[-1 - start] : undefined;
      views.push(insert ?? (start < 0 ? header(-start, end) : this.#source.subarray(start, end)));
    }
    return views;
  }

  /** Writes all of it at `offset` of `target`, which has room for `length` bytes. */
  write(target: Uint8Array, offset: number): void {
    const pieces = this.#pieces;
    for (let i = 0; i < this.#used; i += 2) {
      const start = pieces[i] ?? 0;
      const end = pieces[i + 1] ?? 0;
      const insert = end < 0 ? this.#inserts[-1 - start] : undefined;
      if (insert !== undefined) offset = move(insert, 0, insert.length, target, offset);
      else if (start < 0) offset = putVarint(target, putVarint(target, offset, -start * 8 + 2), end);
      else offset = move(this.#source, start, end, target, offset);
    }
  }
}

/** The lists of a splice. */
type SpliceLists = { readonly pieces: number[]; readonly inserts: Uint8Array[] };

/** Recipes of more pieces take their lists from here: those of requests on their way were two thirds of what the collector moved (measured). */
const few = 64;
const spare: SpliceLists[] = [];
const maxSpare = 64;
const none: Partial<SpliceLists> = {};
const nothing = new Uint8Array();

/** A list that is cut from this has its room at once, and no holes; one that needs more grows. */
const blank: readonly number[] = Array.from({ length: 2048 }, () => 0);

/** The first `used` numbers count. */
type Pieces = { readonly pieces: readonly number[]; readonly used: number; readonly inserts: readonly Uint8Array[] };

/** Writes a splice as far as is asked for, and goes on there. */
class SpliceCopier implements Copier {
  readonly #source: Uint8Array;
  readonly #pieces: readonly number[];
  readonly #used: number;
  readonly #inserts: readonly Uint8Array[];
  /** The next piece, and what is left of the one before it: bytes[at, end). */
  #next = 0;
  #bytes: Uint8Array;
  #at = 0;
  #end = 0;

  constructor(source: Uint8Array, { pieces, used, inserts }: Pieces) {
    this.#source = source;
    this.#bytes = source;
    this.#pieces = pieces;
    this.#used = used;
    this.#inserts = inserts;
  }

  copy(target: Uint8Array, at: number, count: number): void {
    const stop = at + count;
    const pieces = this.#pieces;
    const source = this.#source;
    const moveQuickly = moveBetween(source, target);
    at = this.#rest(target, at, stop);
    while (at < stop && this.#next < this.#used) {
      const start = pieces[this.#next] ?? 0;
      const end = pieces[this.#next + 1] ?? 0;
      this.#next += 2;
      if (start >= 0) {
        if (end - start <= stop - at) {
          if (moveQuickly === undefined) at = move(source, start, end, target, at);
          else {
            moveQuickly(target.byteOffset + at, source.byteOffset + start, end - start);
            at += end - start;
          }
          continue;
        }
        this.#bytes = this.#source;
        this.#at = start;
        this.#end = end;
      } else if (end >= 0) {
        if (stop - at >= maxHeader) {
          at = putVarint(target, putVarint(target, at, -start * 8 + 2), end);
          continue;
        }
        this.#bytes = header(-start, end);
        this.#at = 0;
        this.#end = this.#bytes.length;
      } else {
        this.#bytes = this.#inserts[-1 - start] ?? this.#bytes;
        this.#at = 0;
        this.#end = this.#bytes.length;
      }
      at = this.#rest(target, at, stop);
    }
  }

  /** Writes what is left of a piece, as far as it goes. */
  #rest(target: Uint8Array, at: number, stop: number): number {
    const size = Math.min(this.#end - this.#at, stop - at);
    if (size === 0) return at;
    this.#at += size;
    return move(this.#bytes, this.#at - size, this.#at, target, at);
  }
}

/** The longest tag and length of a message. */
const maxHeader = 16;

/** More pieces than this, or smaller ones on average, cost more to write one by one than to copy. */
const maxRopePieces = 16;
const minRopePieceBytes = 2048;

/** That of Node copies between any two arrays of bytes, without a view of the one. */
const copyBytes = Buffer.prototype.copy;

/** Copies source[start, end) to `target` at `offset` and returns the offset behind it. A call costs as much as some two dozen bytes moved by hand. */
function move(source: Uint8Array, start: number, end: number, target: Uint8Array, offset: number): number {
  if (end - start > 24) {
    copyBytes.call(source, target, offset, start, end);
    return offset + end - start;
  }
  for (let i = start; i < end; i++) target[offset++] = source[i] ?? 0;
  return offset;
}

/** Bytes that `value` takes as a minimal varint. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  let size = 2;
  for (let rest = value / 0x4000; rest >= 1; rest /= 128) size++;
  return size;
}

/** Writes `value` (0 .. 2^53) as a minimal varint at `offset` and returns the offset behind it. */
export function putVarint(target: Uint8Array, offset: number, value: number): number {
  let rest = value;
  for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) target[offset++] = (rest % 128) | 128;
  for (; rest >= 128; rest >>>= 7) target[offset++] = (rest & 127) | 128;
  target[offset++] = rest;
  return offset;
}

/** A length-delimited field with this content. */
export function lengthDelimited(field: number, content: Uint8Array): Buffer {
  return Buffer.concat([header(field, content.length), content]);
}

/** Tag and length of a length-delimited field. */
export function header(field: number, length: number): Uint8Array {
  const tag = field * 8 + 2;
  const bytes = new Uint8Array(varintSize(tag) + varintSize(length));
  putVarint(bytes, putVarint(bytes, 0, tag), length);
  return bytes;
}
