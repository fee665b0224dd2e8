import type { Socket } from "node:net";
import { serverLimits } from "../../transport.ts";
import { Body, BodyQueue } from "../body.ts";
import type { Exchange } from "./exchange.ts";
import { HeadReader } from "../fields.ts";
import type { Span } from "../frames/frame-sink.ts";
import { Link } from "../link.ts";
import type { LinkOwner } from "../link.ts";
import { Numbered } from "../numbered.ts";
import { addReset, addWindowUpdate } from "../frames/outbox.ts";
import { ErrorCode, errorName, largestStreamId, largestWindow, Setting } from "../frames/protocol.ts";
import { RequestHeaderWriter } from "./request-headers.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { parseResponseHead } from "./response-head.ts";
import type { ResponseHead } from "./response-head.ts";

/** What a session tells of its life; each of them once but for `onFree`. */
export type SessionEvents = {
  /** The peer's settings came: it speaks HTTP/2. */
  onReady(session: ClientSession): void;
  /** A call has ended, or more may be open than before. */
  onFree(session: ClientSession): void;
  /** No new call goes onto it. */
  onRetired(session: ClientSession): void;
};

const streamWindow = 4 * 1024 * 1024;
const connectionWindow = 16 * 1024 * 1024;
/** What a server says with its GOAWAY that was pinged too often (gRPC's proposal A8). */
const tooManyPings = "too_many_pings";

/** One connection of a client and the calls on it. */
export class ClientSession implements LinkOwner {
  readonly link: Link;
  isRetired = false;
  /** Whether a call ever went onto it. */
  isUsed = false;
  /** Whether the peer ended the connection since it was asked too often whether it is there. */
  hasPingedTooOften = false;
  /** What the peer said when it ended the connection, or what it did wrong. */
  problem: string | undefined;
  readonly #events: SessionEvents;
  readonly #streams = new Numbered<Exchange>();
  readonly #heads: HeadReader<ResponseHead>;
  readonly #bodies: BodyQueue;
  readonly #headers: RequestHeaderWriter;
  #nextStream: number;
  #current: Exchange | undefined;

