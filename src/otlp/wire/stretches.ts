/** A number for so many bytes by their look: the last ones of IDs of one kind differ most. */
export function lookOf(view: DataView, start: number, length: number): number {
  const last = length >= 4 ? view.getInt32(start + length - 4, true) : length > 0 ? view.getUint8(start) : 0;
  const mixed = Math.imul(last ^ length, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** Whether so many bytes are the same at two places; compared from the back, and sixteen or four at a time. */
// oxlint-disable-next-line max-params -- a pair of stretches without objects for them, once for each record
export function areSame(view: DataView, start: number, other: DataView, at: number, length: number): boolean {
  let left = length;
  for (; left >= 16; left -= 16) {
    const a = start + left;
    const b = at + left;
    const differ =
      (view.getInt32(a - 4, true) ^ other.getInt32(b - 4, true)) |
      (view.getInt32(a - 8, true) ^ other.getInt32(b - 8, true)) |
      (view.getInt32(a - 12, true) ^ other.getInt32(b - 12, true)) |
      (view.getInt32(a - 16, true) ^ other.getInt32(b - 16, true));
    if (differ !== 0) return false;
  }
  for (; left >= 4; left -= 4)
    if (view.getInt32(start + left - 4, true) !== other.getInt32(at + left - 4, true)) return false;
  while (left-- > 0) if (view.getInt8(start + left) !== other.getInt8(at + left)) return false;
  return true;
}
