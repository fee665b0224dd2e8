import { whole } from "../../otlp/rope/rope.ts";
import type { Signal } from "../../otlp/signals.ts";
import { split } from "../../otlp/parting/split.ts";
import { accepted } from "../contract.ts";
import type { Batch, Delivery } from "../contract.ts";

/** One request, or a piece of one that is too large. */
export type Unit = {
  readonly signal: Signal;
  readonly bytes: Uint8Array;
  readonly items: number;
  /** Set on the second and later pieces of a request. */
  readonly isRest?: boolean;
};

/** The requests that a batch is made of. */
export function unitsOf({ signal, bytes, items, parts }: Batch): readonly Unit[] {
  const all = whole(bytes);
  if (parts === undefined) return [{ signal, bytes: all, items }];
  return parts.map((part, index) => ({
    signal,
    bytes: all.subarray(index === 0 ? 0 : (parts[index - 1]?.end ?? 0), part.end),
    items: part.items,
  }));
}

type Limit = { readonly maxSize: number; readonly sizer: "items" | "bytes" };

/** Units in their order, together up to `maxSize` (0: all together); a request that is larger alone is cut between its records. */
export function cut(units: readonly Unit[], limit: Limit): readonly (readonly Unit[])[] {
  if (limit.maxSize === 0) return [units];
  const pieces: Unit[][] = [];
  let size = 0;
  for (const unit of units.flatMap((one) => cutOne(one, limit))) {
    const own = limit.sizer === "items" ? unit.items : unit.bytes.length;
    const last = pieces.at(-1);
    size += own;
    if (last === undefined || size > limit.maxSize) {
      pieces.push([unit]);
      size = own;
    } else last.push(unit);
  }
  return pieces;
}

function cutOne(unit: Unit, limit: Limit): readonly Unit[] {
  return piecesOf(unit, limit).map((piece, index) => (index === 0 ? piece : { ...piece, isRest: true }));
}

/** Cut by records. How many of them fill so many bytes is a guess, so that what is still too large is cut again. */
function piecesOf(unit: Unit, limit: Limit): readonly Unit[] {
  const { maxSize, sizer } = limit;
  const guess = sizer === "items" ? maxSize : Math.floor((unit.items * maxSize) / Math.max(1, unit.bytes.length));
  const maxItems = Math.max(1, guess);
  if (unit.items <= maxItems) return [unit];
  const pieces = split(unit.signal, unit.bytes, maxItems).map((piece) => ({ ...piece, signal: unit.signal }));
  return sizer === "items" || pieces.length === 1 ? pieces : pieces.flatMap((piece) => piecesOf(piece, limit));
}

/** What the delivery of a piece says of each of its units. */
function eachOf(piece: readonly Unit[], delivery: Delivery): readonly Delivery[] {
  if (delivery.status === "parts") return piece.map((_, index) => delivery.parts[index] ?? accepted);
  if (delivery.status !== "rejected" || delivery.items === undefined) return piece.map(() => delivery);
  // Which of them it was is not said: they share what was refused in their order.
  let left = delivery.items;
  return piece.map(({ items }) => {
    const own = Math.min(items, left);
    left -= own;
    return own === 0 ? accepted : { ...delivery, items: own };
  });
}

/** An answer for each request of all pieces; what was cut is put together again. */
export function answersOf(pieces: readonly (readonly Unit[])[], deliveries: readonly Delivery[]): readonly Delivery[] {
  const answers: Delivery[] = [];
  for (const [index, piece] of pieces.entries()) {
    const each = eachOf(piece, deliveries[index] ?? accepted);
    for (const [at, unit] of piece.entries()) {
      const own = each[at] ?? accepted;
      const before = unit.isRest === true ? answers.pop() : undefined;
      answers.push(before === undefined ? own : together(before, own));
    }
  }
  return answers;
}

/** What two pieces of one request come to: one that was refused makes the request refused, so that nothing of it gets lost. */
function together(one: Delivery, other: Delivery): Delivery {
  if (one.status === "retry" || other.status === "accepted") return one;
  if (other.status === "retry" || one.status === "accepted") return other;
  if (one.status !== "rejected" || other.status !== "rejected") return one;
  if (one.items === undefined || other.items === undefined) return { status: "rejected", cause: one.cause };
  return { ...one, items: one.items + other.items };
}
