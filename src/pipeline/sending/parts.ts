import type { CancelSignal } from "../../otlp/cancel.ts";
import { accepted } from "../contract.ts";
import type { Batch, Delivery, Part } from "../contract.ts";
import type { Push } from "../retry.ts";
import { whole } from "../../otlp/rope/rope.ts";

export type PartsOptions = {
  /** Whether a refusal may be about one request of the batch; what is refused whatever it contains (no permission) is not tried again. */
  readonly isWorthSplitting: (cause: Error) => boolean;
  /** Told when a merged batch is taken apart. */
  readonly onSplit: (batch: Batch, cause: Error) => void;
};

/**
 * Takes a merged batch apart when it is refused for good, halving it until the refused requests stand alone,
 * so that one client's bad request does not take those of others along. The answer has a delivery for each part.
 */
export function withParts(push: Push, options: PartsOptions): Push {
  const isSplittable = (delivery: Delivery, count: number): boolean =>
    delivery.status === "rejected" &&
    delivery.items === undefined &&
    count > 1 &&
    options.isWorthSplitting(delivery.cause);

  const pushParts = async (batch: Batch, parts: readonly Part[], signal: CancelSignal): Promise<Delivery> => {
    const delivery = await push(batch, signal);
    if (delivery.status !== "rejected" || !isSplittable(delivery, parts.length)) return delivery;
    options.onSplit(batch, delivery.cause);
    const deliveries: Delivery[] = [];
    // Ranges of parts still to be sent, the next one last.
    const ranges: [number, number][] = halves(0, parts.length);
    for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
      const [from, to] = range;
      const outcome = await push(slice(batch, parts, range), signal);
      if (isSplittable(outcome, to - from)) ranges.push(...halves(from, to));
      else fill(deliveries, range, outcome);
      // Whoever cannot take this part now will not take the next one either: the wait was long enough already.
      if (outcome.status === "retry") for (const rest of ranges.splice(0)) fill(deliveries, rest, outcome);
    }
    return deliveries.every((each) => each.status === "accepted") ? accepted : { status: "parts", parts: deliveries };
  };
  return (batch, signal) => (batch.parts === undefined ? push(batch, signal) : pushParts(batch, batch.parts, signal));
}

/** The two halves of a range, the first one last. */
function halves(from: number, to: number): [number, number][] {
  const middle = Math.ceil((from + to) / 2);
  return [
    [middle, to],
    [from, middle],
  ];
}

function fill(deliveries: Delivery[], [from, to]: readonly [number, number], delivery: Delivery): void {
  for (let i = from; i < to; i++) deliveries[i] = delivery;
}

/** The parts [from, to) of a batch as a batch of their own. */
function slice(batch: Batch, parts: readonly Part[], [from, to]: readonly [number, number]): Batch {
  const begin = from === 0 ? 0 : (parts[from - 1]?.end ?? 0);
  const own = parts.slice(from, to).map((part) => ({ end: part.end - begin, items: part.items }));
  return {
    signal: batch.signal,
    bytes: whole(batch.bytes).subarray(begin, begin + (own.at(-1)?.end ?? 0)),
    items: own.reduce((sum, part) => sum + part.items, 0),
    ...(own.length > 1 ? { parts: own } : {}),
    ...(batch.deadline === undefined ? {} : { deadline: batch.deadline }),
  };
}
