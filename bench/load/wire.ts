import { gzipSync, zstdCompressSync } from "node:zlib";
import { requestNames } from "../../src/otlp/json/schema.ts";
import { protobufToJson } from "../../src/otlp/json/write.ts";
import type { Signal } from "../../src/otlp/signals.ts";

/** How requests are written and over what they are sent. */
export type Wire = {
  readonly transport: "grpc" | "http";
  readonly format: "protobuf" | "json";
  readonly compression: "none" | "gzip" | "zstd";
};

export const plainGrpc: Wire = { transport: "grpc", format: "protobuf", compression: "none" };

/** A request, given as protobuf, as it is sent. */
export function bodyOf(bytes: Buffer, signal: Signal, { format, compression }: Wire): Buffer {
  const written = format === "json" ? jsonOf(bytes, signal) : bytes;
  if (compression === "none") return written;
  return compression === "gzip" ? gzipSync(written) : zstdCompressSync(written);
}

function jsonOf(bytes: Buffer, signal: Signal): Buffer {
  const written = protobufToJson(requestNames[signal], bytes);
  if (written.status === "malformed") throw new Error(written.problem);
  return written.bytes;
}

/** Flow control as podstamp has it, for the processes beside it: small windows would measure waiting instead of work. */
export const settings = { initialWindowSize: 4 << 20, maxFrameSize: 1 << 20, maxConcurrentStreams: 1000 };

/** Window of a whole connection. */
export const windowBytes = 16 << 20;

/** Headers of an OTLP/gRPC export to a path, see shapes in src/otlp/signals.ts. */
export function exportHeaders(path: string) {
  return { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
}

/** The message with gRPC's five bytes in front. */
export function framed(message: Uint8Array, isCompressed = false): Buffer {
  const bytes = Buffer.alloc(5 + message.length);
  bytes[0] = isCompressed ? 1 : 0;
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
}
