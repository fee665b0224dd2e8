import type { Batch } from "../../pipeline/contract.ts";
import { ExportLogsServiceRequest } from "../../proto/opentelemetry/proto/collector/logs/v1/logs_service.ts";
import { ExportTraceServiceRequest } from "../../proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import type { AnyValue, InstrumentationScope, KeyValue } from "../../proto/opentelemetry/proto/common/v1/common.ts";
import { SeverityNumber } from "../../proto/opentelemetry/proto/logs/v1/logs.ts";
import type { LogRecord } from "../../proto/opentelemetry/proto/logs/v1/logs.ts";
import type { Resource } from "../../proto/opentelemetry/proto/resource/v1/resource.ts";
import { Span_SpanKind, Status_StatusCode } from "../../proto/opentelemetry/proto/trace/v1/trace.ts";
import type { Span } from "../../proto/opentelemetry/proto/trace/v1/trace.ts";

/** Lines of one batch that are written at most. */
const maxLines = 2000;
/** Characters of one value that are written at most. */
const maxValue = 1024;

/** How a batch reads: a title with counts, and lines below it. */
export type Described = { readonly title: string; readonly fields: object; readonly lines: readonly string[] };

export type Verbosity = "basic" | "normal" | "detailed";

/** Describes a batch for people; what cannot be decoded is said, never thrown. */
export function describe(batch: Batch, verbosity: Verbosity): Described {
  const title = batch.signal === "traces" ? "Traces" : "Logs";
  const items = batch.signal === "traces" ? { spans: batch.items } : { "log records": batch.items };
  try {
    const { resources, lines } =
      batch.signal === "traces" ? describeTraces(batch.bytes, verbosity) : describeLogs(batch.bytes, verbosity);
    const count = batch.signal === "traces" ? { "resource spans": resources } : { "resource logs": resources };
    return { title, fields: { ...count, ...items }, lines: shorten(lines) };
  } catch (cause) {
    return {
      title,
      fields: { ...items, error: `cannot be decoded: ${cause instanceof Error ? cause.message : String(cause)}` },
      lines: [],
    };
  }
}

type Lines = { readonly resources: number; readonly lines: readonly string[] };

function describeTraces(bytes: Uint8Array, verbosity: Verbosity): Lines {
  const { resourceSpans } = ExportTraceServiceRequest.decode(bytes);
  if (verbosity === "basic") return { resources: resourceSpans.length, lines: [] };
  const line = verbosity === "normal" ? shortSpan : longSpan;
  const lines = resourceSpans.flatMap(({ resource, scopeSpans }, index) => [
    ...resourceLines("ResourceSpans", { index, resource, verbosity }),
    ...scopeSpans.flatMap(({ scope, spans }) => [...scopeLines(scope, verbosity), ...spans.flatMap(line)]),
  ]);
  return { resources: resourceSpans.length, lines };
}

function describeLogs(bytes: Uint8Array, verbosity: Verbosity): Lines {
  const { resourceLogs } = ExportLogsServiceRequest.decode(bytes);
  if (verbosity === "basic") return { resources: resourceLogs.length, lines: [] };
  const line = verbosity === "normal" ? shortRecord : longRecord;
  const lines = resourceLogs.flatMap(({ resource, scopeLogs }, index) => [
    ...resourceLines("ResourceLogs", { index, resource, verbosity }),
    ...scopeLogs.flatMap(({ scope, logRecords }) => [...scopeLines(scope, verbosity), ...logRecords.flatMap(line)]),
  ]);
  return { resources: resourceLogs.length, lines };
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

function attributeLines(indent: string, attributes: readonly KeyValue[]): readonly string[] {
  return attributes.map((attribute) => `${indent}-> ${attribute.key}: ${value(attribute.value)}`);
}

function pairs(attributes: readonly KeyValue[]): string {
  return attributes.map((attribute) => `${attribute.key}=${value(attribute.value)}`).join(" ");
}

function value(any: AnyValue | undefined): string {
  const text = JSON.stringify(plain(any)) ?? "(empty)";
  return text.length > maxValue ? `${text.slice(0, maxValue)}…` : text;
}

function plain(any: AnyValue | undefined): unknown {
  if (any === undefined) return undefined;
  if (any.arrayValue !== undefined) return any.arrayValue.values.map(plain);
  if (any.kvlistValue !== undefined)
    return Object.fromEntries(any.kvlistValue.values.map((pair) => [pair.key, plain(pair.value)]));
  if (any.intValue !== undefined)
    return Number.isSafeInteger(Number(any.intValue)) ? Number(any.intValue) : String(any.intValue);
  if (any.bytesValue !== undefined) return `0x${Buffer.from(any.bytesValue).toString("hex")}`;
  return any.stringValue ?? any.boolValue ?? any.doubleValue;
}

function hex(bytes: Uint8Array): string {
  return bytes.length === 0 ? "none" : Buffer.from(bytes).toString("hex");
}

function time(nanos: bigint): string {
  const ms = Number(nanos / 1_000_000n);
  return nanos === 0n || ms > 8.64e15
    ? String(nanos)
    : new Date(ms).toISOString().replace("Z", `${String(nanos % 1_000_000n).padStart(6, "0")}Z`);
}

function nameOf(names: Readonly<Record<string, number>>, number: number): string {
  const name = Object.entries(names).find(([, known]) => known === number)?.[0];
  return name?.replace(/^(?:SPAN_KIND|STATUS_CODE|SEVERITY_NUMBER)_/, "").toLowerCase() ?? String(number);
}

function shorten(lines: readonly string[]): readonly string[] {
  return lines.length <= maxLines
    ? lines
    : [...lines.slice(0, maxLines), `… and ${lines.length - maxLines} lines more`];
}
