import type { ObservableResult } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { MetricReader } from "@opentelemetry/sdk-metrics";
import { metricShapes } from "../names.ts";
import type { Registry, Series } from "../registry.ts";

/* Loaded only when somebody reads the metrics: the SDK is some 30 MB of memory. */

/** The registry as the OpenTelemetry SDK sees it; the readers are shut down with it. */
export function createProvider(registry: Registry, readers: readonly MetricReader[]): MeterProvider {
  const provider = new MeterProvider({ resource: resourceFromAttributes(registry.resource), readers: [...readers] });
  const meter = provider.getMeter("podstamp", registry.version);
  for (const name of registry.shown()) {
    const { kind, unit, description } = metricShapes[name];
    const instrument =
      kind === "counter"
        ? meter.createObservableCounter(name, { unit, description })
        : meter.createObservableGauge(name, { unit, description });
    instrument.addCallback((result) => report(result, registry.series(name)));
  }
  return provider;
}

function report(result: ObservableResult, series: Iterable<Series>): void {
  for (const { labels, read } of series) result.observe(read(), { ...labels });
}
