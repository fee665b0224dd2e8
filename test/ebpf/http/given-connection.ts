import { createAssembler } from "../../../src/ebpf/http/assembler.ts";
import type { Assembler } from "../../../src/ebpf/http/assembler.ts";
import type { Exchange, Unknown } from "../../../src/ebpf/http/exchange.ts";
import { ConnectionFlag, Direction, Flag, Kind, Role } from "../../../src/ebpf/http/record.ts";

/** What is known of one exchange in the end; times in ms of the test's clock. */
export type Seen = {
  readonly method: string;
  readonly target: string;
  readonly traceparent?: string;
  code: number;
  readonly from: number;
  to: number;
  size: number;
  readonly isCut?: true;
  isEstimated?: true;
  isIncomplete?: true;
};

export type Watched = {
  readonly assembler: Assembler;
  /** In the order in which they ended. */
  readonly seen: readonly Seen[];
  readonly unknown: Readonly<Partial<Record<Unknown, number>>>;
  /** Requests of which nothing has become known yet. */
  open(): number;
};

/** An assembler whose exchanges are looked at. */
export function givenAssembler(maxConnections = 100): Watched {
  const seen: Seen[] = [];
  const unknown: Partial<Record<Unknown, number>> = {};
  const open = new Map<Exchange, Seen>();
  const assembler = createAssembler({
    requestHeaders: [],
    responseHeaders: [],
    maxConnections,
    unknown: (reason, messages) => void (unknown[reason] = (unknown[reason] ?? 0) + messages),
    exchanges: {
      begin({ head, bytes, start, time, isCut }) {
        const text = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString("latin1");
        const method = text(start, head.methodEnd);
        const kept: Seen = {
          method,
          target: text(head.targetStart, head.targetEnd),
          ...(head.traceparent >= 0 ? { traceparent: text(head.traceparent, head.traceparent + 55) } : {}),
          code: -1,
          from: time / 1e6,
          to: -1,
          size: -1,
          ...(isCut ? { isCut } : {}),
        };
        const exchange = { isHead: method === "HEAD", isConnect: method === "CONNECT" };
        open.set(exchange, kept);
        return exchange;
      },
      answer() {},
      end(exchange, { code, time, bodySize, isEstimated, isIncomplete }) {
        const kept = open.get(exchange);
        if (kept === undefined) throw new Error("Ended twice");
        open.delete(exchange);
        Object.assign(kept, { code, to: time / 1e6, size: bodySize });
        if (isEstimated) kept.isEstimated = true;
        if (isIncomplete) kept.isIncomplete = true;
        seen.push(kept);
      },
      forget(exchange) {
        if (!open.delete(exchange)) throw new Error("Forgotten twice");
      },
    },
  });
  return { assembler, seen, unknown, open: () => open.size };
}

export type ConnectionOptions = {
  readonly side?: "client" | "server" | "unknown";
  readonly isLate?: boolean;
  /** Bytes that are captured of a request and of a response, as the loader is told. */
  readonly capture?: number;
  readonly id?: number;
};

const proxied = String.raw`PROXY |\r\n\r\n\0\r\nQ`;
const usual = "(GET|PUT|POST|HEAD|PATCH|TRACE|DELETE|OPTIONS|CONNECT) ";
const listed = new RegExp(String.raw`^(${usual}|HTTP/1\.|${proxied})`);
const request = new RegExp(`^(${usual}|[A-Z-]{3,14} [/*h]|${proxied})`);
/** How a request or a response may begin. */
const beginning = /^([A-Z-]+|[A-Z-]{3,} |H|HT|HTT|HTTP|HTTP\/|HTTP\/1)$/;
const response = /^HTTP\/1\./;

/**
 * A connection as the probe sees it: takes the bytes of each call and makes of them the records that the kernel would send
 * (bpf/http.bpf.c): heads by how a chunk begins, the rest of an unfinished head, progress of a response's body.
 */
