import { allocate } from "./slab.ts";

/** Copies bytes from where they lie, from the front to the back, as many as are asked for. */
export type Copier = { copy(target: Uint8Array, at: number, count: number): void };

/** Bytes that are not in one piece, and not made yet. */
export type Recipe = {
  readonly length: number;
  copier(): Copier;
  /** Its pieces, when they are so few and large that it is cheaper to write them one by one than to copy them. */
  views(): readonly Uint8Array[] | undefined;
  /** Gives its memory back, once: nobody looks at it any more. */
  giveBack(): void;
};

/** Bytes that are still in pieces: who only writes them one behind the other need not put them together. */
export class Rope implements Recipe {
  /** Bytes in all. */
  readonly length: number;
  #parts: readonly (Uint8Array | Recipe)[];
  #whole: Uint8Array | undefined;

  constructor(parts: readonly (Uint8Array | Recipe)[], length: number) {
    this.#parts = parts;
    this.length = length;
  }

  /** What to write one behind the other. */
  get pieces(): readonly Uint8Array[] {
    return this.views() ?? [this.whole()];
  }

  views(): readonly Uint8Array[] | undefined {
    const views: Uint8Array[] = [];
    for (const part of this.#parts) {
      const own = part instanceof Uint8Array ? [part] : part.views();
      if (own === undefined) return undefined;
      views.push(...own);
    }
    return views;
  }

  /** Gives the memory of its recipes back, once: nobody looks at it any more. One that is not given back is left to the collector. */
  giveBack(): void {
    for (const part of this.#parts) if (!(part instanceof Uint8Array)) part.giveBack();
  }

  copier(): Copier {
    const [first] = this.#parts;
    if (first !== undefined && this.#parts.length === 1)
      return first instanceof Uint8Array ? new Run(first) : first.copier();
    return new Runs(this.#parts);
  }

  /** All of it in one piece, put together the first time. */
  whole(): Uint8Array {
    if (this.#whole === undefined) {
      const whole = allocate(this.length);
      this.copier().copy(whole, 0, this.length);
      this.#whole = whole;
      this.#parts = [whole];
    }
    return this.#whole;
  }
}

/** A message's bytes, in one piece or in a few. */
export type Bytes = Uint8Array | Rope;

/** The bytes in one piece. */
export function whole(bytes: Bytes): Uint8Array {
  return bytes instanceof Rope ? bytes.whole() : bytes;
}

/** The bytes in their pieces. */
export function piecesOf(bytes: Bytes): readonly Uint8Array[] {
  return bytes instanceof Rope ? bytes.pieces : [bytes];
}

/** Copies the bytes to where they are wanted, each of them once. */
export function copierOf(bytes: Bytes): Copier {
  return bytes instanceof Rope ? bytes.copier() : new Run(bytes);
}

/** Bytes in one piece. */
class Run implements Copier {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  copy(target: Uint8Array, at: number, count: number): void {
    const start = this.#at;
    this.#at = start + count;
    target.set(count === this.#bytes.length ? this.#bytes : this.#bytes.subarray(start, start + count), at);
  }
}

/** One behind the other. */
class Runs implements Copier {
  readonly #parts: readonly (Uint8Array | Recipe)[];
  #next = 0;
  #left = 0;
  #part: Copier = nothing;

  constructor(parts: readonly (Uint8Array | Recipe)[]) {
    this.#parts = parts;
  }

  copy(target: Uint8Array, at: number, count: number): void {
    for (let left = count; left > 0;) {
      if (this.#left === 0) {
        const part = this.#parts[this.#next++];
        if (part === undefined) return;
        this.#left = part.length;
        this.#part = part instanceof Uint8Array ? new Run(part) : part.copier();
        continue;
      }
      const size = Math.min(left, this.#left);
      this.#part.copy(target, at, size);
      at += size;
      left -= size;
      this.#left -= size;
    }
  }
}

const nothing: Copier = { copy: () => {} };
