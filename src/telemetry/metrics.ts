import type { CounterName, GaugeName, HistogramName } from "./names.ts";

/** Label names and values of one series. */
export type Labels = Readonly<Record<string, string>>;

/** One series of a monotonic counter. Adding is a plain addition: it is read only when someone scrapes. */
export type Counter = { add(count: number): void };

/** One series of a histogram. Recording is a look through its bounds and two additions. */
export type Histogram = { record(value: number): void };

/** Our own metrics. Every name is declared in names.ts; asking twice for a series gives the same one. */
export type Metrics = {
  counter(name: CounterName, labels?: Labels): Counter;
  /** `read` is called at each scrape; a second gauge of the same name and labels replaces the first. */
  gauge(name: GaugeName, labels: Labels, read: () => number): void;
  histogram(name: HistogramName, labels?: Labels): Histogram;
};
