import type { Signal } from "../../otlp/signals.ts";
import type { Batch } from "../../pipeline/contract.ts";
import { ExportLogsServiceRequest } from "../../proto/opentelemetry/proto/collector/logs/v1/logs_service.ts";
import { ExportMetricsServiceRequest } from "../../proto/opentelemetry/proto/collector/metrics/v1/metrics_service.ts";
import { ExportProfilesServiceRequest } from "../../proto/opentelemetry/proto/collector/profiles/v1development/profiles_service.ts";
import { ExportTraceServiceRequest } from "../../proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import type { InstrumentationScope } from "../../proto/opentelemetry/proto/common/v1/common.ts";
import { SeverityNumber } from "../../proto/opentelemetry/proto/logs/v1/logs.ts";
import type { LogRecord } from "../../proto/opentelemetry/proto/logs/v1/logs.ts";
import type { Resource } from "../../proto/opentelemetry/proto/resource/v1/resource.ts";
import { Span_SpanKind, Status_StatusCode } from "../../proto/opentelemetry/proto/trace/v1/trace.ts";
import type { Span } from "../../proto/opentelemetry/proto/trace/v1/trace.ts";
import { longMetric, shortMetric } from "./metric-text.ts";
import { longProfile, resolved, shortProfile } from "./profile-text.ts";
import { attributeLines, hex, nameOf, pairs, time, value } from "./values.ts";
import { split } from "../../otlp/parting/split.ts";
import type { Piece } from "../../otlp/parting/split.ts";
import { whole } from "../../otlp/rope/rope.ts";
import { Cursor } from "../../otlp/wire/cursor.ts";

/** Lines of one batch that are written at most. */
const maxLines = 2000;
/**
 * Records of one batch that are decoded at most: as many as surely have that many lines. As objects and lines they take up to eighty
 * times the memory that they take as bytes, so that all of a large batch would hold up and fill the process.
 */
const maxRecords = { normal: 2000, detailed: 500 };
/** How a batch reads: a title with counts, and lines below it. */
export type Described = { readonly title: string; readonly fields: object; readonly lines: readonly string[] };

export type Verbosity = "basic" | "normal" | "detailed";

/** Describes a batch for people; what cannot be decoded is said, never thrown. */
export function describe(batch: Batch, verbosity: Verbosity): Described {
  const { title, resources, items } = readers[batch.signal];
  const counts = { [items]: batch.items };
  try {
    const fields = { [resources]: countResources(whole(batch.bytes)), ...counts };
    return { title, fields, lines: verbosity === "basic" ? [] : linesOf(batch, verbosity) };
  } catch (cause) {
    const error = `cannot be decoded: ${cause instanceof Error ? cause.message : String(cause)}`;
    return { title, fields: { ...counts, error }, lines: [] };
  }
}

/** Every Export…ServiceRequest: 1 resource_…. */
function countResources(bytes: Uint8Array): number {
  const cursor = new Cursor(bytes);
  let count = 0;
  while (cursor.next()) if (cursor.field === 1) count++;
  return count;
}

function linesOf(batch: Batch, verbosity: "normal" | "detailed"): readonly string[] {
  const { items, read } = readers[batch.signal];
  const head = headOf(batch, maxRecords[verbosity]);
  const lines = read(head.bytes, verbosity).flatMap((bundle, index) => bundleLines(bundle, index, verbosity));
  const more = [
    ...(lines.length > maxLines ? [`${lines.length - maxLines} lines`] : []),
    ...(head.items < batch.items ? [`${batch.items - head.items} ${items}`] : []),
  ];
  return more.length === 0 ? lines : [...lines.slice(0, maxLines), `… and ${more.join(" and ")} more`];
}

/** A batch, or its first records. */
function headOf({ signal, bytes, items }: Batch, most: number): Piece {
  const all = { bytes: whole(bytes), items };
  return items <= most ? all : (split(signal, all.bytes, most)[0] ?? all);
}

/** A resource with its scopes, and how it and each scope's records read. */
type Bundle = {
  readonly name: string;
  readonly resource: Resource | undefined;
  readonly scopes: readonly {
    readonly scope: InstrumentationScope | undefined;
    readonly lines: () => readonly string[];
  }[];
};

type Reader = {
  readonly title: string;
  readonly resources: string;
  readonly items: string;
  readonly read: (bytes: Uint8Array, verbosity: Verbosity) => readonly Bundle[];
};

const readers: Readonly<Record<Signal, Reader>> = {
  traces: { title: "Traces", resources: "resource spans", items: "spans", read: readTraces },
  metrics: { title: "Metrics", resources: "resource metrics", items: "data points", read: readMetrics },
  logs: { title: "Logs", resources: "resource logs", items: "log records", read: readLogs },
  profiles: { title: "Profiles", resources: "resource profiles", items: "samples", read: readProfiles },
};

function readTraces(bytes: Uint8Array, verbosity: Verbosity): readonly Bundle[] {
  const line = verbosity === "normal" ? shortSpan : longSpan;
  return ExportTraceServiceRequest.decode(bytes).resourceSpans.map(({ resource, scopeSpans }) => ({
    name: "ResourceSpans",
    resource,
    scopes: scopeSpans.map(({ scope, spans }) => ({ scope, lines: () => spans.flatMap(line) })),
  }));
}

