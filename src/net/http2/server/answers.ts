import { trailersOf, trailersOnly } from "../../grpc/grpc-status.ts";
import type { PingGuard } from "../../grpc/ping-guard.ts";
import { Code } from "../../status.ts";
import type { Status } from "../../status.ts";
import { prefixLength } from "../../grpc/frame.ts";
import { nothing } from "../frames/bytes.ts";
import { Body, BodyQueue } from "../body.ts";
import type { BodyInit } from "../body.ts";
import type { HpackEncoder, HpackIndexing } from "../hpack/encoder.ts";
import type { Link } from "../link.ts";
import { putHeader, putUint32 } from "../frames/outbox.ts";
import { Flag, frameHeaderLength, Type } from "../frames/protocol.ts";

/** An answer of HTTP alone, for a request that is not gRPC's. */
export type PlainAnswer = {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly text: string;
};

/** What answers a call. */
type Answer = { readonly status: Status; readonly body: Uint8Array | undefined };

/** What an answer is sent on. */
export type AnswerTarget = {
  readonly id: number;
  readonly sendWindow: number;
  /** What is being sent and has not gone. */
  body: Body | undefined;
  /** Whether a message went ahead of the status. */
  readonly hasBegun: boolean;
  /** What is to be done when that has gone, beside forgetting it. */
  onGone?: (() => void) | undefined;
};

/** Sends the answers of one connection, as its windows allow. */
export class AnswerSender {
  readonly bodies: BodyQueue;
  readonly #link: Link;
  /** Told of each answer to a call, for which pings are forgiven. */
  readonly #pings: PingGuard | undefined;
  readonly #empty: EmptyAnswer;

  constructor(link: Link, pings: PingGuard | undefined) {
    this.#link = link;
    this.#pings = pings;
    this.bodies = new BodyQueue(link);
    this.#empty = new EmptyAnswer(link.encoder);
  }

  /** Sends a status without a message, in one block. */
  trailersOnly(stream: number, status: Status): void {
    this.#pings?.answered();
    this.#fields(stream, trailersOnly(status), Flag.END_STREAM);
  }

  /** Sends status and message, or the status alone behind messages that went ahead; `onSent` is told when it has left us whole. */
  answer(target: AnswerTarget, { status, body = nothing }: Answer, onSent: () => void): void {
    if (target.hasBegun) return this.#end(target, status, onSent);
    if (status.code === Code.OK) return this.#message(target, body, onSent);
    this.trailersOnly(target.id, status);
    onSent();
  }

  /** Sends OK with a message; `onSent` is told when it has left us whole. */
  #message(target: AnswerTarget, bytes: Uint8Array, onSent: () => void): void {
    const link = this.#link;
    this.#pings?.answered();
    if (bytes.length === 0 && Math.min(target.sendWindow, link.sendWindow) >= prefixLength && !this.bodies.isWaiting) {
      this.#empty.send(link, target.id);
      return onSent();
    }
    encodeHeaders(link.encoder);
    link.sendHeaders(target.id, 0);
    this.#send(target, { bytes, isCompressed: false, endsStream: false }, () => {
      encodeTrailers(link.encoder);
      link.sendHeaders(target.id, Flag.END_STREAM);
      onSent();
    });
  }

  /** Sends a message ahead of the status; nothing may be on its way on the stream. */
  ahead(target: AnswerTarget, bytes: Uint8Array, isFirst: boolean): void {
    const link = this.#link;
    if (link.isClosed) return;
    if (isFirst) {
      this.#pings?.answered();
      encodeHeaders(link.encoder);
      link.sendHeaders(target.id, 0);
    }
    this.#send(target, { bytes, isCompressed: false, endsStream: false }, () => target.onGone?.());
  }

  /** Sends the status behind such messages, once the last of them has left us whole. */
  #end(target: AnswerTarget, status: Status, onSent: () => void): void {
    const finish = (): void => {
      this.#fields(target.id, trailersOf(status), Flag.END_STREAM);
      onSent();
    };
    if (target.body === undefined) finish();
    else target.onGone = finish;
  }

  /** Sends an answer that is not gRPC's. */
  plain(target: AnswerTarget, { status, fields, text }: PlainAnswer, onSent: () => void): void {
    const bytes = Buffer.from(`${text}\n`);
    this.#fields(target.id, { ":status": status, "content-type": "text/plain; charset=utf-8", ...fields }, 0);
    this.#send(target, { bytes, isCompressed: undefined, endsStream: true }, onSent);
  }

  #fields(stream: number, fields: Readonly<Record<string, string | number>>, flags: number): void {
    const { encoder } = this.#link;
    encoder.begin();
    for (const [name, value] of Object.entries(fields)) encoder.add(name, String(value), indexingOf(name));
    this.#link.sendHeaders(stream, flags);
  }

  #send(
    target: AnswerTarget,
    content: Pick<BodyInit, "bytes" | "isCompressed" | "endsStream">,
    onSent: () => void,
  ): void {
    target.body = new Body({
      stream: target.id,
      window: target.sendWindow,
      ...content,
      onSent: () => {
        target.body = undefined;
        onSent();
      },
    });
    this.bodies.send(target.body);
  }
}

