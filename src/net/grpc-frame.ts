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
const nothing = Buffer.alloc(0);
/** Smaller chunks are gathered in pages of this size: a message that comes byte by byte must not cost an object for each. */
const page = 4096;

/**
 * Collects the one message of a unary call. The announced length is checked against the limit as soon as the prefix
 * is there; memory is taken for what has arrived, never for what was announced. A message in one chunk is not copied.
 */
export class FrameReader {
  /** The largest message that is taken, in bytes. */
  readonly limit: number;
  /** Bytes of memory that the message takes so far. */
  held = 0;
  #head: Buffer = nothing;
  #chunks: Buffer[] = [];
  #tail: Buffer | undefined;
  #tailLength = 0;
  #received = 0;
  #end = -1;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether a part of a message has arrived, so that an end of the stream cuts it short. */
  get isInside(): boolean {
    return this.#received > 0 && this.#received !== this.#end;
  }

  /** Takes the next chunk and tells whether the message is complete, or why it cannot become so. */
  push(chunk: Buffer): Frame {
    this.#received += chunk.length;
    if (this.#end < 0) {
      this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
      this.held = this.#head.length;
      if (this.#received < prefixLength) return incomplete;
      const flag = this.#head[0] ?? 0;
      if (flag > 1) return { status: "bad_flag", flag };
      const announced = this.#head.readUInt32BE(1);
      if (announced > this.limit) return { status: "too_large", announced };
      this.#end = announced + prefixLength;
      this.#chunks = [this.#head];
    } else if (this.#received <= this.#end) {
      this.#append(chunk);
    }
    if (this.#received < this.#end) return incomplete;
    if (this.#received > this.#end) return surplus;
    return { status: "message", compressed: this.#head[0] === 1, payload: this.#whole().subarray(prefixLength) };
  }

  #append(chunk: Buffer): void {
    if (chunk.length >= page) {
      this.#closeTail();
      this.#chunks.push(chunk);
      this.held += chunk.length;
      return;
    }
    const space = page - this.#tailLength;
    if (this.#tail !== undefined && chunk.length > space) this.#closeTail();
    if (this.#tail === undefined) {
      this.#tail = Buffer.allocUnsafeSlow(page);
      this.held += page;
    }
    chunk.copy(this.#tail, this.#tailLength);
    this.#tailLength += chunk.length;
  }

  #closeTail(): void {
    if (this.#tail !== undefined) this.#chunks.push(this.#tail.subarray(0, this.#tailLength));
    this.#tail = undefined;
    this.#tailLength = 0;
  }

  #whole(): Buffer {
    this.#closeTail();
    return this.#chunks.length === 1 ? this.#head : Buffer.concat(this.#chunks, this.#end);
  }
}

/** The prefix of a message. */
export function prefix(length: number, compressed: boolean): Buffer {
  const bytes = Buffer.allocUnsafe(prefixLength);
  bytes[0] = compressed ? 1 : 0;
  bytes.writeUInt32BE(length, 1);
  return bytes;
}