  constructor(
    socket: Socket,
    init: { readonly events: SessionEvents; readonly headers: RequestHeaders; readonly firstStream?: number },
  ) {
    this.#events = init.events;
    this.#nextStream = init.firstStream ?? 1;
    this.link = new Link({
      socket,
      owner: this,
      isClient: true,
      settings: [
        [Setting.ENABLE_PUSH, 0],
        [Setting.INITIAL_WINDOW_SIZE, streamWindow],
        [Setting.MAX_HEADER_LIST_SIZE, serverLimits.maxHeaderBytes],
      ],
      window: connectionWindow,
      limits: serverLimits,
    });
    this.#heads = new HeadReader(this.link.decoder, parseResponseHead);
    this.#bodies = new BodyQueue(this.link);
    this.#headers = new RequestHeaderWriter(this.link, init.headers);
    socket.once("close", () => this.#onClosed());
  }

  /** Calls that are open on it. */
  get open(): number {
    return this.#streams.size;
  }

  /** Whether one more call may be opened. */
  get hasRoom(): boolean {
    return this.#streams.size < this.link.maxStreams && !this.isRetired && !this.link.isClosed;
  }

  /** Opens a stream for a call and sends its request. */
  send(exchange: Exchange, timeoutMs: number): void {
    const id = this.#nextStream;
    this.#nextStream += 2;
    this.isUsed = true;
    exchange.stream = id;
    exchange.receiveWindow = streamWindow;
    this.#streams.set(id, exchange);
    this.#headers.send(id, exchange.request, timeoutMs);
    const { bytes, isCompressed } = exchange.payload;
    exchange.body = new Body({
      stream: id,
      window: this.link.initialWindow,
      bytes,
      isCompressed,
      endsStream: true,
      onSent: () => {
        exchange.body = undefined;
      },
    });
    this.#bodies.send(exchange.body);
    if (this.#nextStream > largestStreamId) this.retire();
  }

  /** Gives a call up. */
  cancel(exchange: Exchange): void {
    if (this.#streams.get(exchange.stream) !== exchange) return;
    if (!this.link.isClosed) addReset(this.link.out, exchange.stream, ErrorCode.CANCEL);
    this.#remove(exchange);
  }

  /** No new call goes onto it; it ends with its last one. */
  retire(): void {
    if (this.isRetired) return;
    this.isRetired = true;
    this.#events.onRetired(this);
    this.#finishIfDone();
  }

  onHeaders(id: number, endsStream: boolean, block: Span): void {
    const decoded = this.#heads.read(block);
    if (decoded.status === "compression_error")
      return this.link.fail(ErrorCode.COMPRESSION_ERROR, "a header block cannot be decoded");
    if (this.#isIdle(id))
      return this.link.fail(ErrorCode.PROTOCOL_ERROR, "HEADERS must be on a stream that was opened");
    const exchange = this.#streams.get(id);
    if (exchange === undefined) return void this.link.takeIdleFrame();
    if (decoded.status !== "ok")
      return this.#fail(exchange, decoded.status === "malformed" ? decoded.reason : "its headers must be smaller");
    const problem = exchange.takeHead(decoded.head, endsStream);
    if (problem !== undefined) return this.#fail(exchange, problem);
    if (endsStream) this.#end(exchange);
    // 1xx bring nothing.
    else if (!exchange.hasHead) this.link.takeIdleFrame();
  }

  onDataBegin(id: number, length: number): void {
    this.link.credit(length);
    if (this.#isIdle(id)) return this.link.fail(ErrorCode.PROTOCOL_ERROR, "DATA must be on a stream that was opened");
    const exchange = this.#streams.get(id);
    this.#current = exchange;
    if (exchange === undefined) return;
    exchange.receiveWindow -= length;
    if (exchange.receiveWindow < 0)
      this.#fail(exchange, "more came than its window lets through", ErrorCode.FLOW_CONTROL_ERROR);
    else if (!exchange.hasHead) this.#fail(exchange, "its headers must come first");
  }

  onData(span: Span): void {
    if (this.#current !== undefined && !this.#current.isSettled) this.#current.takeData(span);
  }

  onDataEnd(endsStream: boolean): void {
    const exchange = this.#current;
    if (exchange === undefined || this.#streams.get(exchange.stream) !== exchange) return;
    if (endsStream) return this.#end(exchange);
    if (exchange.receiveWindow >= streamWindow >> 1) return;
    addWindowUpdate(this.link.out, exchange.stream, streamWindow - exchange.receiveWindow);
    exchange.receiveWindow = streamWindow;
  }

  onReset(id: number, code: number): void {
    if (this.#isIdle(id))
      return this.link.fail(ErrorCode.PROTOCOL_ERROR, "RST_STREAM must be on a stream that was opened");
    const exchange = this.#streams.get(id);
    if (exchange === undefined) return;
    this.#remove(exchange);
    if (code === ErrorCode.REFUSED_STREAM) exchange.retry(code);
    else exchange.finish(code);
  }

  onStreamError(id: number, code: ErrorCode, reason: string): void {
    if (this.#isIdle(id)) return this.link.fail(code, reason);
    const exchange = this.#streams.get(id);
    if (exchange !== undefined) this.#fail(exchange, reason, code);
  }

  onStreamWindow(id: number, increment: number): void {
    if (this.#isIdle(id))
      return this.link.fail(ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE must be on a stream that was opened");
    const exchange = this.#streams.get(id);
    if (exchange?.body === undefined) return;
    exchange.body.window += increment;
    if (exchange.body.window > largestWindow)
      this.#fail(exchange, "a window must not pass 2^31-1", ErrorCode.FLOW_CONTROL_ERROR);
    else this.#bodies.pump();
  }

  onSettings(windowChange: number): void {
    for (const { body } of this.#streams.values()) {
      if (body === undefined) continue;
      body.window += windowChange;
      if (body.window > largestWindow)
        return this.link.fail(ErrorCode.FLOW_CONTROL_ERROR, "the window of a stream must not pass 2^31-1");
    }
    this.#events.onReady(this);
    this.#bodies.pump();
    this.#events.onFree(this);
  }

  /** Calls beyond the last one that the server has seen are tried elsewhere. */
  onGoaway(lastStream: number, code: number, debug: string): void {
    if (code !== ErrorCode.NO_ERROR && code !== ErrorCode.CANCEL)
      this.problem = `the server said ${errorName(code)}${debug === "" ? "" : ` (${printable(debug)})`}`;
    this.hasPingedTooOften ||= code === ErrorCode.ENHANCE_YOUR_CALM && debug === tooManyPings;
    const unseen = this.#streams.values().filter(({ stream }) => stream > lastStream);
    this.retire();
    for (const exchange of unseen) {
      this.#remove(exchange);
      exchange.retry(ErrorCode.REFUSED_STREAM);
    }
  }

  onPing(): boolean {
    return true;
  }

  onWritable(): void {
    this.#bodies.pump();
  }

  onFailure(code: ErrorCode, reason: string): void {
    this.problem = `the server broke HTTP/2: ${reason}`;
    this.link.goaway(0, code, reason);
  }

  /** Whether the peer speaks of a stream that we have not opened. */
  #isIdle(id: number): boolean {
    return id % 2 === 0 || id >= this.#nextStream;
  }

  #end(exchange: Exchange): void {
    // An answer that does not wait for the rest of the request.
    if (exchange.body !== undefined) addReset(this.link.out, exchange.stream, ErrorCode.CANCEL);
    this.#remove(exchange);
    this.link.earn(10);
    exchange.finish(ErrorCode.NO_ERROR);
  }

  #fail(exchange: Exchange, reason: string, code: ErrorCode = ErrorCode.PROTOCOL_ERROR): void {
    addReset(this.link.out, exchange.stream, code);
    this.#remove(exchange);
    exchange.broken(reason);
  }

  #remove(exchange: Exchange): void {
    this.#streams.delete(exchange.stream);
    if (exchange.body !== undefined) this.#bodies.remove(exchange.body);
    exchange.body = undefined;
    if (this.isRetired) this.#finishIfDone();
    else this.#events.onFree(this);
  }

  #finishIfDone(): void {
    if (this.#streams.size > 0 || this.link.isClosed) return;
    this.link.goaway(0, ErrorCode.NO_ERROR, "");
    this.link.finish();
  }

  #onClosed(): void {
    const exchanges = this.#streams.values();
    this.#streams.clear();
    this.retire();
    for (const exchange of exchanges) exchange.lost();
  }
}

function printable(text: string): string {
  return text.slice(0, 100).replace(/[^ -~]/g, "?");
}
