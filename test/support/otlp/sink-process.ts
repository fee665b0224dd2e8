// An OTLP/gRPC backend in a process of its own: it tells its parent all that arrives. Usage: fork with the port, 0 for any.
import { type handleUnaryCall, Metadata, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import {
  type ExportLogsServiceRequest,
  ExportLogsServiceResponse,
  LogsServiceService,
} from "../../../src/proto/opentelemetry/proto/collector/logs/v1/logs_service.ts";
import {
  type ExportTraceServiceRequest,
  ExportTraceServiceResponse,
  TraceServiceService,
} from "../../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { plainAttributes } from "./plain.ts";
import { statusWithRetryInfo } from "./retry-info.ts";
import type { FromSink, Received, SinkFault, ToSink } from "./sink-messages.ts";

type Bare = Omit<Received, "request">;

let fault: SinkFault | undefined;
let delayMs = 0;
let requests = 0;

process.on("message", (message: ToSink) => {
  if (message.kind === "fail") fault = message.fault;
  else if (message.kind === "delay") delayMs = message.ms;
  else {
    fault = undefined;
    delayMs = 0;
  }
  tell({ kind: "done" });
});
process.on("disconnect", () => process.exit());

const server = new Server({ "grpc.max_receive_message_length": 64 * 1024 * 1024 });
server.addService(TraceServiceService, {
  export: answer<ExportTraceServiceRequest, ExportTraceServiceResponse>(
    spans,
    ExportTraceServiceResponse.fromPartial({}),
  ),
});
server.addService(LogsServiceService, {
  export: answer<ExportLogsServiceRequest, ExportLogsServiceResponse>(
    logRecords,
    ExportLogsServiceResponse.fromPartial({}),
  ),
});
server.bindAsync(
  `${process.argv[3] ?? "127.0.0.1"}:${process.argv[2] ?? "0"}`,
  ServerCredentials.createInsecure(),
  (error, port) => {
    if (error !== null) throw error;
    tell({ kind: "listening", port });
  },
);

function answer<Q, R>(read: (request: Q) => Bare[], response: R): handleUnaryCall<Q, R> {
  return (call, done) => {
    const records = read(call.request);
    const error = takeFault(records);
    setTimeout(() => {
      if (error !== undefined) {
        tell({ kind: "refused", code: error.code ?? 2 });
        done(error);
        return;
      }
      const request = requests++;
      const [userAgent = ""] = call.metadata.get("user-agent").map(String);
      tell({ kind: "received", records: records.map((record) => ({ ...record, request })), userAgent });
      done(null, response);
    }, delayMs);
  };
}

function spans(request: ExportTraceServiceRequest): Bare[] {
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const attributes = plainAttributes(resource?.attributes ?? []);
    return scopeSpans.flatMap(({ scope, spans: list }) =>
      list.map((span) => ({
        signal: "traces" as const,
        name: span.name,
        resource: attributes,
        attributes: plainAttributes(span.attributes),
        scope: scope?.name ?? "",
        traceId: span.traceId.toString("hex"),
        span: {
          id: span.spanId.toString("hex"),
          parent: span.parentSpanId.toString("hex"),
          kind: span.kind,
          start: span.startTimeUnixNano,
          end: span.endTimeUnixNano,
          status: span.status?.code ?? 0,
        },
      })),
    );
  });
}

function logRecords(request: ExportLogsServiceRequest): Bare[] {
  return request.resourceLogs.flatMap(({ resource, scopeLogs }) => {
    const attributes = plainAttributes(resource?.attributes ?? []);
    return scopeLogs.flatMap(({ scope, logRecords: list }) =>
      list.map((record) => ({
        signal: "logs" as const,
        name: record.body?.stringValue ?? "",
        resource: attributes,
        attributes: plainAttributes(record.attributes),
        scope: scope?.name ?? "",
        traceId: record.traceId.toString("hex"),
      })),
    );
  });
}

/** The fault that hits a request with these records, counted down. */
function takeFault(records: readonly Bare[]): Partial<ServiceError> | undefined {
  if (fault === undefined) return undefined;
  const { code, onlyName, times, retryAfterMs } = fault;
  if (onlyName !== undefined && !records.some((record) => record.name === onlyName)) return undefined;
  if (times !== undefined) fault = times > 1 ? { ...fault, times: times - 1 } : undefined;
  const metadata = new Metadata();
  if (retryAfterMs !== undefined) metadata.set("grpc-status-details-bin", statusWithRetryInfo(code, retryAfterMs));
  return { code, details: "told to fail", metadata };
}

function tell(message: FromSink): void {
  process.send?.(message);
}
