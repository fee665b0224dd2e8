import type { Beginning } from "./exchange.ts";

const slash = 47;
const star = 42;
const question = 63;
const colon = 58;
const at = 64;
const bracket = 91;
const closingBracket = 93;

/** By the lengths of http and https. */
const standardPorts = [
  { length: 4, port: 80 },
  { length: 5, port: 443 },
];

/** Where the parts of a request's target stand (RFC 9112 section 3.2), and whom it asks. One object serves all requests. */
export class Target {
  /** The scheme of one in absolute form, as a proxy is asked; empty in all others. */
  schemeStart = 0;
  schemeEnd = 0;
  /** Of the path. */
  start = 0;
  pathEnd = 0;
  /** Behind the question mark, or -1. */
  queryStart = -1;
  end = 0;
  /** Host and port, without credentials: the target's own or the Host field's; empty where neither says any. */
  authorityStart = 0;
  authorityEnd = 0;
  nameStart = 0;
  nameEnd = 0;
  /** 0 where none is said. That of the scheme, where the target has one: the connection of who asks a proxy ends there. */
  port = 0;

  read({ bytes, head }: Beginning): void {
    const { targetStart: start, targetEnd: end, hostStart } = head;
    this.end = end;
    const scheme = schemeOf(bytes, start, end);
    this.schemeStart = start;
    this.schemeEnd = scheme;
    if (scheme > start) {
      const authority = scheme + 3;
      let path = authority;
      while (path < end && bytes[path] !== slash && bytes[path] !== question) path++;
      this.start = path;
      this.#readAuthority(bytes, authority, path);
      const standard = standardPorts.find(({ length }) => length === scheme - start);
      if (this.port === 0 && standard !== undefined) this.port = standard.port;
    } else {
      // What is neither a path nor a * is the authority that a tunnel is asked to.
      const isPath = bytes[start] === slash || bytes[start] === star;
      this.start = isPath ? start : end;
      if (hostStart >= 0) this.#readAuthority(bytes, hostStart, head.hostEnd);
      else if (isPath) this.#readAuthority(bytes, end, end);
      else this.#readAuthority(bytes, start, end);
    }
    const mark = indexOrEnd(bytes, this.start, end, question);
    this.pathEnd = mark;
    this.queryStart = mark < end ? mark + 1 : -1;
  }

  #readAuthority(bytes: Uint8Array, from: number, to: number): void {
    let start = from;
    for (let i = from; i < to; i++) if (bytes[i] === at) start = i + 1;
    this.authorityStart = start;
    this.authorityEnd = to;
    const isBracketed = bytes[start] === bracket && start < to;
    this.nameStart = start + (isBracketed ? 1 : 0);
    this.nameEnd = indexOrEnd(bytes, this.nameStart, to, isBracketed ? closingBracket : colon);
    let port = 0;
    for (let i = this.nameEnd + (isBracketed ? 2 : 1); i < to; i++) {
      const digit = (bytes[i] ?? 0) - 48;
      port = digit >= 0 && digit <= 9 ? port * 10 + digit : NaN;
    }
    this.port = port > 0 && port < 65536 ? port : 0;
  }
}

/** Where the scheme before "://" ends; `start` where there is none. */
function schemeOf(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && ((bytes[i] ?? 0) | 32) >= 97 && ((bytes[i] ?? 0) | 32) <= 122) i++;
  return i + 2 < end && bytes[i] === colon && bytes[i + 1] === slash && bytes[i + 2] === slash ? i : start;
}

function indexOrEnd(bytes: Uint8Array, from: number, to: number, byte: number): number {
  for (let i = from; i < to; i++) if (bytes[i] === byte) return i;
  return to;
}
