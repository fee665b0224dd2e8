import { join } from "../otlp/rope/slab.ts";

/**
 * Chunks are kept as they come while they are this large on average. Smaller ones are copied into pages:
 * bytes that come one by one must not cost an object each.
 */
const pageSize = 4096;
/** So many chunks are kept whatever their size. */
const fewChunks = 16;

/** Collects chunks until they are wanted in one piece. A single chunk is not copied. */
export class Gatherer {
  /** Bytes collected. */
  length = 0;
  /** Bytes of memory that they take. */
  held = 0;
  #chunks: Buffer[] = [];
  #page: Buffer | undefined;
  #pageLength = 0;

  push(chunk: Buffer): void {
    this.length += chunk.length;
    if (
      chunk.length >= pageSize ||
      (this.#chunks.length + 1) * pageSize <= this.length ||
      this.#chunks.length < fewChunks
    ) {
      this.#closePage();
      this.#chunks.push(chunk);
      this.held += chunk.length;
      return;
    }
    if (this.#pageLength + chunk.length > pageSize) this.#closePage();
    if (this.#page === undefined) {
      this.#page = Buffer.allocUnsafeSlow(pageSize);
      this.held += pageSize;
    }
    chunk.copy(this.#page, this.#pageLength);
    this.#pageLength += chunk.length;
  }

  /** All of it in one piece. */
  whole(): Buffer {
    this.#closePage();
    const [first] = this.#chunks;
    if (first !== undefined && this.#chunks.length === 1) return first;
    const joined = join(this.#chunks, this.length);
    this.#chunks = [joined];
    return joined;
  }

  #closePage(): void {
    if (this.#page !== undefined) this.#chunks.push(this.#page.subarray(0, this.#pageLength));
    this.#page = undefined;
    this.#pageLength = 0;
  }
}
