import { type Bytes, type Copier, copierOf } from "../../otlp/rope/rope.ts";
import { prefixLength } from "../grpc/frame.ts";
import type { Link } from "./link.ts";
import { putHeader } from "./frames/outbox.ts";
import { Flag, frameHeaderLength, Type } from "./frames/protocol.ts";

export type BodyInit = {
  readonly stream: number;
  readonly window: number;
  readonly bytes: Bytes;
  /** The flag in the prefix of a gRPC message; undefined for bytes without a prefix. */
  readonly isCompressed: boolean | undefined;
  /** Whether the last frame ends the stream. */
  readonly endsStream: boolean;
  /** Told when the last byte is in its frame. */
  readonly onSent: () => void;
};

/** A message on its way out, length-prefixed where gRPC speaks: each byte is copied once, from where it lies into the frames that leave. */
export class Body {
  readonly stream: number;
  /** Bytes that the peer lets this stream send. */
  window: number;
  /** Bytes that have not been put into frames, the prefix included. */
  left: number;
  readonly endsStream: boolean;
  readonly onSent: () => void;
  /** When it began to wait for the peer's windows. */
  since = 0;
  readonly #copier: Copier;
  readonly #length: number;
  readonly #isCompressed: boolean;
  /** Bytes of the prefix that have not been put into frames. */
  #prefixLeft: number;

  constructor(init: BodyInit) {
    this.stream = init.stream;
    this.window = init.window;
    this.endsStream = init.endsStream;
    this.onSent = init.onSent;
    this.#copier = copierOf(init.bytes);
    this.#length = init.bytes.length;
    this.#isCompressed = init.isCompressed === true;
    this.#prefixLeft = init.isCompressed === undefined ? 0 : prefixLength;
    this.left = this.#prefixLeft + init.bytes.length;
  }

  /** Copies the next `count` bytes. */
  copy(target: Buffer, at: number, count: number): void {
    this.left -= count;
    while (this.#prefixLeft > 0 && count > 0) {
      target[at++] = this.#prefixByte(prefixLength - this.#prefixLeft--);
      count--;
    }
    if (count > 0) this.#copier.copy(target, at, count);
  }

  #prefixByte(index: number): number {
    return index === 0 ? (this.#isCompressed ? 1 : 0) : (this.#length >>> (8 * (4 - index))) & 0xff;
  }
}

/** As much as one connection puts before a peer that does not read; the rest stays where it lies. */
const highWater = 512 * 1024;
/** A frame is not cut shorter than this for the sake of a buffer's end. */
const leastFrame = 2048;
/** Frames are no larger than this, whatever the peer allows. */
const largestFrame = 64 * 1024;
/** Of each body in turn while several wait. */
const share = 64 * 1024;

/** The bodies that one connection sends: at once as far as the peer's windows go, the rest in turn as they open. */
export class BodyQueue {
  readonly #link: Link;
  readonly #waiting = new Set<Body>();

  constructor(link: Link) {
    this.#link = link;
  }

  /** Whether somebody waits for a window. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  send(body: Body): void {
    if (this.#waiting.size === 0 && this.#write(body, Number.POSITIVE_INFINITY)) return;
    body.since = performance.now();
    this.#waiting.add(body);
  }

  /** The streams of bodies that have been waiting since before `time`. */
  stalled(time: number): readonly number[] {
    const found: number[] = [];
    for (const { since, stream } of this.#waiting) if (since < time) found.push(stream);
    return found;
  }

  /** Takes a body back whose stream has ended. */
  remove(body: Body): void {
    this.#waiting.delete(body);
  }

  /** Goes on with those that wait. */
  pump(): void {
    if (this.#waiting.size === 0) return;
    for (let isMoving = true; isMoving;) {
      isMoving = false;
      for (const body of this.#waiting) {
        const before = body.left;
        if (this.#write(body, share)) this.#waiting.delete(body);
        isMoving ||= body.left > 0 && body.left < before;
        if (this.#link.sendWindow <= 0 || this.#link.isClosed || this.#link.out.pending > highWater) return;
      }
    }
  }

  /** Writes frames as far as it goes, at most about `limit` bytes; whether all is written. */
  #write(body: Body, limit: number): boolean {
    const link = this.#link;
    const { out } = link;
    const largest = Math.min(link.maxFrame, largestFrame);
    for (let sent = 0; body.left > 0;) {
      const allowed = Math.min(body.left, body.window, link.sendWindow, largest);
      if (allowed <= 0 || sent >= limit || link.isClosed || out.pending > highWater) return false;
      const room = out.left - frameHeaderLength;
      const count = room >= leastFrame ? Math.min(allowed, room) : allowed;
      const target = out.room(frameHeaderLength + count);
      const flags = body.endsStream && count === body.left ? Flag.END_STREAM : 0;
      const at = putHeader(target, out.at, count, Type.DATA, flags, body.stream);
      body.copy(target, at, count);
      out.at = at + count;
      body.window -= count;
      link.sendWindow -= count;
      sent += count;
      link.earn(4);
    }
    body.onSent();
    return true;
  }
}
