import type { Signal } from "../../src/otlp/signals.ts";

/** A field of a protobuf message as a test writes it: what it says, and how long-winded its varints are. */
export type Field = {
  readonly no: number;
  readonly wire: 0 | 1 | 2 | 3 | 5;
  /** Bytes more than needed for the tag and for the length. */
  readonly tagPad: number;
  readonly lengthPad: number;
  /** Bytes as they are, or the fields of a message or group. */
  readonly content: Uint8Array | readonly Field[];
};

/** Bytes of hex digits; blanks are for the reader. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ""), "hex");
}

/** A field with minimal varints: a string or bytes, a message, or a small integer. */
export function field(no: number, content: string | number | Uint8Array | readonly Field[]): Field {
  if (typeof content === "number") return { no, wire: 0, tagPad: 0, lengthPad: 0, content: varint(BigInt(content)) };
  return {
    no,
    wire: 2,
    tagPad: 0,
    lengthPad: 0,
    content: typeof content === "string" ? Buffer.from(content) : content,
  };
}

/** Encodes a varint with `pad` bytes more than needed, as far as `max` bytes in all allow. */
export function varint(value: bigint, pad = 0, max = 10): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    bytes.push(Number(rest & 127n));
    if (rest < 128n) break;
  }
  while (bytes.length < max && pad-- > 0) bytes.push(0);
  return Buffer.from(bytes.map((byte, index) => (index < bytes.length - 1 ? byte | 128 : byte)));
}

/** Encodes fields; no tag has more than `maxTag` bytes, and none of a group or inside one more than five. */
export function encode(fields: readonly Field[], maxTag = 5): Buffer {
  return Buffer.concat(
    fields.flatMap(({ no, wire, tagPad, lengthPad, content }) => {
      const most = wire === 3 ? 5 : maxTag;
      const tag = (type: number) => varint(BigInt(no) * 8n + BigInt(type), tagPad, most);
      const inner = content instanceof Uint8Array ? content : encode(content, most);
      if (wire === 2) return [tag(wire), varint(BigInt(inner.length), lengthPad), inner];
      return wire === 3 ? [tag(3), inner, tag(4)] : [tag(wire), inner];
    }),
  );
}

/** The same fields, encoded as short as possible. */
export function unpadded(fields: readonly Field[]): Field[] {
  return fields.map((each) => ({
    ...each,
    tagPad: 0,
    lengthPad: 0,
    content: each.content instanceof Uint8Array ? each.content : unpadded(each.content),
  }));
}

/** A field as it lies in bytes: all of it, and its value alone. */
export type Raw = { readonly no: number; readonly wire: number; readonly raw: Buffer; readonly value: Buffer };

/**
 * Takes a message apart as the protobuf specification has it, throwing at the first broken field: the yardstick for check().
 * As simple as can be; tags of up to ten bytes, groups in groups up to a depth of 100.
 */
export function parse(bytes: Uint8Array): Raw[] {
  const fields: Raw[] = [];
  for (let rest = Buffer.from(bytes); rest.length > 0;) {
    const found = parseField(rest, 100);
    fields.push(found);
    rest = rest.subarray(found.raw.length);
  }
  return fields;
}

function parseField(bytes: Buffer, depth: number): Raw {
  const [tag, tagSize] = parseVarint(bytes);
  const no = tag >> 3n;
  const wire = Number(tag & 7n);
  if (no < 1n || no >= 1n << 29n) throw new Error(`field number ${no}`);
  const [from, to] = parseValue(bytes.subarray(tagSize), { no, wire, depth });
  if (tagSize + to > bytes.length) throw new Error("too short");
  const start = wire === 3 ? tagSize : tagSize + from;
  return { no: Number(no), wire, raw: bytes.subarray(0, tagSize + to), value: bytes.subarray(start, tagSize + to) };
}

