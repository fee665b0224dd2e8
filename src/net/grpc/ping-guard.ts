import type { PingPolicy } from "../transport.ts";

/** So many pings may come too soon, one after the other. */
const maxStrikes = 2;
/** How far apart pings must be without a call where these are not permitted. */
const idleGapMs = 7_200_000;

/** Counts the pings of one client that come sooner than they may, as gRPC's servers do (its proposal A8). */
export class PingGuard {
  readonly #policy: PingPolicy;
  #last = Number.NEGATIVE_INFINITY;
  #strikes = 0;
  #hasAnswered = false;

  constructor(policy: PingPolicy) {
    this.#policy = policy;
  }

  /** We have sent an answer: the next ping may be to measure how fast it came, and those before it are forgiven. */
  answered(): void {
    this.#hasAnswered = true;
  }

  /** Takes a ping; whether it is one too many. */
  isTooMuch(hasCalls: boolean): boolean {
    const { minMs, permitWithoutStream } = this.#policy;
    const now = performance.now();
    const gap = now - this.#last;
    this.#last = now;
    if (this.#hasAnswered) {
      this.#hasAnswered = false;
      this.#strikes = 0;
    } else if (gap < (hasCalls || permitWithoutStream ? minMs : idleGapMs)) {
      this.#strikes++;
    }
    return this.#strikes > maxStrikes;
  }
}
