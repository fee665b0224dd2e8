import { keySet } from "./keys.ts";
import { group, type Grouping, read } from "./reading.ts";
import type { Signal } from "./signals.ts";
import { Splice } from "./splice.ts";

/** A request that is a part of another one, and how many records it holds. */
export type Piece = { readonly bytes: Uint8Array; readonly items: number };

const noKeys = keySet([]);

/**
 * Cuts a checked request between records into requests of `maxItems` records, the last one of what is left. Order is kept.
 * A resource or scope that is cut stands in each piece with its own fields. A request that fits comes back as the same bytes.
 */
export function split(signal: Signal, bytes: Uint8Array, maxItems: number): Piece[] {
  if (!(maxItems >= 1)) throw new RangeError(`Cannot split a request: maxItems must be >= 1, is ${maxItems}`);
  const reading = read(signal, bytes, noKeys);
  const cut = new Cutter(bytes, maxItems);
  let at = 0;
  for (const resource of reading.resources) {
    cut.copy(at, resource.tag);
    cut.add(group(reading, resource, noKeys));
    at = resource.stop;
  }
  cut.copy(at, bytes.length);
  return cut.end();
}

/** Fills one piece after the other. */
class Cutter {
  readonly #bytes: Uint8Array;
  readonly #maxItems: number;
  readonly #pieces: Piece[] = [];
  #out: Splice;
  #items = 0;

  constructor(bytes: Uint8Array, maxItems: number) {
    this.#bytes = bytes;
    this.#maxItems = maxItems;
    this.#out = new Splice(bytes);
  }

  /** Adds fields of the request that are no resources. */
  copy(start: number, stop: number): void {
    this.#out.copy(start, stop);
  }

  /** Adds a resource, cut where a piece is full. */
  add(grouping: Grouping): void {
    const { starts, resource } = grouping;
    for (let from = 0, to = 0; from < starts.length; from = to) {
      if (this.#items === this.#maxItems) this.#push();
      to = Math.min(starts.length, from + this.#maxItems - this.#items);
      if (to - from < starts.length) writeRecords(this.#out, grouping, { from, to });
      else this.#out.copy(resource.tag, resource.stop);
      this.#items += to - from;
    }
    if (starts.length === 0) this.#out.copy(resource.tag, resource.stop);
  }

  /** All pieces. */
  end(): Piece[] {
    this.#push();
    return this.#pieces;
  }

  #push(): void {
    this.#pieces.push({ bytes: this.#out.toBytes(), items: this.#items });
    this.#out = new Splice(this.#bytes);
    this.#items = 0;
  }
}

/** Appends the resource with its records from index `from` up to `to` alone. Scopes without records stay behind the record before them. */
function writeRecords(
  out: Splice,
  grouping: Grouping,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  const { scopes, scopeOf, starts, stops } = grouping;
  const first = from === 0 ? 0 : (scopeOf[from] ?? 0);
  const next = scopeOf[to] ?? scopes.length;
  const last = scopeOf[to - 1] === next ? next : next - 1;
  out.message(1, () => {
    out.copyAll(grouping.before);
    let record = from;
    scopes.slice(first, last + 1).forEach((scope, offset) => {
      const begin = record;
      while (record < to && scopeOf[record] === first + offset) record++;
      if (scopeOf[begin - 1] !== first + offset && scopeOf[record] !== first + offset)
        return out.copy(scope.tag, scope.stop);
      out.message(2, () => {
        out.copyAll(scope.before);
        for (let i = begin; i < record; i++) out.copy(starts[i] ?? 0, stops[i] ?? 0);
        out.copyAll(scope.after);
      });
    });
    out.copyAll(grouping.after);
  });
}