/** OK with an empty message, which nearly every answer is: the same bytes but for the stream, for as long as the table is. */
class EmptyAnswer {
  readonly #encoder: HpackEncoder;
  #frames: Buffer = Buffer.alloc(0);
  #generation = -1;
  /** Where the frames of the message and of the trailers begin. */
  #message = 0;
  #trailers = 0;

  constructor(encoder: HpackEncoder) {
    this.#encoder = encoder;
  }

  /** Sends it; the windows of the stream and of the connection must let five bytes through. */
  send(link: Link, stream: number): void {
    if (this.#encoder.generation !== this.#generation) this.#make();
    const { out } = link;
    const frames = this.#frames;
    const target = out.room(frames.length);
    const at = out.at;
    for (let i = 0; i < frames.length; i++) target[at + i] = frames[i] ?? 0;
    putUint32(target, at + 5, stream);
    putUint32(target, at + this.#message + 5, stream);
    putUint32(target, at + this.#trailers + 5, stream);
    out.at = at + frames.length;
    link.sendWindow -= prefixLength;
  }

  #make(): void {
    const encoder = this.#encoder;
    const before = encoder.generation;
    encodeHeaders(encoder);
    const headers = frame(Type.HEADERS, Flag.END_HEADERS, encoder.bytes.subarray(0, encoder.length));
    const message = frame(Type.DATA, 0, Buffer.alloc(prefixLength));
    encodeTrailers(encoder);
    const trailers = frame(Type.HEADERS, Flag.END_HEADERS | Flag.END_STREAM, encoder.bytes.subarray(0, encoder.length));
    this.#frames = Buffer.concat([headers, message, trailers]);
    this.#message = headers.length;
    this.#trailers = headers.length + message.length;
    // What changed the table is said once; the next one is shorter.
    this.#generation = encoder.generation === before ? before : -1;
  }
}

function encodeHeaders(encoder: HpackEncoder): void {
  encoder.begin();
  encoder.add(":status", "200", "indexed");
  encoder.add("content-type", "application/grpc", "indexed");
}

function encodeTrailers(encoder: HpackEncoder): void {
  encoder.begin();
  encoder.add("grpc-status", "0", "indexed");
}

/** Messages do not come again; the rest does. */
function indexingOf(name: string): HpackIndexing {
  return name === "grpc-message" || name === "grpc-status-details-bin" ? "literal" : "indexed";
}

function frame(type: number, flags: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(frameHeaderLength + payload.length);
  bytes.set(payload, putHeader(bytes, 0, payload.length, type, flags, 0));
  return bytes;
}
