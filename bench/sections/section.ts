import type { Table } from "../tables/table.ts";

/** How much is measured. */
export type Effort = {
  readonly rounds: number;
  /** A part of the requests: 1, or 0.1 to see that all runs. */
  readonly part: number;
  readonly say: (text: string) => void;
};

/** What a section gives. */
export type Findings = {
  readonly tables: readonly Table[];
  /** Sentences that say whether a target was met. */
  readonly verdicts: readonly string[];
  /** For the plot: CPU of each contender in microseconds per request. */
  readonly bars?: readonly { readonly group: string; readonly name: string; readonly value: number }[];
};

export type Section = (effort: Effort) => Promise<Findings>;

/** A verdict on a figure that shall be at most so much. */
export function atMost(what: string, value: number, limit: number): string {
  return `${value <= limit ? "met" : "MISSED"}: ${what} is ${value.toFixed(2)}, the target is at most ${limit}`;
}
