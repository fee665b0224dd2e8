import { type AttributeValue, encodeAttribute } from "../wire/attribute.ts";
import { type KeySet, keySet } from "../wire/keys.ts";

/** Attributes to be written, encoded once and inserted into any number of requests. */
export type Stamp = {
  readonly keys: KeySet;
  /** Those from index `from` up to `to`, one behind the other, each as field number `field` of its message. */
  slice(field: number, from: number, to: number): Uint8Array;
};

/** Makes a stamp of attributes; each key stands once. */
export function createStamp(attributes: ReadonlyMap<string, AttributeValue>): Stamp {
  const encoded = new Map<number, Encoded>();
  return {
    keys: keySet([...attributes.keys()]),
    slice(field, from, to) {
      let found = encoded.get(field);
      if (found === undefined) {
        found = encode(field, attributes);
        encoded.set(field, found);
      }
      const { bytes, offsets } = found;
      return from === 0 && to === attributes.size ? bytes : bytes.subarray(offsets[from], offsets[to]);
    },
  };
}

/** All attributes in one piece, and where each begins; a last offset is the end. */
type Encoded = { readonly bytes: Uint8Array; readonly offsets: readonly number[] };

function encode(field: number, attributes: ReadonlyMap<string, AttributeValue>): Encoded {
  const each = [...attributes].map(([key, value]) => encodeAttribute(field, key, value));
  const offsets = [0];
  for (const bytes of each) offsets.push((offsets.at(-1) ?? 0) + bytes.length);
  // Memory of its own: a piece of Node's pool would keep 64 KiB for as long as the container is known.
  const bytes = Buffer.allocUnsafeSlow(offsets.at(-1) ?? 0);
  for (const [index, own] of each.entries()) bytes.set(own, offsets[index]);
  return { bytes, offsets };
}
