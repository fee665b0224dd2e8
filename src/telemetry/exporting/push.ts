import { OTLPMetricExporter as GrpcExporter } from "@opentelemetry/exporter-metrics-otlp-grpc";
import { OTLPMetricExporter as HttpExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { AggregationTemporality, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { grpcOptions, httpOptions } from "./otlp-target.ts";
import type { OtlpTarget } from "./otlp-target.ts";
import { createHistograms } from "./histograms.ts";
import { createProvider } from "./provider.ts";
import type { Registry } from "../registry.ts";

/* Loaded only when a reader is periodic: the SDK's exporters are many files. */

type PushOptions = {
  readonly target: OtlpTarget;
  readonly intervalMs: number;
  /** Of one export in all. */
  readonly timeoutMs: number;
  readonly temporality: "cumulative" | "delta" | "lowmemory";
};

/** Metrics that are sent again and again. */
export type MetricsPush = {
  /** Sends them a last time and ends. */
  stop(): Promise<void>;
};

/** Begins to send our own metrics over OTLP; what cannot be sent comes with the next export where counters are totals. */
export function startMetricsPush(registry: Registry, options: PushOptions): MetricsPush {
  const { target, intervalMs, timeoutMs, temporality } = options;
  // "lowmemory" means totals for what is observed, and all our counters are.
  const more = {
    temporalityPreference: temporality === "delta" ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
  };
  const exporter =
    target.protocol === "grpc"
      ? new GrpcExporter({ ...grpcOptions(target), ...more })
      : new HttpExporter({ ...httpOptions(target, "/v1/metrics"), ...more });
  const reader = new PeriodicExportingMetricReader({
    exporter,
    metricProducers: [createHistograms(registry, temporality === "delta" ? "delta" : "cumulative")],
    exportIntervalMillis: intervalMs,
    // The SDK refuses a longer one.
    exportTimeoutMillis: Math.min(timeoutMs, intervalMs),
  });
  const provider = createProvider(registry, [reader]);
  return { stop: () => provider.shutdown() };
}
