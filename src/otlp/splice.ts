/**
 * New bytes made of ranges of old ones and of small inserts between them. Nothing is copied until write():
 * then each range once, straight into its place.
 */
export class Splice {
  readonly #source: Uint8Array;
  /** Pairs: [start, end) of the source, or [-1 - index, 0] for an insert. */
  readonly #pieces: number[] = [];
  readonly #inserts: Uint8Array[] = [];
  #length = 0;

  constructor(source: Uint8Array) {
    this.#source = source;
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** Appends source[start, end). */
  copy(start: number, end: number): void {
    if (start === end) return;
    const pieces = this.#pieces;
    this.#length += end - start;
    if (pieces.length > 0 && pieces.at(-1) === start && (pieces.at(-2) ?? -1) >= 0) pieces[pieces.length - 1] = end;
    else pieces.push(start, end);
  }

  /** Appends bytes that are not in the source. */
  insert(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#length += bytes.length;
    this.#pieces.push(-1 - this.#inserts.length, 0);
    this.#inserts.push(bytes);
  }

  /** Appends a tag and the length-delimited message that `inner` holds; `inner` has the same source. */
  message(field: number, inner: Splice): void {
    this.insert(header(field, inner.#length));
    this.append(inner);
  }

  /** Appends what `inner` holds; it has the same source. */
  append(inner: Splice): void {
    const offset = this.#inserts.length;
    this.#length += inner.#length;
    this.#inserts.push(...inner.#inserts);
    for (let i = 0; i < inner.#pieces.length; i += 2) {
      const start = inner.#pieces[i] ?? 0;
      this.#pieces.push(start < 0 ? start - offset : start, inner.#pieces[i + 1] ?? 0);
    }
  }

  /** Writes all of it into new bytes. */
  toBytes(): Buffer {
    const target = Buffer.allocUnsafe(this.#length);
    this.write(target, 0);
    return target;
  }

  /** Writes all of it at `offset` of `target`, which has room for `length` bytes. */
  write(target: Uint8Array, offset: number): void {
    const pieces = this.#pieces;
    for (let i = 0; i < pieces.length; i += 2) {
      const start = pieces[i] ?? 0;
      const insert = start < 0 ? this.#inserts[-1 - start] : undefined;
      offset = insert === undefined ? move(this.#source, start, pieces[i + 1] ?? 0, target, offset) : move(insert, 0, insert.length, target, offset);
    }
  }
}

/** Copies source[start, end) to `target` at `offset` and returns the offset behind it. A view costs more than a few dozen bytes moved by hand. */
function move(source: Uint8Array, start: number, end: number, target: Uint8Array, offset: number): number {
  if (end - start > 48) {
    target.set(source.subarray(start, end), offset);
    return offset + end - start;
  }
  for (let i = start; i < end; i++) target[offset++] = source[i] ?? 0;
  return offset;
}

/** Bytes that `value` takes as a minimal varint. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Writes `value` (0 .. 2^53) as a minimal varint at `offset` and returns the offset behind it. */
export function putVarint(target: Uint8Array, offset: number, value: number): number {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) target[offset++] = (rest % 128) | 128;
  target[offset++] = rest;
  return offset;
}

/** Tag and length of a length-delimited field. */
export function header(field: number, length: number): Uint8Array {
  const tag = field * 8 + 2;
  const bytes = new Uint8Array(varintSize(tag) + varintSize(length));
  putVarint(bytes, putVarint(bytes, 0, tag), length);
  return bytes;
}
