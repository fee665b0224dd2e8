import { putAddress } from "../encoding/address.ts";
import type { Clock } from "../encoding/clock.ts";
import type { Outbox } from "../outbox.ts";
import type { Source, Sources } from "../sources.ts";
import { derive, putHex, putRandom } from "../encoding/trace-ids.ts";
import { keyOf, Tag, Writer } from "../encoding/writer.ts";
import type { Beginning, Ending, Exchange, Exchanges } from "./exchange.ts";
import { createServers } from "./forwarded.ts";
import { putHeaders } from "./headers.ts";
import { createRequestAttributes } from "./request-attributes.ts";
import { Target } from "./target.ts";

/** Why a request that was seen has no span although nothing went wrong. */
export type Unwanted = "refused" | "not_sampled" | "path" | "full";

export type HttpSpansOptions = {
  readonly sources: Sources;
  readonly clock: Clock;
  readonly outbox: Outbox;
  /** Paths of which no spans are made, as they stand before a `?`. */
  readonly excludedPaths: readonly string[];
  /** Methods that are written as they are. */
  readonly knownMethods: readonly string[];
  readonly withQuery: boolean;
  readonly requestHeaders: readonly string[];
  readonly responseHeaders: readonly string[];
  /** Whether client and server of a call without a trace context get IDs that both can find out. */
  readonly link: boolean;
  /** Whether a request whose trace context says that it is not sampled gets no span. */
  readonly respectsSampling: boolean;
  /** False while nothing more is taken. */
  hasRoom(): boolean;
  unwanted(reason: Unwanted): void;
};

const keys = {
  code: keyOf("http.response.status_code"),
  size: keyOf("http.response.body.size"),
  error: keyOf("error.type"),
  derived: keyOf("podstamp.trace.derived"),
  cut: keyOf("podstamp.http.head_truncated"),
  late: keyOf("podstamp.connection.late"),
  estimated: keyOf("podstamp.http.end_estimated"),
  clientAddress: keyOf("client.address"),
  clientPort: keyOf("client.port"),
  peerAddress: keyOf("network.peer.address"),
  peerPort: keyOf("network.peer.port"),
};

/** A span of which the beginning is written: kept as a string, which takes the place that it needs and no more. */
export class HttpExchange implements Exchange {
  readonly isHead: boolean;
  readonly isConnect: boolean;
  readonly source: Source;
  readonly isServer: boolean;
  readonly time: number;
  prefix: string;
  /** See forwarded.ts; 0 for none. */
  readonly link: number;

  constructor(head: Exchange, facts: Pick<HttpExchange, "source" | "isServer" | "time" | "prefix" | "link">) {
    this.isHead = head.isHead;
    this.isConnect = head.isConnect;
    this.source = facts.source;
    this.isServer = facts.isServer;
    this.time = facts.time;
    this.prefix = facts.prefix;
    this.link = facts.link;
  }
}

/** Requests of which no span is made: they are followed all the same, so that the others are told apart. */
const plain: Exchange = { isHead: false, isConnect: false };
const head: Exchange = { isHead: true, isConnect: false };
const connect: Exchange = { isHead: false, isConnect: true };
const headMethod = Buffer.from("HEAD");
const connectMethod = Buffer.from("CONNECT");
/** Of a span whose method is not known. */
const unknownName = Buffer.from("HTTP");

const kindServer = 2;
const kindClient = 3;
const sampled = 1;
/** Span.flags: whether it is known that the parent is in another process, and that it is. */
const remote = 0x300;

