import type { Writer } from "./writer.ts";

const word = 0x100000000;

/**
 * Turns the kernel's time since boot into numbers and back into wall-clock time. A number is ns since the first time that was
 * read, so that it is exact for 104 days, and to 2 ns for 208.
 */
export class Clock {
  #baseLow = 0;
  #baseHigh = 0;
  #hasBase = false;
  /** Wall-clock time of the base, ns since 1970 in two halves. */
  #realLow = 0;
  #realHigh = 0;
  #isSet = false;

  /** Whether it knows the wall-clock time. */
  get isSet(): boolean {
    return this.#isSet;
  }

  /** Reads ns since boot (u64) in the ring's bytes. */
  read(view: DataView, at: number): number {
    const low = view.getUint32(at, true);
    const high = view.getUint32(at + 4, true);
    if (!this.#hasBase) {
      this.#hasBase = true;
      this.#baseLow = low;
      this.#baseHigh = high;
    }
    return (high - this.#baseHigh) * word + (low - this.#baseLow);
  }

  /** The two clocks at one moment: ns since boot at `boot`, ns since 1970 at `real`. */
  set(view: DataView, boot: number, real: number): void {
    this.read(view, boot);
    const base = (BigInt(this.#baseHigh) << 32n) | BigInt(this.#baseLow);
    const now = view.getBigUint64(real, true) - view.getBigUint64(boot, true) + base;
    this.#realLow = Number(now & 0xffffffffn);
    this.#realHigh = Number(now >> 32n);
    this.#isSet = true;
  }

  /** Writes a time as a field of eight bytes. */
  write(writer: Writer, tag: number, time: number): void {
    const high = Math.floor(time / word);
    const low = time - high * word + this.#realLow;
    const carry = low >= word ? 1 : 0;
    writer.fixed64(tag, low - carry * word, (high + this.#realHigh + carry) >>> 0);
  }
}
