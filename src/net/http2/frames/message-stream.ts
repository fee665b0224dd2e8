import type { Arena } from "../../../otlp/rope/arena.ts";
import type { Span } from "./frame-sink.ts";
import { MessageReader, type MessageState } from "./message-reader.ts";

/** Cuts what comes on a stream into its length-prefixed messages and hands each on when it is whole. */
export class MessageStream {
  readonly #arena: Arena;
  readonly #onMessage: (message: Buffer) => void;
  #message: MessageReader;

  constructor(arena: Arena, onMessage: (message: Buffer) => void) {
    this.#arena = arena;
    this.#onMessage = onMessage;
    this.#message = new MessageReader(arena);
  }

  /** From the prefix of the message that is coming: its length. */
  get announced(): number {
    return this.#message.announced;
  }

  /** Whether a message has begun and is not whole. */
  get isInside(): boolean {
    return !this.#message.isEmpty;
  }

  /** Takes the next bytes; "too_large" and "bad_flag" are the end of it. A compressed message is one too. */
  push({ bytes, start, end, arrived }: Span, limit: number): MessageState {
    for (let at = start; at < end;) {
      const message = this.#message;
      const next = Math.min(end, at + message.missing);
      const state = message.push({ bytes, start: at, end: next, arrived: arrived - (at - start) }, limit);
      at = next;
      if (state === "incomplete") continue;
      if (state !== "message") return state;
      if (message.flag !== 0) return "bad_flag";
      this.#message = new MessageReader(this.#arena);
      this.#onMessage(message.message);
    }
    return "incomplete";
  }
}
