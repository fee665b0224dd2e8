import { Cursor, Wire } from "./cursor.ts";
import { lengthDelimited, putVarint, varintSize } from "../rope/splice.ts";

/** An AnyValue, decoded. Bytes that are no AnyValue, or of a kind that nobody knows yet, are unknown. */
export type AnyValue =
  | { readonly kind: "empty" | "unknown" }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "int"; readonly value: bigint }
  | { readonly kind: "double"; readonly value: number }
  | { readonly kind: "array"; readonly values: readonly AnyValue[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [key: string, value: AnyValue])[] }
  | { readonly kind: "bytes"; readonly value: Uint8Array };

/** Values inside values deeper than this are unknown, so that nesting fills no stack. */
const maxDepth = 64;

const empty: AnyValue = { kind: "empty" };
const unknown: AnyValue = { kind: "unknown" };

/** Decodes the content of an AnyValue; of the oneof the last field counts. */
export function decodeValue(content: Uint8Array, depth = maxDepth): AnyValue {
  const cursor = new Cursor(content);
  let value = empty;
  while (cursor.next()) value = decodeField(cursor, value, depth);
  return cursor.problem === "" ? value : unknown;
}

/** AnyValue: a oneof of 1 string, 2 bool, 3 int, 4 double, 5 array, 6 key-value list, 7 bytes; 8 is a reference that only profiles have. */
function decodeField(cursor: Cursor, before: AnyValue, depth: number): AnyValue {
  const { field, wire, bytes, start, stop } = cursor;
  const content = bytes.subarray(start, stop);
  if (field === 1 && wire === Wire.LEN) return { kind: "string", value: textOf(content) };
  if (field === 2 && wire === Wire.VARINT) return { kind: "bool", value: varintOf(content) !== 0n };
  if (field === 3 && wire === Wire.VARINT) return { kind: "int", value: BigInt.asIntN(64, varintOf(content)) };
  if (field === 4 && wire === Wire.I64) return { kind: "double", value: viewOf(content).getFloat64(0, true) };
  if (field === 7 && wire === Wire.LEN) return { kind: "bytes", value: content };
  if (field === 8 && wire === Wire.VARINT) return unknown;
  if ((field !== 5 && field !== 6) || wire !== Wire.LEN) return before.kind === "empty" ? unknown : before;
  if (depth === 0) return unknown;
  // A message of a oneof that stands twice is merged.
  if (field === 5) {
    const values = messagesIn(content, 1, (item) => decodeValue(item, depth - 1));
    return { kind: "array", values: [...(before.kind === "array" ? before.values : []), ...values] };
  }
  const entries = messagesIn(content, 1, (item) => decodeKeyValue(item, depth - 1));
  return { kind: "map", entries: [...(before.kind === "map" ? before.entries : []), ...entries] };
}

function messagesIn<T>(content: Uint8Array, no: number, read: (item: Uint8Array) => T): readonly T[] {
  const items: T[] = [];
  const cursor = new Cursor(content);
  while (cursor.next())
    if (cursor.field === no && cursor.wire === Wire.LEN) items.push(read(content.subarray(cursor.start, cursor.stop)));
  return items;
}

/** KeyValue: 1 key, 2 value. */
function decodeKeyValue(content: Uint8Array, depth: number): readonly [string, AnyValue] {
  const key = messagesIn(content, 1, textOf).at(-1) ?? "";
  return [key, decodeValue(Buffer.concat(messagesIn(content, 2, (value) => value)), depth)];
}

