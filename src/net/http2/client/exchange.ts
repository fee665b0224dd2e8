import type { Inflated } from "../../compression.ts";
import { encodingOf } from "../../grpc/encoding.ts";
import type { Encoding } from "../../grpc/encoding.ts";
import { foreignStatus } from "../../grpc/grpc-status.ts";
import { Code, codeOfReset, ok } from "../../status.ts";
import type { Status } from "../../status.ts";
import type { StreamRequest, UnaryReply, UnaryRequest } from "../../transport.ts";
import type { Payload } from "../../payload.ts";
import { Arena } from "../../../otlp/rope/arena.ts";
import type { Body } from "../body.ts";
import type { ClientSession } from "./session.ts";
import type { Connections, Waiter } from "./connector.ts";
import type { Span } from "../frames/frame-sink.ts";
import { MessageReader } from "../frames/message-reader.ts";
import { MessageStream } from "../frames/message-stream.ts";
import type { ResponseHead } from "./response-head.ts";
import { longestTimerMs } from "../../../longest-timer.ts";

type ExchangeInit = {
  readonly payload: Payload;
  readonly connector: Connections;
  readonly maxResponseBytes: number;
};

/** Answers are the caller's to keep. */
const responses = new Arena();
/** Once the answer is here nobody looks at the request's bytes any more: what was left of them has been taken back. */
const taken: UnaryReply = { status: ok, body: Buffer.alloc(0), letGo: true };
/** So often a call is tried anew that the server has not looked at. */
const maxRetries = 4;

const nobody = (): void => {};

/** One call of a client, from the wait for a connection to its one reply. */
export class Exchange implements Waiter {
  readonly reply: Promise<UnaryReply>;
  readonly request: UnaryRequest | StreamRequest;
  readonly payload: Payload;
  /** Its stream while it has one, what is still to be sent on it, and what the server may send. */
  stream = 0;
  body: Body | undefined;
  receiveWindow = 0;
  isSettled = false;
  readonly #connector: Connections;
  readonly #maxResponseBytes: number;
  readonly #begun = performance.now();
  #resolve: (reply: UnaryReply) => void = nobody;
  #hasWaited = false;
  #retries = 0;
  #timer: NodeJS.Timeout | undefined;
  #session: ClientSession | undefined;
  #bytesReadBefore = 0;
  #head: ResponseHead | undefined;
  #trailers: ResponseHead | undefined;
  #message: MessageReader | MessageStream | undefined;
  #received = 0;

  constructor(request: UnaryRequest | StreamRequest, init: ExchangeInit) {
    this.request = request;
    this.payload = init.payload;
    this.#connector = init.connector;
    this.#maxResponseBytes = init.maxResponseBytes;
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

  /** Whether the headers of the response are there. */
  get hasHead(): boolean {
    return this.#head !== undefined;
  }

  run(session: ClientSession): void {
    if (this.isSettled) return;
    this.#session = session;
    this.#bytesReadBefore = session.link.socket.bytesRead;
    const waited = this.#hasWaited ? performance.now() - this.#begun : 0;
    session.send(this, this.request.timeoutMs - waited);
  }

  /** Told when no connection is free at once, so that the time spent waiting is taken off what the server is given. */
  delay(): void {
    this.#hasWaited = true;
  }

  fail(status: Status): void {
    this.#settle({ status });
  }

  /** Takes headers or trailers; a sentence when they are not what may come now. */
  takeHead(head: ResponseHead, isLast: boolean): string | undefined {
    if (this.#head !== undefined) {
      if (head.httpStatus !== undefined || !isLast) return "trailers must have no :status, and end the stream";
      this.#trailers = head;
      return undefined;
    }
    if (head.httpStatus === undefined) return ":status must be there";
    if (head.httpStatus < 200) return isLast ? "an informational response must not be the last" : undefined;
    this.#head = head;
    if (isLast) this.#trailers = head;
    return undefined;
  }

  takeData(span: Span): void {
    this.#received += span.end - span.start;
    if (this.#head?.isGrpc !== true) return;
    const message = (this.#message ??= this.#reader());
    switch (message.push(span, this.#maxResponseBytes)) {
      case "incomplete":
      case "message":
        return;
      case "too_large":
        return this.#giveUp({
          code: Code.RESOURCE_EXHAUSTED,
          message: `Cannot take the response: it has ${message.announced} bytes`,
        });
      case "bad_flag":
      case "surplus":
        return this.#giveUp({ code: Code.INTERNAL, message: "Cannot read the response: it is not one gRPC message" });
    }
  }

  /** Makes the reply of what came, once the stream has ended; `reset` is the code of a reset, 0 without one. */
  finish(reset: number): void {
    if (this.isSettled) return;
    const head = this.#head;
    if (
      reset === 0 &&
      head?.contentLength !== undefined &&
      head.contentLength !== this.#received &&
      head !== this.#trailers
    )
      return this.broken("content-length must be the length of the body");
    const status = this.#trailers?.status;
    if (status !== undefined) return status.code === Code.OK ? this.#succeed() : this.#settle({ status });
    if (head !== undefined && !head.isGrpc)
      return this.#settle({ status: foreignStatus(head.httpStatus ?? 0, head.contentType) });
    this.#settle({
      status: {
        code: codeOfReset(reset),
        message: `The server ended the call without a status (HTTP/2 error ${reset})`,
      },
    });
  }

