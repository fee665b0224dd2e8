import { addressText } from "../encoding/address.ts";
import { keyOf, type Writer } from "../encoding/writer.ts";
import type { Beginning } from "./exchange.ts";
import { putHeaders } from "./headers.ts";

const keys = {
  method: keyOf("http.request.method"),
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
const versions = [Buffer.from("1.0"), Buffer.from("1.1")];

/** Writes what a request's head tells, as attributes of a span of its client or server. */
export function createRequestAttributes(
  writer: Writer,
  { withQuery, requestHeaders }: RequestAttributesOptions,
): (beginning: Beginning, isServer: boolean) => void {
  const headerKeys = requestHeaders.map((name) => keyOf(`http.request.header.${name.toLowerCase()}`));

  /** Where path and query of the target stand. */
  const place = { start: 0, pathEnd: 0, queryStart: -1, end: 0 };
  const locate = ({ bytes, head: { targetStart, targetEnd } }: Beginning): void => {
    place.start = targetStart;
    place.end = targetEnd;
    // The absolute form, as a proxy is asked: the path begins behind the authority.
    if (bytes[targetStart] !== slash && bytes[targetStart] !== star) {
      const authority = indexOf(bytes, targetStart, targetEnd, slash) + 2;
      place.start = authority > 1 ? indexOrEnd(bytes, authority, targetEnd, slash) : targetEnd;
    }
    const question = indexOf(bytes, place.start, targetEnd, 63);
    place.pathEnd = question < 0 ? targetEnd : question;
    place.queryStart = question < 0 ? -1 : question + 1;
  };

  return (beginning, isServer) => {
    const { bytes, head, start } = beginning;
    writer.raw(keys.method, bytes, start, head.methodEnd);
    locate(beginning);
    if (place.pathEnd > place.start) writer.raw(keys.path, bytes, place.start, place.pathEnd);
    writer.raw(keys.scheme, http, 0, http.length);
    const version = versions[head.minor] ?? http;
    if (head.lineEnd >= 0) writer.raw(keys.version, version, 0, version.length);
    if (withQuery && place.queryStart >= 0)
      writer.text(keys.query, redacted(asciiOf(bytes, place.queryStart, place.end)));
    const port = putServer(writer, beginning, isServer);
    if (!isServer && !isConnect(beginning)) writer.text(keys.full, fullUrl(beginning, { withQuery, port, ...place }));
    if (head.contentLength > 0) writer.int(keys.size, head.contentLength);
    if (headerKeys.length > 0) putHeaders(writer, headerKeys, bytes, head.wanted);
  };
}

const slash = 47;
const star = 42;
const colon = 58;

/** server.address and server.port: what the Host field says, else the connection's. Gives the port. */
function putServer(writer: Writer, { bytes, head, record }: Beginning, isServer: boolean): number {
  const actual = isServer ? record.localPort : record.remotePort;
  const { hostStart, hostEnd } = head;
  if (hostStart < 0 || hostEnd === hostStart) {
    writer.text(keys.serverAddress, addressText(record.bytes, isServer ? record.localAt : record.remoteAt));
    writer.int(keys.serverPort, actual);
    return actual;
  }
  const isBracketed = bytes[hostStart] === 91;
  const nameEnd = isBracketed
    ? indexOrEnd(bytes, hostStart, hostEnd, 93)
    : indexOrEnd(bytes, hostStart, hostEnd, colon);
  writer.raw(keys.serverAddress, bytes, hostStart + (isBracketed ? 1 : 0), nameEnd);
  const portStart = nameEnd + (isBracketed ? 2 : 1);
  let port = 0;
  for (let i = portStart; i < hostEnd; i++) {
    const digit = (bytes[i] ?? 0) - 48;
    port = digit >= 0 && digit <= 9 ? port * 10 + digit : NaN;
  }
  const said = port > 0 && port < 65536 ? port : actual;
  writer.int(keys.serverPort, said);
  return said;
}

type Target = {
  readonly start: number;
  readonly pathEnd: number;
  readonly queryStart: number;
  readonly end: number;
  readonly withQuery: boolean;
  readonly port: number;
};

/** The URL that was asked for, without credentials, and without its query unless that is wanted. */
function fullUrl({ bytes, head, record }: Beginning, target: Target): string {
  const { hostStart, hostEnd } = head;
  const path = asciiOf(bytes, target.start, target.pathEnd);
  const isWanted = target.withQuery && target.queryStart >= 0;
  const query = isWanted ? `?${redacted(asciiOf(bytes, target.queryStart, target.end))}` : "";
  if (hostStart >= 0 && hostEnd > hostStart) return `http://${asciiOf(bytes, hostStart, hostEnd)}${path}${query}`;
  const address = addressText(record.bytes, record.remoteAt);
  return `http://${address.includes(":") ? `[${address}]` : address}:${target.port}${path}${query}`;
}

function isConnect({ bytes, start, head }: Beginning): boolean {
  return head.methodEnd - start === 7 && bytes[start] === 67;
}

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

function indexOf(bytes: Uint8Array, from: number, to: number, byte: number): number {
  for (let i = from; i < to; i++) if (bytes[i] === byte) return i;
  return -1;
}

function indexOrEnd(bytes: Uint8Array, from: number, to: number, byte: number): number {
  const found = indexOf(bytes, from, to, byte);
  return found < 0 ? to : found;
}
