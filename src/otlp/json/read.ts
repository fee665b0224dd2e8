import { isUtf8 } from "node:buffer";
import { Wire } from "../wire/cursor.ts";
import { Growing } from "./growing.ts";
import { maxDepth } from "./limits.ts";
import type { Transcoded } from "./limits.ts";
import { ScalarReader } from "./read-scalar.ts";
import { Scanner } from "./scanner.ts";
import { fieldCount, messageOf } from "./schema.ts";
import type { Field, Message, MessageName } from "./schema.ts";

/**
 * Turns OTLP's JSON into the protobuf of the message `name`: ids in hex, integers as numbers or strings, enums as numbers or
 * names, keys in lowerCamelCase or snake_case, unknown ones passed over, null as absent. A key that comes again adds to a list
 * and replaces a value, as in protobuf and in the Collector. The mistakes that it finds are told with their place.
 */
export function jsonToProtobuf(name: MessageName, json: Buffer): Transcoded {
  const input = new Scanner(isUtf8(json) ? json : Buffer.from(json.toString()));
  const output = new Growing(json.length);
  const reader = new Reader(input, output);
  if (reader.read(messageOf(name))) return { status: "ok", bytes: output.take() };
  output.drop();
  return { status: "malformed", problem: reader.mistake() };
}

/** Bytes that the length of the last message in each field took: its next one is likely as long. */
const widths = new Uint8Array(fieldCount).fill(1);

class Reader {
  readonly #input: Scanner;
  readonly #output: Growing;
  readonly #scalars: ScalarReader;
  /** Where we are: fields, and indexes behind those that are lists. */
  readonly #path: (Field | number)[] = [];
  #depth = 0;

  constructor(input: Scanner, output: Growing) {
    this.#input = input;
    this.#output = output;
    this.#scalars = new ScalarReader(input, output);
  }

  /** Reads the message that is the whole input. */
  read(message: Message): boolean {
    if (!this.#message(message)) return false;
    return this.#input.peek() === -1 || this.#input.fail("must end here");
  }

  /** What is wrong, and where. */
  mistake(): string {
    const input = this.#input;
    const place = this.#path.reduce<string>(
      (text, step) => (typeof step === "number" ? `${text}[${step}]` : `${text}${text === "" ? "" : "."}${step.name}`),
      "",
    );
    const shown = place.length > 300 ? `${place.slice(0, 200)}…${place.slice(-80)}` : place;
    return `Cannot read ${shown === "" ? "the body" : shown}: ${input.problem}, is ${excerpt(input)} (byte ${input.pos})`;
  }

  #message(message: Message): boolean {
    const input = this.#input;
    if (input.kind() !== "object") return input.fail("must be a JSON object");
    if (++this.#depth > maxDepth) return input.fail(`must not be nested deeper than ${maxDepth} messages`);
    let seen = 0;
    for (let isFirst = true; input.next("}", isFirst); isFirst = false) {
      if (!input.key()) return false;
      const field = fieldOf(message, input);
      if (field === undefined) {
        if (!input.skip()) return false;
        continue;
      }
      this.#path.push(field);
      const bit = 1 << field.index;
      if (!this.#field(field, (seen & bit) !== 0)) return false;
      seen |= bit;
      this.#path.pop();
    }
    this.#depth--;
    return input.problem === "";
  }

  #field(field: Field, isAgain: boolean): boolean {
    const kind = this.#input.kind();
    if (kind === "null") return this.#input.word("null");
    if (!field.isRepeated) return this.#single(field, isAgain);
    if (kind !== "array") return this.#input.fail("must be an array");
    return field.wire === Wire.LEN ? this.#list(field) : this.#packed(field);
  }

  #single(field: Field, isAgain: boolean): boolean {
    const output = this.#output;
    const before = output.length;
    output.varint(field.no * 8 + field.wire);
    if (field.message !== undefined) return this.#nested(field, field.message);
    if (!this.#scalars.read(field)) return false;
    // Protobuf does not write defaults; behind another value of the same field it must.
    if (this.#scalars.isDefault && !field.hasPresence && !isAgain) output.length = before;
    return true;
  }

  #nested(field: Field, message: Message): boolean {
    const width = widths[field.id] ?? 1;
    const at = this.#output.open(width);
    if (!this.#message(message)) return false;
    widths[field.id] = this.#output.close(at, width);
    return true;
  }

  #list(field: Field): boolean {
    const place = this.#path.push(0) - 1;
    const tag = field.no * 8 + Wire.LEN;
    let index = 0;
    for (; this.#input.next("]", index === 0); index++) {
      this.#path[place] = index;
      this.#output.varint(tag);
      const isRead = field.message === undefined ? this.#scalars.read(field) : this.#item(field, field.message);
      if (!isRead) return false;
    }
    this.#path.pop();
    return this.#input.problem === "";
  }

  /** The Collector takes null in a list for an empty message. */
  #item(field: Field, message: Message): boolean {
    if (this.#input.kind() !== "null") return this.#nested(field, message);
    this.#output.varint(0);
    return this.#input.word("null");
  }

  #packed(field: Field): boolean {
    const output = this.#output;
    const place = this.#path.push(0) - 1;
    const before = output.length;
    output.varint(field.no * 8 + Wire.LEN);
    const at = output.open(1);
    let index = 0;
    for (; this.#input.next("]", index === 0); index++) {
      this.#path[place] = index;
      if (!this.#scalars.read(field)) return false;
    }
    if (index === 0) output.length = before;
    else output.close(at, 1);
    this.#path.pop();
    return this.#input.problem === "";
  }
}

/** The field that the key which was read names. */
function fieldOf(message: Message, { hash, text, start, stop }: Scanner): Field | undefined {
  const name = message.byHash.get(hash);
  if (name === undefined || name.bytes.length !== stop - start) return undefined;
  for (let i = start; i < stop; i++) if (text[i] !== name.bytes[i - start]) return undefined;
  return name.field;
}

/** What stands where the mistake is, short enough for a message. */
function excerpt({ bytes, pos }: Scanner): string {
  if (pos >= bytes.length) return "the end of the body";
  const raw = bytes.toString("utf8", pos, pos + 60);
  const [token = ""] = /^("(?:[^"\\]|\\.)*"?|[-+\w.]+|.)/su.exec(raw) ?? [];
  const printable = token.replace(/[\p{C}\ufffd]/gu, "?");
  return printable.length > 48 ? `${printable.slice(0, 48)}…` : printable;
}
