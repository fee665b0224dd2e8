import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { handleUnaryCall, Metadata } from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import {
  ExportMetricsServiceRequest,
  ExportMetricsServiceResponse,
  MetricsServiceService,
} from "../../../src/proto/opentelemetry/proto/collector/metrics/v1/metrics_service.ts";
import {
  ExportTraceServiceRequest,
  ExportTraceServiceResponse,
  TraceServiceService,
} from "../../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import type { Metric } from "../../../src/proto/opentelemetry/proto/metrics/v1/metrics.ts";
import type { Span } from "../../../src/proto/opentelemetry/proto/trace/v1/trace.ts";
import { plainAttributes } from "./plain.ts";
import type { Attributes } from "./plain.ts";

/** A backend for podstamp's own metrics and spans, for one test. */
export type OwnBackend = {
  /** "127.0.0.1:port" of OTLP/gRPC. */
  readonly grpc: string;
  /** "http://127.0.0.1:port" of OTLP/HTTP. */
  readonly http: string;
  /** The newest of each metric. */
  metric(name: string): Metric | undefined;
  spans(): readonly Span[];
  /** Attributes of the last resource that sent anything. */
  resource(): Attributes;
  /** Header of the last request. */
  header(name: string): string | undefined;
  paths(): ReadonlySet<string>;
};

/** Opens one on free ports. */
export async function lendOwnBackend(): Promise<OwnBackend> {
  const metrics = new Map<string, Metric>();
  const spans: Span[] = [];
  const paths = new Set<string>();
  let resource: Attributes = {};
  let header: (name: string) => string | undefined = () => undefined;

  const takeMetrics = ({ resourceMetrics }: ExportMetricsServiceRequest): void => {
    for (const { resource: of, scopeMetrics } of resourceMetrics) {
      resource = plainAttributes(of?.attributes ?? []);
      for (const metric of scopeMetrics.flatMap((scope) => scope.metrics)) metrics.set(metric.name, metric);
    }
  };
  const takeSpans = ({ resourceSpans }: ExportTraceServiceRequest): void => {
    for (const { resource: of, scopeSpans } of resourceSpans) {
      resource = plainAttributes(of?.attributes ?? []);
      spans.push(...scopeSpans.flatMap((scope) => scope.spans));
    }
  };
  const fromMetadata = (metadata: Metadata) => (name: string) => metadata.get(name).map(String)[0];

  const taking =
    <Q, R>(take: (request: Q) => void, response: R): handleUnaryCall<Q, R> =>
    (call, done) => {
      header = fromMetadata(call.metadata);
      take(call.request);
      done(null, response);
    };
  const server = new Server();
  server.addService(MetricsServiceService, {
    export: taking(takeMetrics, ExportMetricsServiceResponse.fromPartial({})),
  });
  server.addService(TraceServiceService, { export: taking(takeSpans, ExportTraceServiceResponse.fromPartial({})) });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  onTestFinished(() => server.forceShutdown());

  const fromHeaders = (headers: IncomingHttpHeaders) => (name: string) => String(headers[name]);
  const web = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      header = fromHeaders(request.headers);
      paths.add(request.url ?? "");
      const raw = Buffer.concat(chunks);
      const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
      if (request.url?.includes("metrics") === true) takeMetrics(ExportMetricsServiceRequest.decode(body));
      else takeSpans(ExportTraceServiceRequest.decode(body));
      response.setHeader("content-type", "application/x-protobuf");
      response.end();
    });
  });
  await new Promise<void>((resolve) => web.listen({ host: "127.0.0.1", port: 0 }, resolve));
  onTestFinished(() => {
    web.close();
    web.closeAllConnections();
  });

  return {
    grpc: `127.0.0.1:${port}`,
    http: `http://127.0.0.1:${(web.address() as AddressInfo).port}`,
    metric: (name) => metrics.get(name),
    spans: () => spans,
    resource: () => resource,
    header: (name) => header(name),
    paths: () => paths,
  };
}
