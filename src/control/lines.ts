import type { Socket } from "node:net";

/** Reads a socket line by line: a line that is longer than `maxBytes` is given to `onLong` and ends it. */
export function readLines(
  socket: Socket,
  { maxBytes, onLine, onLong }: { maxBytes: number; onLine: (line: string) => void; onLong: () => void },
): void {
  let pieces: Buffer[] = [];
  let length = 0;
  let isOver = false;
  socket.on("data", (chunk: Buffer) => {
    if (isOver) return;
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      pieces.push(rest.subarray(0, end));
      length += end;
      rest = rest.subarray(end + 1);
      if (length > maxBytes) break;
      const line = Buffer.concat(pieces).toString("utf8");
      pieces = [];
      length = 0;
      onLine(line);
    }
    pieces.push(rest);
    length += rest.length;
    if (length <= maxBytes) return;
    isOver = true;
    pieces = [];
    onLong();
  });
}
