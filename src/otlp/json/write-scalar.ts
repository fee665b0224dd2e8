import { isUtf8 } from "node:buffer";
import type { Growing } from "./growing.ts";
import { Int64 } from "./int64.ts";
import type { Field } from "./schema.ts";

/** A value on the wire: bytes[start, stop), whose frame was checked. */
export type Scalar = { readonly bytes: Uint8Array; readonly start: number; readonly stop: number };

const quote = 0x22;
const backslash = 0x5c;
const hexDigits = Buffer.from("0123456789abcdef");

/** Writes protobuf values that are no message as JSON. */
export class ScalarWriter {
  readonly #output: Growing;
  readonly #int64 = new Int64();

  constructor(output: Growing) {
    this.#output = output;
  }

  /** Writes a value of the field. */
  write(field: Field, value: Scalar): void {
    const output = this.#output;
    const int64 = this.#int64;
    switch (field.kind) {
      case "string":
        return this.#string(value);
      case "bytes":
        return output.ascii(
          `"${Buffer.from(value.bytes.buffer, value.bytes.byteOffset + value.start, value.stop - value.start).toString("base64")}"`,
        );
      case "id16":
      case "id8":
        return this.#hex(value);
      case "bool":
        readVarint(value, int64);
        return output.ascii(int64.low === 0 && int64.high === 0 ? "false" : "true");
      case "int32":
      case "enum":
        readVarint(value, int64);
        return output.ascii(String(int64.low | 0));
      case "uint32":
        readVarint(value, int64);
        return output.ascii(String(int64.low));
      case "sint32":
        readVarint(value, int64);
        return output.ascii(String((int64.low >>> 1) ^ -(int64.low & 1)));
      case "fixed32":
        return output.ascii(String(readFixed32(value.bytes, value.start)));
      case "int64":
        readVarint(value, int64);
        return this.#int(true);
      case "uint64":
        readVarint(value, int64);
        return this.#int(false);
      case "fixed64":
      case "sfixed64":
        int64.low = readFixed32(value.bytes, value.start);
        int64.high = readFixed32(value.bytes, value.start + 4);
        return this.#int(field.kind === "sfixed64");
      case "double":
        return output.ascii(doubleText(value));
      case "message":
        // The one who walks messages never asks for this.
        return;
    }
  }

  #int(isSigned: boolean): void {
    const output = this.#output;
    output.byte(quote);
    output.ascii(this.#int64.toText(isSigned));
    output.byte(quote);
  }

  #hex({ bytes, start, stop }: Scalar): void {
    const output = this.#output;
    output.room((stop - start) * 2 + 2);
    output.byte(quote);
    for (let pos = start; pos < stop; pos++) {
      const byte = bytes[pos] ?? 0;
      output.bytes[output.length++] = hexDigits[byte >>> 4] ?? 0;
      output.bytes[output.length++] = hexDigits[byte & 15] ?? 0;
    }
    output.byte(quote);
  }

  #string({ bytes, start, stop }: Scalar): void {
    const output = this.#output;
    let isAscii = true;
    let isPlain = true;
    for (let pos = start; pos < stop; pos++) {
      const byte = bytes[pos] ?? 0;
      if (byte >= 0x80) isAscii = false;
      else if (byte < 0x20 || byte === quote || byte === backslash) isPlain = false;
    }
    output.byte(quote);
    if (isAscii && isPlain) output.copy(bytes, start, stop);
    else if (isAscii || isUtf8(bytes.subarray(start, stop))) this.#escaped(bytes, start, stop);
    else {
      const repaired = Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset + start, stop - start).toString());
      this.#escaped(repaired, 0, repaired.length);
    }
    output.byte(quote);
  }

  #escaped(bytes: Uint8Array, start: number, stop: number): void {
    const output = this.#output;
    output.room((stop - start) * 6);
    for (let pos = start; pos < stop; pos++) {
      const byte = bytes[pos] ?? 0;
      const escape = byte < 0x60 ? escapes[byte] : undefined;
      if (escape === undefined) output.bytes[output.length++] = byte;
      else output.ascii(escape);
    }
  }
}

const escapes: readonly (string | undefined)[] = Array.from({ length: 0x60 }, (_, byte) => {
  const escaped = JSON.stringify(String.fromCharCode(byte)).slice(1, -1);
  return escaped.length > 1 ? escaped : undefined;
});

function readFixed32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0
  );
}

/** Reads a varint whose end is known; bits above the 64th are lost, as protobuf has it. */
function readVarint({ bytes, start, stop }: Scalar, into: Int64): void {
  let low = 0;
  let high = 0;
  for (let pos = start, shift = 0; pos < stop; pos++, shift += 7) {
    const bits = (bytes[pos] ?? 0) & 0x7f;
    if (shift < 32) low |= bits << shift;
    if (shift > 31) high |= bits << (shift - 32);
    else if (shift > 25) high |= bits >>> (32 - shift);
  }
  into.low = low >>> 0;
  into.high = high >>> 0;
}

const view = new DataView(new ArrayBuffer(8));

function doubleText({ bytes, start }: Scalar): string {
  for (let i = 0; i < 8; i++) view.setUint8(i, bytes[start + i] ?? 0);
  const value = view.getFloat64(0, true);
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
  return `"${value}"`;
}
