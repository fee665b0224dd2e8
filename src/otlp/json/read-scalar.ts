import type { Growing } from "./growing.ts";
import { Int64 } from "./int64.ts";
import { hexDigit } from "./scanner.ts";
import type { Scanner } from "./scanner.ts";
import type { Field } from "./schema.ts";

const int32 = { least: -(2 ** 31), most: 2 ** 31 - 1 };
const uint32 = { least: 0, most: 2 ** 32 - 1 };

/** Numbers that JSON has not, as protobuf writes them and as Go does, in whatever case, which the Collector reads, too. */
const words: ReadonlyMap<string, number> = new Map([
  ["nan", NaN],
  ...["inf", "+inf", "infinity", "+infinity"].map((word) => [word, Infinity] as const),
  ...["-inf", "-infinity"].map((word) => [word, -Infinity] as const),
]);

/** Reads JSON values that are no message and writes them as protobuf, without their tags. */
export class ScalarReader {
  /** Whether the last value that was read is the one that protobuf leaves out. */
  isDefault = false;
  readonly #input: Scanner;
  readonly #output: Growing;
  readonly #int64 = new Int64();
  #integer = 0;

  constructor(input: Scanner, output: Growing) {
    this.#input = input;
    this.#output = output;
  }

  /** Reads a value for the field. False when it has a mistake, which the scanner then holds. */
  read(field: Field): boolean {
    switch (field.kind) {
      case "string":
        return this.#string();
      case "bytes":
        return this.#base64();
      case "id16":
        return this.#hex(16);
      case "id8":
        return this.#hex(8);
      case "bool":
        return this.#bool();
      case "int32":
        return this.#small(int32) && this.#varint(this.#integer);
      case "uint32":
        return this.#small(uint32) && this.#varint(this.#integer);
      case "sint32":
        return this.#small(int32) && this.#varint(((this.#integer << 1) ^ (this.#integer >> 31)) >>> 0);
      case "enum":
        return this.#enum(field.words);
      case "int64":
        return this.#signed() && this.#varint64();
      case "uint64":
        return this.#unsigned() && this.#varint64();
      case "fixed32":
        return this.#small(uint32) && this.#fixed32();
      case "fixed64":
        return this.#unsigned() && this.#fixed64();
      case "sfixed64":
        return this.#signed() && this.#fixed64();
      case "double":
        return this.#double();
      case "message":
        return this.#input.fail("must be an object");
    }
  }