export function connect({ assembler }: Watched, options: ConnectionOptions = {}) {
  const { side = "server", isLate = false, capture = 1024, id = 1 } = options;
  const totals = { received: 0, sent: 0, lastReceived: 0, lastSent: 0 };
  const state = {
    request: 0,
    response: 0,
    progress: 0,
    inResponse: false,
    left: [0, 0],
    /** Received bytes that may begin a head. */
    begun: Buffer.alloc(0) as Buffer,
    begunAt: 0,
    flags: isLate ? ConnectionFlag.late : 0,
  };
  const isServer = side === "server" || side === "unknown";
  let now = 0;
  let isLosing = false;

  const emit = (
    kind: number,
    direction: number,
    details: { bytes?: Buffer; chunk?: number; ordinal?: number; flags?: number; shift?: number },
  ): void => {
    const { bytes = Buffer.alloc(0), chunk = 0, ordinal = 0, flags = 0, shift = 0 } = details;
    if (isLosing) return;
    const { record } = assembler;
    // Never at the begin of the memory, as in a ring.
    const memory = Buffer.concat([Buffer.alloc(7, "x"), bytes, Buffer.alloc(3, "y")]);
    Object.assign(record, {
      ...totals,
      received: totals.received - shift,
      bytes: memory,
      dataStart: 7,
      dataEnd: 7 + bytes.length,
      connection: id,
      kind,
      direction,
      role: side === "unknown" ? Role.unknown : isServer ? Role.server : Role.client,
      connectionFlags: state.flags,
      flags,
      chunk,
      ordinal,
      offset: (direction === Direction.sent ? totals.sent : totals.received) - shift,
      time: (shift > 0 ? state.begunAt : now) * 1e6,
      tcpSequence: 1000 + (direction === Direction.sent ? totals.sent : totals.received) - shift,
    });
    assembler.take();
  };

  /** The bytes that a head which this call brings begins with other calls have brought; none where it brings no head. */
  const joined = (direction: number, bytes: Buffer): Buffer => {
    const isRequestSide = isServer === (direction === Direction.received);
    const isHead = (all: Buffer) => (isRequestSide ? request : response).test(all.toString("latin1", 0, 16));
    const none = Buffer.alloc(0);
    if (direction === Direction.sent) return none;
    const { begun } = state;
    const both = Buffer.concat([begun, bytes]);
    state.begun = none;
    if (listed.test(bytes.toString("latin1", 0, 16))) return none;
    if (begun.length > 0 && isHead(both)) return begun;
    if (isHead(bytes)) return none;
    const mayBegin = (some: Buffer) => some.length < 8 && beginning.test(String(some));
    if (mayBegin(both)) state.begun = both;
    else if (mayBegin(bytes)) state.begun = bytes;
    if (state.begun.length === bytes.length) state.begunAt = now;
    return none;
  };

  const move = (direction: number, moved: Buffer): void => {
    const isRequestSide = isServer === (direction === Direction.received);
    const before = joined(direction, moved);
    const bytes = Buffer.concat([before, moved]);
    const shift = before.length;
    const text = bytes.subarray(0, 16).toString("latin1");
    const isRequest = isRequestSide && request.test(text);
    const isResponse = !isRequestSide && response.test(text);
    if (isRequest || isResponse) {
      const isInterim = isResponse && text.startsWith("1", 9);
      if (isRequest) state.inResponse = false;
      else if (!isInterim) Object.assign(state, { inResponse: true, progress: 0 });
      const ordinal = isRequest ? ++state.request : isInterim ? 0 : ++state.response;
      const captured = bytes.subarray(0, capture);
      const isWhole = captured.length === bytes.length;
      const isHeadWhole = isWhole && bytes.toString("latin1").endsWith("\r\n\r\n");
      const ends = !isWhole && bytes.toString("latin1").endsWith("\r\n0\r\n\r\n") ? Flag.endsChunked : 0;
      const flags = ends | (bytes.length >= capture ? Flag.capturedAll : 0);
      emit(isRequest ? Kind.request : Kind.response, direction, {
        bytes: captured,
        chunk: bytes.length,
        ordinal,
        flags,
        shift,
      });
      state.left[direction] = !isHeadWhole && bytes.length < capture ? capture - bytes.length : 0;
    } else if ((state.left[direction] ?? 0) > 0) {
      const left = state.left[direction] ?? 0;
      state.left[direction] = Math.max(left - bytes.length, 0);
      const flags = bytes.length >= left ? Flag.capturedAll : 0;
      emit(Kind.more, direction, { bytes: bytes.subarray(0, left), chunk: bytes.length, flags });
    } else if (!isRequestSide && state.inResponse) {
      const ends = bytes.toString("latin1").endsWith("0\r\n\r\n");
      if (ends || state.progress++ < 16)
        emit(Kind.progress, direction, { chunk: bytes.length, flags: ends ? Flag.endsChunked : 0 });
    }
    if (direction === Direction.sent) Object.assign(totals, { sent: totals.sent + moved.length, lastSent: now * 1e6 });
    else Object.assign(totals, { received: totals.received + moved.length, lastReceived: now * 1e6 });
  };

  return {
    /** The client writes these bytes, or the server reads them, in one call. */
    request: (text: string | Buffer) => move(isServer ? Direction.received : Direction.sent, Buffer.from(text)),
    /** The server writes these bytes, or the client reads them, in one call. */
    response: (text: string | Buffer) => move(isServer ? Direction.sent : Direction.received, Buffer.from(text)),
    close: () => emit(Kind.end, 0, {}),
    /** Lets time pass, in ms. */
    at: (ms: number) => void (now = ms),
    /** What happens meanwhile finds no room in the ring. */
    losing: (happens: () => void) => {
      isLosing = true;
      happens();
      isLosing = false;
    },
    flag: (bit: number) => void (state.flags |= bit),
  };
}

/** A connection and what is made of it. */
export function givenLine(options: ConnectionOptions = {}) {
  const watched = givenAssembler();
  return { ...watched, line: connect(watched, options) };
}

export const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** A request, and a response with a body. */
export const get = (path: string, fields = "") => `GET ${path} HTTP/1.1\r\nHost: x\r\n${fields}\r\n`;
export const ok = (body: string, fields = "") =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;

/** Target and status of each. */
export const brief = (seen: readonly { target: string; code: number }[]) =>
  seen.map(({ target, code }) => `${target} ${code}`);
