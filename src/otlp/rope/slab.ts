/** Requests are cut from pieces of memory of this size: an ArrayBuffer of its own for each costs more than to fill it. */
const slabBytes = 1024 * 1024;
const maxPieceBytes = slabBytes / 4;

let slab = Buffer.allocUnsafeSlow(slabBytes);
let used = 0;

/**
 * Memory of `length` bytes with anything in it, for what is soon gone again: a piece that is kept keeps its slab.
 * Large ones get memory of their own.
 */
export function allocate(length: number): Buffer {
  if (length > maxPieceBytes) return Buffer.allocUnsafeSlow(length);
  if (used + length > slabBytes) {
    slab = Buffer.allocUnsafeSlow(slabBytes);
    used = 0;
  }
  const piece = slab.subarray(used, used + length);
  // Pieces begin at multiples of eight, as those of Buffer do.
  used = (used + length + 7) & ~7;
  return piece;
}

/** The chunks in one piece of `length` bytes. */
export function join(chunks: readonly Uint8Array[], length: number): Buffer {
  const whole = allocate(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
