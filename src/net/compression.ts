import zlib from "node:zlib";
import type { Encoding } from "./grpc/encoding.ts";
import { unsnap } from "./snappy/block.ts";
import { isFramed, unframe } from "./snappy/framed.ts";

/** What decompression made of the bytes. */
export type Inflated =
  | { readonly status: "ok"; readonly bytes: Buffer }
  | { readonly status: "too_large" }
  | { readonly status: "broken"; readonly problem: string };

/** Compressed sizes up to this are handled at once: a trip to the thread pool costs more than it frees. */
const syncLimit = 64 * 1024;
/** zstd may hold several frames, one behind the other. Each costs a decompressor, however small it is. */
const maxFrames = 64;
/** A window of 8 MiB, which is what every decompressor must have and none needs more (RFC 9659). */
const zstdParams = { [zlib.constants.ZSTD_d_windowLogMax]: 23 };

/**
 * Decompresses at most `limit` bytes and stops there, whatever the input claims.
 * Answers at once for small inputs, with a promise for larger ones.
 */
export function inflate(
  encoding: Exclude<Encoding, "identity">,
  bytes: Uint8Array,
  limit: number,
): Inflated | Promise<Inflated> {
  if (encoding === "snappy") return unsnappy(bytes, limit);
  if (bytes.length > syncLimit)
    return inTurn(() => (encoding === "zstd" ? unzstdAside(bytes, limit) : inflateAside(encoding, bytes, limit)));
  // Output buffers that fit, so that the pieces need not be joined.
  const options = { maxOutputLength: limit, chunkSize: bytes.length > 2048 ? 65_536 : 16_384 };
  try {
    switch (encoding) {
      case "gzip":
        return { status: "ok", bytes: zlib.gunzipSync(bytes, options) };
      case "deflate":
        return { status: "ok", bytes: zlib.inflateSync(bytes, options) };
      case "zstd":
        return unzstd(bytes, options);
    }
  } catch (error) {
    return failed(error);
  }
}

/** It is quicker than a trip to the thread pool is worth: 20 MiB in 0.1 s at the most. */
function unsnappy(bytes: Uint8Array, limit: number): Inflated {
  try {
    const text = isFramed(bytes) ? unframe(bytes, limit) : unsnap(bytes, limit);
    return text === undefined ? { status: "too_large" } : { status: "ok", bytes: text };
  } catch (error) {
    return failed(error);
  }
}

/** Messages that are decompressed aside at a time: there are no more threads, and each grows to its limit, whatever has come of it. */
const maxAside = 4;
let aside = 0;
const waiting: (() => void)[] = [];

async function inTurn(run: () => Promise<Inflated>): Promise<Inflated> {
  if (aside < maxAside) aside++;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await run();
  } finally {
    const next = waiting.shift();
    // Whoever is next takes this place over.
    if (next === undefined) aside--;
    else next();
  }
}

function inflateAside(encoding: "gzip" | "deflate", bytes: Uint8Array, limit: number): Promise<Inflated> {
  return new Promise((resolve) => {
    const run = encoding === "gzip" ? zlib.gunzip : zlib.inflate;
    run(bytes, { maxOutputLength: limit, chunkSize: 65_536 }, (error, result) => {
      resolve(error === null ? { status: "ok", bytes: result } : failed(error));
    });
  });
}

/** With `info: true` Node tells how much of the input it took: it stops behind the first frame and calls that success. */
type ZstdResult = { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };

function unzstd(
  bytes: Uint8Array,
  options: { readonly maxOutputLength: number; readonly chunkSize: number },
): Inflated {
  const frames: Buffer[] = [];
  let length = 0;
  for (let pos = 0; pos < bytes.length || frames.length === 0;) {
    if (frames.length === maxFrames) return tooManyFrames;
    const left = options.maxOutputLength - length;
    if (left <= 0) return { status: "too_large" };
    const settings = { ...options, maxOutputLength: left, params: zstdParams, info: true };
    const { buffer, engine } = zlib.zstdDecompressSync(bytes.subarray(pos), settings) as unknown as ZstdResult;
    frames.push(buffer);
    length += buffer.length;
    pos += engine.bytesWritten;
  }
  return joined(frames);
}

async function unzstdAside(bytes: Uint8Array, limit: number): Promise<Inflated> {
  const frames: Buffer[] = [];
  let length = 0;
  for (let pos = 0; pos < bytes.length;) {
    if (frames.length === maxFrames) return tooManyFrames;
    if (length >= limit) return { status: "too_large" };
    const settings = { maxOutputLength: limit - length, chunkSize: 65_536, params: zstdParams, info: true };
    const frame = await zstdFrame(bytes.subarray(pos), settings);
    if ("status" in frame) return frame;
    frames.push(frame.buffer);
    length += frame.buffer.length;
    pos += frame.engine.bytesWritten;
  }
  return joined(frames);
}

function zstdFrame(bytes: Uint8Array, settings: zlib.ZstdOptions): Promise<ZstdResult | Inflated> {
  return new Promise((resolve) => {
    zlib.zstdDecompress(bytes, settings, (error, result) =>
      resolve(error === null ? (result as unknown as ZstdResult) : failed(error)),
    );
  });
}

const tooManyFrames: Inflated = { status: "broken", problem: `must have at most ${maxFrames} frames, has more` };

function joined(frames: readonly Buffer[]): Inflated {
  const [first] = frames;
  return { status: "ok", bytes: first !== undefined && frames.length === 1 ? first : Buffer.concat(frames) };
}

function failed(error: unknown): Inflated {
  const { code, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : (new Error(String(error)) as NodeJS.ErrnoException);
  return code === "ERR_BUFFER_TOO_LARGE" ? { status: "too_large" } : { status: "broken", problem: message };
}

/** On OTLP the fastest level is a fifth cheaper than the default one and its output 2 % larger (measured). */
const gzipOptions = { level: zlib.constants.Z_BEST_SPEED };

/** Compresses with gzip; small inputs at once, larger ones aside. */
export function gzip(bytes: Uint8Array): Buffer | Promise<Buffer> {
  if (bytes.length <= syncLimit) return zlib.gzipSync(bytes, gzipOptions);
  return new Promise((resolve, reject) => {
    zlib.gzip(bytes, gzipOptions, (error, result) => (error === null ? resolve(result) : reject(error)));
  });
}
