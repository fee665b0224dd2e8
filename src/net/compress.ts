import zlib from "node:zlib";
import { gzip } from "./compression.ts";
import { snap } from "./snappy/block.ts";
import { frame } from "./snappy/framed.ts";

/** How a body may be compressed; "deflate" and "zlib" are the same format under two names, as in the Collector. */
export type Compression = "gzip" | "zstd" | "deflate" | "zlib" | "snappy" | "x-snappy-framed";

/** Compressed sizes up to this are handled at once: a trip to the thread pool costs more than it frees. */
const syncLimit = 64 * 1024;

/** Compresses; small inputs at once, larger ones aside. */
export function compress(compression: Compression, bytes: Uint8Array): Buffer | Promise<Buffer> {
  switch (compression) {
    case "gzip":
      return gzip(bytes);
    case "zstd":
      return bytes.length <= syncLimit ? zlib.zstdCompressSync(bytes) : aside(zlib.zstdCompress, bytes);
    case "deflate":
    case "zlib":
      return bytes.length <= syncLimit ? zlib.deflateSync(bytes) : aside(zlib.deflate, bytes);
    case "snappy":
      return snap(bytes);
    case "x-snappy-framed":
      return frame(bytes);
  }
}

type Run = (bytes: Uint8Array, done: (error: Error | null, result: Buffer) => void) => void;

function aside(run: Run, bytes: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    run(bytes, (error, result) => (error === null ? resolve(result) : reject(error)));
  });
}
