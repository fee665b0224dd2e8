import type { Clock } from "./clock.ts";
import { putRandom } from "./trace-ids.ts";
import type { Writer } from "./writer.ts";

/** Span: 1 trace_id and 2 span_id of a trace that begins with it, 16 flags: sampled. */
export function putNewTrace(writer: Writer): void {
  writer.room(40);
  const { bytes } = writer;
  bytes[writer.length] = 0x0a;
  bytes[writer.length + 1] = 16;
  putRandom(bytes, writer.length + 2, 16);
  bytes[writer.length + 18] = 0x12;
  bytes[writer.length + 19] = 8;
  putRandom(bytes, writer.length + 20, 8);
  writer.length += 28;
  for (const byte of [0x85, 0x01, 1, 0, 0, 0]) writer.byte(byte);
}

/** 5 name, 6 kind. */
export function putName(writer: Writer, name: string, kind: number): void {
  writer.byte(0x2a);
  writer.varint(Buffer.byteLength(name));
  writer.all(Buffer.from(name));
  writer.byte(0x30);
  writer.byte(kind);
}

/** 7 start_time_unix_nano, 8 end_time_unix_nano. */
export function putTimes(writer: Writer, clock: Clock, { start, end }: { start: number; end: number }): void {
  clock.write(writer, 0x39, start);
  clock.write(writer, 0x41, Math.max(start, end));
}

/** 15 status { 3 code = ERROR }. */
export function putErrorStatus(writer: Writer): void {
  for (const byte of [0x7a, 2, 0x18, 2]) writer.byte(byte);
}