/** Where a field's value begins and ends behind its tag. */
function parseValue(bytes: Buffer, what: { no: bigint; wire: number; depth: number }): [number, number] {
  switch (what.wire) {
    case 0:
      return [0, parseVarint(bytes)[1]];
    case 1:
      return [0, 8];
    case 2: {
      const [length, size] = parseVarint(bytes);
      if (length > bytes.length) throw new Error("too long");
      return [size, size + Number(length)];
    }
    case 3:
      return [0, parseGroup(bytes, what.no, what.depth)];
    case 5:
      return [0, 4];
    default:
      throw new Error(`wire type ${what.wire}`);
  }
}

/** How many bytes a group takes behind its start tag. */
function parseGroup(bytes: Buffer, no: bigint, depth: number): number {
  if (depth === 0) throw new Error("too deep");
  for (let at = 0; ;) {
    const [tag, size] = parseVarint(bytes.subarray(at));
    if ((tag & 7n) === 4n) {
      if (tag >> 3n !== no) throw new Error("wrong end");
      return at + size;
    }
    at += parseField(bytes.subarray(at), depth - 1).raw.length;
  }
}

function parseVarint(bytes: Buffer): [value: bigint, size: number] {
  let value = 0n;
  for (let size = 0; size < 10; size++) {
    const byte = bytes[size];
    if (byte === undefined) throw new Error("too short");
    value |= BigInt(byte & 127) << BigInt(7 * size);
    if (byte < 128) return [value, size + 1];
  }
  throw new Error("more than ten bytes");
}

/** The field numbers that lead from a request to its records; of several in one step, the last one in a message counts. */
const paths: { readonly [S in Signal]: readonly (readonly number[])[] } = {
  traces: [[1], [2], [2]],
  metrics: [[1], [2], [2], [5, 7, 9, 10, 11], [1]],
  logs: [[1], [2], [2]],
  profiles: [[1], [2], [2], [2]],
};

/** All records of a request, as bytes with their tags. */
export function recordsOf(signal: Signal, request: Uint8Array): Buffer[] {
  let found: Raw[] = [{ no: 0, wire: 2, raw: Buffer.alloc(0), value: Buffer.from(request) }];
  for (const numbers of paths[signal]) {
    found = found.flatMap(({ value }) => {
      const fields = parse(value).filter(({ no }) => numbers.includes(no));
      const last = fields.at(-1)?.no;
      return fields.slice(fields.findLastIndex(({ no }) => no !== last) + 1);
    });
  }
  return found.map(({ raw }) => raw);
}

/** The fields of the messages between a request and its records that are neither records nor such messages, where these have records. */
export function ownFieldsOf(signal: Signal, request: Uint8Array): Raw[] {
  const [, ...path] = paths[signal];
  return parse(request).flatMap(({ no, value }) => (no === 1 ? (ownFields(path, value) ?? []) : []));
}

/** Undefined for a message without records. */
function ownFields([numbers = [], ...path]: readonly (readonly number[])[], message: Uint8Array): Raw[] | undefined {
  const fields = parse(message);
  const last = fields.findLast(({ no }) => numbers.includes(no))?.no;
  const begin = fields.findLastIndex(({ no }) => numbers.includes(no) && no !== last) + 1;
  const isNext = ({ no }: Raw, index: number) => no === last && index >= begin;
  const next = fields.filter(isNext).map(({ value }) => value);
  // The message of a oneof is one, in as many pieces as it comes.
  const messages = numbers.length > 1 && next.length > 0 ? [Buffer.concat(next)] : next;
  const inner = messages
    .map((value) => (path.length === 0 ? [] : ownFields(path, value)))
    .filter((each) => each !== undefined);
  if (inner.length === 0) return undefined;
  return [...fields.filter((field, index) => !isNext(field, index)), ...inner.flat()];
}

/** The fields of a request beside its resources, as bytes with their tags. */
export function otherFieldsOf(request: Uint8Array): Buffer[] {
  return parse(request)
    .filter(({ no }) => no !== 1)
    .map(({ raw }) => raw);
}