/** Makes spans of exchanges: HTTP client and server spans of the semantic conventions. */
export function createHttpSpans(options: HttpSpansOptions): Exchanges {
  const { sources, clock, outbox, link, respectsSampling } = options;
  const scratch = new Writer(Tag.span);
  const putRequest = createRequestAttributes(scratch, options);
  const servers = createServers();
  const excluded = options.excludedPaths.map((path) => Buffer.from(path));
  const known = options.knownMethods.map((method) => Buffer.from(method));
  const target = new Target();
  const spanId = Buffer.alloc(8);

  /** Trace ID, span ID and what belongs to them; the flags of the trace context, or -1 for a request that is not sampled. */
  const putContext = (beginning: Beginning, isServer: boolean): "derived" | "own" | "given" => {
    scratch.room(128);
    if (beginning.head.traceparent >= 0) {
      putGiven(beginning, isServer);
      return "given";
    }
    const ids = scratch.bytes;
    if (!link) {
      putRandom(spanId, 0, 8);
      ids[scratch.length] = 0x0a;
      ids[scratch.length + 1] = 16;
      putRandom(ids, scratch.length + 2, 16);
      scratch.length += 18;
      putSpanId();
      putFlags(sampled);
      return "own";
    }
    const { record } = beginning;
    const wire = isServer
      ? { bytes: record.bytes, addressAt: record.remoteAt, port: record.remotePort, sequence: beginning.tcpSequence }
      : { bytes: record.bytes, addressAt: record.localAt, port: record.localPort, sequence: beginning.tcpSequence };
    const derived = derive(wire);
    scratch.byte(0x0a);
    scratch.byte(16);
    scratch.copy(derived, 0, 16);
    if (isServer) putRandom(spanId, 0, 8);
    else derived.copy(spanId, 0, 16, 24);
    putSpanId();
    if (isServer) putParent(derived, 16);
    putFlags(isServer ? sampled | remote : sampled);
    return "derived";
  };

  /** What the header says: traceparent is 2 version, 1, 32 trace, 1, 16 parent, 1, 2 flags. */
  const putGiven = ({ bytes, head: found, record }: Beginning, isServer: boolean): void => {
    const at = found.traceparent;
    scratch.byte(0x0a);
    scratch.byte(16);
    putHex(scratch.bytes, scratch.length, bytes, at + 3, 16);
    scratch.length += 16;
    putRandom(spanId, 0, 8);
    putSpanId();
    const forwarding = isServer ? undefined : servers.find(record.tgid, bytes, at);
    if (forwarding === undefined) {
      scratch.byte(0x22);
      scratch.byte(8);
      putHex(scratch.bytes, scratch.length, bytes, at + 36, 8);
      scratch.length += 8;
    } else putParent(forwarding, 0);
    const flags = flagsOf(bytes, at);
    putFlags(isServer ? flags | remote : flags);
    const { tracestateStart: from, tracestateEnd: to } = found;
    if (from < 0 || to - from > 512 || !isPrintable(bytes, from, to)) return;
    scratch.byte(0x1a);
    scratch.varint(to - from);
    scratch.copy(bytes, from, to);
  };

  const putSpanId = (): void => {
    scratch.byte(0x12);
    scratch.byte(8);
    scratch.copy(spanId, 0, 8);
  };
  const putParent = (id: Uint8Array, from: number): void => {
    scratch.byte(0x22);
    scratch.byte(8);
    scratch.copy(id, from, from + 8);
  };
  /** fixed32 flags = 16 */
  const putFlags = (flags: number): void => {
    for (const byte of [0x85, 0x01, flags & 255, flags >> 8, 0, 0]) scratch.byte(byte);
  };

  const isExcluded = ({ bytes }: Beginning): boolean =>
    excluded.some((path) => isSame(bytes, target.start, target.pathEnd, path));

  const skip = (found: Exchange, reason: Unwanted): Exchange => {
    options.unwanted(reason);
    return found.isHead ? head : found.isConnect ? connect : plain;
  };

  const begin = (beginning: Beginning): Exchange => {
    const { record, bytes, head: found, start } = beginning;
    const isConnect = isSame(bytes, start, found.methodEnd, connectMethod);
    const shape = isConnect ? connect : isSame(bytes, start, found.methodEnd, headMethod) ? head : plain;
    const source = sources.find(record.hierarchy, record.cgroup, record.tgid, record.bytes, record.commAt);
    if (source === undefined) return skip(shape, "refused");
    target.read(beginning);
    if (isExcluded(beginning)) return skip(shape, "path");
    if (respectsSampling && found.traceparent >= 0 && (flagsOf(bytes, found.traceparent) & sampled) === 0)
      return skip(shape, "not_sampled");
    if (!options.hasRoom()) return skip(shape, "full");
    const { isServer } = beginning;
    scratch.clear();
    const context = putContext(beginning, isServer);
    // 5 name, 6 kind
    const isKnownMethod = known.some((method) => isSame(bytes, start, found.methodEnd, method));
    scratch.byte(0x2a);
    scratch.varint(isKnownMethod ? found.methodEnd - start : unknownName.length);
    if (isKnownMethod) scratch.copy(bytes, start, found.methodEnd);
    else scratch.all(unknownName);
    scratch.byte(0x30);
    scratch.byte(isServer ? kindServer : kindClient);
    putRequest(beginning, { target, isServer, isKnownMethod, isConnect });
    putPeer(beginning, isServer);
    if (context === "derived") scratch.flag(keys.derived, true);
    if (beginning.isCut) scratch.flag(keys.cut, true);
    if (beginning.isFirstOfLate) scratch.flag(keys.late, true);
    const key = isServer && found.traceparent >= 0 ? servers.add(record.tgid, bytes, found.traceparent, spanId) : 0;
    const prefix = scratch.bytes.toString("latin1", 0, scratch.length);
    return new HttpExchange(shape, { source, isServer, time: beginning.time, prefix, link: key });
  };

  const putPeer = ({ record }: Beginning, isServer: boolean): void => {
    putAddress(scratch, keys.peerAddress, record.bytes, record.remoteAt);
    scratch.int(keys.peerPort, record.remotePort);
    if (!isServer) return;
    putAddress(scratch, keys.clientAddress, record.bytes, record.remoteAt);
    scratch.int(keys.clientPort, record.remotePort);
  };

  const responseKeys = options.responseHeaders.map((name) => keyOf(`http.response.header.${name.toLowerCase()}`));
  const answer = (exchange: Exchange, { head: found, bytes }: Ending): void => {
    if (responseKeys.length === 0 || bytes === undefined || !(exchange instanceof HttpExchange)) return;
    scratch.clear();
    putHeaders(scratch, responseKeys, { bytes, wanted: found.wanted });
    exchange.prefix += scratch.bytes.toString("latin1", 0, scratch.length);
  };

  const end = (exchange: Exchange, ending: Ending): void => {
    if (!(exchange instanceof HttpExchange)) return;
    if (exchange.link !== 0) servers.remove(exchange.link);
    const { writer } = outbox;
    const from = writer.length;
    const start = writer.open(0x12);
    writer.kept(exchange.prefix);
    clock.write(writer, 0x39, exchange.time);
    clock.write(writer, 0x41, Math.max(ending.time, exchange.time));
    const { code } = ending;
    if (code !== 0) writer.int(keys.code, code);
    if (ending.bodySize >= 0) writer.int(keys.size, ending.bodySize);
    if (ending.isEstimated) writer.flag(keys.estimated, true);
    const isError = code === 0 || ending.isIncomplete || code >= (exchange.isServer ? 500 : 400);
    if (isError) {
      const error = code === 0 ? "connection_closed" : ending.isIncomplete ? "incomplete_body" : String(code);
      writer.text(keys.error, error);
      // 15 status { 3 code = ERROR }
      writer.byte(0x7a);
      writer.byte(2);
      writer.byte(0x18);
      writer.byte(2);
    }
    writer.close(start);
    outbox.add(exchange.source, from);
  };

  return {
    begin,
    answer,
    end,
    forget: (exchange) => {
      if (exchange instanceof HttpExchange && exchange.link !== 0) servers.remove(exchange.link);
    },
  };
}

/** The two hex digits at the end of a traceparent. */
function flagsOf(bytes: Uint8Array, at: number): number {
  putHex(oneByte, 0, bytes, at + 53, 1);
  return oneByte[0] ?? 0;
}
const oneByte = new Uint8Array(1);

/** Whether bytes[from, to) are these. */
function isSame(bytes: Uint8Array, from: number, to: number, wanted: Uint8Array): boolean {
  if (to - from !== wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[from + i] !== wanted[i]) return false;
  return true;
}

/** Whether they are text of a field that has ASCII alone: another byte would make the whole request unreadable to some. */
function isPrintable(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((bytes[i] ?? 0) < 32 || (bytes[i] ?? 0) > 126) return false;
  return true;
}
