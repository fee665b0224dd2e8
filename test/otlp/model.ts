import {
  type Container,
  type Decoded,
  emptyResource,
  type KeyValue,
  keyValue,
  type Record,
  type Value,
} from "./decoded.ts";
import type { StampCase } from "./requests.ts";

/*
 * What src/otlp does to bytes, done to objects in the plainest way: the tests hold the one against the other.
 */

/** For each key the first string that is not empty. */
export function valuesOf(attributes: readonly KeyValue[], wanted: readonly string[]): (string | undefined)[] {
  return wanted.map((key) =>
    attributes
      .filter((attribute) => attribute.key === key)
      .map((attribute) => attribute.value?.value.value)
      .find((value): value is string => typeof value === "string" && value !== ""),
  );
}

/** The attributes with the stamp on, and whether that changed anything. */
export function stamped(
  attributes: readonly KeyValue[],
  stamp: StampCase,
): { attributes: readonly KeyValue[]; isChanged: boolean } {
  let result = attributes;
  let isChanged = false;
  for (const [key, value] of stamp.attributes) {
    const present = attributes.filter((attribute) => attribute.key === key);
    if (!stamp.override && !present.every(isEmpty)) continue;
    isChanged = true;
    const first = present[0];
    const made = keyValue(key, value);
    result =
      first === undefined
        ? [...result, made]
        : result.flatMap((each) => (each === first ? [made] : each.key === key ? [] : [each]));
  }
  return { attributes: result, isChanged };
}

/** The resource with the stamp on its Resource message. */
export function stampedContainer(
  container: Container,
  stamp: StampCase | undefined,
): { container: Container; isChanged: boolean } {
  if (stamp === undefined) return { container, isChanged: false };
  const resource = container.resource ?? emptyResource();
  const { attributes, isChanged } = stamped(resource.attributes, stamp);
  return { container: isChanged ? { ...container, resource: { ...resource, attributes } } : container, isChanged };
}

/** One group of records: what names it and the resource with these records alone, in scopes that have one. */
export type Group = { readonly values: readonly (string | undefined)[]; readonly container: Container };

/** The groups in the order of their first records, behind a first one for the records that name nothing. */
export function grouped(container: Container, wanted: readonly string[]): Group[] {
  const nameOf = (record: Record) => valuesOf(record.attributes, wanted);
  const idOf = (values: readonly (string | undefined)[]) =>
    values.every((value) => value === undefined) ? "" : JSON.stringify(values.map((value) => value ?? null));
  const names = new Map<string, (string | undefined)[]>([["", []]]);
  for (const scope of container.scopes) {
    for (const record of scope.records)
      if (idOf(nameOf(record)) !== "") names.set(idOf(nameOf(record)), nameOf(record));
  }
  return [...names].map(([id, values]) => ({
    values,
    container: {
      ...container,
      scopes: container.scopes
        .map((scope) => ({ ...scope, records: scope.records.filter((record) => idOf(nameOf(record)) === id) }))
        .filter((scope) => scope.records.length > 0),
    },
  }));
}

/** The resource with the stamps on its records. */
export function stampedRecords(container: Container, stampOf: (record: Record) => StampCase | undefined): Container {
  const put = (record: Record): Record => {
    const stamp = stampOf(record);
    return stamp === undefined ? record : { ...record, attributes: stamped(record.attributes, stamp).attributes };
  };
  return { ...container, scopes: container.scopes.map((scope) => ({ ...scope, records: scope.records.map(put) })) };
}

/** How many records a request holds. */
export function countRecords(decoded: Decoded): number {
  return decoded.containers
    .flatMap((container) => container.scopes)
    .reduce((sum, scope) => sum + scope.records.length, 0);
}

/** No value, or a string without characters; a value of a kind that nobody knows is not empty. */
function isEmpty(attribute: KeyValue): boolean {
  const value: Value | undefined = attribute.value;
  if (value === undefined) return true;
  if ((value.$unknown ?? []).length > 0) return false;
  return value.value.case === undefined || (value.value.case === "stringValue" && value.value.value === "");
}
