import { isIntact } from "../../pipeline/queue/record.ts";
import type { Pages, Wal } from "./pages.ts";

/** A record found in a damaged file; its own checksum says that it is whole. */
export type Found = { readonly id: number; readonly items: number; readonly bytes: number; readonly record: Buffer };

type Source = { readonly page: (number: number) => Buffer | undefined };

/**
 * Finds every whole record in a database file and its write-ahead log, whatever else of them is damaged: each leaf page
 * is read by itself, and what it tells is believed only when the record's checksum is right. The last state of an id wins.
 */
export function* findRecords(pages: Pages, wal: Wal, pageSize: number): Generator<Found> {
  const latest = new Map(wal.frames.map((frame) => [frame.page, frame]));
  const fromWal: Source = {
    page(number) {
      const frame = latest.get(number);
      return frame === undefined ? undefined : wal.content(frame);
    },
  };
  const newest: Source = { page: (number) => fromWal.page(number) ?? pages.page(number) };
  const oldest: Source = { page: (number) => pages.page(number) ?? fromWal.page(number) };
  for (let number = 1; number <= pages.count; number++) {
    const page = pages.page(number);
    if (page !== undefined) yield* recordsOf(page, number, { pageSize, sources: [oldest, newest] });
  }
  for (const frame of wal.frames)
    yield* recordsOf(wal.content(frame), frame.page, { pageSize, sources: [newest, oldest] });
}

type Reading = { readonly pageSize: number; readonly sources: readonly Source[] };

const leafOfTable = 0x0d;
const fileHeaderBytes = 100;

function* recordsOf(page: Buffer, number: number, reading: Reading): Generator<Found> {
  const start = number === 1 ? fileHeaderBytes : 0;
  if (page[start] !== leafOfTable) return;
  const cells = Math.min(page.readUInt16BE(start + 3), Math.floor((page.length - start - 8) / 2));
  for (let cell = 0; cell < cells; cell++) {
    const at = page.readUInt16BE(start + 8 + 2 * cell);
    const found = at < page.length ? readCell(page, at, reading) : undefined;
    if (found !== undefined) yield found;
  }
}

/** The largest record that is looked for; more than a request may have. */
const maxRecordBytes = 2 ** 31;

function readCell(page: Buffer, at: number, { pageSize, sources }: Reading): Found | undefined {
  const length = varint(page, at);
  const id = varint(page, length.next);
  if (length.value > maxRecordBytes || !Number.isSafeInteger(id.value)) return undefined;
  const local = localBytes(length.value, pageSize);
  const head = page.subarray(id.next, id.next + local);
  if (head.length < local) return undefined;
  if (local === length.value) return readRow(head, id.value);
  const overflow = id.next + local + 4 <= page.length ? page.readUInt32BE(id.next + local) : 0;
  for (const source of sources) {
    const rest = followOverflow(source, overflow, length.value - local);
    const row = rest === undefined ? undefined : readRow(Buffer.concat([head, ...rest]), id.value);
    if (row !== undefined) return row;
  }
  return undefined;
}

/** How much of a payload a leaf page holds itself. */
function localBytes(payload: number, pageSize: number): number {
  const most = pageSize - 35;
  if (payload <= most) return payload;
  const least = Math.floor(((pageSize - 12) * 32) / 255) - 23;
  const fitting = least + ((payload - least) % (pageSize - 4));
  return fitting <= most ? fitting : least;
}

function followOverflow(source: Source, first: number, length: number): readonly Buffer[] | undefined {
  const pieces: Buffer[] = [];
  let left = length;
  for (let number = first; left > 0;) {
    const page = source.page(number);
    if (page === undefined) return undefined;
    const piece = page.subarray(4, 4 + left);
    pieces.push(piece);
    left -= piece.length;
    number = page.readUInt32BE(0);
  }
  return pieces;
}

/** Columns: id (as NULL, since it is the row's own), items, bytes, record. */
function readRow(row: Buffer, id: number): Found | undefined {
  const { value: headerLength, next } = varint(row, 0);
  const types: number[] = [];
  for (let at = next; at < headerLength && at < row.length && types.length < 8;) {
    const type = varint(row, at);
    types.push(type.value);
    at = type.next;
  }
  const [own, items = -1, bytes = -1, blob = 0] = types;
  if (types.length !== 4 || own !== 0 || items > 9 || bytes > 9 || blob < 12 || blob % 2 !== 0) return undefined;
  const itemsAt = headerLength;
  const bytesAt = itemsAt + integerBytes(items);
  const recordAt = bytesAt + integerBytes(bytes);
  const record = row.subarray(recordAt, recordAt + (blob - 12) / 2);
  if (record.length !== (blob - 12) / 2 || !isIntact(record)) return undefined;
  return { id, items: integer(row, itemsAt, items), bytes: integer(row, bytesAt, bytes), record };
}

/** Sizes of SQLite's integers by their serial type; 8 and 9 are the numbers 0 and 1 themselves. */
const sizes = [0, 1, 2, 3, 4, 6, 8, 0, 0, 0];

function integerBytes(type: number): number {
  return sizes[type] ?? 0;
}

function integer(row: Buffer, at: number, type: number): number {
  if (type === 8 || type === 9) return type - 8;
  const size = integerBytes(type);
  if (size === 0 || size === 8) return 0;
  return row.readIntBE(at, size);
}

function varint(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let i = 0; i < 9; i++) {
    const byte = bytes[at + i] ?? 0;
    if (i === 8) return { value: value * 256 + byte, next: at + 9 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return { value, next: at + 9 };
}
