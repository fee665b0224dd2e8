import { randomBytes } from "node:crypto";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ExportLogsServiceRequest } from "../../../src/proto/opentelemetry/proto/collector/logs/v1/logs_service.ts";
import { ExportTraceServiceRequest } from "../../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { type Attributes, wireAttributes } from "./plain.ts";
import { unary } from "../grpc/unary.ts";
import { LogsServiceClient, TraceServiceClient } from "../grpc/clients.ts";

/** A span or log record to send. */
export type Outgoing = { readonly name: string; readonly attributes?: Attributes };

/** Records of one resource. */
export type Bundle = { readonly resource?: Attributes; readonly records: readonly Outgoing[] };

/** Sends OTLP over gRPC as bytes that say exactly what a test wants. */
export type Sender = {
  /** Resolves when they are acknowledged; rejects with a ServiceError. */
  traces(bundles: readonly Bundle[], timeoutMs?: number): Promise<void>;
  logs(bundles: readonly Bundle[], timeoutMs?: number): Promise<void>;
  /** One span of one container, its ID on the resource. */
  spanOf(container: string, name: string): Promise<void>;
  close(): void;
};

/** Connects to an OTLP/gRPC receiver at "host:port". */
export function createSender(address: string): Sender {
  const insecure = credentials.createInsecure();
  // A receiver that starts later or again is found at once.
  const options = {
    "grpc.initial_reconnect_backoff_ms": 50,
    "grpc.max_reconnect_backoff_ms": 200,
    "grpc.use_local_subchannel_pool": 1,
  };
  const traceClient = new TraceServiceClient(address, insecure, options);
  const logsClient = new LogsServiceClient(address, insecure, options);
  const traces: Sender["traces"] = async (bundles, timeoutMs) => {
    await unary(traceClient.export.bind(traceClient), traceRequest(bundles), timeoutMs);
  };
  return {
    traces,
    async logs(bundles, timeoutMs) {
      await unary(logsClient.export.bind(logsClient), logsRequest(bundles), timeoutMs);
    },
    spanOf: (container, name) =>
      traces([{ resource: { "service.name": "test", "container.id": container }, records: [{ name }] }]),
    close() {
      traceClient.close();
      logsClient.close();
    },
  };
}

/** An export request of spans. */
export function traceRequest(bundles: readonly Bundle[]): ExportTraceServiceRequest {
  return ExportTraceServiceRequest.fromPartial({
    resourceSpans: bundles.map(({ resource = {}, records }) => ({
      resource: { attributes: wireAttributes(resource) },
      scopeSpans: [{ scope: { name: "test" }, spans: records.map(span) }],
    })),
  });
}

/** An export request of log records whose bodies are their names. */
export function logsRequest(bundles: readonly Bundle[]): ExportLogsServiceRequest {
  return ExportLogsServiceRequest.fromPartial({
    resourceLogs: bundles.map(({ resource = {}, records }) => ({
      resource: { attributes: wireAttributes(resource) },
      scopeLogs: [{ scope: { name: "test" }, logRecords: records.map(logRecord) }],
    })),
  });
}

/** Whether a call failed with this gRPC status code. */
export function hasCode(error: unknown, code: number): boolean {
  return (error as Partial<ServiceError> | undefined)?.code === code;
}

function span({ name, attributes = {} }: Outgoing) {
  const time = BigInt(Date.now()) * 1_000_000n;
  return {
    traceId: randomBytes(16),
    spanId: randomBytes(8),
    name,
    kind: 2 as const,
    startTimeUnixNano: time,
    endTimeUnixNano: time + 1_000_000n,
    attributes: wireAttributes(attributes),
  };
}

function logRecord({ name, attributes = {} }: Outgoing) {
  return {
    timeUnixNano: BigInt(Date.now()) * 1_000_000n,
    body: { stringValue: name },
    attributes: wireAttributes(attributes),
  };
}
