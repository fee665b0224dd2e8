import { putVarint, varintSize } from "../../otlp/rope/splice.ts";

/** Copies shorter than this are made byte by byte: a call into the runtime costs more. */
const shortBytes = 32;
/** A buffer that has grown beyond this is not kept. */
const keptBytes = 4 * 1024 * 1024;
const firstBytes = 64 * 1024;

/** The key of an attribute as it stands in a KeyValue: tag, length, bytes. */
export type Key = Uint8Array;

/** Encodes a key once, for every attribute that has it. */
export function keyOf(name: string): Key {
  const text = Buffer.from(name);
  return Buffer.concat([Buffer.from([0x0a, text.length]), text]);
}

/** The number of the field that holds the attributes, as a tag: `Resource.attributes`, `LogRecord.attributes`, `Span.attributes`. */
export const Tag = { resource: 0x0a, log: 0x32, span: 0x4a } as const;

/** Protobuf that grows: one buffer for all records between two requests, without an object for any of them. */
export class Writer {
  bytes: Buffer = Buffer.allocUnsafeSlow(firstBytes);
  length = 0;
  /** Of the attributes that are written: Tag.span, say. */
  tag: number;

  constructor(tag: number) {
    this.tag = tag;
  }

  /** Sees to it that `extra` more bytes fit. */
  room(extra: number): void {
    if (this.length + extra <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + extra));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** Forgets what was written. */
  clear(): void {
    this.length = 0;
    if (this.bytes.length > keptBytes) this.bytes = Buffer.allocUnsafeSlow(firstBytes);
  }

  byte(value: number): void {
    this.room(1);
    this.bytes[this.length++] = value;
  }

  /** A varint from 0 to 2^53. */
  varint(value: number): void {
    this.room(10);
    if (value < 128) this.bytes[this.length++] = value;
    else this.length = putVarint(this.bytes, this.length, value);
  }

  /** A field of eight bytes, from its halves. */
  fixed64(tag: number, low: number, high: number): void {
    this.room(9);
    this.bytes[this.length] = tag;
    this.bytes.writeUInt32LE(low, this.length + 1);
    this.bytes.writeUInt32LE(high, this.length + 5);
    this.length += 9;
  }

  /** source[from, to) */
  copy(source: Uint8Array, from: number, to: number): void {
    const length = to - from;
    this.room(length);
    const { bytes } = this;
    if (length >= shortBytes) {
      bytes.set(source.subarray(from, to), this.length);
      this.length += length;
      return;
    }
    let at = this.length;
    for (let i = from; i < to; i++) bytes[at++] = source[i] ?? 0;
    this.length = at;
  }

  all(source: Uint8Array): void {
    this.copy(source, 0, source.length);
  }

  /** Bytes that were kept as a string of their codes. */
  kept(text: string): void {
    this.room(text.length);
    this.length += this.bytes.write(text, this.length, "latin1");
  }

  /** Begins a message of less than 2^28 bytes and answers where. */
  open(tag: number): number {
    this.room(3);
    this.bytes[this.length] = tag;
    this.length += 3;
    return this.length;
  }

  /** Ends the message that open() began: its length stands in two bytes as long as it fits. */
  close(start: number): void {
    const size = this.length - start;
    if (size < 16384) {
      // Two bytes also for what would fit in one: moving the message costs more.
      this.bytes[start - 2] = (size & 127) | 128;
      this.bytes[start - 1] = size >> 7;
      return;
    }
    const more = varintSize(size) - 2;
    this.room(more);
    this.bytes.copyWithin(start + more, start, this.length);
    this.length += more;
    putVarint(this.bytes, start - 2, size);
  }

  /** An attribute whose value is text of ASCII that stands at source[from, to); other bytes and controls are written as in a URL. */
  raw(key: Key, source: Uint8Array, from: number, to: number): void {
    let odd = 0;
    for (let i = from; i < to; i++) if (isOdd(source[i] ?? 0)) odd++;
    const length = to - from + odd * 2;
    this.#string(key, length);
    if (odd === 0) return this.copy(source, from, to);
    this.room(length);
    for (let i = from; i < to; i++) {
      const byte = source[i] ?? 0;
      if (isOdd(byte)) {
        this.bytes[this.length++] = 37;
        this.bytes[this.length++] = hexDigits.charCodeAt(byte >> 4);
        this.bytes[this.length++] = hexDigits.charCodeAt(byte & 15);
      } else this.bytes[this.length++] = byte;
    }
  }

  /** An attribute of text. */
  text(key: Key, text: string): void {
    const length = Buffer.byteLength(text);
    this.#string(key, length);
    this.room(length);
    this.length += this.bytes.write(text, this.length, "utf8");
  }

  /** An attribute that is an integer from 0 to 2^53. */
  int(key: Key, value: number): void {
    const size = 1 + varintSize(value);
    this.#attribute(key, size);
    this.bytes[this.length++] = 0x18;
    this.length = putVarint(this.bytes, this.length, value);
  }

  flag(key: Key, value: boolean): void {
    this.#attribute(key, 2);
    this.bytes[this.length++] = 0x10;
    this.bytes[this.length++] = value ? 1 : 0;
  }

  /** An attribute that is a list of texts. */
  texts(key: Key, list: readonly string[]): void {
    const items = list.map((text) => Buffer.from(text));
    const sizes = items.map(({ length }) => 1 + varintSize(length) + length);
    const inner = sizes.reduce((sum, size) => sum + 1 + varintSize(size) + size, 0);
    this.#attribute(key, 1 + varintSize(inner) + inner);
    this.byte(0x2a);
    this.varint(inner);
    for (const [index, item] of items.entries()) {
      this.byte(0x0a);
      this.varint(sizes[index] ?? 0);
      this.byte(0x0a);
      this.varint(item.length);
      this.all(item);
    }
  }

  /** All but the text itself. */
  #string(key: Key, length: number): void {
    this.#attribute(key, 1 + varintSize(length) + length);
    this.bytes[this.length++] = 0x0a;
    this.length = putVarint(this.bytes, this.length, length);
  }

  /** KeyValue: 1 key, 2 value, whose content is `size` bytes. */
  #attribute(key: Key, size: number): void {
    const content = key.length + 1 + varintSize(size) + size;
    this.room(content + 12);
    const { bytes } = this;
    bytes[this.length++] = this.tag;
    this.length = putVarint(bytes, this.length, content);
    let at = this.length;
    for (let i = 0; i < key.length; i++) bytes[at++] = key[i] ?? 0;
    bytes[at++] = 0x12;
    this.length = putVarint(bytes, at, size);
  }
}

const hexDigits = "0123456789ABCDEF";

/** Whether a byte cannot stand in text as it is. */
function isOdd(byte: number): boolean {
  return byte >= 127 || byte < 32;
}
