import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MetricReader } from "@opentelemetry/sdk-metrics";
import { createHistograms } from "./histograms.ts";
import { createProvider } from "./provider.ts";
import type { Registry } from "../registry.ts";

/* Loaded only when somebody reads the metrics, as provider.ts. */

/** The metrics in the text format of Prometheus. */
export type Exposition = {
  /** As they are now. */
  text(): Promise<string>;
  close(): Promise<void>;
};

/** Makes the text with the names as they stand in names.ts. */
export function createExposition(registry: Registry): Exposition {
  const reader = new PullReader({ metricProducers: [createHistograms(registry, "cumulative")] });
  const provider = createProvider(registry, [reader]);
  const serializer = new PrometheusSerializer(undefined, false, undefined, false, true);
  return {
    text: async () => collectorNames(serializer.serialize((await reader.collect()).resourceMetrics)),
    close: () => provider.shutdown(),
  };
}

class PullReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {}
}

/**
 * Takes away what the Collector leaves out by default: `_total` behind counters and lines with units. No name of ours ends in _total.
 * Bounds of histograms are written as Go does it, since they are labels, which are compared as texts.
 */
function collectorNames(exposition: string): string {
  return exposition
    .replace(/^# UNIT .*\n/gm, "")
    .replace(/^((?:# (?:HELP|TYPE) )?[a-zA-Z_][a-zA-Z0-9_]*)_total(?=[ {])/gm, "$1")
    .replace(/le="(\d{7,})"\}/g, (_, bound: string) => `le="${withExponent(Number(bound))}"}`);
}

/** 1048576 as 1.048576e+06. */
function withExponent(bound: number): string {
  return bound.toExponential().replace(/(?<=[+-])(?=\d$)/, "0");
}
