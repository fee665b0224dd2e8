import type { ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import { constants } from "node:http2";
import { inflate } from "../compression.ts";
import type { Inflated } from "../compression.ts";
import { encodingOf } from "../grpc/encoding.ts";
import { FrameReader, prefix, prefixLength, putPrefix } from "../grpc/frame.ts";
import type { Frame } from "../grpc/frame.ts";
import { isGrpcContentType } from "../grpc/headers.ts";
import { foreignStatus, statusOf } from "../grpc/grpc-status.ts";
import type { Live, NodeConnection, Waiter } from "./connection.ts";
import { Code, codeOfReset, ok } from "../status.ts";
import type { Status } from "../status.ts";
import type { StreamRequest, UnaryReply, UnaryRequest } from "../transport.ts";
import { Arena } from "../../otlp/rope/arena.ts";
import { MessageStream } from "../http2/frames/message-stream.ts";
import { piecesOf, whole } from "../../otlp/rope/rope.ts";
import type { Payload } from "../payload.ts";
import { allocate } from "../../otlp/rope/slab.ts";
import { longestTimerMs } from "../../longest-timer.ts";

type ExchangeInit = {
  readonly payload: Payload;
  readonly connection: NodeConnection;
  readonly maxResponseBytes: number;
};

const nothing = Buffer.alloc(0);
/** Answers are the caller's to keep. */
const responses = new Arena();

/** One call of a client, from the wait for a connection to its one reply. */
export class NodeExchange implements Waiter {
  readonly reply: Promise<UnaryReply>;
  readonly #request: UnaryRequest | StreamRequest;
  readonly #payload: Payload;
  readonly #connection: NodeConnection;
  readonly #reader: FrameReader;
  /** Of a call that is answered by a stream, instead of the reader. */
  readonly #messages: MessageStream | undefined;
  readonly #begun = performance.now();
  #resolve: (reply: UnaryReply) => void = () => {};
  #isSettled = false;
  #hasWaited = false;
  #timer: NodeJS.Timeout | undefined;
  #stream: ClientHttp2Stream | undefined;
  #live: Live | undefined;
  #bytesReadBefore = 0;
  #headers: IncomingHttpHeaders | undefined;
  #trailers: IncomingHttpHeaders | undefined;
  #frame: Frame | undefined;
  #hasEnded = false;

  constructor(request: UnaryRequest | StreamRequest, init: ExchangeInit) {
    this.#request = request;
    this.#payload = init.payload;
    this.#connection = init.connection;
    this.#reader = new FrameReader(init.maxResponseBytes);
    this.#messages = "onMessage" in request ? new MessageStream(responses, request.onMessage) : undefined;
    this.reply = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (request.signal.aborted) {
      this.#onAbort();
      return;
    }
    request.signal.addEventListener("abort", this.#onAbort, { once: true });
    if (Number.isFinite(request.timeoutMs))
      this.#timer = setTimeout(this.#onTimeout, Math.min(longestTimerMs, Math.max(0, request.timeoutMs)));
  }

  /** Sends the request; its stream is given back when it is closed. */
  run(live: Live): void {
    if (this.#isSettled) return this.#connection.release(live);
    this.#live = live;
    this.#bytesReadBefore = live.socket.bytesRead;
    const timeoutMs = this.#request.timeoutMs - (this.#hasWaited ? performance.now() - this.#begun : 0);
    let stream: ClientHttp2Stream;
    try {
      const headers = this.#connection.headersFor(this.#request.path, timeoutMs);
      const own = this.#request.headers;
      stream = live.session.request(own === undefined ? headers : { ...headers, ...own });
    } catch (error) {
      // The session ended, or ran out of stream ids, since it was handed out.
      this.#connection.suspect(live);
      this.#connection.release(live);
      return this.#settle({
        status: {
          code: Code.UNAVAILABLE,
          message: `Cannot open a stream: ${error instanceof Error ? error.message : String(error)}`,
        },
      });
    }
    this.#stream = stream;
    stream.on("response", (headers, flags) => this.#onResponse(headers, flags));
    stream.on("data", (chunk: Buffer) => this.#onData(chunk));
    stream.on("trailers", (trailers) => {
      this.#trailers = trailers;
      if (this.#hasEnded) this.#finish();
    });
    stream.on("end", () => {
      this.#hasEnded = true;
      if (this.#trailers !== undefined) this.#finish();
    });
    stream.on("error", ignore);
    stream.on("close", () => {
      this.#finish();
      this.#connection.release(live);
    });
    sendMessage(stream, this.#payload);
  }

  /** Told when no connection is free at once, so that the time spent waiting is taken off what the server is given. */
  delay(): void {
    this.#hasWaited = true;
  }

  fail(status: Status): void {
    this.#settle({ status });
  }

  #onResponse(headers: IncomingHttpHeaders, flags: number): void {
    this.#headers = headers;
    if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) this.#trailers = headers;
  }

  #onData(chunk: Buffer): void {
    if (this.#isSettled || !this.#isGrpc()) return;
    if (this.#messages !== undefined) return this.#onStreamed(chunk, this.#messages);
    this.#frame = this.#reader.push(chunk);
    switch (this.#frame.status) {
      case "incomplete":
      case "message":
        return;
      case "too_large":
        return this.#giveUp({
          code: Code.RESOURCE_EXHAUSTED,
          message: `Cannot take the response: it has ${this.#frame.announced} bytes`,
        });
      case "bad_flag":
      case "surplus":
        return this.#giveUp({ code: Code.INTERNAL, message: "Cannot read the response: it is not one gRPC message" });
    }
  }

  #onStreamed(bytes: Buffer, messages: MessageStream): void {
    const span = { bytes, start: 0, end: bytes.length, arrived: bytes.length };
    const state = messages.push(span, this.#reader.limit);
    if (state === "too_large")
      this.#giveUp({
        code: Code.RESOURCE_EXHAUSTED,
        message: `Cannot take the response: it has ${messages.announced} bytes`,
      });
    else if (state !== "incomplete")
      this.#giveUp({ code: Code.INTERNAL, message: "Cannot read the response: it is no gRPC message" });
  }

  /** Makes the reply of what came, once the response has ended or the stream is closed. */
  #finish(): void {
    if (this.#isSettled) return;
    const headers = this.#headers;
    const trailers = this.#trailers;
    const status = trailers === undefined ? undefined : statusOf((name) => textOf(trailers[name]));
    if (status !== undefined) return status.code === Code.OK ? this.#succeed() : this.#settle({ status });
    if (headers !== undefined && !this.#isGrpc())
      return this.#settle({ status: foreignStatus(Number(headers[":status"]), headers["content-type"]) });
    if (this.#live?.session.destroyed === true)
      return this.#settle({
        status: { code: Code.UNAVAILABLE, message: "The connection was lost before the answer came" },
      });
    const reset = this.#stream?.rstCode ?? 0;
    this.#settle({
      status: {
        code: codeOfReset(reset),
        message: `The server ended the call without a status (HTTP/2 error ${reset})`,
      },
    });
  }

  #succeed(): void {
    if (this.#messages?.isInside === true)
      return this.#settle({
        status: { code: Code.INTERNAL, message: "Cannot read the response: its last message is cut short" },
      });
    // OK without a message says that the request was taken, which is what matters.
    if (this.#frame?.status !== "message") return this.#settle({ status: ok, body: nothing });
    if (!this.#frame.compressed) return this.#settle({ status: ok, body: this.#frame.payload });
    const named = this.#headers?.["grpc-encoding"];
    const encoding = encodingOf(typeof named === "string" ? named : undefined);
    if (encoding === undefined || encoding === "identity") return this.#settle({ status: ok, body: nothing });
    const inflated = inflate(encoding, this.#frame.payload, this.#reader.limit);
    if (!(inflated instanceof Promise)) return this.#settle(replyOf(inflated));
    void inflated.then((result) => this.#settle(replyOf(result)));
  }

  #isGrpc(): boolean {
    return (
      this.#headers !== undefined &&
      Number(this.#headers[":status"]) === 200 &&
      isGrpcContentType(this.#headers["content-type"])
    );
  }

  readonly #onAbort = (): void => this.#giveUp({ code: Code.CANCELLED, message: "The call was cancelled by podstamp" });

  readonly #onTimeout = (): void => {
    if (this.#live !== undefined && this.#live.socket.bytesRead === this.#bytesReadBefore)
      this.#connection.suspect(this.#live);
    this.#giveUp({
      code: Code.DEADLINE_EXCEEDED,
      message: `No answer within ${Math.round(this.#request.timeoutMs)} ms`,
    });
  };

  #giveUp(status: Status): void {
    this.#settle({ status });
    this.#stream?.close(constants.NGHTTP2_CANCEL);
  }

  #settle(reply: UnaryReply): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#request.signal.removeEventListener("abort", this.#onAbort);
    if (this.#live === undefined) this.#connection.leave(this);
    this.#resolve(reply);
  }
}