/** Encodes the content of an AnyValue; an empty and an unknown one have none. */
export function encodeValue(value: AnyValue): Uint8Array {
  switch (value.kind) {
    case "empty":
    case "unknown":
      return new Uint8Array();
    case "string":
      return lengthDelimited(1, Buffer.from(value.value));
    case "bool":
      return Uint8Array.of(2 * 8, value.value ? 1 : 0);
    case "int":
      return Uint8Array.of(3 * 8, ...varint(BigInt.asUintN(64, value.value)));
    case "double": {
      const bytes = new Uint8Array(9);
      bytes[0] = 4 * 8 + Wire.I64;
      viewOf(bytes).setFloat64(1, value.value, true);
      return bytes;
    }
    case "array":
      return lengthDelimited(5, Buffer.concat(value.values.map((item) => lengthDelimited(1, encodeValue(item)))));
    case "map":
      return lengthDelimited(
        6,
        Buffer.concat(
          value.entries.map(([key, item]) => lengthDelimited(1, keyValueContent(Buffer.from(key), encodeValue(item)))),
        ),
      );
    case "bytes":
      return lengthDelimited(7, value.value);
  }
}

/** Encodes a KeyValue as field number `field` of its message, from its key and the content of its AnyValue. */
export function encodeKeyValue(field: number, key: Uint8Array, value: Uint8Array): Uint8Array {
  return lengthDelimited(field, keyValueContent(key, value));
}

function keyValueContent(key: Uint8Array, value: Uint8Array): Uint8Array {
  return Buffer.concat([lengthDelimited(1, key), lengthDelimited(2, value)]);
}

/** What a configuration file has as a value, as the Collector takes it: whole numbers are integers, a Number object is a double. */
export function valueOf(raw: unknown): AnyValue {
  if (typeof raw === "string") return { kind: "string", value: raw };
  if (typeof raw === "boolean") return { kind: "bool", value: raw };
  if (typeof raw === "bigint") return { kind: "int", value: raw };
  if (typeof raw === "number")
    return Number.isSafeInteger(raw) ? { kind: "int", value: BigInt(raw) } : { kind: "double", value: raw };
  if (raw instanceof Number) return { kind: "double", value: raw.valueOf() };
  if (Array.isArray(raw)) return { kind: "array", values: raw.map(valueOf) };
  if (typeof raw !== "object" || raw === null) return empty;
  return { kind: "map", entries: Object.entries(raw).map(([key, value]) => [key, valueOf(value)]) };
}

/** The value as text, as the Collector converts it: maps and arrays as JSON with sorted keys, bytes as base64. */
export function valueText(value: AnyValue): string {
  switch (value.kind) {
    case "empty":
    case "unknown":
      return "";
    case "string":
      return value.value;
    case "bool":
    case "int":
      return String(value.value);
    case "double":
      return doubleText(value.value);
    case "bytes":
      return Buffer.from(value.value).toString("base64");
    case "array":
    case "map":
      return json(value);
  }
}

function doubleText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
  return `json: unsupported value: ${Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf"}`;
}

function json(value: AnyValue): string {
  switch (value.kind) {
    case "empty":
    case "unknown":
      return "null";
    case "bool":
    case "int":
      return String(value.value);
    case "double":
      return Number.isFinite(value.value) ? doubleText(value.value) : "null";
    case "string":
    case "bytes":
      return quoted(valueText(value));
    case "array":
      return `[${value.values.map(json).join(",")}]`;
    case "map": {
      const sorted = [...new Map(value.entries)].toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      return `{${sorted.map(([key, item]) => `${quoted(key)}:${json(item)}`).join(",")}}`;
    }
  }
}

/** As Go writes strings in JSON: what could end a script in HTML is escaped too. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Whether both are of one kind and mean the same. */
export function sameValue(a: AnyValue, b: AnyValue): boolean {
  if (a.kind !== b.kind || a.kind === "unknown") return false;
  return valueText(a) === valueText(b);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function varintOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 7n) | BigInt((bytes[i] ?? 0) & 127);
  return BigInt.asUintN(64, value);
}

function varint(value: bigint): Uint8Array {
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) {
    const bytes = new Uint8Array(varintSize(Number(value)));
    putVarint(bytes, 0, Number(value));
    return bytes;
  }
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
