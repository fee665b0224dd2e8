/*
 * Snappy's block: the length of what it holds, then by turns bytes as they are (literals) and copies of what came before
 * (google/snappy, format_description.txt).
 */

/** Decompresses a block; undefined when it holds more than `limit` bytes. Throws when it is broken. */
export function unsnap(block: Uint8Array, limit: number): Buffer | undefined {
  const { length, end } = readLength(block);
  if (length > limit) return undefined;
  const out = Buffer.allocUnsafe(length);
  let from = end;
  let to = 0;
  while (from < block.length) {
    const tag = block[from++] ?? 0;
    const kind = tag & 3;
    if (kind === Kind.LITERAL) {
      let size = (tag >>> 2) + 1;
      if (size > 60) {
        const width = size - 60;
        size = number(block, from, width) + 1;
        from += width;
      }
      if (size > block.length - from || size > length - to) throw broken("has a literal that is cut short or too long");
      out.set(block.subarray(from, from + size), to);
      from += size;
      to += size;
      continue;
    }
    const size = kind === Kind.NEAR ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    const width = kind === Kind.NEAR ? 1 : kind === Kind.FAR ? 2 : 4;
    const offset = number(block, from, width) + (kind === Kind.NEAR ? (tag >>> 5) * 256 : 0);
    from += width;
    if (from > block.length || offset === 0 || offset > to || size > length - to)
      throw broken("has a copy of what is not there");
    copyBack(out, { to, offset, size });
    to += size;
  }
  if (to !== length) throw broken(`must hold ${length} bytes, holds ${to}`);
  return out;
}

/** Repeats what stands `offset` bytes before; it may reach into itself, and then repeats that, too. */
function copyBack(out: Buffer, { to, offset, size }: { to: number; offset: number; size: number }): void {
  if (offset >= size && size >= 24) out.copyWithin(to, to - offset, to - offset + size);
  else for (let at = to; at < to + size; at++) out[at] = out[at - offset] ?? 0;
}

/** The two low bits of a tag: a copy says in one, two or four bytes how far back it is. */
const Kind = { LITERAL: 0, NEAR: 1, FAR: 2 } as const;

export function broken(problem: string): Error {
  return new Error(`snappy ${problem}`);
}

function readLength(block: Uint8Array): { readonly length: number; readonly end: number } {
  let length = 0;
  for (let at = 0; at < 5; at++) {
    const byte = block[at];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80 && length < 2 ** 32) return { length, end: at + 1 };
  }
  throw broken("must begin with a length");
}

/** Little-endian, up to four bytes; those that are not there count as zero. */
function number(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = 0; i < width; i++) value += (bytes[at + i] ?? 0) * 2 ** (8 * i);
  return value;
}

/** Compresses into one block. */
export function snap(bytes: Uint8Array): Buffer {
  const writer = new Writer(bytes);
  for (let begin = 0; begin < bytes.length; begin += pieceSize)
    writer.piece(begin, Math.min(begin + pieceSize, bytes.length));
  return writer.written();
}

/** What is compressed by itself, so that positions in it take two bytes. */
const pieceSize = 65_536;
/** Nearer to the end than this no copy is looked for. */
const margin = 15;

/** Where four bytes were seen last, by a hash of them. One for all: nothing waits while a block is written. */
const seen = new Uint16Array(1 << 14);

class Writer {
  readonly #bytes: Uint8Array;
  readonly #out: Buffer;
  #to = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    // No literal takes more than a sixth beside its bytes, and no copy more than what it stands for.
    this.#out = Buffer.allocUnsafe(32 + bytes.length + Math.floor(bytes.length / 6));
    let left = bytes.length;
    for (; left >= 0x80; left = Math.floor(left / 0x80)) this.#out[this.#to++] = (left % 0x80) + 0x80;
    this.#out[this.#to++] = left;
  }

  written(): Buffer {
    return this.#out.subarray(0, this.#to);
  }

  /** Literals and copies for the bytes from `begin` to `end`. */
  piece(begin: number, end: number): void {
    seen.fill(0);
    const last = end - margin;
    let literal = begin;
    let misses = 0;
    for (let at = begin + 1; at <= last;) {
      const candidate = this.#last(at, begin);
      if (!this.#isSame(candidate, at)) {
        // What does not repeat is gone through in ever larger steps.
        at += 1 + (misses++ >>> 5);
        continue;
      }
      misses = 0;
      let stop = at + 4;
      for (let behind = candidate + 4; stop < end && this.#bytes[behind] === this.#bytes[stop]; behind++) stop++;
      this.#literal(literal, at);
      this.#copy(at - candidate, stop - at);
      literal = stop;
      at = stop;
    }
    this.#literal(literal, end);
  }

  /** Where the four bytes at a position may have been before; they are from now on known to be at this one. */
  #last(at: number, begin: number): number {
    const hash = Math.imul(this.#four(at), 0x1e35a7bd) >>> 18;
    const candidate = begin + (seen[hash] ?? 0);
    seen[hash] = at - begin;
    return candidate;
  }

  #isSame(one: number, other: number): boolean {
    return this.#four(one) === this.#four(other);
  }

  #four(at: number): number {
    const bytes = this.#bytes;
    return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  }

  #literal(from: number, end: number): void {
    const rest = end - from - 1;
    if (rest < 0) return;
    if (rest < 60) this.#byte(rest << 2);
    else if (rest < 256) this.#byte(60 << 2, rest);
    else this.#byte(61 << 2, rest & 0xff, rest >>> 8);
    this.#out.set(this.#bytes.subarray(from, end), this.#to);
    this.#to += end - from;
  }

  #copy(offset: number, length: number): void {
    let left = length;
    // At most 64 bytes each, and what is left for the last one no fewer than four.
    for (; left >= 68; left -= 64) this.#far(offset, 64);
    if (left > 64) {
      this.#far(offset, 60);
      left -= 60;
    }
    if (left >= 12 || offset >= 2048) this.#far(offset, left);
    else this.#byte(((offset >>> 8) << 5) | ((left - 4) << 2) | Kind.NEAR, offset & 0xff);
  }

  #far(offset: number, length: number): void {
    this.#byte(((length - 1) << 2) | Kind.FAR, offset & 0xff, offset >>> 8);
  }

  #byte(...bytes: readonly number[]): void {
    for (const byte of bytes) this.#out[this.#to++] = byte;
  }
}
