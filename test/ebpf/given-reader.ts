import { createReader, type Reader, type ReaderSettings } from "../../src/ebpf/reader.ts";
import type { Cgroup, Identify } from "../../src/ebpf/sources.ts";
import { check } from "../../src/otlp/check.ts";
import { ExportLogsServiceRequest } from "../../src/proto/opentelemetry/proto/collector/logs/v1/logs_service.ts";
import { ExportTraceServiceRequest } from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import type { LogRecord } from "../../src/proto/opentelemetry/proto/logs/v1/logs.ts";
import type { Span } from "../../src/proto/opentelemetry/proto/trace/v1/trace.ts";
import { type Attributes, plainAttributes } from "../support/otlp/plain.ts";
import { bootedAt, clockRecord, startedAt } from "./records.ts";

export const readerSettings: ReaderSettings = {
  process: { spans: true, logs: true, withArguments: false },
  http: {
    excludedPaths: ["/v1/traces"],
    knownMethods: ["CONNECT", "GET", "HEAD", "OPTIONS", "POST"],
    withQuery: false,
    requestHeaders: [],
    responseHeaders: [],
    link: true,
    respectsSampling: true,
    maxConnections: 1000,
  },
  rate: 0,
  burst: 1,
  maxHeldBytes: 1_000_000,
};

/** A span or log record with its resource, as a backend would see it. */
export type Read<T> = T & { readonly resource: Attributes; readonly plain: Attributes };

export type GivenReader = {
  readonly reader: Reader;
  readonly dropped: Readonly<Record<string, number>>;
  readonly known: readonly Cgroup[];
  /** What was thought of each of these until then. */
  readonly before: readonly Cgroup["status"][];
  take(...records: readonly Buffer[]): void;
  /** What leaves now, checked as at podstamp's own door. */
  spans(): readonly Read<Span>[];
  logs(): readonly Read<LogRecord>[];
};

type Overrides = {
  readonly settings?: Partial<ReaderSettings>;
  readonly http?: Partial<ReaderSettings["http"]>;
  readonly identify?: Identify;
  /** Set unless false: a recorded ring has a clock of its own. */
  readonly isClockSet?: boolean;
  readonly takes?: { readonly traces: boolean; readonly logs: boolean };
};

/** A reader whose clock is set. */
export function givenReader({
  settings = {},
  http = {},
  identify,
  isClockSet = true,
  takes,
}: Overrides = {}): GivenReader {
  const dropped: Record<string, number> = {};
  const known: Cgroup[] = [];
  const thought: Cgroup["status"][] = [];
  const reader = createReader({
    settings: { ...readerSettings, ...settings, http: { ...readerSettings.http, ...http } },
    identify: identify ?? (() => ({ isWanted: true, attributes: new Map() })),
    takes: takes ?? { traces: true, logs: true },
    version: "1.2.3",
    hasRoom: () => true,
    onKnown(cgroup, before) {
      known.push(cgroup);
      thought.push(before);
    },
    dropped: (reason, count) => void (dropped[reason] = (dropped[reason] ?? 0) + count),
  });
  const take = (...records: readonly Buffer[]): void => {
    for (const record of records) {
      // Each at an odd place of memory of its own, which is gone behind the call.
      const memory = Buffer.concat([Buffer.alloc(5), record]);
      reader.take(memory, 5);
      memory.fill(0xee);
    }
  };
  if (isClockSet) take(clockRecord());
  return {
    reader,
    dropped,
    known,
    before: thought,
    take,
    spans() {
      const leaving = reader.spans.take();
      if (leaving === undefined) return [];
      expectChecked("traces", leaving);
      return ExportTraceServiceRequest.decode(leaving.bytes).resourceSpans.flatMap((each) =>
        each.scopeSpans.flatMap((scope) =>
          scope.spans.map((span) => ({
            ...span,
            resource: plainAttributes(each.resource?.attributes ?? []),
            plain: plainAttributes(span.attributes),
          })),
        ),
      );
    },
    logs() {
      const leaving = reader.logs.take();
      if (leaving === undefined) return [];
      expectChecked("logs", leaving);
      return ExportLogsServiceRequest.decode(leaving.bytes).resourceLogs.flatMap((each) =>
        each.scopeLogs.flatMap((scope) =>
          scope.logRecords.map((log) => ({
            ...log,
            resource: plainAttributes(each.resource?.attributes ?? []),
            plain: plainAttributes(log.attributes),
          })),
        ),
      );
    },
  };
}

function expectChecked(signal: "traces" | "logs", { bytes, items }: { bytes: Buffer; items: number }): void {
  const checked = check(signal, bytes);
  if (checked.status === "malformed") throw new Error(checked.problem);
  if (checked.items !== items) throw new Error(`${checked.items} items, told ${items}`);
}

/** Wall-clock time of a moment of the test, ns since 1970. */
export function real(at: bigint): bigint {
  return bootedAt + startedAt + at;
}
