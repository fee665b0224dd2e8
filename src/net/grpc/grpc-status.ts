import { grpcEncodings } from "./encoding.ts";
import { decodeBinary, decodeMessage, encodeBinary, encodeMessage } from "./headers.ts";
import { decodeStatus, encodeStatus } from "./status-codec.ts";
import { Code, codeOfHttp } from "../status.ts";
import type { Status } from "../status.ts";

/** Bytes. Longer messages are cut: they travel in a header block, which peers limit (grpc-java to 8 KiB), and a byte may take three there. */
const longestMessage = 1024;

/** The one header block of an answer that has a status and no message ("Trailers-Only"). */
export function trailersOnly(status: Status): Record<string, string | number> {
  const message = short(status.message);
  const headers: Record<string, string | number> = {
    ":status": 200,
    "content-type": "application/grpc",
    "grpc-status": String(status.code),
    "grpc-message": encodeMessage(message),
  };
  // Only details need the binary form; it repeats code and message.
  if (status.retryAfterMs !== undefined)
    headers["grpc-status-details-bin"] = encodeBinary(encodeStatus({ ...status, message }));
  if (status.code === Code.UNIMPLEMENTED) headers["grpc-accept-encoding"] = grpcEncodings;
  return headers;
}

/** The trailers of an answer behind whose messages they stand. */
export function trailersOf(status: Status): Record<string, string | number> {
  const { ":status": _, "content-type": __, ...trailers } = trailersOnly(status);
  return trailers;
}

function short(message: string): string {
  const bytes = Buffer.from(message);
  if (bytes.length <= longestMessage) return message;
  let end = longestMessage;
  // Not in the middle of a character.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${bytes.toString("utf8", 0, end)}…`;
}

/** What a response's headers are asked for by their lower-case names. */
export type HeaderReader = (name: string) => string | undefined;

/** Reads the status out of trailers; undefined when there is no grpc-status. */
export function statusOf(read: HeaderReader): Status | undefined {
  const text = read("grpc-status");
  if (text === undefined) return undefined;
  const code = /^[0-9]{1,3}$/.test(text) ? Number(text) : Code.UNKNOWN;
  const message = decodeMessage(read("grpc-message") ?? "");
  const details = read("grpc-status-details-bin");
  const retryAfterMs = details === undefined ? undefined : decodeStatus(decodeBinary(details))?.retryAfterMs;
  return retryAfterMs === undefined ? { code, message } : { code, message, retryAfterMs };
}

/** The status of a response that is not gRPC's: another HTTP status than 200, or another content type. */
export function foreignStatus(httpStatus: number, contentType: string | undefined): Status {
  if (httpStatus !== 200)
    return {
      code: codeOfHttp(httpStatus),
      message: `The server answered HTTP ${httpStatus}${contentType === undefined ? "" : ` (${contentType})`}`,
    };
  return {
    code: Code.UNKNOWN,
    message: `The server's content-type must be application/grpc, is ${contentType ?? "missing"}`,
  };
}
