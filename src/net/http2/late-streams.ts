/** Streams beyond these are forgotten, the oldest first. */
const maxLate = 1024;

/** Streams that we have ended while their sender went on: what still comes on them is passed over (RFC 9113, section 5.1). */
export class LateStreams {
  readonly #ids = new Set<number>();

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
