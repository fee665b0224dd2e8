import type { Histogram, Labels } from "./metrics.ts";

/** One series of a histogram as it is now. */
export type Distribution = {
  readonly labels: Labels;
  readonly bounds: readonly number[];
  /** For each bound how many were no larger than it and larger than the one before; behind them those beyond all. */
  readonly counts: Float64Array;
  readonly sum: () => number;
};

/** Makes a histogram that counts by bounds in rising order. Most of what it is told is small: the bounds are looked at from the least on. */
export function createDistribution(labels: Labels, bounds: readonly number[]): Distribution & Histogram {
  const counts = new Float64Array(bounds.length + 1);
  let sum = 0;
  return {
    labels,
    bounds,
    counts,
    sum: () => sum,
    record(value) {
      let at = 0;
      while (at < bounds.length && value > (bounds[at] ?? Number.POSITIVE_INFINITY)) at++;
      counts[at] = (counts[at] ?? 0) + 1;
      sum += value;
    },
  };
}
