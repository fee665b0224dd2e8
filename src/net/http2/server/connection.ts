import type { Socket } from "node:net";
import type { PingGuard } from "../../grpc/ping-guard.ts";
import { peerAddress } from "../../socket/peer.ts";
import type { Status } from "../../status.ts";
import type { UnaryMethods } from "../../transport.ts";
import { AnswerSender } from "./answers.ts";
import type { PlainAnswer } from "./answers.ts";
import { dispatch, unknownMethod } from "./dispatch.ts";
import type { Dispatched } from "./dispatch.ts";
import { HeadReader } from "../fields.ts";
import type { Fields } from "../fields.ts";
import type { Span } from "../frames/frame-sink.ts";
import { LateStreams } from "./late-streams.ts";
import { Link } from "../link.ts";
import { Numbered } from "../numbered.ts";
import type { LinkOptions, LinkOwner } from "../link.ts";
import { addReset, addWindowUpdate } from "../frames/outbox.ts";
import { Patience } from "../patience.ts";
import { ErrorCode, largestStreamId } from "../frames/protocol.ts";
import { account, relieve } from "./receive-credit.ts";
import { parseRequestHead, parseTrailers } from "./request-head.ts";
import type { RequestHead } from "./request-head.ts";
import { ServerStream } from "./stream.ts";
import type { ServerShared, StreamHost } from "./stream.ts";

export type ServerConnectionOptions = {
  readonly socket: Socket;
  readonly shared: ServerShared;
  readonly methods: UnaryMethods;
  /** How much a connection and one of its streams may send ahead. */
  readonly connectionWindow: number;
  readonly streamWindow: number;
  readonly settings: LinkOptions["settings"];
  readonly pings: PingGuard | undefined;
  /** What somebody is told who does not speak gRPC. */
  readonly foreignAnswer: string;
  readonly onClosed: () => void;
};

/** Each state is entered in one place. Final: no stream beyond the last one is taken. */
type State = "greeting" | "open" | "draining" | "final" | "closed";

/** One connection of a server: its streams, what is refused by their headers, and its end. */
export class ServerConnection implements LinkOwner, StreamHost {
  readonly link: Link;
  readonly shared: ServerShared;
  readonly born = performance.now();
  /** When a call came in. */
  lastCall = this.born;
  readonly #options: ServerConnectionOptions;
  readonly #streams = new Numbered<ServerStream>();
  readonly #late = new LateStreams();
  readonly #heads: HeadReader<RequestHead>;
  readonly #trailers: HeadReader<Fields>;
  readonly answers: AnswerSender;
  readonly #resets: Patience;
  #state: State = "greeting";
  #lastStream = 0;
  /** Whose data is coming, and how much of the frame counts. */
  #current: ServerStream | undefined;

