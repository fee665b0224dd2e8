import { allocate } from "../rope/slab.ts";
import { putVarint, varintSize } from "../rope/splice.ts";

/** One buffer is kept for the next message while it is no larger than this. */
const keptBytes = 1024 * 1024;
/** Copies shorter than this are made byte by byte: a call into the runtime costs more. */
const shortBytes = 48;

let kept: Buffer | undefined;

/** Bytes that become more. Whoever writes asks for room first; take() or drop() ends it. */
export class Growing {
  bytes: Buffer;
  length = 0;

  constructor(expected: number) {
    this.bytes =
      kept !== undefined && kept.length >= expected ? kept : Buffer.allocUnsafeSlow(Math.max(expected, 4096));
    kept = undefined;
  }

  /** Sees to it that `extra` more bytes fit. */
  room(extra: number): void {
    if (this.length + extra <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + extra));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  byte(value: number): void {
    this.room(1);
    this.bytes[this.length++] = value;
  }

  /** A varint below 2^53. */
  varint(value: number): void {
    this.room(10);
    if (value < 128) this.bytes[this.length++] = value;
    else this.length = putVarint(this.bytes, this.length, value);
  }

  /** A varint of 64 bits, as two unsigned halves. */
  varint64(low: number, high: number): void {
    if (high < 0x200000) return this.varint(high * 0x100000000 + low);
    this.room(10);
    const { bytes } = this;
    let [lo, hi] = [low, high];
    while (hi !== 0 || lo > 127) {
      bytes[this.length++] = (lo & 0x7f) | 0x80;
      lo = ((lo >>> 7) | (hi << 25)) >>> 0;
      hi >>>= 7;
    }
    bytes[this.length++] = lo;
  }

  fixed32(value: number): void {
    this.room(4);
    this.bytes.writeUInt32LE(value, this.length);
    this.length += 4;
  }

  double(value: number): void {
    this.room(8);
    this.bytes.writeDoubleLE(value, this.length);
    this.length += 8;
  }

  /** source[start, stop) */
  copy(source: Uint8Array, start: number, stop: number): void {
    const length = stop - start;
    this.room(length);
    const { bytes } = this;
    if (length >= shortBytes) {
      bytes.set(source.subarray(start, stop), this.length);
      this.length += length;
      return;
    }
    let to = this.length;
    for (let from = start; from < stop; from++) bytes[to++] = source[from] ?? 0;
    this.length = to;
  }

  /** Text of ASCII. */
  ascii(text: string): void {
    this.room(text.length);
    for (let i = 0; i < text.length; i++) this.bytes[this.length++] = text.charCodeAt(i);
  }

  /** Leaves `width` bytes for the length of a message and answers where. */
  open(width: number): number {
    this.room(width);
    const at = this.length;
    this.length += width;
    return at;
  }

  /** Writes the length of what was written since open(), and answers how many bytes that took: a good width for the next one. */
  close(at: number, width: number): number {
    const size = this.length - at - width;
    const needed = varintSize(size);
    if (needed !== width) {
      this.room(needed);
      this.bytes.copyWithin(at + needed, at + width, this.length);
      this.length += needed - width;
    }
    putVarint(this.bytes, at, size);
    return needed;
  }

  /** All of it, in memory of its own. */
  take(): Buffer {
    const whole = allocate(this.length);
    this.bytes.copy(whole, 0, 0, this.length);
    this.drop();
    return whole;
  }

  /** Ends without a result. */
  drop(): void {
    if (this.bytes.length <= keptBytes) kept = this.bytes;
    this.bytes = Buffer.alloc(0);
    this.length = 0;
  }
}
