import { inflate } from "../../compression.ts";
import type { Inflated } from "../../compression.ts";
import {
  badFlag,
  cutShort,
  handlerFailed,
  noMessage,
  surplus,
  tooLarge,
  tooLate,
  tooManyInFlight,
  tooSlow,
  undecodable,
  withoutEncoding,
} from "../../grpc/refusals.ts";
import type { Status } from "../../status.ts";
import type { Refusal, ServerLimits, UnaryCall, UnaryHandler, UnaryReply } from "../../transport.ts";
import type { AnswerSender, PlainAnswer } from "./answers.ts";
import type { Arena } from "../../../otlp/rope/arena.ts";
import { Cancellation } from "../../../otlp/cancel.ts";
import type { CancelSignal } from "../../../otlp/cancel.ts";
import type { Body } from "../body.ts";
import { fieldOf } from "../fields.ts";
import type { Span } from "../frames/frame-sink.ts";
import { MessageReader } from "../frames/message-reader.ts";
import { largestWindow } from "../frames/protocol.ts";
import type { Numbered } from "../numbered.ts";
import type { RequestHead } from "./request-head.ts";
import { longestTimerMs } from "../../../longest-timer.ts";

/** What the calls of one server share. */
export type ServerShared = {
  readonly limits: ServerLimits;
  readonly onRefusal: (refusal: Refusal) => void;
  /** Bytes of all messages that are held. */
  bytesInFlight: number;
  readonly arena: Arena;
  /** Calls whose message has not arrived whole, in the order of their arrival. */
  readonly receiving: Numbered<ServerStream>;
  /** The number in it of the last one. */
  lastReceiving: number;
};

/** What a stream needs of its connection. */
export type StreamHost = {
  readonly shared: ServerShared;
  readonly peer: string | undefined;
  readonly isLeaving: boolean;
  readonly answers: AnswerSender;
  /** Sends status and message; the stream is then ended on our side, once its body has gone. */
  answer(stream: ServerStream, status: Status, body: Uint8Array | undefined): void;
  answerPlainly(stream: ServerStream, answer: PlainAnswer): void;
  /** The work of the stream is done, or its wire is closed: its place is free when both are. */
  settle(stream: ServerStream): void;
};

export type StreamInit = {
  readonly id: number;
  readonly host: StreamHost;
  readonly head: RequestHead;
  /** Who answers; or what the answer is, once the request has come or takes its time. */
  readonly handler: UnaryHandler | PlainAnswer;
  /** What the peer may send, and lets us send. */
  readonly receiveWindow: number;
  readonly sendWindow: number;
};

const nothing = Buffer.alloc(0);
/** So long the rest of a request may come that is not wanted: what is wrong with it is told rather than what it is. */
const unwantedMs = 500;
/** Headers above this count among the bytes in flight; those of most calls are the same ones, which their connection keeps once. */
const smallHead = 2048;

/** Of those whose message is on its way; behind it numbers begin anew, long after the first ones have gone. */
const largestNumber = 0x3ffffffe;

/** One call on its way: reading, handling, answered. What is rarely wanted (peer) is made when asked for. */
export class ServerStream implements UnaryCall {
  readonly id: number;
  head: RequestHead;
  readonly deadline: number | undefined;
  readonly born = performance.now();
  message: Buffer = nothing;
  receiveWindow: number;
  sendWindow: number;
  /** What is being sent and has not gone. */
  body: Body | undefined;
  /** Bytes that came and were not given back to the connection's window. */
  owed = 0;
  /** Bytes of data so far. */
  received = 0;
  /** No more comes from the peer; no more goes from us; one of us gave it up. */
  hasRemoteEnded = false;
  hasLocalEnded = false;
  isReset = false;
  state: "reading" | "handling" | "answered" = "reading";
  /** Whether a handler has not come back. */
  isWorking = false;
  /** Whether a message went ahead of the status. */
  hasBegun = false;
  onGone: (() => void) | undefined;
  readonly #host: StreamHost;
  readonly #handler: UnaryHandler | PlainAnswer;
  readonly #reader: MessageReader;
  readonly #cancellation = new Cancellation();
  #receiving = 0;
  #held = 0;
  /** Of them, what the headers take. */
  #headBytes: number;
  #timer: NodeJS.Timeout | undefined;

