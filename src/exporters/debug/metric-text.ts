import { AggregationTemporality } from "../../proto/opentelemetry/proto/metrics/v1/metrics.ts";
import type {
  ExponentialHistogramDataPoint,
  HistogramDataPoint,
  Metric,
  NumberDataPoint,
  SummaryDataPoint,
} from "../../proto/opentelemetry/proto/metrics/v1/metrics.ts";
import { attributeLines, nameOf, pairs, time } from "./values.ts";

type Point = NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint | SummaryDataPoint;

/** A line for each data point of a metric. */
export function shortMetric(metric: Metric): readonly string[] {
  const { points } = dataOf(metric);
  return points.map((point) => `    ${metric.name} ${measured(point)} ${pairs(point.attributes)}`.trimEnd());
}

/** All of a metric. */
export function longMetric(metric: Metric): readonly string[] {
  const { kind, points } = dataOf(metric);
  return [
    `    Metric ${metric.name}`,
    `      Kind         : ${kind}`,
    `      Unit         : ${metric.unit}`,
    `      Description  : ${metric.description}`,
    ...points.flatMap((point) => [
      `      Data point`,
      `        Start      : ${time(point.startTimeUnixNano)}`,
      `        Time       : ${time(point.timeUnixNano)}`,
      `        Value      : ${measured(point)}`,
      ...attributeLines("        ", point.attributes),
    ]),
  ];
}

function dataOf(metric: Metric): { readonly kind: string; readonly points: readonly Point[] } {
  const { gauge, sum, histogram, exponentialHistogram, summary } = metric;
  if (gauge !== undefined) return { kind: "gauge", points: gauge.dataPoints };
  if (sum !== undefined) {
    const kind = `${sum.isMonotonic ? "monotonic " : ""}sum, ${temporality(sum.aggregationTemporality)}`;
    return { kind, points: sum.dataPoints };
  }
  if (histogram !== undefined)
    return { kind: `histogram, ${temporality(histogram.aggregationTemporality)}`, points: histogram.dataPoints };
  if (exponentialHistogram !== undefined) {
    const kind = `exponential histogram, ${temporality(exponentialHistogram.aggregationTemporality)}`;
    return { kind, points: exponentialHistogram.dataPoints };
  }
  return { kind: summary === undefined ? "none" : "summary", points: summary?.dataPoints ?? [] };
}

function temporality(number: number): string {
  return nameOf(AggregationTemporality, number).replace("aggregation_temporality_", "");
}

function measured(point: Point): string {
  if (!("count" in point)) return String(point.asInt ?? point.asDouble ?? "(none)");
  return `count=${point.count} sum=${point.sum ?? "(none)"}`;
}
