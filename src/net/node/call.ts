import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { constants } from "node:http2";
import { inflate } from "../compression.ts";
import type { Inflated } from "../compression.ts";
import { encodingOf } from "../grpc/encoding.ts";
import { FrameReader, prefix } from "../grpc/frame.ts";
import type { Frame } from "../grpc/frame.ts";
import { parseTimeout } from "../grpc/headers.ts";
import {
  badFlag,
  cutShort,
  handlerFailed,
  noMessage,
  refusalOf,
  surplus,
  tooLarge,
  tooLate,
  tooManyInFlight,
  tooSlow,
  undecodable,
  withoutEncoding,
} from "../grpc/refusals.ts";
import { peerAddress } from "../socket/peer.ts";
import { trailersOf, trailersOnly } from "../grpc/grpc-status.ts";
import { Code } from "../status.ts";
import type { Status } from "../status.ts";
import type { Refusal, ServerLimits, UnaryCall, UnaryHandler, UnaryReply } from "../transport.ts";
import { longestTimerMs } from "../../longest-timer.ts";

/** What the calls of one server share. */
export type CallHost = {
  readonly limits: ServerLimits;
  readonly onRefusal: (refusal: Refusal) => void;
  /** Bytes of all messages that are held. */
  bytesInFlight: number;
  /** Calls whose message has not arrived whole. */
  readonly receiving: Set<NodeCall>;
};

type CallInit = {
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  readonly handler: UnaryHandler;
  readonly host: CallHost;
};

const success: OutgoingHttpHeaders = { ":status": 200, "content-type": "application/grpc" };
const successTrailers: OutgoingHttpHeaders = { "grpc-status": "0" };
const withTrailers = { waitForTrailers: true };
const endsHere = { endStream: true };
const nothing = Buffer.alloc(0);
const emptyReply = prefix(0, false);

/** One call on its way: reading, handling, answered. What is rarely wanted (signal, peer) is made when asked for. */
export class NodeCall implements UnaryCall {
  readonly path: string;
  readonly deadline: number | undefined;
  readonly born = performance.now();
  message: Buffer = nothing;
  readonly #stream: ServerHttp2Stream;
  #headers: IncomingHttpHeaders;
  readonly #handler: UnaryHandler;
  readonly #host: CallHost;
  readonly #reader: FrameReader;
  #frame: Frame | undefined;
  #state: "reading" | "handling" | "answered" = "reading";
  #held = 0;
  #controller: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isGone = false;
  #isInflating = false;
  /** Whether a message went ahead of the status. */
  #hasBegun = false;
  #trailers: OutgoingHttpHeaders = successTrailers;

  constructor(stream: ServerHttp2Stream, init: CallInit) {
    this.#stream = stream;
    this.#headers = init.headers;
    this.#handler = init.handler;
    this.#host = init.host;
    this.path = init.path;
    this.#reader = new FrameReader(init.host.limits.maxMessageBytes);
    const timeout = headerOf(init.headers, "grpc-timeout");
    const ms = timeout === undefined ? undefined : parseTimeout(timeout);
    this.deadline = ms === undefined ? undefined : Date.now() + ms;
  }

