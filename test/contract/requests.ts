import { ExportLogsServiceRequest } from "../../src/proto/opentelemetry/proto/collector/logs/v1/logs_service.ts";
import { ExportMetricsServiceRequest } from "../../src/proto/opentelemetry/proto/collector/metrics/v1/metrics_service.ts";
import { ExportProfilesServiceRequest } from "../../src/proto/opentelemetry/proto/collector/profiles/v1development/profiles_service.ts";
import { ExportTraceServiceRequest } from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import type { Signal } from "../../src/otlp/signals.ts";
import type { Batch } from "../../src/pipeline/contract.ts";
import { wireAttributes } from "../support/otlp/plain.ts";

const resource = { attributes: wireAttributes({ "service.name": "contract" }) };
const id = Buffer.alloc(16, 7);

const bytes: Readonly<Record<Signal, () => Uint8Array>> = {
  traces: () =>
    ExportTraceServiceRequest.encode(
      ExportTraceServiceRequest.fromPartial({
        resourceSpans: [
          { resource, scopeSpans: [{ spans: [{ traceId: id, spanId: id.subarray(0, 8), name: "GET /" }] }] },
        ],
      }),
    ).finish(),
  logs: () =>
    ExportLogsServiceRequest.encode(
      ExportLogsServiceRequest.fromPartial({
        resourceLogs: [{ resource, scopeLogs: [{ logRecords: [{ body: { stringValue: "started" } }] }] }],
      }),
    ).finish(),
  metrics: () =>
    ExportMetricsServiceRequest.encode(
      ExportMetricsServiceRequest.fromPartial({
        resourceMetrics: [
          { resource, scopeMetrics: [{ metrics: [{ name: "up", gauge: { dataPoints: [{ asDouble: 1 }] } }] }] },
        ],
      }),
    ).finish(),
  profiles: () =>
    ExportProfilesServiceRequest.encode(
      ExportProfilesServiceRequest.fromPartial({
        resourceProfiles: [{ resource, scopeProfiles: [{ profiles: [{ samples: [{ values: [1n] }] }] }] }],
        dictionary: { stringTable: [""] },
      }),
    ).finish(),
};

/** A request of one item. */
export function requestOf(signal: Signal): Batch {
  return { signal, items: 1, bytes: Buffer.from(bytes[signal]()) };
}
