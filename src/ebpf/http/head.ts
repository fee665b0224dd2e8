/** Where a head ends, or why it does not. */
export type HeadStatus =
  /** The empty line is in. */
  | "whole"
  /** More of it may follow. */
  | "partial"
  /** These bytes begin no message of HTTP/1. */
  | "malformed";

/** Names of header fields that are looked for beside those that frame a message. */
export type HeaderNames = readonly string[];

const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const tab = 9;
const colon = 58;
const maxMethod = 32;

/** What every head has. One object serves all heads of its kind: what it says holds until the next read(). */
class Head {
  status: HeadStatus = "malformed";
  /** Behind the first line, or -1 while it is not in. */
  lineEnd = -1;
  /** Behind the empty line, or behind the last byte while that is not in. */
  end = 0;
  /** -1: none; -2: said twice, and differently, or no number. */
  contentLength = -1;
  isChunked = false;
  isUpgrade = false;
  /** Position of a wanted field's name, begin and end of its value, one behind the other; a name may come several times. */
  readonly wanted: number[] = [];
  readonly #names: HeaderNames;
  /** The field that was read last: its name's length, and where its value stands. */
  protected nameLength = 0;
  protected from = 0;
  protected to = 0;

  constructor(names: HeaderNames) {
    this.#names = names.map((name) => name.toLowerCase());
  }

  protected reset(): void {
    this.status = "malformed";
    this.lineEnd = -1;
    this.contentLength = -1;
    this.isChunked = false;
    this.isUpgrade = false;
    this.wanted.length = 0;
  }

  /** Reads the fields from `at`, the begin of a line, on. */
  protected readFields(bytes: Uint8Array, at: number, stop: number): void {
    let line = at;
    while (line < stop) {
      let feed = line;
      while (feed < stop && bytes[feed] !== lineFeed) feed++;
      if (feed === stop) break;
      const lineStop = feed > line && bytes[feed - 1] === carriageReturn ? feed - 1 : feed;
      if (lineStop === line) {
        this.status = "whole";
        this.end = feed + 1;
        return;
      }
      this.#readLine(bytes, line, lineStop);
      line = feed + 1;
    }
    this.status = "partial";
    this.end = stop;
  }

  #readLine(bytes: Uint8Array, line: number, stop: number): void {
    let mark = line;
    while (mark < stop && bytes[mark] !== colon) mark++;
    if (mark === stop) return;
    let from = mark + 1;
    let to = stop;
    while (from < to && isBlank(bytes[from])) from++;
    while (to > from && isBlank(bytes[to - 1])) to--;
    const length = mark - line;
    this.nameLength = length;
    this.from = from;
    this.to = to;
    if (length === 14 && isName(bytes, line, "content-length")) this.#readLength(bytes, from, to);
    else if (length === 17 && isName(bytes, line, "transfer-encoding"))
      this.isChunked ||= endsWith(bytes, to, "chunked");
    else if (length === 7 && isName(bytes, line, "upgrade")) this.isUpgrade = true;
    this.field(bytes, line);
    const names = this.#names;
    for (let i = 0; i < names.length; i++) {
      const name = names[i] ?? "";
      if (name.length === length && isName(bytes, line, name)) this.wanted.push(i, from, to);
    }
  }

  #readLength(bytes: Uint8Array, from: number, to: number): void {
    let value = 0;
    for (let i = from; i < to; i++) {
      const digit = (bytes[i] ?? 0) - 48;
      if (digit < 0 || digit > 9) value = NaN;
      value = value * 10 + digit;
    }
    const isRight =
      to > from && Number.isSafeInteger(value) && (this.contentLength === -1 || this.contentLength === value);
    this.contentLength = isRight ? value : -2;
  }

  /** A field of one kind of head. */
  protected field(_bytes: Uint8Array, _line: number): void {}
}

/** The head of a request, read in place: RFC 9112 sections 3, 5 and 6. */
export class RequestHead extends Head {
  methodEnd = 0;
  targetStart = 0;
  targetEnd = 0;
  minor = 1;
  hostStart = -1;
  hostEnd = -1;
  /** 55 bytes of a traceparent that is valid (W3C Trace Context section 3.2), or -1. */
  traceparent = -1;
  tracestateStart = -1;
  tracestateEnd = -1;
  expectsContinue = false;

  /** Reads bytes[start, stop); what stands behind `stop` may be more of it. */
  read(bytes: Uint8Array, start: number, stop: number): HeadStatus {
    this.reset();
    this.hostStart = -1;
    this.traceparent = -1;
    this.tracestateStart = -1;
    this.expectsContinue = false;
    this.minor = 1;
    let at = start;
    while (at < stop && at - start < maxMethod && isOfMethod(bytes[at])) at++;
    this.methodEnd = at;
    if (at === start || (at < stop && bytes[at] !== space)) return this.status;
    if (at < stop) at++;
    this.targetStart = at;
    while (at < stop && (bytes[at] ?? 0) > space) at++;
    this.targetEnd = at;
    if (at < stop && (bytes[at] !== space || at === this.targetStart)) return this.status;
    const version = at + 1;
    let feed = at;
    while (feed < stop && bytes[feed] !== lineFeed) feed++;
    if (feed === stop) {
      this.status = "partial";
      this.end = stop;
      return this.status;
    }
    const digit = bytes[version + 7];
    const lineStop = bytes[feed - 1] === carriageReturn ? feed - 1 : feed;
    if (lineStop !== version + 8 || !isText(bytes, version, "HTTP/1.") || (digit !== 48 && digit !== 49))
      return this.status;
    this.minor = digit - 48;
    this.lineEnd = feed + 1;
    this.readFields(bytes, feed + 1, stop);
    return this.status;
  }

