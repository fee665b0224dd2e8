import { crc32 } from "node:zlib";
import { whole } from "../../otlp/rope/rope.ts";
import { signals } from "../../otlp/signals.ts";
import type { Signal } from "../../otlp/signals.ts";
import type { Batch, Part } from "../contract.ts";

/*
 * A batch as it lies on disk:
 *
 *   0  "PSR" and the version of this layout, 1
 *   4  CRC-32 of all that follows, little-endian, as are the other numbers
 *   8  length of the head in bytes
 *  12  head: JSON, {signal, items, at (ms since the epoch), parts: [[end, items], …] when it was merged}
 *   …  the Export…ServiceRequest
 */

const magic = Buffer.from("PSR");
const version = 1;
const headAt = 12;

/** The batch as a record, in memory of its own. */
export function encodeRecord(batch: Batch, at: number): Uint8Array<ArrayBuffer> {
  const { signal, items, parts } = batch;
  const head = Buffer.from(
    JSON.stringify({
      signal,
      items,
      at,
      ...(parts === undefined ? {} : { parts: parts.map((p) => [p.end, p.items]) }),
    }),
  );
  const bytes = whole(batch.bytes);
  const record = Buffer.allocUnsafeSlow(headAt + head.length + bytes.length);
  magic.copy(record);
  record.writeUInt8(version, 3);
  record.writeUInt32LE(head.length, 8);
  head.copy(record, headAt);
  record.set(bytes, headAt + head.length);
  record.writeUInt32LE(crc32(record.subarray(8)), 4);
  return record;
}

/** Whether these bytes are a record as it was written. */
export function isIntact(bytes: Uint8Array): boolean {
  const record = asBuffer(bytes);
  return (
    record.length >= headAt &&
    record.subarray(0, 3).equals(magic) &&
    record.readUInt32LE(4) === crc32(record.subarray(8)) &&
    record.readUInt32LE(8) <= record.length - headAt
  );
}

/** The batch of a record; undefined when it is not intact or of a later version. */
export function decodeRecord(bytes: Uint8Array): Batch | undefined {
  const record = asBuffer(bytes);
  if (!isIntact(record) || record.readUInt8(3) > version) return undefined;
  const start = headAt + record.readUInt32LE(8);
  const head = readHead(record.toString("utf8", headAt, start));
  if (head === undefined) return undefined;
  return { ...head, bytes: record.subarray(start) };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

type Head = { readonly signal: Signal; readonly items: number; readonly parts?: readonly Part[] };

function readHead(text: string): Head | undefined {
  const head: unknown = parse(text);
  if (typeof head !== "object" || head === null || !("signal" in head) || !("items" in head)) return undefined;
  const signal = signals.find((known) => known === head.signal);
  if (signal === undefined || typeof head.items !== "number") return undefined;
  const parts = "parts" in head && Array.isArray(head.parts) ? head.parts.map(readPart) : undefined;
  return { signal, items: head.items, ...(parts === undefined ? {} : { parts }) };
}

function readPart(pair: unknown): Part {
  const [end, items] = Array.isArray(pair) ? pair.map(Number) : [];
  return { end: end ?? 0, items: items ?? 0 };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
