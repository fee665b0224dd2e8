import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { AttributeAction } from "../../src/otlp/editing/attribute-actions.ts";
import { type Frame, type KeyValue, keyValue, type Value } from "./decoded.ts";

/*
 * What src/otlp/editing/attribute-actions.ts does to bytes, done to objects in the plainest way.
 */

type Attributes = readonly KeyValue[];

/** The attributes after the actions; of a key that an action changed one is left. */
export function acted(attributes: Attributes, actions: readonly AttributeAction[]): Attributes {
  return actions.reduce(act, attributes);
}

function act(attributes: Attributes, action: AttributeAction): Attributes {
  switch (action.action) {
    case "insert":
    case "update":
    case "upsert": {
      const { source } = action;
      const made = "attribute" in source ? find(attributes, source.attribute) : keyValue("", source.value as string);
      const isPresent = find(attributes, action.key) !== undefined;
      if (made === undefined || action.action === (isPresent ? "insert" : "update")) return attributes;
      return put(attributes, action.key, made.value);
    }
    case "delete":
      return attributes.filter(({ key }) => !isMeant(action, key));
    case "hash": {
      // What the key and the pattern both mean is hashed twice, as in the Collector.
      const hashed = (all: Attributes, isKey: (key: string) => boolean) =>
        each(all, isKey, (value) => textValue(hashOf(value)));
      return hashed(
        hashed(attributes, (key) => key === action.key),
        (key) => action.pattern?.matches(key) === true,
      );
    }
    case "extract": {
      const text = find(attributes, action.key)?.value?.value;
      if (text?.case !== "stringValue") return attributes;
      const groups = action.pattern.groups(String(text.value)) ?? [];
      return groups.reduce((all, [name, value]) => put(all, name, textValue(value)), attributes);
    }
    case "convert":
      return each(
        attributes,
        (key) => key === action.key,
        (value) => convert(value, action.to),
      );
  }
}

type Named = Extract<AttributeAction, { readonly action: "delete" | "hash" }>;

function isMeant({ key: own, pattern }: Named, key: string): boolean {
  return key === own || pattern?.matches(key) === true;
}

function find(attributes: Attributes, key: string): KeyValue | undefined {
  return attributes.find((attribute) => attribute.key === key);
}

/** Puts the value in the place of the first one with the key, or at the end. */
function put(attributes: Attributes, key: string, value: Value | undefined): Attributes {
  const first = find(attributes, key);
  const made = { ...keyValue(key, ""), value } as KeyValue;
  if (first === undefined) return [...attributes, made];
  if (isDeepStrictEqual(first.value, value)) return attributes;
  return attributes.flatMap((each) => (each === first ? [made] : each.key === key ? [] : [each]));
}

function each(
  attributes: Attributes,
  isKey: (key: string) => boolean,
  change: (value: Value | undefined) => Value | undefined,
): Attributes {
  const keys = new Set(attributes.map(({ key }) => key).filter(isKey));
  return [...keys].reduce((all, key) => put(all, key, change(find(all, key)?.value)), attributes);
}

function textValue(text: string): Value | undefined {
  return keyValue("", text).value;
}

function hashOf(value: Value | undefined): string {
  const kind = value?.value;
  const bytes = Buffer.alloc(8);
  const sha = (data: Buffer) => createHash("sha256").update(data).digest("hex");
  if (kind?.case === "stringValue") return sha(Buffer.from(String(kind.value)));
  if (kind?.case === "boolValue") return sha(Buffer.from([kind.value === true ? 1 : 0]));
  if (kind?.case === "intValue") return (bytes.writeBigInt64LE(kind.value as bigint), sha(bytes));
  if (kind?.case === "doubleValue") return (bytes.writeDoubleLE(kind.value as number), sha(bytes));
  return "";
}

/** For the values that requests.ts makes. */
function convert(value: Value | undefined, to: "string" | "int" | "double"): Value | undefined {
  const kind = value?.value;
  if (to === "string") {
    if (kind?.case === undefined) return (value?.$unknown ?? []).length > 0 ? value : textValue("");
    switch (kind.case) {
      case "stringValue":
      case "stringValueStrindex":
        return value;
      case "bytesValue":
        return textValue(Buffer.from(kind.value as Uint8Array).toString("base64"));
      case "kvlistValue":
        return textValue("{}");
      case "arrayValue": {
        const { values } = kind.value as { readonly values: readonly Value[] };
        return textValue(JSON.stringify(values.map((item) => item.value.value ?? null)));
      }
      default: {
        const number = kind.value as number;
        if (kind.case === "doubleValue" && !Number.isFinite(number))
          return textValue(`json: unsupported value: ${Number.isNaN(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf"}`);
        return textValue(Object.is(number, -0) ? "-0" : String(number));
      }
    }
  }
  const number =
    kind?.case === "boolValue"
      ? Number(kind.value)
      : kind?.case === "intValue" || kind?.case === "doubleValue"
        ? (kind.value as number | bigint)
        : undefined;
  if (number === undefined || kind?.case === (to === "int" ? "intValue" : "doubleValue")) return value;
  if (to === "double")
    return { ...value, value: { case: "doubleValue", value: Number(number) }, $unknown: undefined } as unknown as Value;
  const whole = typeof number === "bigint" ? number : Number.isFinite(number) ? BigInt(Math.trunc(number)) : undefined;
  if (whole === undefined || BigInt.asIntN(64, whole) !== whole) return value;
  return { ...value, value: { case: "intValue", value: whole }, $unknown: undefined } as unknown as Value;
}

/** The frame with its records changed, without those that `change` takes out and without what that leaves empty. */
export function changedRecords(
  frame: Frame,
  change: (record: { readonly attributes: Attributes }) => object | undefined,
): Frame {
  const { frames, records } = frame;
  return {
    ...frame,
    ...(frames === undefined ? {} : { frames: frames.map((inner) => changedRecords(inner, change)) }),
    ...(records === undefined
      ? {}
      : { records: records.map(change).filter((record) => record !== undefined) as NonNullable<Frame["records"]> }),
  };
}