function replyOf(inflated: Inflated): UnaryReply {
  switch (inflated.status) {
    case "ok":
      return { status: ok, body: inflated.bytes };
    case "too_large":
      return {
        status: {
          code: Code.RESOURCE_EXHAUSTED,
          message: "Cannot take the response: it is too large when decompressed",
        },
      };
    case "broken":
      return { status: { code: Code.INTERNAL, message: `Cannot decompress the response: ${inflated.problem}` } };
  }
}

function textOf(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.join(",");
}

/** A stream's error is followed by its "close", where the reply is made. */
function ignore(): void {}

/** A message this small is copied behind its prefix: one write costs less than two. */
const smallMessage = 16 * 1024;

function sendMessage(stream: ClientHttp2Stream, { bytes, isCompressed }: Payload): void {
  if (bytes.length <= smallMessage) {
    const framed = allocate(prefixLength + bytes.length);
    putPrefix(framed, bytes.length, isCompressed);
    framed.set(whole(bytes), prefixLength);
    stream.end(framed);
    return;
  }
  stream.cork();
  stream.write(prefix(bytes.length, isCompressed));
  const pieces = piecesOf(bytes);
  for (let i = 0; i < pieces.length - 1; i++) stream.write(pieces[i]);
  stream.end(pieces.at(-1));
}
