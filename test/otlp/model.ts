import {
  type Container,
  emptyResource,
  type Frame,
  type KeyValue,
  keyValue,
  type Record,
  type Value,
} from "./decoded.ts";
import type { StampCase } from "./requests.ts";

/*
 * What src/otlp does to bytes, done to objects in the plainest way: the tests hold the one against the other.
 */

/** The strings that attributes point to; only those of profiles do. */
type Strings = readonly string[];

/** For each key the first string that is not empty. */
export function valuesOf(
  attributes: readonly KeyValue[],
  wanted: readonly string[],
  strings?: Strings,
): (string | undefined)[] {
  return wanted.map((key) =>
    attributes
      .filter((attribute) => keyOf(attribute, strings) === key)
      .map((attribute) => textOf(attribute.value, strings))
      .find((value) => value !== undefined && value !== ""),
  );
}

/** The attributes with the stamp on, and whether that changed anything. */
export function stamped(
  attributes: readonly KeyValue[],
  stamp: StampCase,
  strings?: Strings,
): { attributes: readonly KeyValue[]; isChanged: boolean } {
  let result = attributes;
  let isChanged = false;
  for (const [key, value] of stamp.attributes) {
    const present = attributes.filter((attribute) => keyOf(attribute, strings) === key);
    if (!stamp.override && !present.every((attribute) => isEmpty(attribute, strings))) continue;
    isChanged = true;
    const first = present[0];
    const made = keyValue(key, value);
    result =
      first === undefined
        ? [...result, made]
        : result.flatMap((each) => (each === first ? [made] : present.includes(each) ? [] : [each]));
  }
  return { attributes: result, isChanged };
}

/** The resource with the stamp on its Resource message. */
export function stampedContainer(
  container: Container,
  stamp: StampCase | undefined,
  strings?: Strings,
): { container: Container; isChanged: boolean } {
  if (stamp === undefined) return { container, isChanged: false };
  const resource = container.resource ?? emptyResource();
  const { attributes, isChanged } = stamped(resource.attributes, stamp, strings);
  return { container: isChanged ? { ...container, resource: { ...resource, attributes } } : container, isChanged };
}

/** One group of records: what names it and the resource with these records alone, in frames that have one. */
export type Group = { readonly values: readonly (string | undefined)[]; readonly container: Container };

/** The groups in the order of their first records, behind a first one for the records that name nothing. */
export function grouped(container: Container, wanted: readonly string[], strings?: Strings): Group[] {
  const nameOf = (record: Record) => valuesOf(record.attributes, wanted, strings);
  const idOf = (values: readonly (string | undefined)[]) =>
    values.every((value) => value === undefined) ? "" : JSON.stringify(values.map((value) => value ?? null));
  const names = new Map<string, (string | undefined)[]>([["", []]]);
  for (const record of recordsIn(container.frames))
    if (idOf(nameOf(record)) !== "") names.set(idOf(nameOf(record)), nameOf(record));
  return [...names].map(([id, values]) => ({
    values,
    container: { ...container, frames: only(container.frames, (record) => idOf(nameOf(record)) === id) },
  }));
}

/** What a profile has only once: it stays with the first of its samples. */
const once = { profileId: new Uint8Array(), originalPayload: new Uint8Array(), originalPayloadFormat: "" };

/** The frames with these records alone; none without a record. */
function only(frames: readonly Frame[], fits: (record: Record) => boolean): Frame[] {
  return frames.flatMap((frame): Frame[] => {
    const records = frame.records?.filter(fits) ?? [];
    const inner = only(frame.frames ?? [], fits);
    if (records.length === 0 && inner.length === 0) return [];
    if (frame.records === undefined) return [{ ...frame, frames: inner }];
    return [{ ...frame, ...("profileId" in frame && records[0] !== frame.records[0] ? once : {}), records }];
  });
}

/** The resource with the stamps on its records. */
export function stampedRecords(container: Container, stampOf: (record: Record) => StampCase | undefined): Container {
  const put = (record: Record): Record => {
    const stamp = stampOf(record);
    // A sample has its attributes in the dictionary.
    if (stamp === undefined || "stackIndex" in record) return record;
    return { ...record, attributes: stamped(record.attributes, stamp).attributes };
  };
  const inside = (frame: Frame): Frame =>
    frame.records === undefined
      ? { ...frame, frames: (frame.frames ?? []).map(inside) }
      : { ...frame, records: frame.records.map(put) };
  return { ...container, frames: container.frames.map(inside) };
}

/** All records in frames, in order. */
export function recordsIn(frames: readonly Frame[]): Record[] {
  return frames.flatMap((frame) => [...(frame.records ?? []), ...recordsIn(frame.frames ?? [])]);
}

/** The key of an attribute; undefined when it points to no string. */
function keyOf({ key, keyStrindex = 0 }: KeyValue, strings: Strings | undefined): string | undefined {
  return keyStrindex === 0 || strings === undefined ? key : strings[keyStrindex];
}

function textOf(value: Value | undefined, strings: Strings | undefined): string | undefined {
  if (value?.value.case === "stringValueStrindex") return strings?.[value.value.value as number];
  return value?.value.case === "stringValue" ? (value.value.value as string) : undefined;
}

/** No value, or a string without characters; a value of a kind that nobody knows, or that points nowhere, is not empty. */
function isEmpty({ value }: KeyValue, strings: Strings | undefined): boolean {
  if (value === undefined) return true;
  if ((value.$unknown ?? []).length > 0) return false;
  return value.value.case === undefined || textOf(value, strings) === "";
}
