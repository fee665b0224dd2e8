import type { IncomingMessage, ServerResponse } from "node:http";
import { inflate } from "../compression.ts";
import type { Encoding } from "../grpc/encoding.ts";
import { Gatherer } from "../gather.ts";
import type { Refusal } from "../transport.ts";

/** Why a body was not read to its end. */
export type BodyProblem =
  | { readonly kind: "too_large"; readonly limit: number }
  | { readonly kind: "unknown_encoding"; readonly encoding: string }
  /** Of the way, not of the body: RFC 9112, section 6.1. */
  | { readonly kind: "unknown_transfer"; readonly encoding: string }
  | { readonly kind: "broken_encoding"; readonly problem: string }
  | { readonly kind: "busy" };

/** What bodies may be, and what all of them together. */
export type BodyLimits = {
  readonly maxBodyBytes: number;
  readonly maxBytesInFlight: number;
  readonly encodings: ReadonlySet<string>;
};

/** What the requests of a server hold together. */
export type Holding = { readonly options: BodyLimits; bytesInFlight: number };

type Reading = {
  readonly response: ServerResponse;
  readonly shared: Holding;
  /** What this request holds of it. */
  readonly held: { bytes: number };
};

/** Reads a body and decompresses it, within limits; "gone" when its client hung up. */
export async function readBody(request: IncomingMessage, reading: Reading): Promise<Buffer | BodyProblem | "gone"> {
  const { options } = reading.shared;
  const transfer = request.headers["transfer-encoding"] ?? "chunked";
  if (transfer.toLowerCase() !== "chunked") return { kind: "unknown_transfer", encoding: transfer };
  const named = request.headers["content-encoding"] ?? "";
  const encoding = named === "identity" ? "" : named;
  const algorithm = algorithmOf(encoding);
  if (algorithm === undefined || !options.encodings.has(encoding)) return { kind: "unknown_encoding", encoding };
  if (Number(request.headers["content-length"] ?? 0) > options.maxBodyBytes)
    return { kind: "too_large", limit: options.maxBodyBytes };
  if (request.headers.expect !== undefined) reading.response.writeContinue();
  const raw = await collect(request, reading);
  if (!Buffer.isBuffer(raw) || algorithm === "identity") return raw;
  const inflated = await inflate(algorithm, raw, options.maxBodyBytes);
  switch (inflated.status) {
    case "ok":
      hold(reading.shared, reading.held, inflated.bytes.length);
      return reading.shared.bytesInFlight > options.maxBytesInFlight ? { kind: "busy" } : inflated.bytes;
    case "too_large":
      return { kind: "too_large", limit: options.maxBodyBytes };
    case "broken":
      return { kind: "broken_encoding", problem: inflated.problem };
  }
}

/** "deflate" is the zlib format in HTTP; clients of the Collector may also call it "zlib". */
function algorithmOf(encoding: string): Encoding | undefined {
  switch (encoding) {
    case "":
      return "identity";
    case "gzip":
    case "zstd":
      return encoding;
    case "deflate":
    case "zlib":
      return "deflate";
    // The Collector once called the stream so, which it names apart today, and takes both.
    case "snappy":
    case "x-snappy-framed":
      return "snappy";
  }
  return undefined;
}

function collect(request: IncomingMessage, { shared, held }: Reading): Promise<Buffer | BodyProblem | "gone"> {
  const { maxBodyBytes, maxBytesInFlight } = shared.options;
  return new Promise((resolve) => {
    const gathered = new Gatherer();
    const onData = (chunk: Buffer): void => {
      gathered.push(chunk);
      hold(shared, held, gathered.held);
      if (gathered.length > maxBodyBytes) finish({ kind: "too_large", limit: maxBodyBytes });
      else if (shared.bytesInFlight > maxBytesInFlight) finish({ kind: "busy" });
    };
    const onEnd = (): void => finish(gathered.whole());
    const onClose = (): void => finish("gone");
    const finish = (outcome: Buffer | BodyProblem | "gone"): void => {
      request.off("data", onData);
      request.off("end", onEnd);
      request.off("close", onClose);
      resolve(outcome);
    };
    request.on("data", onData);
    request.on("end", onEnd);
    request.on("close", onClose);
  });
}

/** Notes that a request now holds so many bytes. */
export function hold(shared: Holding, held: { bytes: number }, bytes: number): void {
  shared.bytesInFlight += bytes - held.bytes;
  held.bytes = bytes;
}

/** Under which name a body that was not read is counted. */
export function refusalOf(problem: BodyProblem): Refusal {
  switch (problem.kind) {
    case "too_large":
      return "message_size";
    case "busy":
      return "bytes_in_flight";
    case "unknown_encoding":
    case "unknown_transfer":
    case "broken_encoding":
      return "malformed";
  }
}
