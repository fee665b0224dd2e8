import { type AttributeValue, encodeAttribute } from "./attribute.ts";
import { type KeySet, keySet } from "./keys.ts";

/** Attributes to be written, encoded once and inserted into any number of requests. */
export type Stamp = {
  readonly keys: KeySet;
  /** All of them, one behind the other, each as field number `field` of its message. */
  all(field: number): Uint8Array;
  /** The one at `index`. */
  one(field: number, index: number): Uint8Array;
};

/** Makes a stamp of attributes; each key stands once. */
export function createStamp(attributes: ReadonlyMap<string, AttributeValue>): Stamp {
  const encoded = new Map<number, { readonly all: Uint8Array; readonly each: readonly Uint8Array[] }>();
  const as = (field: number) => {
    let found = encoded.get(field);
    if (found === undefined) {
      const each = [...attributes].map(([key, value]) => encodeAttribute(field, key, value));
      found = { all: Buffer.concat(each), each };
      encoded.set(field, found);
    }
    return found;
  };
  return {
    keys: keySet([...attributes.keys()]),
    all: (field) => as(field).all,
    one: (field, index) => as(field).each[index] ?? new Uint8Array(),
  };
}
