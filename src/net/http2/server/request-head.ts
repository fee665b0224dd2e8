import { encodingOf } from "../../grpc/encoding.ts";
import type { Encoding } from "../../grpc/encoding.ts";
import { isGrpcContentType, parseTimeout } from "../../grpc/headers.ts";
import { refusalOf } from "../../grpc/refusals.ts";
import type { Status } from "../../status.ts";
import { fieldOf } from "../fields.ts";
import type { Fields } from "../fields.ts";
import { entryOverhead } from "../hpack/dynamic-table.ts";

/** The headers of a request, and what a server of gRPC asks of them. */
export type RequestHead = {
  readonly method: string;
  readonly path: string;
  readonly isGrpc: boolean;
  /** From grpc-timeout. */
  readonly timeoutMs: number | undefined;
  /** From grpc-encoding. */
  readonly encoding: Encoding;
  /** What the caller is told when its grpc-timeout or grpc-encoding cannot be followed. */
  readonly refusal: Status | undefined;
  /** Bytes that the body is said to have. */
  readonly contentLength: number | undefined;
  readonly fields: Fields;
  /** Bytes that the fields take, as SETTINGS_MAX_HEADER_LIST_SIZE counts them. */
  readonly size: number;
};

const pseudo = [":method", ":scheme", ":authority", ":path"];

/** Reads a request's fields; a sentence when they are malformed (RFC 9113, section 8.3.1). */
export function parseRequestHead(fields: Fields): RequestHead | string {
  const [method, scheme, authority, path] = pseudo.map((name) => only(fields, name));
  let size = 0;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? "";
    size += name.length + (fields[i + 1] ?? "").length + entryOverhead;
    if (name.startsWith(":") && !pseudo.includes(name))
      return `the pseudo-header field ${printable(name)} must not be there`;
  }
  if (method === repeated || scheme === repeated || authority === repeated || path === repeated)
    return "a pseudo-header field must be there once";
  const problem = problemOf({ method, scheme, authority, path });
  if (problem !== undefined) return problem;
  const length = fieldOf(fields, "content-length");
  if (length !== undefined && !/^[0-9]{1,15}$/.test(length)) return "content-length must be a number";
  const timeout = fieldOf(fields, "grpc-timeout");
  const encoding = fieldOf(fields, "grpc-encoding");
  return {
    method: method ?? "",
    path: path ?? "",
    isGrpc: isGrpcContentType(fieldOf(fields, "content-type")),
    timeoutMs: timeout === undefined ? undefined : parseTimeout(timeout),
    encoding: encodingOf(encoding) ?? "identity",
    refusal: refusalOf(encoding, timeout),
    contentLength: length === undefined ? undefined : Number(length),
    fields,
    size,
  };
}

/** Reads a request's trailers; a sentence when they are malformed (RFC 9113, section 8.1). */
export function parseTrailers(fields: Fields): Fields | string {
  return fields[0]?.startsWith(":") === true ? "trailers must have no pseudo-header fields" : fields;
}

type Line = Readonly<Record<"method" | "scheme" | "authority" | "path", string | undefined>>;

function problemOf({ method, scheme, authority, path }: Line): string | undefined {
  if (method === undefined || method === "") return ":method must be there";
  if (method === "CONNECT")
    return scheme === undefined && path === undefined && authority !== undefined
      ? undefined
      : "CONNECT must have :authority alone";
  if (scheme === undefined || scheme === "") return ":scheme must be there";
  if (path === undefined || path === "") return ":path must be there";
  return path.startsWith("/") || (path === "*" && method === "OPTIONS") ? undefined : ":path must begin with /";
}

/** No value has a line feed. */
const repeated = "\n";

/** The value of a field; `repeated` when there are several. */
function only(fields: Fields, name: string): string | undefined {
  let found: string | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] === name) found = found === undefined ? (fields[i + 1] ?? "") : repeated;
  }
  return found;
}

function printable(name: string): string {
  return name.slice(0, 50).replace(/[^ -~]/g, "?");
}
