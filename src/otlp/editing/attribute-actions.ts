import { hash } from "node:crypto";
import { type AnyValue, decodeValue, encodeKeyValue, encodeValue, valueOf, valueText } from "../wire/any-value.ts";
import { type AttributeList, readAttributes, type Edits } from "./attribute-list.ts";
import type { Message } from "./changes.ts";
import { keySet } from "../wire/keys.ts";
import type { StringTable } from "../wire/string-table.ts";

/** A regular expression that cannot hang. */
export type Pattern = {
  matches(text: string): boolean;
  /** Names and texts of its groups in the first match; undefined without one. */
  groups(text: string): readonly (readonly [name: string, text: string])[] | undefined;
  readonly names: readonly string[];
};

type Source =
  | { readonly value: unknown }
  /** With what is taken where the attribute is absent, if anything. */
  | { readonly attribute: string; readonly otherwise?: { readonly value: unknown } };

/** One thing to do to a list of attributes, as the actions of the Collector's attributes processor. */
export type AttributeAction =
  | {
      readonly action: "insert" | "update" | "upsert";
      readonly key: string;
      /** A value as a configuration has it, or the attribute whose value is taken. */
      readonly source: Source;
    }
  | { readonly action: "delete" | "hash"; readonly key: string | undefined; readonly pattern: Pattern | undefined }
  | { readonly action: "extract"; readonly key: string; readonly pattern: Pattern }
  | { readonly action: "convert"; readonly key: string; readonly to: "string" | "int" | "double" };

/** Does the actions to the attributes of messages that count as one; undefined when a message is broken: it is to stay as it is. */
export type AttributeEditor = (bytes: Uint8Array, messages: readonly Message[], place: Place) => Edits | undefined;

type Place = {
  /** Field number of the attributes in their messages. */
  readonly field: number;
  /** What keys and values may point to, in a profiles request. */
  readonly strings?: (() => StringTable) | undefined;
};

/** Makes an editor of actions, which are done one after the other. */
export function createAttributeEditor(actions: readonly AttributeAction[]): AttributeEditor {
  const named = actions.flatMap(keysOf);
  const keys = keySet([...new Set(named)]);
  const patterns = actions.flatMap((each) =>
    (each.action === "delete" || each.action === "hash") && each.pattern !== undefined ? [each.pattern] : [],
  );
  const steps = actions.map((action) => step(action, (key) => keys.keys.indexOf(key)));
  const isWanted =
    patterns.length === 0 ? undefined : (key: string) => patterns.some((pattern) => pattern.matches(key));
  const encode = cachedEncoder();
  return (bytes, messages, { field, strings }) => {
    const list = readAttributes(bytes, messages, { field, keys, isWanted, strings });
    if (list === undefined) return undefined;
    for (const apply of steps) apply(list);
    return list.edits((slot, value) =>
      encode(field, slot, { key: list.keyOf(slot), value, isFixed: slot < keys.keys.length }),
    );
  };
}

function keysOf(action: AttributeAction): readonly string[] {
  switch (action.action) {
    case "insert":
    case "update":
    case "upsert":
      return [action.key, ...("attribute" in action.source ? [action.source.attribute] : [])];
    case "delete":
    case "hash":
      return action.key === undefined ? [] : [action.key];
    case "extract":
      return [action.key, ...action.pattern.names];
    case "convert":
      return [action.key];
  }
}

type Step = (list: AttributeList) => void;

function step(action: AttributeAction, slotOf: (key: string) => number): Step {
  switch (action.action) {
    case "insert":
    case "update":
    case "upsert":
      return write(action.action, slotOf(action.key), sourceOf(action.source, slotOf));
    case "delete":
      return onEach(action, slotOf, () => undefined);
    case "hash":
      return onEach(action, slotOf, hashed);
    case "extract":
      return extract(slotOf(action.key), action.pattern, slotOf);
    case "convert": {
      const slot = slotOf(action.key);
      return (list) => {
        const content = list.get(slot);
        if (content !== undefined) list.set(slot, converted(content, action.to));
      };
    }
  }
}

type ReadSource = (list: AttributeList) => Uint8Array | undefined;

function sourceOf(source: Source, slotOf: (key: string) => number): ReadSource {
  if ("attribute" in source) {
    const slot = slotOf(source.attribute);
    const otherwise = source.otherwise && encodeValue(valueOf(source.otherwise.value));
    return (list) => list.get(slot) ?? otherwise;
  }
  const content = encodeValue(valueOf(source.value));
  return () => content;
}

function write(action: "insert" | "update" | "upsert", slot: number, source: ReadSource): Step {
  return (list) => {
    const content = source(list);
    if (content === undefined) return;
    const isPresent = list.get(slot) !== undefined;
    if (action === "upsert" || (action === "update") === isPresent) list.set(slot, content);
  };
}

type Named = { readonly key: string | undefined; readonly pattern: Pattern | undefined };