  constructor({ id, host, head, handler, receiveWindow, sendWindow }: StreamInit) {
    this.id = id;
    this.head = head;
    this.#host = host;
    this.#handler = handler;
    this.#headBytes = head.size > smallHead ? head.size : 0;
    this.#reader = new MessageReader(host.shared.arena);
    this.receiveWindow = receiveWindow;
    this.sendWindow = sendWindow;
    this.deadline = head.timeoutMs === undefined ? undefined : Date.now() + head.timeoutMs;
  }

  get path(): string {
    return this.head.path;
  }

  get peer(): string | undefined {
    return this.#host.peer;
  }

  get signal(): CancelSignal {
    return this.#cancellation;
  }

  metadata(name: string): string | undefined {
    return fieldOf(this.head.fields, name);
  }

  get isLeaving(): boolean {
    return this.#host.isLeaving;
  }

  send(message: Uint8Array): boolean {
    if (this.state !== "handling" || this.body !== undefined) return false;
    const isFirst = !this.hasBegun;
    if (isFirst) this.#begin();
    this.#host.answers.ahead(this, message, isFirst);
    return true;
  }

  /** The answer may last for ever, and nobody needs the request for it. */
  #begin(): void {
    this.hasBegun = true;
    this.message = nothing;
    this.head = { ...this.head, fields: [] };
    this.#reader.giveBack();
    this.#free();
  }

  /** Whether the wire is closed: reset, or ended on both sides. */
  get isClosed(): boolean {
    return this.isReset || (this.hasRemoteEnded && this.hasLocalEnded);
  }

  /** Bytes that the message wants beyond those that have come. */
  get missing(): number {
    return this.#reader.missing;
  }

  /** Adds to what may be sent; whether a window may be that large. */
  widen(change: number): boolean {
    this.sendWindow += change;
    if (this.body !== undefined) this.body.window += change;
    return Math.max(this.sendWindow, this.body?.window ?? 0) <= largestWindow;
  }

  /** Begins to wait for the message. */
  start(): void {
    const { refusal } = this.head;
    const answer = this.#handler;
    if (typeof answer !== "function") {
      this.#timer = setTimeout(() => this.#answerPlainly(answer), unwantedMs);
      return;
    }
    if (refusal !== undefined) return this.#refuse("malformed", refusal);
    if (this.#headBytes > 0) {
      this.#hold(0);
      if (this.#isTooMuch) return this.#refuseForNow();
    }
    if (this.head.timeoutMs !== undefined) this.#startTimer(this.head.timeoutMs);
    const { shared } = this.#host;
    this.#receiving = shared.lastReceiving = (shared.lastReceiving + 2) & largestNumber;
    shared.receiving.set(this.#receiving, this);
  }

  /** Takes a piece of the message. */
  take(span: Span): void {
    const { shared } = this.#host;
    if (typeof this.#handler !== "function") return;
    const state = this.#reader.push(span, shared.limits.maxMessageBytes);
    this.#hold(this.#reader.held);
    switch (state) {
      case "incomplete":
      case "message":
        return this.#isTooMuch ? this.#refuseForNow() : undefined;
      case "too_large":
        return this.#tooLarge(`${this.#reader.announced} bytes`);
      case "bad_flag":
        return this.#refuse("malformed", badFlag(this.#reader.flag));
      case "surplus":
        return this.#refuse("malformed", surplus);
    }
  }

  /** The peer has sent all. */
  end(): void {
    this.hasRemoteEnded = true;
    if (this.state !== "reading") return;
    if (typeof this.#handler !== "function") return this.#answerPlainly(this.#handler);
    const reader = this.#reader;
    if (reader.state === "message") return reader.flag === 1 ? this.#inflate() : this.#handle(reader.message);
    return this.#refuse("malformed", reader.isEmpty ? noMessage : cutShort);
  }

  /** Ends a call whose message does not come. */
  tooSlow(): void {
    this.#refuse("slow", tooSlow);
  }

  /** The stream was reset, by whichever side, or its connection ended. Its place is kept until its handler has come back. */
  abandon(): void {
    if (this.isReset) return;
    this.isReset = true;
    if (this.state === "reading") this.#letGo();
    if (this.state !== "answered") this.#cancellation.abort();
    this.state = "answered";
    clearTimeout(this.#timer);
    this.#host.settle(this);
  }

  #inflate(): void {
    const { encoding } = this.head;
    if (encoding === "identity") return this.#refuse("malformed", withoutEncoding);
    const inflated = inflate(encoding, this.#reader.message, this.#host.shared.limits.maxMessageBytes);
    if (!(inflated instanceof Promise)) return this.#onInflated(inflated);
    this.isWorking = true;
    void inflated.then((result) => {
      this.isWorking = false;
      if (this.state === "reading") return this.#onInflated(result);
      this.#letGo();
      this.#host.settle(this);
    });
  }

  #onInflated(inflated: Inflated): void {
    switch (inflated.status) {
      case "ok":
        this.#reader.giveBack();
        this.#hold(inflated.bytes.length);
        return this.#isTooMuch ? this.#refuseForNow() : this.#handle(inflated.bytes);
      case "too_large":
        return this.#tooLarge("more when decompressed");
      case "broken":
        return this.#refuse("malformed", undecodable(inflated.problem));
    }
  }

  #tooLarge(actual: string): void {
    this.#refuse("message_size", tooLarge(this.#host.shared.limits.maxMessageBytes, actual));
  }

  get #isTooMuch(): boolean {
    const { bytesInFlight, limits } = this.#host.shared;
    return bytesInFlight > limits.maxBytesInFlight;
  }

  #refuseForNow(): void {
    this.#refuse("bytes_in_flight", tooManyInFlight);
  }

  #answerPlainly(answer: PlainAnswer): void {
    clearTimeout(this.#timer);
    this.state = "answered";
    this.#host.answerPlainly(this, answer);
  }

  #handle(message: Buffer): void {
    const handler = this.#handler;
    if (typeof handler !== "function") return;
    this.#host.shared.receiving.delete(this.#receiving);
    this.state = "handling";
    this.message = message;
    this.isWorking = true;
    const onError = (error: unknown): void => this.#onReply({ status: handlerFailed(error) });
    try {
      handler(this).then((reply) => this.#onReply(reply), onError);
    } catch (error) {
      onError(error);
    }
  }

  #onReply(reply: UnaryReply): void {
    this.isWorking = false;
    this.message = nothing;
    this.#reader.lendUntil(reply.letGo);
    this.#free();
    if (this.state === "handling") this.#answer(reply.status, reply.body);
    else this.#host.settle(this);
  }

  #answer(status: Status, body?: Uint8Array): void {
    this.state = "answered";
    clearTimeout(this.#timer);
    this.#host.answer(this, status, body);
  }

  /** Answers before the message was read. */
  #refuse(refusal: Refusal, status: Status): void {
    this.#host.shared.onRefusal(refusal);
    this.#letGo();
    this.#answer(status);
  }

  #startTimer(ms: number): void {
    if (ms > longestTimerMs) return;
    this.#timer = setTimeout(() => {
      if (this.state === "answered") return;
      if (this.state === "reading") this.#letGo();
      this.#cancellation.abort();
      this.#answer(tooLate);
    }, ms);
  }

  #letGo(): void {
    this.#host.shared.receiving.delete(this.#receiving);
    // zlib is reading it: it is held until that has ended.
    if (this.isWorking) return;
    this.#reader.giveBack();
    this.#free();
  }

  /** Nothing of the call is held any more. */
  #free(): void {
    this.#headBytes = 0;
    this.#hold(0);
  }

  /** Notes how much is held of the message, beside the headers. */
  #hold(message: number): void {
    const bytes = message + this.#headBytes;
    this.#host.shared.bytesInFlight += bytes - this.#held;
    this.#held = bytes;
  }
}
