import { Gatherer } from "../gather.ts";

/** gRPC's length-prefixed messages: one byte for "compressed", four for the length, big-endian, then the message. */

export const prefixLength = 5;

/** What the bytes that arrived amount to. */
export type Frame =
  | { readonly status: "incomplete" }
  | { readonly status: "message"; readonly compressed: boolean; readonly payload: Buffer }
  | { readonly status: "too_large"; readonly announced: number }
  | { readonly status: "bad_flag"; readonly flag: number }
  | { readonly status: "surplus" };

const incomplete: Frame = { status: "incomplete" };
const surplus: Frame = { status: "surplus" };
/**
 * Collects the one message of a unary call. The announced length is checked against the limit as soon as the prefix
 * is there; memory is taken for what has arrived, never for what was announced. A message in one chunk is not copied.
 */
export class FrameReader {
  /** The largest message that is taken, in bytes. */
  readonly limit: number;
  readonly #gathered = new Gatherer();
  #flag = 0;
  #end = -1;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Bytes of memory that the message takes so far. */
  get held(): number {
    return this.#gathered.held;
  }

  /** Whether a part of a message has arrived, so that an end of the stream cuts it short. */
  get isInside(): boolean {
    return this.#gathered.length > 0 && this.#gathered.length !== this.#end;
  }

  /** Takes the next chunk and tells whether the message is complete, or why it cannot become so. */
  push(chunk: Buffer): Frame {
    const gathered = this.#gathered;
    gathered.push(chunk);
    if (this.#end < 0) {
      if (gathered.length < prefixLength) return incomplete;
      const head = gathered.whole();
      this.#flag = head[0] ?? 0;
      if (this.#flag > 1) return { status: "bad_flag", flag: this.#flag };
      const announced = head.readUInt32BE(1);
      if (announced > this.limit) return { status: "too_large", announced };
      this.#end = announced + prefixLength;
    }
    if (gathered.length < this.#end) return incomplete;
    if (gathered.length > this.#end) return surplus;
    return { status: "message", compressed: this.#flag === 1, payload: gathered.whole().subarray(prefixLength) };
  }
}

/** The prefix of a message. */
export function prefix(length: number, compressed: boolean): Buffer {
  const bytes = Buffer.allocUnsafe(prefixLength);
  putPrefix(bytes, length, compressed);
  return bytes;
}

/** Writes the prefix of a message at the beginning of `target`. */
export function putPrefix(target: Buffer, length: number, compressed: boolean): void {
  target[0] = compressed ? 1 : 0;
  target.writeUInt32BE(length, 1);
}