  protected override field(bytes: Uint8Array, line: number): void {
    const { nameLength: length, from, to } = this;
    if (length === 4 && isName(bytes, line, "host")) {
      this.hostStart = from;
      this.hostEnd = to;
    } else if (length === 11 && isName(bytes, line, "traceparent")) {
      // Twice is none: nobody can say which of them is right.
      this.traceparent = this.traceparent === -1 && isTraceparent(bytes, from, to) ? from : -2;
    } else if (length === 10 && isName(bytes, line, "tracestate")) {
      // In several lines they are one list, of which the first part alone is not the whole.
      const isFirst = this.tracestateStart === -1;
      this.tracestateStart = isFirst ? from : -2;
      this.tracestateEnd = to;
    } else if (length === 6 && isName(bytes, line, "expect"))
      this.expectsContinue = endsWith(bytes, to, "100-continue");
  }
}

/** The head of a response, read in place: RFC 9112 sections 4, 5 and 6. */
export class ResponseHead extends Head {
  code = 0;

  /** Reads bytes[start, stop); what stands behind `stop` may be more of it. */
  read(bytes: Uint8Array, start: number, stop: number): HeadStatus {
    this.reset();
    this.code = 0;
    if (!isText(bytes, start, "HTTP/1.") || stop - start < 12) {
      if (stop - start < 12 && isBeginOf(bytes, start, { stop, text: "HTTP/1." })) this.status = "partial";
      this.end = stop;
      return this.status;
    }
    for (let i = start + 9; i < start + 12; i++) {
      const digit = (bytes[i] ?? 0) - 48;
      if (digit < 0 || digit > 9) return this.status;
      this.code = this.code * 10 + digit;
    }
    const after = bytes[start + 12];
    if (bytes[start + 8] !== space || this.code < 100 || this.code > 599) return this.status;
    if (start + 12 < stop && after !== space && after !== carriageReturn && after !== lineFeed) return this.status;
    let feed = start + 12;
    while (feed < stop && bytes[feed] !== lineFeed) feed++;
    if (feed < stop) {
      this.lineEnd = feed + 1;
      this.readFields(bytes, feed + 1, stop);
    } else {
      this.status = "partial";
      this.end = stop;
    }
    return this.status;
  }
}

/** Capitals, and the hyphen of VERSION-CONTROL: methods that are in use have no others. */
function isOfMethod(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 65 && byte <= 90) || byte === 45);
}

function isBlank(byte: number | undefined): boolean {
  return byte === space || byte === tab;
}

/** Whether `name`, in lower case, stands at `at` in any case. */
function isName(bytes: Uint8Array, at: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[at + i] ?? 0;
    const lower = byte >= 65 && byte <= 90 ? byte + 32 : byte;
    if (lower !== name.charCodeAt(i)) return false;
  }
  return true;
}

function isText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Whether bytes[at, stop) is a beginning of `text`, or begins with it. */
function isBeginOf(bytes: Uint8Array, at: number, { stop, text }: { stop: number; text: string }): boolean {
  for (let i = 0; i < text.length && at + i < stop; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return stop > at;
}

function endsWith(bytes: Uint8Array, to: number, name: string): boolean {
  return to >= name.length && isName(bytes, to - name.length, name);
}

/** version "-" trace-id "-" parent-id "-" flags, lower case; neither ID is zero, the version is not ff; later versions may say more behind. */
function isTraceparent(bytes: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  if (length < 55) return false;
  const isFirstVersion = bytes[from] === 48 && bytes[from + 1] === 48;
  if (isFirstVersion ? length !== 55 : length > 55 && bytes[from + 55] !== 45) return false;
  if (bytes[from] === 102 && bytes[from + 1] === 102) return false;
  if (bytes[from + 2] !== 45 || bytes[from + 35] !== 45 || bytes[from + 52] !== 45) return false;
  return (
    isHex(bytes, from, from + 2) &&
    isHex(bytes, from + 53, from + 55) &&
    isHex(bytes, from + 3, from + 35) &&
    isHex(bytes, from + 36, from + 52) &&
    !isZeros(bytes, from + 3, from + 35) &&
    !isZeros(bytes, from + 36, from + 52)
  );
}

function isHex(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0;
    if (!((byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102))) return false;
  }
  return true;
}

function isZeros(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 48) return false;
  return true;
}
