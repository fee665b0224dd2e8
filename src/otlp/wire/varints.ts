/** Reads the varint that stands at bytes[start, stop) as a number; exact up to 2^53, which is beyond every index. */
export function readVarint(bytes: Uint8Array, start: number, stop: number): number {
  let value = 0;
  for (let i = stop - 1; i >= start; i--) value = value * 128 + ((bytes[i] ?? 0) & 127);
  return value;
}

/** Reads the packed varints of bytes[start, stop) into `into`, which is emptied first. One that is cut short is left out. */
export function readVarints(
  bytes: Uint8Array,
  into: number[],
  { start, stop }: { readonly start: number; readonly stop: number },
): void {
  into.length = 0;
  for (let at = start, i = start; i < stop; i++) {
    if ((bytes[i] ?? 0) >= 128) continue;
    into.push(readVarint(bytes, at, i + 1));
    at = i + 1;
  }
}

/** How many varints stand packed at bytes[start, stop). */
export function countVarints(bytes: Uint8Array, start: number, stop: number): number {
  let found = 0;
  for (let i = start; i < stop; i++) if ((bytes[i] ?? 0) < 128) found++;
  return found;
}
