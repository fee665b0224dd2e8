import type { Allowance } from "../transport.ts";

/** A count of what costs us and brings nothing: it fills with time, and by the work that a peer brings. */
export class Patience {
  readonly #allowance: Allowance;
  #left: number;
  #asked = performance.now();

  constructor(allowance: Allowance) {
    this.#allowance = allowance;
    this.#left = allowance.burst;
  }

  /** Takes one; whether there was one. The clock is only looked at when it matters. */
  take(): boolean {
    if (--this.#left >= 0) return true;
    const now = performance.now();
    const { burst, perSecond } = this.#allowance;
    const earned = ((now - this.#asked) / 1000) * perSecond;
    if (earned < 1) return false;
    this.#asked = now;
    this.#left = Math.min(burst, earned) - 1;
    return true;
  }

  /** Gives some back for work that was done. */
  earn(count: number): void {
    this.#left = Math.min(this.#allowance.burst, this.#left + count);
  }
}
