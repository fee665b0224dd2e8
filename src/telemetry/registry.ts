import { createDistribution } from "./distribution.ts";
import type { Distribution } from "./distribution.ts";
import type { Counter, Histogram, Labels, Metrics } from "./metrics.ts";
import { metricShapes } from "./names.ts";
import type { CounterName, GaugeName, HistogramName, MetricLevel, MetricName } from "./names.ts";
import type { OwnResource } from "./resource.ts";

/** Series of one metric at most; what comes after them is counted in one series of its own. */
const maxSeries = 1000;
const overflow: Labels = { otel_metric_overflow: "true" };

/** Adding is one addition; the number is read when somebody scrapes. */
export type Series = { readonly labels: Labels; readonly read: () => number };

type NumberName = CounterName | GaugeName;

type RegistryOptions = {
  readonly level: MetricLevel;
  readonly version: string;
  /** What podstamp is called on them. */
  readonly resource: OwnResource;
};

/** Our own metrics, as provider.ts shows them to others. */
export type Registry = Metrics & {
  readonly version: string;
  readonly resource: OwnResource;
  /** Like gauge, for any metric without labels: `read` is called at each scrape. */
  observe(name: CounterName | GaugeName, read: () => number): void;
  /** What all series of a metric come to now. */
  total(name: NumberName): number;
  /** The metrics that the level shows, without histograms. */
  shown(): readonly NumberName[];
  /** The series of a metric as they are now. */
  series(name: NumberName): Iterable<Series>;
  shownHistograms(): readonly HistogramName[];
  distributions(name: HistogramName): readonly Distribution[];
};

/** Makes the metrics of the process; those above the level are counted and not shown. */
export function createRegistry({ level, version, resource }: RegistryOptions): Registry {
  const metrics = new Map<NumberName, Map<string, Series>>();
  const counters = new Map<string, Counter>();
  const histograms = new Map<HistogramName, Map<string, Distribution & Histogram>>();

  function seriesOf(name: NumberName): Map<string, Series> {
    const known = metrics.get(name);
    if (known !== undefined) return known;
    const made = new Map<string, Series>();
    metrics.set(name, made);
    return made;
  }

  function counter(name: NumberName, labels: Labels = {}): Counter {
    const series = seriesOf(name);
    const fits = series.has(labelKey(labels)) || series.size < maxSeries;
    const used = fits ? labels : overflow;
    const key = labelKey(used);
    const known = counters.get(`${name} ${key}`);
    if (known !== undefined) return known;
    let total = 0;
    series.set(key, { labels: used, read: () => total });
    const made: Counter = {
      add: (count) => {
        total += count;
      },
    };
    counters.set(`${name} ${key}`, made);
    return made;
  }

  function gauge(name: NumberName, labels: Labels, read: () => number): void {
    const series = seriesOf(name);
    const key = labelKey(labels);
    if (series.has(key) || series.size < maxSeries) series.set(key, { labels, read });
  }

  function histogram(name: HistogramName, labels: Labels = {}): Histogram {
    const all = histograms.get(name) ?? new Map<string, Distribution & Histogram>();
    histograms.set(name, all);
    const used = all.has(labelKey(labels)) || all.size < maxSeries ? labels : overflow;
    const key = labelKey(used);
    const made = all.get(key) ?? createDistribution(used, metricShapes[name].bounds ?? []);
    all.set(key, made);
    return made;
  }

  const observe = (name: NumberName, read: () => number) => gauge(name, {}, read);
  const total = (name: NumberName) =>
    [...(metrics.get(name)?.values() ?? [])].reduce((sum, one) => sum + one.read(), 0);
  const series = (name: NumberName) => metrics.get(name)?.values() ?? [];
  return {
    version,
    resource,
    counter,
    gauge,
    histogram,
    observe,
    total,
    series,
    shown: () => shownAt(level).filter((name): name is NumberName => !isHistogram(name)),
    shownHistograms: () => shownAt(level).filter(isHistogram),
    distributions: (name) => [...(histograms.get(name)?.values() ?? [])],
  };
}

function labelKey(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const order: readonly MetricLevel[] = ["basic", "normal", "detailed"];

function shownAt(level: MetricLevel): readonly MetricName[] {
  return metricNames().filter((name) => order.indexOf(metricShapes[name].level) <= order.indexOf(level));
}

function metricNames(): readonly MetricName[] {
  return Object.keys(metricShapes).filter((name): name is MetricName => Object.hasOwn(metricShapes, name));
}

function isHistogram(name: MetricName): name is HistogramName {
  return metricShapes[name].kind === "histogram";
}
