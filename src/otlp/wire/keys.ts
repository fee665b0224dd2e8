/** A fixed set of attribute keys that can be recognised in a request without making a string of each key. */
export type KeySet = {
  readonly keys: readonly string[];
  /** The same as they stand in a request. */
  readonly encoded: readonly Uint8Array[];
  /** For each number of bytes below 128 whether a key has as many: 1 or 0. */
  readonly lengths: Uint8Array;
  /** Index of the key that stands at bytes[start, stop), or -1. */
  find(bytes: Uint8Array, start: number, stop: number): number;
};

type Entry = { readonly index: number; readonly bytes: Uint8Array };

/** Sets that were made, by their keys: those of most containers are the same. */
const made = new Map<string, KeySet>();
/** Beyond this all are forgotten: who uses one keeps it. */
const maxMade = 1000;

/** Makes a set of `keys`; each is found by its index in the list. The same keys in the same order give the same set. */
export function keySet(keys: readonly string[]): KeySet {
  const name = JSON.stringify(keys);
  const known = made.get(name);
  if (known !== undefined) return known;
  if (made.size >= maxMade) made.clear();
  const set = makeSet(keys);
  made.set(name, set);
  return set;
}

function makeSet(keys: readonly string[]): KeySet {
  const byLength: Entry[][] = [];
  const lengths = new Uint8Array(128);
  // Not of Node's pool, of which a few bytes would keep 64 KiB.
  const encoded = keys.map((key) => new TextEncoder().encode(key));
  encoded.forEach((bytes, index) => {
    (byLength[bytes.length] ??= []).push({ index, bytes });
    lengths[bytes.length] = 1;
  });
  return {
    keys,
    encoded,
    lengths,
    find(bytes, start, stop) {
      const entries = byLength[stop - start];
      if (entries === undefined) return -1;
      for (const entry of entries) if (isAt(entry.bytes, bytes, start)) return entry.index;
      return -1;
    },
  };
}

/** Whether `wanted` stands in `bytes` at `start`; compared from the back, where keys of one namespace differ. */
export function isAt(wanted: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = wanted.length - 1; i >= 0; i--) if (wanted[i] !== bytes[start + i]) return false;
  return true;
}