function readMetrics(bytes: Uint8Array, verbosity: Verbosity): readonly Bundle[] {
  const line = verbosity === "normal" ? shortMetric : longMetric;
  return ExportMetricsServiceRequest.decode(bytes).resourceMetrics.map(({ resource, scopeMetrics }) => ({
    name: "ResourceMetrics",
    resource,
    scopes: scopeMetrics.map(({ scope, metrics }) => ({ scope, lines: () => metrics.flatMap(line) })),
  }));
}

function readLogs(bytes: Uint8Array, verbosity: Verbosity): readonly Bundle[] {
  const line = verbosity === "normal" ? shortRecord : longRecord;
  return ExportLogsServiceRequest.decode(bytes).resourceLogs.map(({ resource, scopeLogs }) => ({
    name: "ResourceLogs",
    resource,
    scopes: scopeLogs.map(({ scope, logRecords }) => ({ scope, lines: () => logRecords.flatMap(line) })),
  }));
}

function readProfiles(bytes: Uint8Array, verbosity: Verbosity): readonly Bundle[] {
  const { resourceProfiles, dictionary } = ExportProfilesServiceRequest.decode(bytes);
  const strings = dictionary?.stringTable ?? [];
  const line = verbosity === "normal" ? shortProfile : longProfile;
  return resourceProfiles.map(({ resource, scopeProfiles }) => ({
    name: "ResourceProfiles",
    resource: resource && { ...resource, attributes: resource.attributes.map((each) => resolved(each, strings)) },
    scopes: scopeProfiles.map(({ scope, profiles }) => ({
      scope: scope && { ...scope, attributes: scope.attributes.map((each) => resolved(each, strings)) },
      lines: () => profiles.flatMap((profile) => line(profile, dictionary)),
    })),
  }));
}

function bundleLines({ name, resource, scopes }: Bundle, index: number, verbosity: Verbosity): readonly string[] {
  return [
    ...resourceLines(name, { index, resource, verbosity }),
    ...scopes.flatMap(({ scope, lines }) => [...scopeLines(scope, verbosity), ...lines()]),
  ];
}

type ResourceOptions = {
  readonly index: number;
  readonly resource: Resource | undefined;
  readonly verbosity: Verbosity;
};

function resourceLines(name: string, { index, resource, verbosity }: ResourceOptions): readonly string[] {
  const attributes = resource?.attributes ?? [];
  if (verbosity === "normal") return [`${name} #${index} ${pairs(attributes)}`.trimEnd()];
  return [`${name} #${index}`, ...attributeLines("  ", attributes)];
}

function scopeLines(scope: InstrumentationScope | undefined, verbosity: Verbosity): readonly string[] {
  const name = `${scope?.name ?? ""}${scope?.version ? `@${scope.version}` : ""}`;
  const head = `  Scope ${name === "" ? "(without a name)" : name}`;
  return verbosity === "normal" ? [head] : [head, ...attributeLines("    ", scope?.attributes ?? [])];
}

function shortSpan(span: Span): readonly string[] {
  return [`    ${span.name} ${hex(span.traceId)} ${hex(span.spanId)} ${pairs(span.attributes)}`.trimEnd()];
}

function longSpan(span: Span): readonly string[] {
  return [
    `    Span ${span.name}`,
    `      Trace ID     : ${hex(span.traceId)}`,
    `      Parent ID    : ${hex(span.parentSpanId)}`,
    `      ID           : ${hex(span.spanId)}`,
    `      Kind         : ${nameOf(Span_SpanKind, span.kind)}`,
    `      Start        : ${time(span.startTimeUnixNano)}`,
    `      End          : ${time(span.endTimeUnixNano)}`,
    `      Status       : ${nameOf(Status_StatusCode, span.status?.code ?? 0)} ${span.status?.message ?? ""}`.trimEnd(),
    ...attributeLines("      ", span.attributes),
    ...span.events.flatMap((event) => [
      `      Event ${event.name} at ${time(event.timeUnixNano)}`,
      ...attributeLines("        ", event.attributes),
    ]),
    ...span.links.flatMap((link) => [
      `      Link ${hex(link.traceId)} ${hex(link.spanId)}`,
      ...attributeLines("        ", link.attributes),
    ]),
  ];
}

function shortRecord(record: LogRecord): readonly string[] {
  return [`    ${severity(record)} ${value(record.body)} ${pairs(record.attributes)}`.trimEnd()];
}

function longRecord(record: LogRecord): readonly string[] {
  return [
    `    LogRecord`,
    `      Time         : ${time(record.timeUnixNano)}`,
    `      Observed     : ${time(record.observedTimeUnixNano)}`,
    `      Severity     : ${severity(record)}`,
    `      Body         : ${value(record.body)}`,
    `      Trace ID     : ${hex(record.traceId)}`,
    `      Span ID      : ${hex(record.spanId)}`,
    ...attributeLines("      ", record.attributes),
  ];
}

function severity(record: LogRecord): string {
  return record.severityText === "" ? nameOf(SeverityNumber, record.severityNumber) : record.severityText;
}
