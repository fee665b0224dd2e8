/** The longest line that version 1 has. */
const longestLine = 107;
const first = Buffer.from("PROXY ");
const second = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");

/**
 * Behind the header of the PROXY protocol, versions 1 and 2, with which a connection may begin: a proxy says there for whom it asks.
 * `start` where there is none; it may end behind `stop`.
 */
export function preambleEnd(bytes: Uint8Array, start: number, stop: number): number {
  if (begins(bytes, start, { stop, text: first })) {
    const last = Math.min(stop, start + longestLine);
    for (let at = start; at < last; at++) if (bytes[at] === 10) return at + 1;
    return start;
  }
  if (!begins(bytes, start, { stop, text: second }) || stop - start < 16) return start;
  return start + 16 + (((bytes[start + 14] ?? 0) << 8) | (bytes[start + 15] ?? 0));
}

function begins(bytes: Uint8Array, start: number, { stop, text }: { stop: number; text: Uint8Array }): boolean {
  if (stop - start < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}
