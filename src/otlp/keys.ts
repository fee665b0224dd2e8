/** A fixed set of attribute keys that can be recognised in a request without making a string of each key. */
export type KeySet = {
  readonly keys: readonly string[];
  /** Index of the key that stands at bytes[start, stop), or -1. */
  find(bytes: Uint8Array, start: number, stop: number): number;
};

type Entry = { readonly index: number; readonly bytes: Uint8Array };

/** Makes a set of `keys`; each is found by its index in the list. */
export function keySet(keys: readonly string[]): KeySet {
  const byLength: Entry[][] = [];
  keys.forEach((key, index) => {
    const bytes = Buffer.from(key);
    (byLength[bytes.length] ??= []).push({ index, bytes });
  });
  return {
    keys,
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
