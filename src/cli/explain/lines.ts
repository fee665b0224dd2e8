/**
 * The lines of a text that comes in pieces, those of a piece together, with LF or CRLF, the last one with or without; of each at most `maxBytes` are kept. What
 * is no UTF-8 becomes U+FFFD.
 */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<readonly string[]> {
  let kept: Uint8Array[] = [];
  let length = 0;
  let isBegun = false;
  const keep = (bytes: Uint8Array) => {
    isBegun = true;
    const room = maxBytes - length;
    // A copy: the piece may be much larger than what is kept of it.
    if (room > 0 && bytes.length > 0) kept.push(Buffer.from(bytes.subarray(0, room)));
    length += bytes.length;
  };
  const take = (): string => {
    const line = Buffer.concat(kept).toString("utf8").replace(/\r$/, "");
    kept = [];
    length = 0;
    isBegun = false;
    return line;
  };
  for await (const piece of pieces) {
    const lines: string[] = [];
    let from = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, from)) {
      keep(piece.subarray(from, end));
      from = end + 1;
      lines.push(take());
    }
    if (from < piece.length) keep(piece.subarray(from));
    yield lines;
  }
  if (isBegun) yield [take()];
}
