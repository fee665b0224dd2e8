import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** What ends a record: a line break behind it, or its length in four bytes before it. */
export type Framing = "lines" | "lengths";

/**
 * How a file ends that was there before. whole: with a record. torn: with a piece of one behind `goodSize`, which its writer, killed or
 * without power, told nobody was taken. open: with a line that has no end. foreign: with what no writer of ours leaves.
 */
export type End =
  | { readonly kind: "whole" | "open" | "foreign" }
  | { readonly kind: "torn"; readonly goodSize: number };

/** How long a file must not have grown before what is at its end counts as torn: another process may be writing it. */
const quietMs = 100;

/** Looks how a regular file of this size ends. */
export async function endOf(path: string, framing: Framing, size: number): Promise<End> {
  if (size === 0) return { kind: "whole" };
  const file = await open(path, "r");
  try {
    const end = framing === "lines" ? await endOfLines(file, size) : await endOfLengths(file, size);
    if (end.kind !== "torn") return end;
    await sleep(quietMs);
    return (await file.stat()).size === size ? end : { kind: "foreign" };
  } finally {
    await file.close();
  }
}

const chunkBytes = 64 * 1024;
const lineBreak = 0x0a;

async function endOfLines(file: FileHandle, size: number): Promise<End> {
  const start = await lastLine(file, size);
  if (start === size) return { kind: "whole" };
  const line = Buffer.alloc(size - start);
  await readAll(file, line, start);
  if (isEmpty(line)) return { kind: "torn", goodSize: start };
  if (line[0] !== "{".charCodeAt(0)) return { kind: "open" };
  try {
    JSON.parse(line.toString());
    return { kind: "open" };
  } catch {
    return { kind: "torn", goodSize: start };
  }
}

/** Where the bytes behind the last line break begin. */
async function lastLine(file: FileHandle, size: number): Promise<number> {
  const chunk = Buffer.alloc(chunkBytes);
  for (let end = size; end > 0;) {
    const at = Math.max(0, end - chunkBytes);
    const part = chunk.subarray(0, end - at);
    await readAll(file, part, at);
    const found = part.lastIndexOf(lineBreak);
    if (found >= 0) return at + found + 1;
    end = at;
  }
  return 0;
}

/** No record is longer: a number above it is something else, such as text. */
const maxRecordBytes = 512 * 1024 * 1024;

/** Goes from length to length; between them nothing says where a record begins. */
async function endOfLengths(file: FileHandle, size: number): Promise<End> {
  const chunk = Buffer.alloc(chunkBytes);
  let at = 0;
  for (let from = 0, to = 0; at + 4 <= size;) {
    if (at < from || at + 4 > to) {
      from = at;
      to = Math.min(size, at + chunkBytes);
      await readAll(file, chunk.subarray(0, to - from), from);
    }
    const length = chunk.readUInt32BE(at - from);
    if (length > maxRecordBytes) return { kind: "foreign" };
    if (length === 0) return (await isEmptyFrom(file, at, size)) ? { kind: "torn", goodSize: at } : { kind: "foreign" };
    if (at + 4 + length > size) return { kind: "torn", goodSize: at };
    at += 4 + length;
  }
  return at === size ? { kind: "whole" } : { kind: "torn", goodSize: at };
}

/** What a loss of power can leave where data had not come to the disk yet. */
async function isEmptyFrom(file: FileHandle, start: number, size: number): Promise<boolean> {
  const chunk = Buffer.alloc(chunkBytes);
  for (let at = start; at < size; at += chunkBytes) {
    const part = chunk.subarray(0, Math.min(chunkBytes, size - at));
    await readAll(file, part, at);
    if (!isEmpty(part)) return false;
  }
  return true;
}

function isEmpty(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

async function readAll(file: FileHandle, into: Uint8Array, from: number): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await file.read(into, done, into.length - done, from + done);
    if (bytesRead === 0) throw new Error("it became shorter while it was read");
    done += bytesRead;
  }
}