  constructor(options: ServerConnectionOptions) {
    const { shared, socket, connectionWindow } = options;
    this.#options = options;
    this.shared = shared;
    this.#resets = new Patience(shared.limits.resets);
    this.link = new Link({
      socket,
      owner: this,
      isClient: false,
      settings: options.settings,
      window: connectionWindow,
      budget: shared,
      limits: shared.limits,
    });
    this.#heads = new HeadReader(this.link.decoder, parseRequestHead);
    this.#trailers = new HeadReader(this.link.decoder, parseTrailers);
    this.answers = new AnswerSender(this.link, options.pings);
    socket.once("close", () => this.#onClosed());
    this.link.greet();
  }

  get peer(): string | undefined {
    return peerAddress(this.link.socket);
  }

  /** Whether the peer's settings came. */
  get isOpen(): boolean {
    return this.#state !== "greeting";
  }

  get calls(): number {
    return this.#streams.size;
  }

  /** Whether goodbye was said. */
  get isLeaving(): boolean {
    return this.#state !== "greeting" && this.#state !== "open";
  }

  /** Says goodbye: calls that are here or on their way end as they would. */
  drain(): void {
    if (this.#state !== "greeting" && this.#state !== "open") return;
    this.#state = "draining";
    this.link.goaway(largestStreamId, ErrorCode.NO_ERROR, "");
    // What is sent before the peer answers this was sent before it knew.
    this.link.ping(() => this.hurry());
  }

  /** Takes no new stream from now on; whoever has not answered the goodbye does not get longer. */
  hurry(): void {
    if (this.#state !== "draining") return;
    this.#state = "final";
    this.link.goaway(this.#lastStream, ErrorCode.NO_ERROR, "");
    this.#finishIfFinal();
  }

  destroy(): void {
    this.link.socket.destroy();
  }

  /** Ends what the peer does not let us finish; `before` is when it began. */
  endStalled(before: number): void {
    for (const id of this.answers.bodies.stalled(before)) {
      const stream = this.#streams.get(id);
      if (stream === undefined) continue;
      this.shared.onRefusal("stalled");
      this.#reset(stream, ErrorCode.CANCEL);
    }
  }

  onHeaders(id: number, endsStream: boolean, block: Span): void {
    const known = this.#streams.get(id);
    if (known !== undefined) return this.#onTrailers(known, endsStream, block);
    if (id % 2 === 0) return this.link.fail(ErrorCode.PROTOCOL_ERROR, "a client's streams must have odd numbers");
    // The table of the connection must see every block.
    const decoded = this.#heads.read(block);
    if (decoded.status === "compression_error")
      return this.link.fail(ErrorCode.COMPRESSION_ERROR, "a header block cannot be decoded");
    if (id <= this.#lastStream) {
      const code = this.#late.problemOf(id);
      if (code !== undefined) this.link.fail(code, "a stream must be above those before it");
      else this.link.takeIdleFrame();
      return;
    }
    if (this.#state === "final") return void this.link.takeIdleFrame();
    this.#late.open(this.#lastStream, id);
    this.#lastStream = id;
    if (this.#streams.size >= this.shared.limits.maxConcurrentStreams) {
      this.shared.onRefusal("streams");
      return this.#turnAway(id, endsStream, ErrorCode.REFUSED_STREAM);
    }
    this.#open(id, endsStream, dispatch(decoded, this.#options.methods, this.#options.foreignAnswer));
  }

  onDataBegin(id: number, length: number): void {
    const stream = this.#streams.get(id);
    this.#current = undefined;
    if (stream === undefined || stream.isReset || stream.hasRemoteEnded) {
      this.link.credit(length);
      if (id > this.#lastStream && this.#state !== "final")
        return this.link.fail(ErrorCode.PROTOCOL_ERROR, "DATA must be on a stream that was opened");
      if (stream?.isReset === true || this.#late.has(id) || id > this.#lastStream) return;
      if (stream !== undefined) return this.#reset(stream, ErrorCode.STREAM_CLOSED);
      return this.#turnAway(id, false, ErrorCode.STREAM_CLOSED);
    }
    stream.receiveWindow -= length;
    account(stream, length, this);
    if (stream.receiveWindow < 0) return this.#reset(stream, ErrorCode.FLOW_CONTROL_ERROR);
    this.#current = stream;
  }

  onData(span: Span): void {
    const stream = this.#current;
    if (stream === undefined || stream.isReset) return;
    stream.received += span.end - span.start;
    const { contentLength } = stream.head;
    if (contentLength !== undefined && stream.received > contentLength) return this.#malformed(stream);
    if (stream.state === "reading") stream.take(span);
  }

  onDataEnd(endsStream: boolean): void {
    const stream = this.#current;
    if (stream === undefined || stream.isReset) return;
    if (endsStream) return this.#onRemoteEnd(stream);
    if (stream.state !== "reading") return;
    relieve(this.#streams, this.link);
    // A message that fits into the window needs no more of it.
    const { streamWindow } = this.#options;
    if (stream.receiveWindow < stream.missing && stream.receiveWindow < streamWindow >> 1) {
      addWindowUpdate(this.link.out, stream.id, streamWindow - stream.receiveWindow);
      stream.receiveWindow = streamWindow;
    }
  }

  onReset(id: number, _code: number): void {
    if (this.#isIdle(id))
      return this.link.fail(ErrorCode.PROTOCOL_ERROR, "RST_STREAM must be on a stream that was opened");
    if (!this.#isPatient()) return;
    this.#late.delete(id);
    const stream = this.#streams.get(id);
    if (stream === undefined || stream.isReset) return;
    this.#abandon(stream);
  }

  onStreamError(id: number, code: ErrorCode, reason: string): void {
    if (this.#isIdle(id)) return this.link.fail(code, reason);
    const stream = this.#streams.get(id);
    if (stream === undefined || stream.isReset) return this.#turnAway(id, false, code);
    this.#reset(stream, code);
  }

  onStreamWindow(id: number, increment: number): void {
    if (this.#isIdle(id))
      return this.link.fail(ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE must be on a stream that was opened");
    const stream = this.#streams.get(id);
    if (stream === undefined || stream.isReset) return;
    if (!stream.widen(increment)) return this.#reset(stream, ErrorCode.FLOW_CONTROL_ERROR);
    this.answers.bodies.pump();
  }

  onSettings(windowChange: number): void {
    if (this.#state === "greeting") this.#state = "open";
    if (windowChange === 0) return;
    for (const stream of this.#streams.values()) {
      if (!stream.widen(windowChange))
        return this.link.fail(ErrorCode.FLOW_CONTROL_ERROR, "the window of a stream must not pass 2^31-1");
    }
    this.answers.bodies.pump();
  }

  /** A client that says goodbye opens no more streams; its calls go on. */
  onGoaway(): void {
    this.drain();
  }

  onPing(): boolean {
    const isTooMuch = this.#options.pings?.isTooMuch(this.#streams.size > 0) === true;
    if (isTooMuch) this.link.fail(ErrorCode.ENHANCE_YOUR_CALM, "too_many_pings");
    return !isTooMuch;
  }

  onWritable(): void {
    this.answers.bodies.pump();
  }

  onFailure(code: ErrorCode, reason: string): void {
    this.shared.onRefusal(code === ErrorCode.ENHANCE_YOUR_CALM ? "flood" : "protocol_error");
    this.link.goaway(this.#lastStream, code, reason);
    this.#state = "closed";
    this.#abandonAll();
  }

  answer(stream: ServerStream, status: Status, body: Uint8Array | undefined): void {
    if (!stream.isReset && !this.link.isClosed)
      this.answers.answer(stream, { status, body }, () => this.#endLocal(stream));
  }

  answerPlainly(stream: ServerStream, answer: PlainAnswer): void {
    if (!stream.isReset && !this.link.isClosed) this.answers.plain(stream, answer, () => this.#endLocal(stream));
  }

  settle(stream: ServerStream): void {
    if (stream.owed > 0 && stream.state === "answered") {
      this.link.credit(stream.owed);
      stream.owed = 0;
    }
    if (!stream.isClosed || stream.isWorking || !this.#streams.delete(stream.id)) return;
    if (this.#streams.size === 0) this.#finishIfFinal();
  }

  /** A request whose headers are here: refused by them, or its message is waited for. */
  #open(id: number, endsStream: boolean, { head, handler, refusal }: Dispatched): void {
    if (refusal !== undefined) this.shared.onRefusal(refusal);
    if (handler === "malformed") return this.#turnAway(id, endsStream, ErrorCode.PROTOCOL_ERROR);
    if (handler === "unknown") {
      this.answers.trailersOnly(id, unknownMethod(head.path));
      return this.#endEarly(id, endsStream);
    }
    this.lastCall = performance.now();
    const stream = new ServerStream({
      id,
      host: this,
      head,
      handler,
      receiveWindow: this.#options.streamWindow,
      sendWindow: this.link.initialWindow,
    });
    this.#streams.set(id, stream);
    stream.hasRemoteEnded = endsStream;
    stream.start();
    if (endsStream && stream.state === "reading") this.#onRemoteEnd(stream);
  }

  /** Our side has answered: a sender that is not ready is told to stop. */
  #endEarly(id: number, hasRemoteEnded: boolean): void {
    if (hasRemoteEnded) return;
    addReset(this.link.out, id, ErrorCode.NO_ERROR);
    this.#late.add(id);
  }

  #turnAway(id: number, hasRemoteEnded: boolean, code: ErrorCode): void {
    addReset(this.link.out, id, code);
    if (!hasRemoteEnded) this.#late.add(id);
    this.#isPatient();
  }

  #onTrailers(stream: ServerStream, endsStream: boolean, block: Span): void {
    const { status } = this.#trailers.read(block);
    if (status === "compression_error")
      return this.link.fail(ErrorCode.COMPRESSION_ERROR, "a header block cannot be decoded");
    if (stream.isReset) return void this.link.takeIdleFrame();
    if (stream.hasRemoteEnded) return this.#reset(stream, ErrorCode.STREAM_CLOSED);
    if (!endsStream || status !== "ok") return this.#malformed(stream);
    this.#onRemoteEnd(stream);
  }

  #onRemoteEnd(stream: ServerStream): void {
    const { contentLength } = stream.head;
    if (contentLength !== undefined && stream.received !== contentLength) return this.#malformed(stream);
    this.link.earn(10);
    stream.end();
    this.settle(stream);
  }

  #malformed(stream: ServerStream): void {
    this.shared.onRefusal("malformed");
    this.#reset(stream, ErrorCode.PROTOCOL_ERROR);
  }

  #endLocal(stream: ServerStream): void {
    stream.hasLocalEnded = true;
    if (!stream.hasRemoteEnded) {
      this.#endEarly(stream.id, false);
      stream.isReset = true;
    }
    this.settle(stream);
  }

  #reset(stream: ServerStream, code: ErrorCode): void {
    addReset(this.link.out, stream.id, code);
    if (!stream.hasRemoteEnded) this.#late.add(stream.id);
    this.#abandon(stream);
    this.#isPatient();
  }

  #abandon(stream: ServerStream): void {
    if (stream.body !== undefined) this.answers.bodies.remove(stream.body);
    stream.body = undefined;
    stream.abandon();
  }

  #abandonAll(): void {
    for (const stream of this.#streams.values()) this.#abandon(stream);
  }

  #isPatient(): boolean {
    if (this.#resets.take()) return true;
    this.link.fail(ErrorCode.ENHANCE_YOUR_CALM, "too many streams end by a reset");
    return false;
  }

  #isIdle(id: number): boolean {
    return id % 2 === 0 || (id > this.#lastStream && this.#state !== "final");
  }

  #finishIfFinal(): void {
    if (this.#state !== "final" || this.#streams.size > 0) return;
    this.#state = "closed";
    this.link.finish();
  }

  #onClosed(): void {
    this.#state = "closed";
    this.#abandonAll();
    this.#options.onClosed();
  }
}
