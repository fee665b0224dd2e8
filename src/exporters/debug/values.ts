import type { AnyValue, KeyValue } from "../../proto/opentelemetry/proto/common/v1/common.ts";

/** Characters of one value that are written at most. */
const maxValue = 1024;

/** A line for each attribute. */
export function attributeLines(indent: string, attributes: readonly KeyValue[]): readonly string[] {
  return attributes.map((attribute) => `${indent}-> ${attribute.key}: ${value(attribute.value)}`);
}

/** Attributes in one line. */
export function pairs(attributes: readonly KeyValue[]): string {
  return attributes.map((attribute) => `${attribute.key}=${value(attribute.value)}`).join(" ");
}

/** A value as JSON, cut where it is long. */
export function value(any: AnyValue | undefined): string {
  const text = JSON.stringify(plain(any)) ?? "(empty)";
  return text.length > maxValue ? `${text.slice(0, maxValue)}…` : text;
}

function plain(any: AnyValue | undefined): unknown {
  if (any === undefined) return undefined;
  if (any.arrayValue !== undefined) return any.arrayValue.values.map(plain);
  if (any.kvlistValue !== undefined)
    return Object.fromEntries(any.kvlistValue.values.map((pair) => [pair.key, plain(pair.value)]));
  if (any.intValue !== undefined)
    return Number.isSafeInteger(Number(any.intValue)) ? Number(any.intValue) : String(any.intValue);
  if (any.bytesValue !== undefined) return `0x${Buffer.from(any.bytesValue).toString("hex")}`;
  return any.stringValue ?? any.boolValue ?? any.doubleValue;
}

/** Bytes in hex digits. */
export function hex(bytes: Uint8Array): string {
  return bytes.length === 0 ? "none" : Buffer.from(bytes).toString("hex");
}

/** A time in ns since the epoch. */
export function time(nanos: bigint): string {
  const ms = Number(nanos / 1_000_000n);
  return nanos === 0n || ms > 8.64e15
    ? String(nanos)
    : new Date(ms).toISOString().replace("Z", `${String(nanos % 1_000_000n).padStart(6, "0")}Z`);
}

/** The name of a number of an enum. */
export function nameOf(names: Readonly<Record<string, number>>, number: number): string {
  const name = Object.entries(names).find(([, known]) => known === number)?.[0];
  return name?.replace(/^(?:SPAN_KIND|STATUS_CODE|SEVERITY_NUMBER)_/, "").toLowerCase() ?? String(number);
}
