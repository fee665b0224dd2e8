import { type AttributeValue, encodeAttribute } from "../wire/attribute.ts";
import { type KeySet, keySet } from "../wire/keys.ts";

/** Attributes to be written, encoded once and inserted into any number of requests. */
export type Stamp = {
  readonly keys: KeySet;
  /** Those from index `from` up to `to`, one behind the other, each as field number `field` of its message. */
  slice(field: number, from: number, to: number): Uint8Array;
  /** All but those whose keys are there already, in as few pieces as may be. */
  missing(field: number, present: readonly Present[]): readonly Uint8Array[];
};

/** An attribute of a message whose key is the stamp's at index `key`. */
export type Present = { readonly key: number };

/** Makes a stamp of attributes; each key stands once. */
export function createStamp(attributes: ReadonlyMap<string, AttributeValue>): Stamp {
  const encoded = new Map<number, Encoded>();
  const slice: Stamp["slice"] = (field, from, to) => {
    let found = encoded.get(field);
    if (found === undefined) {
      found = encode(field, attributes);
      encoded.set(field, found);
    }
    const { bytes, offsets } = found;
    return from === 0 && to === attributes.size ? bytes : bytes.subarray(offsets[from], offsets[to]);
  };
  // A sender's requests have the same keys one after the other.
  let last: Missing | undefined;
  return {
    keys: keySet([...attributes.keys()]),
    slice,
    missing(field, present) {
      if (last === undefined || last.field !== field || !areSame(last.present, present))
        last = {
          field,
          present: present.map(({ key }) => ({ key })),
          pieces: runs(slice, { field, present, count: attributes.size }),
        };
      return last.pieces;
    },
  };
}

type Missing = { readonly field: number; readonly present: readonly Present[]; readonly pieces: readonly Uint8Array[] };

function areSame(some: readonly Present[], others: readonly Present[]): boolean {
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i++) if (some[i]?.key !== others[i]?.key) return false;
  return true;
}

type Lacking = { readonly field: number; readonly present: readonly Present[]; readonly count: number };

/** Neighbours go together. */
function runs(slice: Stamp["slice"], { field, present, count }: Lacking): readonly Uint8Array[] {
  const isPresent = new Set(present.map(({ key }) => key));
  const pieces: Uint8Array[] = [];
  for (let from = 0, to = 0; to <= count; to++) {
    if (to < count && !isPresent.has(to)) continue;
    if (to > from) pieces.push(slice(field, from, to));
    from = to + 1;
  }
  return pieces;
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
