import { ErrorCode } from "../frames/protocol.ts";

/** Streams beyond these are forgotten, the oldest first. */
const maxLate = 1024;

/** Streams that we have ended while their sender went on: what still comes on them is passed over (RFC 9113, section 5.1). */
export class LateStreams {
  readonly #ids = new Set<number>();
  #skippedFrom = 0;
  #skippedTo = 0;

  /** A stream is opened, `last` was the one before it. */
  open(last: number, id: number): void {
    if (id === last + 2) return;
    this.#skippedFrom = last;
    this.#skippedTo = id;
  }

  /** What is wrong with opening a stream that is closed; undefined when its sender could not know. */
  problemOf(id: number): ErrorCode | undefined {
    // Passed over when others were opened, at least the last time that some were: closed without ever having been open.
    if (id > this.#skippedFrom && id < this.#skippedTo) return ErrorCode.PROTOCOL_ERROR;
    return this.#ids.has(id) ? undefined : ErrorCode.STREAM_CLOSED;
  }

  add(id: number): void {
    this.#ids.add(id);
    if (this.#ids.size <= maxLate) return;
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest);
      return;
    }
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }

  /** Its sender has ended it too. */
  delete(id: number): void {
    this.#ids.delete(id);
  }
}
