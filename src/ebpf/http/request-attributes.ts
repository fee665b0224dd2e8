import { addressText } from "../encoding/address.ts";
import { keyOf, type Writer } from "../encoding/writer.ts";
import type { Beginning } from "./exchange.ts";
import { putHeaders } from "./headers.ts";
import type { Target } from "./target.ts";

const keys = {
  method: keyOf("http.request.method"),
  original: keyOf("http.request.method_original"),
  path: keyOf("url.path"),
  query: keyOf("url.query"),
  scheme: keyOf("url.scheme"),
  full: keyOf("url.full"),
  serverAddress: keyOf("server.address"),
  serverPort: keyOf("server.port"),
  version: keyOf("network.protocol.version"),
  size: keyOf("http.request.body.size"),
};

export type RequestAttributesOptions = {
  readonly withQuery: boolean;
  readonly requestHeaders: readonly string[];
};

const http = Buffer.from("http");
const other = Buffer.from("_OTHER");
const versions = [Buffer.from("1.0"), Buffer.from("1.1")];

type RequestFacts = {
  readonly target: Target;
  readonly isServer: boolean;
  readonly isKnownMethod: boolean;
  readonly isConnect: boolean;
};

/** Writes what a request's head tells, as attributes of a span of its client or server. */
export function createRequestAttributes(
  writer: Writer,
  { withQuery, requestHeaders }: RequestAttributesOptions,
): (beginning: Beginning, facts: RequestFacts) => void {
  const headerKeys = requestHeaders.map((name) => keyOf(`http.request.header.${name.toLowerCase()}`));

  return (beginning, { target, isServer, isKnownMethod, isConnect }) => {
    const { bytes, head, start } = beginning;
    if (!isKnownMethod) writer.raw(keys.method, other, 0, other.length);
    writer.raw(isKnownMethod ? keys.method : keys.original, bytes, start, head.methodEnd);
    if (target.pathEnd > target.start) writer.raw(keys.path, bytes, target.start, target.pathEnd);
    if (target.schemeEnd > target.schemeStart) writer.raw(keys.scheme, bytes, target.schemeStart, target.schemeEnd);
    else writer.raw(keys.scheme, http, 0, http.length);
    const version = versions[head.minor] ?? http;
    if (head.lineEnd >= 0) writer.raw(keys.version, version, 0, version.length);
    if (withQuery && target.queryStart >= 0)
      writer.text(keys.query, redacted(asciiOf(bytes, target.queryStart, target.end)));
    putServer(writer, beginning, { target, isServer });
    if (!isServer && !isConnect) writer.text(keys.full, fullUrl(beginning, target, withQuery));
    if (head.contentLength > 0) writer.int(keys.size, head.contentLength);
    if (headerKeys.length > 0) putHeaders(writer, headerKeys, { bytes, wanted: head.wanted });
  };
}

/** server.address and server.port: what the target or the Host field says, else the connection's. */
function putServer(
  writer: Writer,
  { bytes, record }: Beginning,
  { target, isServer }: { target: Target; isServer: boolean },
): void {
  const actual = isServer ? record.localPort : record.remotePort;
  if (target.nameEnd === target.nameStart)
    writer.text(keys.serverAddress, addressText(record.bytes, isServer ? record.localAt : record.remoteAt));
  else writer.raw(keys.serverAddress, bytes, target.nameStart, target.nameEnd);
  writer.int(keys.serverPort, target.port > 0 ? target.port : actual);
}

/** The URL that was asked for, without credentials, and without its query unless that is wanted. */
function fullUrl({ bytes, record }: Beginning, target: Target, withQuery: boolean): string {
  const scheme = asciiOf(bytes, target.schemeStart, target.schemeEnd) || "http";
  // A * asks the server itself: its URL has no path.
  const path = bytes[target.start] === star ? "" : asciiOf(bytes, target.start, target.pathEnd);
  const isWanted = withQuery && target.queryStart >= 0;
  const query = isWanted ? `?${redacted(asciiOf(bytes, target.queryStart, target.end))}` : "";
  if (target.nameEnd > target.nameStart)
    return `${scheme}://${asciiOf(bytes, target.authorityStart, target.authorityEnd)}${path}${query}`;
  const address = addressText(record.bytes, record.remoteAt);
  return `${scheme}://${address.includes(":") ? `[${address}]` : address}:${record.remotePort}${path}${query}`;
}

const star = 42;

/** Keys of queries whose values are signatures: the semantic conventions have them hidden. */
const signatures =
  /(^|&)(AWSAccessKeyId|Signature|sig|X-Goog-Signature|X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token)=[^&]*/gi;

function redacted(query: string): string {
  return query.replace(signatures, "$1$2=REDACTED");
}

/** Bytes as text; what is not ASCII is written as in a URL. */
function asciiOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.subarray(from, to))
    .toString("latin1")
    .replaceAll(/[^\x20-\x7e]/g, (odd) => `%${odd.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}