  /** The server has not looked at the call: it may be tried anew, there or elsewhere. */
  retry(reset: number): void {
    if (this.isSettled) return;
    // Whoever has begun to answer has looked at it.
    if (this.#head !== undefined || this.#retries++ === maxRetries) return this.finish(reset);
    this.#session = undefined;
    this.#hasWaited = true;
    this.#connector.enter(this);
  }

  /** The response is none that HTTP/2 allows. */
  broken(reason: string): void {
    this.#settle({ status: { code: Code.INTERNAL, message: `Cannot read the response: ${reason}` } });
  }

  /** The connection ended before the stream did. */
  lost(): void {
    if (this.#trailers !== undefined) return this.finish(0);
    const problem = this.#session?.problem;
    this.#settle({
      status: {
        code: Code.UNAVAILABLE,
        message: `The connection was lost before the answer came${problem === undefined ? "" : `: ${problem}`}`,
      },
    });
  }

  #reader(): MessageReader | MessageStream {
    const { request } = this;
    return "onMessage" in request ? new MessageStream(responses, request.onMessage) : new MessageReader(responses);
  }

  #succeed(): void {
    const message = this.#message;
    if (message instanceof MessageStream)
      return message.isInside ? this.broken("its last message is cut short") : this.#settle(taken);
    // OK without a message says that the request was taken, which is what matters.
    if (message?.state !== "message" || message.length === 0) return this.#settle(taken);
    if (message.flag === 0) return this.#settle({ status: ok, body: message.message, letGo: true });
    const encoding = encodingOf(this.#head?.encoding);
    if (encoding === undefined || encoding === "identity") return this.#settle(taken);
    void this.#inflate(encoding, message.message);
  }

  /** Loaded when it is needed: few servers compress, and a command that asks a few times does not wait for zlib. */
  async #inflate(encoding: Exclude<Encoding, "identity">, bytes: Uint8Array): Promise<void> {
    const { inflate } = await import("../../compression.ts");
    this.#settle(replyOf(await inflate(encoding, bytes, this.#maxResponseBytes)));
  }

  readonly #onAbort = (): void => this.#giveUp({ code: Code.CANCELLED, message: "The call was cancelled by podstamp" });

  readonly #onTimeout = (): void => {
    const session = this.#session;
    // It heard nothing in all its time: the next ones go onto a new connection, in case this one is dead.
    if (session !== undefined && session.link.socket.bytesRead === this.#bytesReadBefore) session.retire();
    this.#giveUp({
      code: Code.DEADLINE_EXCEEDED,
      message: `No answer within ${Math.round(this.request.timeoutMs)} ms`,
    });
  };

  #giveUp(status: Status): void {
    this.#settle({ status });
    this.#session?.cancel(this);
  }

  #settle(reply: UnaryReply): void {
    if (this.isSettled) return;
    this.isSettled = true;
    clearTimeout(this.#timer);
    this.request.signal.removeEventListener("abort", this.#onAbort);
    if (this.#session === undefined) this.#connector.leave(this);
    this.#resolve(reply);
  }
}

function replyOf(inflated: Inflated): UnaryReply {
  switch (inflated.status) {
    case "ok":
      return { status: ok, body: inflated.bytes, letGo: true };
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
