import { allocate } from "../../otlp/slab.ts";
import { prefixLength } from "../grpc-frame.ts";
import type { Span } from "./frame-reader.ts";

/** What the bytes that arrived amount to. */
export type MessageState = "incomplete" | "message" | "too_large" | "bad_flag" | "surplus";

const nothing = Buffer.alloc(0);
const leastCapacity = 256;

/**
 * Collects the one length-prefixed message of a unary call in one buffer, which grows with what has arrived and never takes
 * what was announced. The announced length is checked as soon as it is there.
 */
export class MessageReader {
  state: MessageState = "incomplete";
  /** The message, of which `length` bytes are there. */
  message: Buffer = nothing;
  length = 0;
  /** From the prefix: the flag for "compressed", and the length. */
  flag = 0;
  announced = 0;
  #prefixed = 0;

  /** Bytes of memory that the message takes. */
  get held(): number {
    return this.message.length;
  }

  /** Bytes that are missing as far as is known. */
  get missing(): number {
    return this.#prefixed < prefixLength ? prefixLength - this.#prefixed : this.announced - this.length;
  }

  /** Whether nothing has come. */
  get isEmpty(): boolean {
    return this.#prefixed === 0;
  }

  /** Takes the next bytes of the stream. */
  push({ bytes, start, end, arrived }: Span, limit: number): MessageState {
    let at = start;
    while (this.#prefixed < prefixLength && at < end) {
      const byte = bytes[at++] ?? 0;
      if (this.#prefixed++ === 0) this.flag = byte;
      else this.announced = this.announced * 256 + byte;
      if (this.#prefixed < prefixLength) continue;
      if (this.flag > 1) return (this.state = "bad_flag");
      if (this.announced > limit) return (this.state = "too_large");
    }
    if (this.#prefixed < prefixLength) return this.state;
    const count = end - at;
    if (this.length + count > this.announced) return (this.state = "surplus");
    if (count > 0) {
      if (this.length + count > this.message.length) this.#grow(this.length + Math.max(count, arrived - (at - start)));
      bytes.copy(this.message, this.length, at, end);
      this.length += count;
    }
    if (this.length === this.announced) this.state = "message";
    return this.state;
  }

  /** Lets go of the bytes. */
  drop(): void {
    this.message = nothing;
    this.length = 0;
  }

  #grow(arrived: number): void {
    const before = this.message;
    this.message = allocate(Math.min(this.announced, Math.max(arrived, 2 * before.length, leastCapacity)));
    before.copy(this.message, 0, 0, this.length);
  }
}
