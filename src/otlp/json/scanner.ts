import { hashStep } from "./schema.ts";

const quote = 0x22;
const backslash = 0x5c;
/** Brackets inside brackets that skip() goes into. */
const deepest = 10_000;

/** What the first byte of a value says it is. */
export type Kind = "string" | "number" | "object" | "array" | "true" | "false" | "null" | "none";

const kinds: readonly Kind[] = Array.from({ length: 256 }, (_, byte) => kindOf(String.fromCharCode(byte)));

function kindOf(first: string): Kind {
  if (/[-0-9]/.test(first)) return "number";
  const found = { '"': "string", "{": "object", "[": "array", t: "true", f: "false", n: "null" } as const;
  return Reflect.has(found, first) ? found[first as keyof typeof found] : "none";
}

/**
 * Walks JSON text (RFC 8259, UTF-8) in place, byte by byte, without making objects of it. A method that answers false
 * has found a mistake: `problem` says which, and `pos` stands at it.
 */
export class Scanner {
  readonly bytes: Buffer;
  pos = 0;
  problem = "";
  /** What string(), key() and number() found: text[start, stop). Without escapes it is the input itself. */
  text: Buffer;
  start = 0;
  stop = 0;
  /** The hash of what key() found. */
  hash = 0;
  /** Whether number() found only digits, and perhaps a minus sign. */
  isInteger = false;
  #unescaped: Buffer = Buffer.alloc(0);

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.text = bytes;
    // Some editors and shells put a byte order mark before UTF-8.
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.pos = 3;
  }

  /** Moves to the next byte that is no white space and answers it; -1 at the end. */
  peek(): number {
    const { bytes } = this;
    let { pos } = this;
    let byte = bytes[pos] ?? -1;
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++pos] ?? -1;
    this.pos = pos;
    return byte;
  }

  /** What kind of value stands next. */
  kind(): Kind {
    return kinds[this.peek()] ?? "none";
  }

  /** Moves behind one of the words true, false, null. */
  word(word: "true" | "false" | "null"): boolean {
    for (let i = 0; i < word.length; i++)
      if (this.bytes[this.pos + i] !== word.charCodeAt(i)) return this.fail(`must be ${word}`);
    this.pos += word.length;
    return true;
  }

  /** Moves behind the bracket that opens an object or array, or behind a comma; answers whether a member follows. */
  next(close: "}" | "]", isFirst: boolean): boolean {
    if (isFirst) this.pos++;
    const byte = this.peek();
    if (byte === close.charCodeAt(0)) {
      this.pos++;
      return false;
    }
    if (isFirst) return true;
    if (byte !== 0x2c) return this.fail(`must go on with a comma or end with ${close}`);
    this.pos++;
    this.peek();
    return true;
  }

  /** Reads a member's name, its hash, and the colon. */
  key(): boolean {
    const { bytes } = this;
    if (bytes[this.pos] !== quote) return this.fail("must have a name in double quotes here");
    let pos = this.pos + 1;
    let hash = 0;
    let byte = bytes[pos] ?? 0;
    while (byte !== quote && byte !== backslash && byte >= 0x20) {
      hash = hashStep(hash, byte);
      byte = bytes[++pos] ?? 0;
    }
    if (byte === quote) {
      this.text = bytes;
      this.start = this.pos + 1;
      this.stop = pos;
      this.pos = pos + 1;
    } else {
      if (!this.string()) return false;
      hash = this.text.subarray(this.start, this.stop).reduce(hashStep, 0);
    }
    this.hash = hash;
    if (this.peek() !== 0x3a) return this.fail("must have a colon behind the name");
    this.pos++;
    return true;
  }

  /** Reads a string. Escapes are resolved; half a surrogate pair becomes U+FFFD, since UTF-8 cannot have it. */
  string(): boolean {
    const { bytes } = this;
    const start = this.pos + 1;
    let pos = start;
    let byte = bytes[pos] ?? 0;
    while (byte !== quote && byte !== backslash && byte >= 0x20) byte = bytes[++pos] ?? 0;
    if (byte === backslash) return this.#withEscapes(start, pos);
    if (byte !== quote) return this.#brokenString(pos);
    this.text = bytes;
    this.start = start;
    this.stop = pos;
    this.pos = pos + 1;
    return true;
  }

  /** Reads a number. */
  number(): boolean {
    const { bytes } = this;
    const start = this.pos;
    let pos = bytes[start] === 0x2d ? start + 1 : start;
    const first = pos;
    while (isDigit(bytes[pos])) pos++;
    if (pos === first || (bytes[first] === 0x30 && pos > first + 1)) return this.fail("must be a number");
    this.isInteger = true;
    if (bytes[pos] === 0x2e) {
      this.isInteger = false;
      const fraction = ++pos;
      while (isDigit(bytes[pos])) pos++;
      if (pos === fraction) return this.fail("must be a number");
    }
    if (((bytes[pos] ?? 0) | 0x20) === 0x65) {
      this.isInteger = false;
      pos += bytes[pos + 1] === 0x2b || bytes[pos + 1] === 0x2d ? 2 : 1;
      const exponent = pos;
      while (isDigit(bytes[pos])) pos++;
      if (pos === exponent) return this.fail("must be a number");
    }
    this.text = bytes;
    this.start = start;
    this.stop = this.pos = pos;
    return true;
  }

  /** Moves behind a value of any kind. */
  skip(): boolean {
    const open: ("}" | "]")[] = [];
    let isFirst = false;
    for (;;) {
      const close = open.at(-1);
      if (close !== undefined && !this.next(close, isFirst)) {
        if (this.problem !== "") return false;
        open.pop();
      } else {
        if (close === "}" && !this.key()) return false;
        const kind = this.kind();
        if (kind === "object" || kind === "array") {
          if (open.length === deepest) return this.fail(`must not be nested deeper than ${deepest}`);
          open.push(kind === "object" ? "}" : "]");
          isFirst = true;
          continue;
        }
        if (!this.#simple(kind)) return false;
      }
      isFirst = false;
      if (open.length === 0) return true;
    }
  }

  /** Notes a mistake at `pos`. */
  fail(problem: string): false {
    this.problem = problem;
    return false;
  }

  #simple(kind: Exclude<Kind, "object" | "array">): boolean {
    switch (kind) {
      case "string":
        return this.string();
      case "number":
        return this.number();
      case "true":
      case "false":
      case "null":
        return this.word(kind);
      case "none":
        return this.fail("must have a value here");
    }
  }

  #withEscapes(start: number, firstEscape: number): boolean {
    const { bytes } = this;
    const end = endOfString(bytes, firstEscape);
    // What is resolved is never longer than what is written.
    if (this.#unescaped.length < end - start) this.#unescaped = Buffer.allocUnsafeSlow(Math.max(256, end - start));
    const text = this.#unescaped;
    let length = firstEscape - start;
    bytes.copy(text, 0, start, firstEscape);
    for (let pos = firstEscape; pos < end;) {
      const byte = bytes[pos] ?? 0;
      if (byte < 0x20) return this.#brokenString(pos);
      if (byte !== backslash) {
        text[length++] = byte;
        pos++;
        continue;
      }
      const escape = bytes[pos + 1] ?? 0;
      if (escape === 0x75) {
        const code = codePoint(bytes, pos);
        if (code < 0) return this.#brokenEscape(pos);
        length += putUtf8(text, length, isHalf(code) ? 0xfffd : code);
        pos += code > 0xffff ? 12 : 6;
        continue;
      }
      const plain = plainEscapes.get(escape);
      if (plain === undefined) return this.#brokenEscape(pos);
      text[length++] = plain;
      pos += 2;
    }
    if (end >= bytes.length) return this.#brokenString(end);
    this.text = text;
    this.start = 0;
    this.stop = length;
    this.pos = end + 1;
    return true;
  }

  #brokenString(pos: number): false {
    this.pos = pos;
    return this.fail(
      pos >= this.bytes.length ? "must have a string that ends" : "must not have a control character in a string",
    );
  }

  #brokenEscape(pos: number): false {
    this.pos = pos;
    return this.fail("must have only the escapes of JSON in a string");
  }
}

