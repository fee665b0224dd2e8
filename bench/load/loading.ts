import { readFileSync } from "node:fs";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { Signal } from "../../src/otlp/signals.ts";
import { numberSpans, spanIdOffsets } from "./span-ids.ts";
import { bodyOf } from "./wire.ts";

/** What a load generator does. */
export type LoadOptions = {
  readonly port: number;
  /** An export request as protobuf, which is sent again and again. */
  readonly file: string;
  readonly count: number;
  readonly signal: Signal;
  readonly format: "protobuf" | "json";
  readonly compression: "none" | "gzip" | "zstd";
  /** Requests per second; as fast as they are answered when absent. */
  readonly rate?: number;
  /** File of the authority; without TLS when absent. */
  readonly tlsCa?: string;
};

export type Quantiles = { readonly p50: number; readonly p99: number; readonly p999: number };

/** What came of it; latencies from the sending of a request to its answer. */
export type LoadResult = {
  readonly requests: number;
  readonly failed: number;
  readonly seconds: number;
  readonly latencyMs: Quantiles;
};

/** Requests that were made ahead where making one costs more than sending it. */
export const preparedRequests = 32;

/** Gives one body after the other: traces as protobuf are all different, by the numbers in their span IDs. */
export function createMessages(options: LoadOptions, wrap: (body: Buffer) => Buffer): () => Buffer {
  const { signal, format, compression, file } = options;
  const request = readFileSync(file);
  if (signal !== "traces" || format === "json") {
    const only = wrap(bodyOf(request, signal, { transport: "grpc", format, compression }));
    return () => only;
  }
  const offsets = spanIdOffsets(request);
  const make = (index: number) => {
    const bytes = Buffer.from(request);
    numberSpans(bytes, offsets, index * offsets.length);
    return bytes;
  };
  let index = 0;
  if (compression === "none") return () => wrap(make(index++));
  const compress = compression === "gzip" ? gzipSync : zstdCompressSync;
  const prepared = Array.from({ length: preparedRequests }, (_, number) => wrap(compress(make(number))));
  return () => prepared[index++ % prepared.length] ?? Buffer.alloc(0);
}

/** The usual three of a list of milliseconds. */
export function quantiles(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}
