import { ValueType } from "@opentelemetry/api";
import { emptyResource } from "@opentelemetry/resources";
import { AggregationTemporality, DataPointType } from "@opentelemetry/sdk-metrics";
import type { DataPoint, Histogram, MetricData, MetricProducer } from "@opentelemetry/sdk-metrics";
import type { Distribution } from "../distribution.ts";
import { metricShapes } from "../names.ts";
import type { HistogramName } from "../names.ts";
import type { Registry } from "../registry.ts";

/* Loaded only when somebody reads the metrics, as provider.ts. */

type HrTime = [number, number];
type Seen = { readonly counts: Float64Array; readonly sum: number };

/**
 * The histograms of the registry for one reader. The SDK has none that is read when somebody asks, and telling its own each value would
 * cost the data path more than what is counted.
 */
export function createHistograms(registry: Registry, temporality: "cumulative" | "delta"): MetricProducer {
  const isDelta = temporality === "delta";
  const last = new Map<Distribution, Seen>();
  let since = now();

  const point = (one: Distribution, endTime: HrTime): DataPoint<Histogram> => {
    const total = { counts: one.counts.slice(), sum: one.sum() };
    const before = isDelta ? last.get(one) : undefined;
    last.set(one, total);
    const counts = [...total.counts].map((count, at) => count - (before?.counts[at] ?? 0));
    const value = {
      buckets: { boundaries: [...one.bounds], counts },
      sum: total.sum - (before?.sum ?? 0),
      count: counts.reduce((sum, count) => sum + count, 0),
    };
    return { startTime: since, endTime, attributes: { ...one.labels }, value };
  };
  const metric = (name: HistogramName, endTime: HrTime): MetricData[] => {
    const series = registry.distributions(name);
    if (series.length === 0) return [];
    const { description, unit } = metricShapes[name];
    return [
      {
        descriptor: { name, description, unit, valueType: ValueType.INT },
        aggregationTemporality: isDelta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: series.map((one) => point(one, endTime)),
      },
    ];
  };

  return {
    async collect() {
      const endTime = now();
      const scope = { name: "podstamp", version: registry.version };
      const metrics = registry.shownHistograms().flatMap((name) => metric(name, endTime));
      if (isDelta) since = endTime;
      return { resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope, metrics }] }, errors: [] };
    },
  };
}

function now(): HrTime {
  const ms = Date.now();
  return [Math.floor(ms / 1000), (ms % 1000) * 1e6];
}
