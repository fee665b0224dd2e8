import type { Span } from "./frames/frame-sink.ts";
import type { HpackDecoder } from "./hpack/decoder.ts";

/** A header block as it was decoded: names and values by turns, in their order, pseudo-header fields among them. */
export type Fields = readonly string[];

/** What came of a header block. */
export type Decoded<Head> =
  | { readonly status: "ok"; readonly head: Head }
  | { readonly status: "malformed"; readonly reason: string }
  | { readonly status: "list_too_large" }
  | { readonly status: "compression_error" };

type Remembered<Head> = { readonly block: Buffer; readonly generation: number; readonly decoded: Decoded<Head> };

const maxRemembered = 8;
const largestRemembered = 512;

/**
 * Decodes the header blocks of a connection. Those of its calls repeat: one that changed nothing in the table is remembered
 * with all that was made of it, for as long as the table stays the same.
 */
export class HeadReader<Head> {
  readonly #decoder: HpackDecoder;
  readonly #parse: (fields: Fields) => Head | string;
  readonly #remembered: Remembered<Head>[] = [];
  #next = 0;
  #fields: string[] = [];

  /** `parse` answers a sentence when the fields are malformed. */
  constructor(decoder: HpackDecoder, parse: (fields: Fields) => Head | string) {
    this.#decoder = decoder;
    this.#parse = parse;
  }

  read({ bytes, start, end }: Span): Decoded<Head> {
    const generation = this.#decoder.generation;
    for (const known of this.#remembered) {
      if (known.generation === generation && isSame(known.block, bytes, start, end)) return known.decoded;
    }
    const outcome = this.#decoder.decode(bytes, start, end, this.#onField);
    const decoded = outcome === "ok" ? this.#parsed() : { status: outcome };
    // Whoever made something of them has them: a connection at rest holds none.
    this.#fields = [];
    if (
      this.#decoder.generation === generation &&
      end - start <= largestRemembered &&
      outcome !== "compression_error"
    ) {
      this.#remembered[this.#next] = { block: Buffer.from(bytes.subarray(start, end)), generation, decoded };
      this.#next = (this.#next + 1) % maxRemembered;
    }
    return decoded;
  }

  readonly #onField = (name: string, value: string): void => {
    this.#fields.push(name, hasOuterSpace(value) && !isPseudo(name) ? stripped(value) : value);
  };

  #parsed(): Decoded<Head> {
    const problem = problemOf(this.#fields);
    if (problem !== undefined) return { status: "malformed", reason: problem };
    const head = this.#parse(this.#fields);
    return typeof head === "string" ? { status: "malformed", reason: head } : { status: "ok", head };
  }
}

// oxlint-disable-next-line max-params -- a stretch of bytes without an object for it
function isSame(block: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (block.length !== end - start) return false;
  for (let i = 0; i < block.length; i++) if (block[i] !== bytes[start + i]) return false;
  return true;
}

/** The values of a name, joined as HTTP joins them; undefined when there is none. */
export function fieldOf(fields: Fields, name: string): string | undefined {
  let found: string | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] !== name) continue;
    const value = fields[i + 1] ?? "";
    found = found === undefined ? value : `${found}, ${value}`;
  }
  return found;
}

/** Fields of a connection, which a message of HTTP/2 must not have (RFC 9113, section 8.2.2). */
const ofConnections: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** What is wrong with fields of any message (section 8.2 and 8.3); undefined when nothing is. */
function problemOf(fields: Fields): string | undefined {
  let isRegular = false;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? "";
    const value = fields[i + 1] ?? "";
    if (isPseudo(name)) {
      if (isRegular) return "pseudo-header fields must come first";
    } else {
      isRegular = true;
      if (!isName(name)) return "a field's name must be a token in lower case";
      if (ofConnections.has(name)) return `the field ${name} must not be there`;
      if (name === "te" && value !== "trailers") return "te must be trailers";
    }
    if (!isValue(value))
      return "a field's value must have no NUL, CR or LF, and that of a pseudo-header no space at its ends";
  }
  return undefined;
}

function isPseudo(name: string): boolean {
  return name.charCodeAt(0) === 0x3a;
}

/**
 * gRPC's clients and servers send spaces at the ends of values (a message that ends with one, what a user has set) and take them; its
 * specification lets them be stripped, though HTTP/2 calls such a field malformed: a call must not be lost for it.
 */
function stripped(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isSpace(value.charCodeAt(start))) start++;
  while (end > start && isSpace(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

/** Characters of a token (RFC 9110, section 5.6.2) but for capitals: one bit for each of the first 128. */
const tokens = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") tokens[character.charCodeAt(0)] = 1;

function isName(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (tokens[name.charCodeAt(i)] !== 1) return false;
  return name !== "";
}

function isValue(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === 0 || code === 10 || code === 13) return false;
  }
  return !hasOuterSpace(value);
}

function hasOuterSpace(value: string): boolean {
  return isSpace(value.charCodeAt(0)) || isSpace(value.charCodeAt(value.length - 1));
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
