import { createHash } from "node:crypto";
import type { Signal } from "../../src/otlp/signals.ts";
import { ExportLogsServiceRequest } from "../../src/proto/opentelemetry/proto/collector/logs/v1/logs_service.ts";
import { ExportMetricsServiceRequest } from "../../src/proto/opentelemetry/proto/collector/metrics/v1/metrics_service.ts";
import { ExportProfilesServiceRequest } from "../../src/proto/opentelemetry/proto/collector/profiles/v1development/profiles_service.ts";
import { makeRequest } from "./requests.ts";

export type SignalRequest = {
  readonly signal: Signal;
  /** How large it is about: as many records as fit. */
  readonly bytes: number;
  readonly ids: "resource" | "records";
  readonly containerIds: readonly string[];
};

type Shape = { readonly items: number; readonly ids: "resource" | "records"; readonly containerIds: readonly string[] };

const makers: Readonly<Record<Signal, (shape: Shape) => Uint8Array>> = {
  traces: ({ items, ...shape }) => makeRequest({ spans: items, ...shape }),
  metrics: makeMetrics,
  logs: makeLogs,
  profiles: makeProfiles,
};

/** An export request of a signal as senders make them, and how many records it holds. */
export function makeSignalRequest({ signal, bytes, ids, containerIds }: SignalRequest): {
  bytes: Buffer;
  items: number;
} {
  const make = (items: number) => Buffer.from(makers[signal]({ items, ids, containerIds }));
  const few = make(100).length;
  const items = Math.max(1, Math.round(100 + ((bytes - few) * 100) / (make(200).length - few)));
  return { bytes: make(items), items };
}

/** Metrics of ten data points with four attributes each, sums and histograms in turn. */
function makeMetrics({ items, ...shape }: Shape): Uint8Array {
  const point = (index: number) => ({
    startTimeUnixNano: time,
    timeUnixNano: time + 1000n,
    attributes: [
      attribute("http.request.method", "GET"),
      attribute("http.route", `/api/item/${index}`),
      attribute("http.response.status_code", "200"),
      attribute("server.address", "checkout.pay.svc"),
      ...recordIds(shape, index),
    ],
  });
  const metrics = Array.from({ length: Math.ceil(items / 10) }, (_, metric) => {
    const points = Array.from({ length: Math.min(10, items - metric * 10) }, (_each, index) =>
      point(metric * 10 + index),
    );
    const name = `http.server.request.${digest(`metric ${metric}`, 4).toString("hex")}`;
    const about = { name, description: "Duration of HTTP server requests", unit: "s" };
    if (metric % 2 === 0) {
      const dataPoints = points.map((each, index) => ({ ...each, asInt: BigInt(index) }));
      return { ...about, sum: { dataPoints, aggregationTemporality: 2 as const, isMonotonic: true } };
    }
    const buckets = {
      count: 14n,
      sum: 1.5,
      bucketCounts: [0n, 1n, 2n, 3n, 4n, 3n, 1n],
      explicitBounds: [0.01, 0.05, 0.1, 0.5, 1, 5],
    };
    return {
      ...about,
      histogram: { dataPoints: points.map((each) => ({ ...each, ...buckets })), aggregationTemporality: 2 as const },
    };
  });
  const request = {
    resourceMetrics: [{ resource: resourceOf(shape), scopeMetrics: [{ scope: { name: "bench" }, metrics }] }],
  };
  return ExportMetricsServiceRequest.encode(ExportMetricsServiceRequest.fromPartial(request)).finish();
}

/** Log records with a line of text and five attributes. */
function makeLogs({ items, ...shape }: Shape): Uint8Array {
  const logRecords = Array.from({ length: items }, (_, index) => ({
    timeUnixNano: time,
    observedTimeUnixNano: time + 1000n,
    severityNumber: 9 as const,
    severityText: "INFO",
    body: {
      stringValue: `GET /api/item/${index} answered 200 in 12 ms to ${digest(`client ${index}`, 8).toString("hex")}`,
    },
    attributes: [
      ...Array.from({ length: 5 }, (_each, n) =>
        attribute(`load_generator.attribute_${n}`, digest(`value ${index} ${n}`, 8).toString("hex")),
      ),
      ...recordIds(shape, index),
    ],
    traceId: digest(`trace ${index}`, 16),
    spanId: digest(`span ${index}`, 8),
  }));
  const request = {
    resourceLogs: [{ resource: resourceOf(shape), scopeLogs: [{ scope: { name: "bench" }, logRecords }] }],
  };
  return ExportLogsServiceRequest.encode(ExportLogsServiceRequest.fromPartial(request)).finish();
}

/** A profile as an eBPF profiler makes it: stacks of 20 frames that share locations, samples with a thread, a PID and a time. */
function makeProfiles({ items, ids, containerIds }: Shape): Uint8Array {
  const stringTable = ["", "container.id", "thread.name", "process.pid"];
  const attributeTable: object[] = [{}];
  const tell = (keyStrindex: number, stringValue: string) =>
    attributeTable.push({ keyStrindex, value: { stringValue } }) - 1;
  const containers = ids === "records" ? containerIds.map((id) => tell(1, id)) : [];
  const threads = Array.from({ length: 10 }, (_, index) => [tell(2, `worker-${index}`), tell(3, String(1000 + index))]);
  const functions = Array.from({ length: Math.ceil(items / 2) }, (_, index) => ({
    nameStrindex: stringTable.push(`runtime.${digest(`function ${index}`, 10).toString("hex")}`) - 1,
  }));
  const locationTable = functions.map((_, index) => ({
    address: BigInt(4_000_000 + index * 64),
    lines: [{ functionIndex: index, line: 42n }],
  }));
  const stackTable = Array.from({ length: items }, (_, stack) => ({
    locationIndices: Array.from({ length: 20 }, (_each, depth) => (stack * 7 + depth * 13) % locationTable.length),
  }));
  const samples = stackTable.map((_, index) => ({
    stackIndex: index,
    attributeIndices: [
      ...(threads[index % threads.length] ?? []),
      ...containers.slice(index % containers.length, (index % containers.length) + 1),
    ],
    values: [1n],
    timestampsUnixNano: [time + BigInt(index)],
  }));
  const request = {
    resourceProfiles: [
      {
        resource: resourceOf({ ids, containerIds }),
        scopeProfiles: [
          { scope: { name: "bench" }, profiles: [{ profileId: digest("profile", 16), timeUnixNano: time, samples }] },
        ],
      },
    ],
    dictionary: {
      stringTable,
      attributeTable,
      functionTable: functions,
      locationTable,
      stackTable,
      mappingTable: [{}],
      linkTable: [{}],
    },
  };
  return ExportProfilesServiceRequest.encode(ExportProfilesServiceRequest.fromPartial(request)).finish();
}

const time = 1_700_000_000_000_000_000n;

function resourceOf({ ids, containerIds }: Omit<Shape, "items">) {
  const own = [attribute("service.name", "checkout"), attribute("host.name", "node-1")];
  return { attributes: ids === "resource" ? [...own, attribute("container.id", containerIds[0] ?? "")] : own };
}

function recordIds({ ids, containerIds }: Omit<Shape, "items">, index: number) {
  return ids === "records" ? [attribute("container.id", containerIds[index % containerIds.length] ?? "")] : [];
}

function attribute(key: string, stringValue: string) {
  return { key, value: { stringValue } };
}

function digest(text: string, length: number): Buffer {
  return createHash("sha256").update(text).digest().subarray(0, length);
}
