import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Context, Tracer } from "@opentelemetry/api";
import { OTLPTraceExporter as GrpcExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as HttpExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { NodeSDK } from "@opentelemetry/sdk-node";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  SimpleSpanProcessor,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";
import type { Sampler, SpanProcessor } from "@opentelemetry/sdk-trace";
import { grpcOptions, httpOptions } from "./otlp-target.ts";
import type { OtlpTarget } from "./otlp-target.ts";
import type { OwnResource } from "../resource.ts";
import type { Spans, Step } from "../spans.ts";

/* Loaded only when traces are switched on: the SDK is many files. */

/** How spans leave. */
export type SpanSending =
  | { readonly kind: "simple"; readonly target: OtlpTarget }
  | {
      readonly kind: "batch";
      readonly target: OtlpTarget;
      readonly delayMs: number;
      readonly timeoutMs: number;
      readonly maxQueue: number;
      readonly maxBatch: number;
    };

type TracingOptions = {
  readonly resource: OwnResource;
  readonly version: string;
  readonly sending: readonly SpanSending[];
  /** Share of the requests that are traced, 0 to 1. */
  readonly ratio: number;
};

/** Our own spans, and those who send them. */
export type Tracing = {
  readonly spans: Spans;
  /** Sends what is left and ends. */
  stop(): Promise<void>;
};

/** Switches our own spans on. */
export function startTracing({ resource, version, sending, ratio }: TracingOptions): Tracing {
  const sdk = new NodeSDK({
    resource: resourceFromAttributes(resource),
    autoDetectResources: false,
    instrumentations: [],
    textMapPropagator: null,
    metricReaders: [],
    logRecordProcessors: [],
    sampler: samplerOf(ratio),
    spanProcessors: sending.map(processorOf),
  });
  sdk.start();
  const tracer = trace.getTracer("podstamp", version);
  return {
    spans: createSpans(tracer),
    async stop() {
      await sdk.shutdown();
      trace.disable();
    },
  };
}

function samplerOf(ratio: number): Sampler {
  const root =
    ratio >= 1 ? new AlwaysOnSampler() : ratio <= 0 ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(ratio);
  return new ParentBasedSampler({ root });
}

function processorOf(sending: SpanSending): SpanProcessor {
  const { target } = sending;
  const exporter =
    target.protocol === "grpc"
      ? new GrpcExporter(grpcOptions(target))
      : new HttpExporter(httpOptions(target, "/v1/traces"));
  if (sending.kind === "simple") return new SimpleSpanProcessor({ exporter });
  return new BatchSpanProcessor({
    exporter,
    scheduledDelayMillis: sending.delayMs,
    exportTimeoutMillis: sending.timeoutMs,
    maxQueueSize: sending.maxQueue,
    maxExportBatchSize: Math.min(sending.maxBatch, sending.maxQueue),
  });
}

const kinds: Readonly<Record<Step["kind"], SpanKind>> = {
  server: SpanKind.SERVER,
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
};

function createSpans(tracer: Tracer): Spans {
  return {
    async around({ name, kind, parent, attributes }, work, outcome) {
      // A reference is always a context that was made here.
      const context = (parent as Context | undefined) ?? ROOT_CONTEXT;
      const span = tracer.startSpan(name, { kind: kinds[kind], attributes }, context);
      try {
        const result = await work(trace.setSpan(context, span));
        const { name: said, error } = outcome(result);
        span.setAttribute("podstamp.outcome", said);
        if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
        return result;
      } finally {
        span.end();
      }
    },
  };
}