  #string(): boolean {
    const input = this.#input;
    if (input.kind() !== "string") return input.fail("must be a string");
    if (!input.string()) return false;
    const length = input.stop - input.start;
    this.#output.varint(length);
    this.#output.copy(input.text, input.start, input.stop);
    this.isDefault = length === 0;
    return true;
  }

  /** An id in hex, of this many bytes or none. */
  #hex(length: number): boolean {
    const input = this.#input;
    const rule = `must be ${length * 2} hex digits`;
    if (input.kind() !== "string") return input.fail(rule);
    const before = input.pos;
    if (!input.string()) return false;
    const { text, start, stop } = input;
    const output = this.#output;
    this.isDefault = stop === start;
    output.varint((stop - start) / 2 === length ? length : 0);
    if (stop === start) return true;
    if (stop - start !== length * 2) return this.#failAt(before, rule);
    output.room(length);
    for (let pos = start; pos < stop; pos += 2) {
      const high = hexDigit(text[pos] ?? 0);
      const low = hexDigit(text[pos + 1] ?? 0);
      if (high < 0 || low < 0) return this.#failAt(before, rule);
      output.bytes[output.length++] = high * 16 + low;
    }
    return true;
  }

  /** Base64 of either alphabet, padded or not. */
  #base64(): boolean {
    const input = this.#input;
    const rule = "must be a string of base64";
    if (input.kind() !== "string") return input.fail(rule);
    const before = input.pos;
    if (!input.string()) return false;
    const { text, start } = input;
    let { stop } = input;
    for (let pads = 0; pads < 2 && stop > start && text[stop - 1] === 0x3d; pads++) stop--;
    const digits = stop - start;
    if (digits % 4 === 1 || (stop < input.stop && (input.stop - start) % 4 !== 0)) return this.#failAt(before, rule);
    const length = Math.floor((digits * 3) / 4);
    const output = this.#output;
    output.varint(length);
    output.room(length);
    this.isDefault = length === 0;
    let bits = 0;
    let count = 0;
    for (let pos = start; pos < stop; pos++) {
      const digit = base64Digits[text[pos] ?? 0] ?? 64;
      if (digit === 64) return this.#failAt(before, rule);
      bits = ((bits << 6) | digit) & 0xffff;
      count += 6;
      if (count < 8) continue;
      count -= 8;
      output.bytes[output.length++] = (bits >>> count) & 0xff;
    }
    return true;
  }

  #bool(): boolean {
    const input = this.#input;
    const kind = input.kind();
    if (kind !== "true" && kind !== "false") return input.fail("must be true or false");
    if (!input.word(kind)) return false;
    this.#output.byte(kind === "true" ? 1 : 0);
    this.isDefault = kind === "false";
    return true;
  }

  #enum(words: readonly string[]): boolean {
    const input = this.#input;
    const before = input.kind() === "string" ? input.pos : -1;
    if (before >= 0) {
      if (!input.string()) return false;
      const index = words.indexOf(input.text.toString("latin1", input.start, input.stop));
      if (index >= 0) return this.#varint(index);
      input.pos = before;
    }
    return this.#small(int32, `must be an integer or a name such as ${words[1]}`) && this.#varint(this.#integer);
  }

  #double(): boolean {
    const input = this.#input;
    const rule = 'must be a number or "NaN", "Infinity", "-Infinity"';
    input.peek();
    const before = input.pos;
    if (!this.#numeric(rule)) return false;
    const text = input.text.toString("latin1", input.start, input.stop);
    const number = Number(text);
    const isFinite = Number.isFinite(number);
    const value = isFinite ? number : words.get(text.toLowerCase());
    if (value === undefined) return this.#failAt(before, rule);
    // What Number takes and JSON does not: white space, no digits at all, 0x10.
    if (isFinite && (!/^-?[.\d]/.test(text) || /[xob]/i.test(text))) return this.#failAt(before, rule);
    this.#output.double(value);
    this.isDefault = Object.is(value, 0);
    return true;
  }

  /** Reads an integer within limits into #integer. */
  #small(
    { least, most }: { least: number; most: number },
    rule = `must be an integer from ${least} to ${most}`,
  ): boolean {
    this.#input.peek();
    const before = this.#input.pos;
    const int64 = this.#int64;
    if (!this.#int(rule)) return false;
    const magnitude = int64.high * 0x100000000 + int64.low;
    // Not "-0", which is another number than 0.
    this.#integer = int64.isNegative && magnitude !== 0 ? -magnitude : magnitude;
    return (this.#integer >= least && this.#integer <= most) || this.#failAt(before, rule);
  }

  #signed(): boolean {
    return this.#wide("must be an integer of 64 bits", (int64) => int64.toSigned());
  }

  #unsigned(): boolean {
    return this.#wide("must be an integer of 64 bits, 0 or more", (int64) => int64.isUnsigned());
  }

  #wide(rule: string, fits: (int64: Int64) => boolean): boolean {
    this.#input.peek();
    const before = this.#input.pos;
    return this.#int(rule) && (fits(this.#int64) || this.#failAt(before, rule));
  }

  /** Reads an integer, as a number or as a string, into #int64. "1e3" and "1.0" are integers too. */
  #int(rule: string): boolean {
    const input = this.#input;
    const before = input.pos;
    if (!this.#numeric(rule)) return false;
    if (this.#int64.read(input.text, input.start, input.stop)) return true;
    const text = input.text.toString("latin1", input.start, input.stop);
    const value = /^-?\d+(\.\d*)?(e[-+]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (!/[.e]/i.test(text) || !Number.isSafeInteger(value)) return this.#failAt(before, rule);
    this.#int64.set(value);
    return true;
  }

  /** Reads a number or a string. */
  #numeric(rule: string): boolean {
    const input = this.#input;
    switch (input.kind()) {
      case "number":
        return input.number();
      case "string":
        return input.string();
      case "object":
      case "array":
      case "true":
      case "false":
      case "null":
      case "none":
        return input.fail(rule);
    }
  }

  #varint(value: number): boolean {
    // A negative one of 32 bits is written with 64.
    if (value < 0) this.#output.varint64(value >>> 0, 0xffffffff);
    else this.#output.varint(value);
    this.isDefault = value === 0;
    return true;
  }

  #varint64(): boolean {
    const { low, high } = this.#int64;
    this.#output.varint64(low, high);
    this.isDefault = low === 0 && high === 0;
    return true;
  }

  #fixed32(): boolean {
    this.#output.fixed32(this.#integer);
    this.isDefault = this.#integer === 0;
    return true;
  }

  #fixed64(): boolean {
    const { low, high } = this.#int64;
    this.#output.fixed32(low);
    this.#output.fixed32(high);
    this.isDefault = low === 0 && high === 0;
    return true;
  }

  /** Notes a mistake of the value that begins there. */
  #failAt(pos: number, rule: string): false {
    this.#input.pos = pos;
    return this.#input.fail(rule);
  }
}

const base64Digits = Uint8Array.from({ length: 256 }, (_, byte) => {
  const digit = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".indexOf(String.fromCharCode(byte));
  if (digit >= 0) return digit;
  return byte === 0x2d ? 62 : byte === 0x5f ? 63 : 64;
});
