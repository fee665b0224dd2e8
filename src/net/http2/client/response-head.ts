import { isGrpcContentType } from "../../grpc/headers.ts";
import { statusOf } from "../../grpc/grpc-status.ts";
import type { Status } from "../../status.ts";
import { fieldOf } from "../fields.ts";
import type { Fields } from "../fields.ts";

/** The headers or the trailers of a response. */
export type ResponseHead = {
  /** Of HTTP; undefined for trailers. */
  readonly httpStatus: number | undefined;
  readonly contentType: string | undefined;
  readonly isGrpc: boolean;
  readonly encoding: string | undefined;
  readonly contentLength: number | undefined;
  /** From grpc-status and what goes with it. */
  readonly status: Status | undefined;
};

/** Reads a response's fields; a sentence when they are malformed (RFC 9113, section 8.3.2). */
export function parseResponseHead(fields: Fields): ResponseHead | string {
  let httpStatus: number | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i]?.startsWith(":") !== true) break;
    if (fields[i] !== ":status" || httpStatus !== undefined) return ":status must be the one pseudo-header field";
    if (!/^[1-9][0-9]{2}$/.test(fields[i + 1] ?? "")) return ":status must be a number of three digits";
    httpStatus = Number(fields[i + 1]);
  }
  const contentType = fieldOf(fields, "content-type");
  const length = fieldOf(fields, "content-length");
  if (length !== undefined && !/^[0-9]{1,15}$/.test(length)) return "content-length must be a number";
  return {
    httpStatus,
    contentType,
    isGrpc: httpStatus === 200 && isGrpcContentType(contentType),
    encoding: fieldOf(fields, "grpc-encoding"),
    contentLength: length === undefined ? undefined : Number(length),
    status: statusOf((name) => fieldOf(fields, name)),
  };
}
