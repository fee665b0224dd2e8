import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from "node:fs";

/** The pages of a file of SQLite, whatever state it is in (https://sqlite.org/fileformat2.html). */
export type Pages = {
  readonly count: number;
  /** Page `number`, from 1; undefined when it does not exist or the disk cannot read it. */
  page(number: number): Buffer | undefined;
  close(): void;
};

/** The pages of a database file of this page size, whatever its header says. */
export function openPages(file: string, pageSize: number): Pages {
  // Looked at before it is opened: what fails here leaves nothing open.
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  const count = Math.ceil((size ?? 0) / pageSize);
  const descriptor = size === undefined ? undefined : openSync(file, "r");
  const read = descriptor === undefined ? undefined : reader(descriptor, count);
  return {
    count,
    page(number) {
      if (read === undefined || number < 1 || number > count) return undefined;
      const page = Buffer.alloc(pageSize);
      return read(page, (number - 1) * pageSize) ? page : undefined;
    },
    close: () => (descriptor === undefined ? undefined : closeSync(descriptor)),
  };
}

/**
 * Fills buffers from places in a file, and leaves zeros where the disk cannot read it, also when it is asked again. That a few
 * places are lost happens to a disk; one that can hardly be read is away, and may be back with all of it: that throws.
 */
function reader(descriptor: number, places: number): (into: Buffer, at: number) => boolean {
  let lost = 0;
  return (into, at) => {
    for (let attempts = 0; attempts < 2; attempts++) {
      try {
        readSync(descriptor, into, 0, into.length, at);
        return true;
      } catch (error) {
        if (attempts > 0 && ++lost > Math.max(fewPlaces, places / 100)) throw error;
        into.fill(0);
      }
    }
    return false;
  };
}

const fewPlaces = 8;
const pieceBytes = 65_536;

/** A whole file, with zeros where the disk cannot read it; one that does not exist is empty. */
export function readReadable(file: string): Buffer {
  if (!existsSync(file)) return Buffer.alloc(0);
  const descriptor = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(fstatSync(descriptor).size);
    const read = reader(descriptor, bytes.length / pieceBytes);
    for (let at = 0; at < bytes.length; at += pieceBytes) read(bytes.subarray(at, at + pieceBytes), at);
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

const walHeaderBytes = 32;
const frameHeaderBytes = 24;

/** A frame of a write-ahead log: a page as it was after some transaction. */
export type WalFrame = { readonly page: number; readonly at: number };

/** What a write-ahead log holds. */
export type Wal = {
  /** Frames that SQLite will take: all up to the first whose checksum is wrong. */
  readonly valid: number;
  /** All frames of the log's present round, also those that SQLite will not take. */
  readonly frames: readonly WalFrame[];
  content(frame: WalFrame): Buffer;
};

/** Reads a write-ahead log; one that does not exist is empty. */
export function readWal(bytes: Buffer, pageSize: number): Wal {
  const frames: WalFrame[] = [];
  let valid = 0;
  const frameBytes = frameHeaderBytes + pageSize;
  const sum = headerSum(bytes);
  let running = sum;
  for (let at = walHeaderBytes; at + frameBytes <= bytes.length; at += frameBytes) {
    const page = bytes.readUInt32BE(at);
    const isOfThisRound = sum === undefined || bytes.subarray(at + 8, at + 16).equals(bytes.subarray(16, 24));
    // Behind the present round lie frames of the one before, which are in the database file already.
    if (isOfThisRound && page > 0) frames.push({ page, at: at + frameHeaderBytes });
    if (running === undefined) continue;
    const next = checksum(bytes.subarray(at, at + 8), running);
    const whole = checksum(bytes.subarray(at + frameHeaderBytes, at + frameBytes), next);
    const isRight = isOfThisRound && whole.a === bytes.readUInt32BE(at + 16) && whole.b === bytes.readUInt32BE(at + 20);
    running = isRight ? whole : undefined;
    if (isRight) valid++;
  }
  return { valid, frames, content: ({ at }) => bytes.subarray(at, at + pageSize) };
}

type Sum = { readonly a: number; readonly b: number; readonly isBig: boolean };

/** The checksum that the frames go on from; undefined when the header is none. */
function headerSum(bytes: Buffer): Sum | undefined {
  if (bytes.length < walHeaderBytes) return undefined;
  const magic = bytes.readUInt32BE(0);
  if (magic !== 0x377f0682 && magic !== 0x377f0683) return undefined;
  const sum = checksum(bytes.subarray(0, 24), { a: 0, b: 0, isBig: magic === 0x377f0683 });
  return sum.a === bytes.readUInt32BE(24) && sum.b === bytes.readUInt32BE(28) ? sum : undefined;
}

function checksum(bytes: Buffer, { a, b, isBig }: Sum): Sum {
  for (let i = 0; i < bytes.length; i += 8) {
    a = (a + (isBig ? bytes.readUInt32BE(i) : bytes.readUInt32LE(i)) + b) >>> 0;
    b = (b + (isBig ? bytes.readUInt32BE(i + 4) : bytes.readUInt32LE(i + 4)) + a) >>> 0;
  }
  return { a, b, isBig };
}
