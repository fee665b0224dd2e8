import type { AnyValue, KeyValue } from "../../../src/proto/opentelemetry/proto/common/v1/common.ts";

/** The value of an attribute as JavaScript has it; integers are numbers where they are exact. */
export type Plain =
  | string
  | number
  | bigint
  | boolean
  | readonly Plain[]
  | { readonly [key: string]: Plain }
  | undefined;

/** Attributes by their keys; of a key that comes twice, the last. */
export type Attributes = Readonly<Record<string, Plain>>;

/** Attributes as plain JavaScript. */
export function plainAttributes(list: readonly KeyValue[]): Attributes {
  return Object.fromEntries(list.map(({ key, value }) => [key, plainValue(value)]));
}

/** The value of an AnyValue. */
export function plainValue(value: AnyValue | undefined): Plain {
  if (value?.intValue !== undefined)
    return Number.isSafeInteger(Number(value.intValue)) ? Number(value.intValue) : value.intValue;
  if (value?.arrayValue !== undefined) return value.arrayValue.values.map(plainValue);
  if (value?.kvlistValue !== undefined) return plainAttributes(value.kvlistValue.values);
  return value?.stringValue ?? value?.boolValue ?? value?.doubleValue ?? value?.bytesValue?.toString("hex");
}

/** The other way: an attribute list of protobuf from plain JavaScript. */
export function wireAttributes(attributes: Attributes): { key: string; value: Partial<AnyValue> }[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: wireValue(value) }));
}

function wireValue(value: Plain): Partial<AnyValue> {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "bigint") return { intValue: value };
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: BigInt(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(wireValue) as AnyValue[] } };
  return {};
}
