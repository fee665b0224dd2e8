import { prefixLength } from "../../grpc/frame.ts";
import type { Arena, LetGo, Loan } from "../../../otlp/rope/arena.ts";
import type { Span } from "./frame-sink.ts";

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
  readonly #arena: Arena;
  #loan: Loan | undefined;
  #prefixed = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

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
      // What stands behind is likely to be of this message too; a little is not to take the place of much.
      const likely = Math.min(arrived - (at - start), 4 * count);
      if (this.length + count > this.message.length) this.#grow(this.length + Math.max(count, likely));
      bytes.copy(this.message, this.length, at, end);
      this.length += count;
    }
    if (this.length === this.announced) this.state = "message";
    return this.state;
  }

  /** Gives the memory back; nobody may look at the message any more. */
  giveBack(): void {
    if (this.#loan !== undefined) this.#arena.giveBack(this.#loan);
    this.leave();
  }

  /** Leaves the message to whoever has it, and takes its memory back when they let it go. */
  lendUntil(letGo: LetGo): void {
    if (this.#loan !== undefined) this.#arena.giveBackWhen(letGo, this.#loan);
    this.leave();
  }

  /** Leaves the message to whoever has it. */
  leave(): void {
    this.#loan = undefined;
    this.message = nothing;
    this.length = 0;
  }

  #grow(arrived: number): void {
    const before = this.#loan;
    const loan = this.#arena.lend(Math.min(this.announced, Math.max(arrived, 2 * this.message.length, leastCapacity)));
    this.message.copy(loan.bytes, 0, 0, this.length);
    if (before !== undefined) this.#arena.giveBack(before);
    this.#loan = loan;
    this.message = loan.bytes;
  }
}
