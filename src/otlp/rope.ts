import { join } from "./slab.ts";

/** Bytes that are still in pieces: who only writes them one behind the other need not put them together. */
export class Rope {
  readonly pieces: readonly Uint8Array[];
  /** Bytes in all. */
  readonly length: number;
  #whole: Uint8Array | undefined;

  constructor(pieces: readonly Uint8Array[], length: number) {
    this.pieces = pieces;
    this.length = length;
  }

  /** All of it in one piece, put together the first time. */
  whole(): Uint8Array {
    this.#whole ??= join(this.pieces, this.length);
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
