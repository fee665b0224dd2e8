import { authorityOf } from "../../socket/endpoint.ts";
import { grpcEncodings } from "../../grpc/encoding.ts";
import { formatTimeout } from "../../grpc/headers.ts";
import type { ClientOptions, UnaryRequest } from "../../transport.ts";
import type { HpackIndexing } from "../hpack/encoder.ts";
import type { Link } from "../link.ts";
import { addHeaders } from "../frames/outbox.ts";

type Line = readonly [name: string, value: string, indexing: HpackIndexing];

/** What every call of a client has in its headers. */
export type RequestHeaders = { readonly first: readonly Line[]; readonly rest: readonly Line[] };

/** Secrets: nobody on the way is to put them into a table. */
const secret: ReadonlySet<string> = new Set(["authorization", "proxy-authorization", "cookie"]);
/** Those that are written here; a setting does not take their place. */
const own: ReadonlySet<string> = new Set([
  "content-type",
  "te",
  "user-agent",
  "grpc-accept-encoding",
  "grpc-encoding",
  "grpc-timeout",
]);

type HeaderOptions = Pick<ClientOptions, "endpoint" | "headers" | "userAgent"> &
  Partial<Pick<ClientOptions, "authority" | "compression" | "tls">>;

/** Puts the headers of a client together, in the order in which they are sent. */
export function requestHeaders(options: HeaderOptions): RequestHeaders {
  const { tls, userAgent, compression = "none", headers } = options;
  const custom = Object.entries(headers).map(([name, value]): Line => {
    const lower = name.toLowerCase();
    return [lower, Buffer.from(value).toString("latin1"), secret.has(lower) ? "never" : "indexed"];
  });
  return {
    first: [
      [":method", "POST", "indexed"],
      [":scheme", tls === undefined ? "http" : "https", "indexed"],
    ],
    rest: [
      [":authority", authorityOf(options), "indexed"],
      ["content-type", "application/grpc", "indexed"],
      ["te", "trailers", "indexed"],
      ["user-agent", userAgent, "indexed"],
      ["grpc-accept-encoding", grpcEncodings, "indexed"],
      ...(compression === "none" ? [] : [["grpc-encoding", compression, "indexed"] as const]),
      ...custom.filter(([name]) => !own.has(name) && !name.startsWith(":")),
    ],
  };
}

/** Writes the headers of calls on one connection; as bytes that are there already while path and time stay the same. */
export class RequestHeaderWriter {
  readonly #link: Link;
  readonly #headers: RequestHeaders;
  #path = "";
  #timeout = "";
  #generation = -1;
  #block: Buffer = Buffer.alloc(0);

  constructor(link: Link, headers: RequestHeaders) {
    this.#link = link;
    this.#headers = headers;
  }

  send(stream: number, { path, headers }: Pick<UnaryRequest, "path" | "headers">, timeoutMs: number): void {
    const { encoder, maxFrame, out } = this.#link;
    const timeout = Number.isFinite(timeoutMs) ? formatTimeout(timeoutMs) : "";
    const before = encoder.generation;
    if (headers !== undefined) {
      this.#encode(path, timeout);
      for (const [name, value] of Object.entries(headers)) encoder.add(name, value, "literal");
      return this.#link.sendHeaders(stream, 0);
    }
    if (this.#generation !== before || path !== this.#path || timeout !== this.#timeout) {
      this.#encode(path, timeout);
      this.#path = path;
      this.#timeout = timeout;
      this.#block = Buffer.from(encoder.bytes.subarray(0, encoder.length));
      this.#generation = encoder.generation === before ? before : -1;
    }
    addHeaders(out, stream, { bytes: this.#block, length: this.#block.length, maxFrame }, 0);
  }

  #encode(path: string, timeout: string): void {
    const { encoder } = this.#link;
    encoder.begin();
    for (const [name, value, indexing] of this.#headers.first) encoder.add(name, value, indexing);
    encoder.add(":path", path, "indexed");
    for (const [name, value, indexing] of this.#headers.rest) encoder.add(name, value, indexing);
    // Another one each time when the sender's time is what is left of its own.
    if (timeout !== "") encoder.add("grpc-timeout", timeout, "literal");
  }
}