/** Does `change` to the attribute with the key and then to those whose keys match the pattern. */
function onEach(
  { key, pattern }: Named,
  slotOf: (key: string) => number,
  change: (content: Uint8Array) => Uint8Array | undefined,
): Step {
  const own = key === undefined ? -1 : slotOf(key);
  const put = (list: AttributeList, slot: number) => {
    const content = list.get(slot);
    if (content !== undefined) list.set(slot, change(content));
  };
  return (list) => {
    if (own >= 0) put(list, own);
    if (pattern === undefined) return;
    for (let slot = 0; slot < list.size; slot++)
      if (list.get(slot) !== undefined && pattern.matches(list.keyOf(slot))) put(list, slot);
  };
}

function extract(slot: number, pattern: Pattern, slotOf: (key: string) => number): Step {
  const slots = new Map(pattern.names.map((name) => [name, slotOf(name)]));
  return (list) => {
    const content = list.get(slot);
    if (content === undefined) return;
    const value = decodeValue(content);
    if (value.kind !== "string") return;
    for (const [name, text] of pattern.groups(value.value) ?? []) {
      const target = slots.get(name);
      if (target !== undefined) list.set(target, encodeValue({ kind: "string", value: text }));
    }
  };
}

/** SHA-256 in hex of a string's bytes, of one byte of a boolean, of the eight bytes of a number, lowest first; of all else the empty string. */
function hashed(content: Uint8Array): Uint8Array {
  const bytes = bytesOf(decodeValue(content));
  return encodeValue({ kind: "string", value: bytes === undefined ? "" : hash("sha256", bytes) });
}

function bytesOf(value: AnyValue): Uint8Array | undefined {
  switch (value.kind) {
    case "string":
      return Buffer.from(value.value);
    case "bool":
      return Uint8Array.of(value.value ? 1 : 0);
    case "int":
    case "double": {
      const view = new DataView(new ArrayBuffer(8));
      if (value.kind === "int") view.setBigInt64(0, value.value, true);
      else view.setFloat64(0, value.value, true);
      return new Uint8Array(view.buffer);
    }
    case "empty":
    case "unknown":
    case "array":
    case "map":
    case "bytes":
      return undefined;
  }
}

/** The value in another type, or as it is where that cannot be. */
function converted(content: Uint8Array, to: "string" | "int" | "double"): Uint8Array {
  const value = decodeValue(content);
  if (value.kind === to || value.kind === "unknown") return content;
  const made =
    to === "string"
      ? ({ kind: "string", value: valueText(value) } as const)
      : to === "int"
        ? toInt(value)
        : toDouble(value);
  return made === undefined ? content : encodeValue(made);
}

const int64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

function toInt(value: AnyValue): AnyValue | undefined {
  if (value.kind === "bool") return { kind: "int", value: value.value ? 1n : 0n };
  const made =
    value.kind === "double" && Number.isFinite(value.value)
      ? BigInt(Math.trunc(value.value))
      : value.kind === "string" && /^[+-]?\d{1,30}$/.test(value.value)
        ? BigInt(value.value.replace(/^\+/, ""))
        : undefined;
  return made !== undefined && made >= int64.min && made <= int64.max ? { kind: "int", value: made } : undefined;
}

function toDouble(value: AnyValue): AnyValue | undefined {
  if (value.kind === "bool") return { kind: "double", value: value.value ? 1 : 0 };
  if (value.kind === "int") return { kind: "double", value: Number(value.value) };
  if (value.kind !== "string") return undefined;
  const made = parseDouble(value.value);
  return made === undefined ? undefined : { kind: "double", value: made };
}

/** A decimal number, infinity or NaN as Go reads them, with `_` between digits; a number that a double cannot hold is none. */
function parseDouble(text: string): number | undefined {
  const number = text.replace(/(?<=\d)_(?=\d)/g, "");
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(number)) {
    const value = Number(number);
    return Number.isFinite(value) ? value : undefined;
  }
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(text);
  return infinite === null ? undefined : infinite[1] === "-" ? -Infinity : Infinity;
}

type Encoded = { readonly value: Uint8Array; readonly field: number; readonly bytes: Uint8Array };
type KeyedValue = { readonly key: string; readonly value: Uint8Array; readonly isFixed: boolean };

/** Encodes attributes; what a configuration gives is the same on every record and encoded once. */
function cachedEncoder(): (field: number, slot: number, attribute: KeyedValue) => Uint8Array {
  const last: (Encoded | undefined)[] = [];
  return (field, slot, { key, value, isFixed }) => {
    const known = isFixed ? last[slot] : undefined;
    if (known !== undefined && known.value === value && known.field === field) return known.bytes;
    const bytes = encodeKeyValue(field, Buffer.from(key), value);
    if (isFixed) last[slot] = { value, field, bytes };
    return bytes;
  };
}
