/** Small enough that a message that stays does not keep much else with it. */
const slabBytes = 512 * 1024;
/** Slabs without messages that are kept for the next ones. */
const maxSpare = 24;

/** A piece of memory that messages are cut from, and how many of them are not given back. */
type Slab = { readonly bytes: Buffer; used: number; live: number };

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
  readonly #allocate: (length: number) => Buffer;
  readonly #spare: Slab[] = [];
  #slab: Slab;

  /** `allocate` makes the memory of slabs. */
  constructor(allocate: (length: number) => Buffer = Buffer.allocUnsafeSlow) {
    this.#allocate = allocate;
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
    if (slab !== this.#slab && this.#spare.length < maxSpare) this.#spare.push(slab);
  }

  /** Takes a loan back when it is let go. */
  giveBackWhen(letGo: LetGo, loan: Loan): void {
    whenLetGo(letGo, () => this.giveBack(loan));
  }

  #next(): Slab {
    return this.#spare.pop() ?? this.#fresh();
  }

  #fresh(): Slab {
    return { bytes: this.#allocate(slabBytes), used: 0, live: 0 };
  }
}
