/** Digits of a chunk's size that are looked at: 2^52 bytes and more are no chunk. */
const maxDigits = 13;

/**
 * Where a body of chunks (RFC 9112 section 7.1) that begins at `from` ends: behind its last empty line, or -1 when that does not
 * stand in bytes[from, stop), or the bytes are no chunks.
 */
export function chunkedEnd(bytes: Uint8Array, from: number, stop: number): number {
  let at = from;
  for (;;) {
    let size = 0;
    let digits = 0;
    for (; at < stop && digits <= maxDigits; at++, digits++) {
      const digit = hexDigit(bytes[at] ?? 0);
      if (digit < 0) break;
      size = size * 16 + digit;
    }
    if (digits === 0 || digits > maxDigits) return -1;
    at = behindLine(bytes, at, stop);
    if (at < 0) return -1;
    if (size === 0) return trailersEnd(bytes, at, stop);
    at += size + 2;
    if (at > stop) return -1;
  }
}

/** Trailer fields end with an empty line, as a head does. */
function trailersEnd(bytes: Uint8Array, from: number, stop: number): number {
  for (let at = from; ;) {
    const next = behindLine(bytes, at, stop);
    if (next < 0) return -1;
    if (next - at <= 2 && (bytes[at] === 13 || bytes[at] === 10)) return next;
    at = next;
  }
}

function behindLine(bytes: Uint8Array, from: number, stop: number): number {
  for (let at = from; at < stop; at++) if (bytes[at] === 10) return at + 1;
  return -1;
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
