/** Small enough that a message that stays does not keep much else with it. */
const slabBytes = 512 * 1024;
/** Slabs without messages that are kept for the next ones. */
const maxSpare = 24;
/** Slabs of special memory that are made without one that comes back. */
const maxSpecial = 32;

/** A piece of memory that messages are cut from, how many of them are not given back, and whether it may serve again then. */
type Slab = { readonly bytes: Buffer; readonly isKept: boolean; used: number; live: number };

/** A piece of memory on loan; it need not be given back, then its slab is left to the collector. */
export type Loan = { readonly bytes: Buffer; readonly slab: Slab | undefined };

/** Tells when nobody looks at bytes any more: true at once, a promise later, else never. */
export type LetGo = boolean | Promise<void> | undefined;

/** Does something once the bytes are let go, if that is ever told. */
export function whenLetGo(letGo: LetGo, act: () => void): void {
  if (letGo === true) act();
  else if (letGo instanceof Promise) void letGo.then(act);
}

const none: Loan = { bytes: Buffer.alloc(0), slab: undefined };

/**
 * Memory for messages that are gone again soon. What is given back is used again: fresh memory for each message costs a collection for
 * every few dozen megabytes, and a page fault for every four kilobytes.
 */
export class Arena {
  readonly #special: ((length: number) => Buffer) | undefined;
  readonly #spare: Slab[] = [];
  /** How many slabs more may be of special memory. */
  #credit = maxSpecial;
  #slab: Slab;

  /**
   * `special` makes memory that is dearer to make and better to have. It is for slabs that come back: where none does, the next ones are
   * of common memory, until some of those have come back.
   */
  constructor(special?: (length: number) => Buffer) {
    this.#special = special;
    this.#slab = this.#fresh();
  }

  /** Lends `length` bytes with anything in them. Large ones are memory of their own. */
  lend(length: number): Loan {
    if (length === 0) return none;
    if (length > slabBytes) return { bytes: Buffer.allocUnsafeSlow(length), slab: undefined };
    if (this.#slab.used + length > slabBytes) this.#slab = this.#next();
    const slab = this.#slab;
    const bytes = slab.bytes.subarray(slab.used, slab.used + length);
    // Pieces begin at multiples of eight, as those of Buffer do.
    slab.used = (slab.used + length + 7) & ~7;
    slab.live++;
    return { bytes, slab };
  }

  /** Takes a loan back, once: nobody looks at its bytes any more. */
  giveBack({ slab }: Loan): void {
    if (slab === undefined || --slab.live > 0) return;
    slab.used = 0;
    if (slab === this.#slab) return;
    if (slab.isKept && this.#spare.length < maxSpare) this.#spare.push(slab);
    else if (this.#credit < maxSpecial) this.#credit++;
  }

  /** Takes a loan back when it is let go. */
  giveBackWhen(letGo: LetGo, loan: Loan): void {
    whenLetGo(letGo, () => this.giveBack(loan));
  }

  #next(): Slab {
    return this.#spare.pop() ?? this.#fresh();
  }

  #fresh(): Slab {
    const special = this.#special;
    if (special === undefined) return slabOf(Buffer.allocUnsafeSlow(slabBytes), true);
    if (this.#credit === 0) return slabOf(Buffer.allocUnsafeSlow(slabBytes), false);
    this.#credit--;
    return slabOf(special(slabBytes), true);
  }
}

function slabOf(bytes: Buffer, isKept: boolean): Slab {
  return { bytes, isKept, used: 0, live: 0 };
}
