// An application as users have them: the OpenTelemetry SDK for Node, which knows its container's ID and nothing of pods.
// Usage: app.ts ENDPOINT SERVICE CONTAINER-ID
import { logs, SeverityNumber, SpanKind, trace } from "@opentelemetry/api";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-grpc";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { NodeSDK } from "@opentelemetry/sdk-node";

const [endpoint = "", service = "", container = ""] = process.argv.slice(2);
const url = `http://${endpoint}`;

const sdk = new NodeSDK({
  autoDetectResources: false,
  resource: resourceFromAttributes({ "service.name": service, "container.id": container }),
  traceExporter: new OTLPTraceExporter({ url }),
  logRecordProcessors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter({ url }) })],
});
sdk.start();

const tracer = trace.getTracer("demo");
tracer.startActiveSpan(`GET /${service}`, { kind: SpanKind.SERVER }, (span) => {
  tracer.startSpan("SELECT items", { kind: SpanKind.CLIENT }).end();
  logs.getLogger("demo").emit({ severityNumber: SeverityNumber.INFO, body: `${service} answered` });
  span.end();
});
// Flushes both; an export that fails is said on standard error.
await sdk.shutdown();
