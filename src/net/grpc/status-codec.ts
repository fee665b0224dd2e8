import { Cursor, Wire } from "../../otlp/wire/cursor.ts";
import { header, putVarint, varintSize } from "../../otlp/rope/splice.ts";
import type { Status } from "../status.ts";

const retryInfoUrl = "type.googleapis.com/google.rpc.RetryInfo";

/** Encodes a google.rpc.Status; `retryAfterMs` becomes a RetryInfo in `details`. */
export function encodeStatus(status: Status): Buffer {
  const pieces: Uint8Array[] = [];
  if (status.code !== 0) pieces.push(varintField(1, status.code));
  if (status.message !== "") pieces.push(...lengthDelimited(2, Buffer.from(status.message)));
  if (status.retryAfterMs !== undefined) pieces.push(...lengthDelimited(3, encodeRetryInfo(status.retryAfterMs)));
  return Buffer.concat(pieces);
}

/** Decodes a google.rpc.Status; undefined when the bytes are not one. Details other than RetryInfo are passed over. */
export function decodeStatus(bytes: Uint8Array): Status | undefined {
  const cursor = new Cursor(bytes);
  let code = 0;
  let message = "";
  let retryAfterMs: number | undefined;
  while (cursor.next()) {
    if (cursor.field === 1 && cursor.wire === Wire.VARINT) code = readVarint(bytes, cursor.start, cursor.stop);
    if (cursor.field === 2 && cursor.wire === Wire.LEN) message = text(bytes, cursor.start, cursor.stop);
    if (cursor.field === 3 && cursor.wire === Wire.LEN)
      retryAfterMs ??= decodeRetryInfo(bytes.subarray(cursor.start, cursor.stop));
  }
  if (cursor.problem !== "") return undefined;
  return retryAfterMs === undefined ? { code, message } : { code, message, retryAfterMs };
}

/** google.protobuf.Any { type_url = 1, value = 2 } around google.rpc.RetryInfo { retry_delay = 1: Duration { seconds = 1, nanos = 2 } }. */
function encodeRetryInfo(ms: number): Uint8Array {
  const seconds = Math.floor(ms / 1000);
  const nanos = Math.round((ms - seconds * 1000) * 1e6);
  const duration: Uint8Array[] = [];
  if (seconds > 0) duration.push(varintField(1, seconds));
  if (nanos > 0) duration.push(varintField(2, nanos));
  const info = Buffer.concat(lengthDelimited(1, Buffer.concat(duration)));
  return Buffer.concat([...lengthDelimited(1, Buffer.from(retryInfoUrl)), ...lengthDelimited(2, info)]);
}

/** The delay of a RetryInfo in ms, rounded up; undefined when the Any holds something else. */
function decodeRetryInfo(any: Uint8Array): number | undefined {
  const cursor = new Cursor(any);
  let isRetryInfo = false;
  let info: Uint8Array | undefined;
  while (cursor.next()) {
    if (cursor.wire !== Wire.LEN) continue;
    if (cursor.field === 1) isRetryInfo = text(any, cursor.start, cursor.stop).endsWith("/google.rpc.RetryInfo");
    if (cursor.field === 2) info = any.subarray(cursor.start, cursor.stop);
  }
  if (!isRetryInfo || cursor.problem !== "") return undefined;
  return decodeDelay(info ?? new Uint8Array(0));
}

function decodeDelay(info: Uint8Array): number | undefined {
  const cursor = new Cursor(info);
  let ms: number | undefined = 0;
  while (cursor.next()) {
    if (cursor.field === 1 && cursor.wire === Wire.LEN) ms = decodeDuration(info.subarray(cursor.start, cursor.stop));
  }
  return cursor.problem === "" ? ms : undefined;
}

function decodeDuration(duration: Uint8Array): number | undefined {
  const cursor = new Cursor(duration);
  let seconds = 0;
  let nanos = 0;
  while (cursor.next()) {
    if (cursor.field === 1 && cursor.wire === Wire.VARINT) seconds = readVarint(duration, cursor.start, cursor.stop);
    if (cursor.field === 2 && cursor.wire === Wire.VARINT) nanos = readVarint(duration, cursor.start, cursor.stop);
  }
  // A negative Duration is a ten-byte varint, so far above anything sensible: no hint then.
  if (cursor.problem !== "" || seconds > 315_576_000_000 || nanos > 999_999_999) return undefined;
  return seconds * 1000 + Math.ceil(nanos / 1e6);
}

function varintField(field: number, value: number): Uint8Array {
  const tag = field * 8;
  const bytes = new Uint8Array(varintSize(tag) + varintSize(value));
  putVarint(bytes, putVarint(bytes, 0, tag), value);
  return bytes;
}

function lengthDelimited(field: number, value: Uint8Array): [Uint8Array, Uint8Array] {
  return [header(field, value.length), value];
}

function text(bytes: Uint8Array, start: number, stop: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, stop - start).toString("utf8");
}

/** Value of a varint whose frame was checked; exact up to 2^53. */
function readVarint(bytes: Uint8Array, start: number, stop: number): number {
  let value = 0;
  for (let i = stop - 1; i >= start; i--) value = value * 128 + ((bytes[i] ?? 0) & 0x7f);
  return value;
}