  get peer(): string | undefined {
    return peerAddress(this.#stream.session?.socket);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isGone) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  metadata(name: string): string | undefined {
    return headerOf(this.#headers, name);
  }

  get isLeaving(): boolean {
    return this.#stream.session?.closed !== false;
  }

  send(message: Uint8Array): boolean {
    const stream = this.#stream;
    if (this.#state !== "handling" || this.#isGone || stream.destroyed || stream.closed) return false;
    if (stream.writableLength > 0) return false;
    if (!this.#hasBegun) this.#begin();
    stream.write(Buffer.concat([prefix(message.length, false), message]));
    return true;
  }

  /** The answer may last for ever, and nobody needs the request for it. */
  #begin(): void {
    this.#hasBegun = true;
    this.message = nothing;
    this.#headers = {};
    this.#hold(0);
    this.#respond();
  }

  #respond(): void {
    this.#stream.respond(success, withTrailers);
    this.#stream.on("wantTrailers", () => this.#stream.sendTrailers(this.#trailers));
  }

  /** Starts to read the message. */
  read(): void {
    const refusal = refusalOf(headerOf(this.#headers, "grpc-encoding"), headerOf(this.#headers, "grpc-timeout"));
    if (refusal !== undefined) return this.#refuse("malformed", refusal);
    if (this.deadline !== undefined) this.#startTimer(this.deadline - Date.now());
    this.#host.receiving.add(this);
    this.#stream.on("data", (chunk: Buffer) => {
      if (this.#state === "reading") this.#onData(chunk);
    });
    this.#stream.on("end", () => {
      if (this.#state === "reading") this.#onEnd();
    });
    this.#stream.on("close", () => this.#onClose());
  }

  /** Ends a call whose message does not come. */
  tooSlow(): void {
    if (this.#state === "reading") this.#refuse("slow", tooSlow);
  }

  #onData(chunk: Buffer): void {
    const found = this.#reader.push(chunk);
    this.#hold(this.#reader.held);
    this.#frame = found;
    switch (found.status) {
      case "incomplete":
      case "message":
        return this.#isTooMuch ? this.#refuseForNow() : undefined;
      case "too_large":
        return this.#tooLarge(`${found.announced} bytes`);
      case "bad_flag":
        return this.#refuse("malformed", badFlag(found.flag));
      case "surplus":
        return this.#refuse("malformed", surplus);
    }
  }

  #onEnd(): void {
    const found = this.#frame;
    if (found?.status === "message")
      return found.compressed ? this.#inflate(found.payload) : this.#handle(found.payload);
    return this.#refuse("malformed", this.#reader.isInside ? cutShort : noMessage);
  }

  #inflate(payload: Buffer): void {
    const encoding = encodingOf(headerOf(this.#headers, "grpc-encoding"));
    if (encoding === undefined || encoding === "identity") return this.#refuse("malformed", withoutEncoding);
    const inflated = inflate(encoding, payload, this.#host.limits.maxMessageBytes);
    if (!(inflated instanceof Promise)) return this.#onInflated(inflated);
    this.#isInflating = true;
    void inflated.then((result) => {
      this.#isInflating = false;
      if (this.#state === "reading" && !this.#isGone) this.#onInflated(result);
      else this.#letGo();
    });
  }

  #onInflated(inflated: Inflated): void {
    switch (inflated.status) {
      case "ok":
        this.#hold(inflated.bytes.length);
        return this.#isTooMuch ? this.#refuseForNow() : this.#handle(inflated.bytes);
      case "too_large":
        return this.#tooLarge("more when decompressed");
      case "broken":
        return this.#refuse("malformed", undecodable(inflated.problem));
    }
  }

  get #isTooMuch(): boolean {
    return this.#host.bytesInFlight > this.#host.limits.maxBytesInFlight;
  }

  #refuseForNow(): void {
    this.#refuse("bytes_in_flight", tooManyInFlight);
  }

  #tooLarge(actual: string): void {
    this.#refuse("message_size", tooLarge(this.#host.limits.maxMessageBytes, actual));
  }

  #handle(message: Buffer): void {
    this.#host.receiving.delete(this);
    this.#state = "handling";
    this.#frame = undefined;
    this.message = message;
    const onError = (error: unknown): void => this.#onReply({ status: handlerFailed(error) });
    try {
      this.#handler(this).then((reply) => this.#onReply(reply), onError);
    } catch (error) {
      onError(error);
    }
  }

  #onReply(reply: UnaryReply): void {
    this.#hold(0);
    this.message = nothing;
    if (this.#state === "handling" && !this.#isGone) this.#answer(reply.status, reply.body);
  }

  #answer(status: Status, body?: Uint8Array): void {
    this.#state = "answered";
    clearTimeout(this.#timer);
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return;
    if (this.#hasBegun) {
      this.#trailers = trailersOf(status);
      stream.end();
      return;
    }
    if (status.code !== Code.OK) {
      stream.respond(trailersOnly(status), endsHere);
      return;
    }
    this.#respond();
    stream.end(
      body === undefined || body.length === 0 ? emptyReply : Buffer.concat([prefix(body.length, false), body]),
    );
  }

  /** Answers before the message was read, and stops the sender from sending the rest of it. */
  #refuse(refusal: Refusal, status: Status): void {
    this.#host.onRefusal(refusal);
    this.#letGo();
    this.#answer(status);
    // Behind the write of the answer, which Node puts off to the same moment: a reset before it would overtake it.
    setImmediate(() => this.#stream.close(constants.NGHTTP2_NO_ERROR));
  }

  #startTimer(ms: number): void {
    if (ms > longestTimerMs) return;
    this.#timer = setTimeout(() => {
      if (this.#state === "answered") return;
      this.#abort();
      if (this.#state === "reading") this.#letGo();
      this.#answer(tooLate);
    }, ms);
  }

  #onClose(): void {
    clearTimeout(this.#timer);
    if (this.#state === "reading") this.#letGo();
    if (this.#state !== "answered") this.#abort();
  }

  #abort(): void {
    this.#isGone = this.#isGone || this.#stream.destroyed || this.#stream.closed;
    this.#controller?.abort();
  }

  #letGo(): void {
    this.#host.receiving.delete(this);
    this.#frame = undefined;
    // zlib is reading it: it is held until that has ended.
    if (!this.#isInflating) this.#hold(0);
  }

  #hold(bytes: number): void {
    this.#host.bytesInFlight += bytes - this.#held;
    this.#held = bytes;
  }
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : value?.join(",");
}