const plainEscapes: ReadonlyMap<number, number> = new Map(
  Object.entries({ '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }).map(([from, to]) => [
    from.charCodeAt(0),
    to.charCodeAt(0),
  ]),
);

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** Where the closing quote is, or the end of the input. */
function endOfString(bytes: Buffer, from: number): number {
  let pos = from;
  for (let byte = bytes[pos]; byte !== undefined && byte !== quote; byte = bytes[pos])
    pos += byte === backslash ? 2 : 1;
  return Math.min(pos, bytes.length);
}

function isHalf(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

/** The code point of the \uXXXX at `pos`, together with the next one if both are a surrogate pair; -1 when it is none. */
function codePoint(bytes: Buffer, pos: number): number {
  const code = unit(bytes, pos);
  if (code < 0xd800 || code > 0xdbff) return code;
  const low = bytes[pos + 6] === backslash && bytes[pos + 7] === 0x75 ? unit(bytes, pos + 6) : -1;
  return low >= 0xdc00 && low <= 0xdfff ? 0x10000 + (code - 0xd800) * 0x400 + (low - 0xdc00) : code;
}

function unit(bytes: Buffer, pos: number): number {
  let value = 0;
  for (let i = pos + 2; i < pos + 6; i++) {
    const digit = hexDigit(bytes[i] ?? 0);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** The value of a hex digit, -1 for another byte. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function putUtf8(bytes: Buffer, at: number, code: number): number {
  if (code < 0x80) {
    bytes[at] = code;
    return 1;
  }
  return bytes.write(String.fromCodePoint(code), at);
}
