import type { Schema, Output } from "../config/schema/schema.ts";
import { level, notYet, section, subsection } from "../config/fields/fields.ts";
import {
  attributeEntries,
  createTests,
  matchType,
  regexpSettings,
  severityNumber,
  texts,
} from "../config/fields/match-fields.ts";
import { asksNothing, spanMatchSection } from "../config/fields/match-section.ts";
import type { CompiledMatch } from "../config/fields/match-section.ts";
import { filterRecords } from "../otlp/editing/editing.ts";
import type { Selection } from "../otlp/editing/matching.ts";
import { accepted } from "../pipeline/contract.ts";
import type { Consumer, Host, Processor } from "../pipeline/contract.ts";
import type { ProcessorFactory } from "../pipeline/graph/factory.ts";
import { rewriteBatch } from "../pipeline/rewrite.ts";
import type { CounterName } from "../telemetry/names.ts";

const ottl = (form: string) =>
  notYet(`conditions in OTTL; write ${form}, or filter in the Collector that podstamp sends to`, "error");

const logProperties = section({
  match_type: matchType(),
  resource_attributes: attributeEntries().describe("The resource has all of these attributes."),
  record_attributes: attributeEntries().describe("The log record has all of these attributes."),
  severity_texts: texts().describe("The severity text is one of these."),
  severity_number: severityNumber(),
  bodies: texts().describe("The body, as text, is one of these."),
});

/** Log records to keep or to drop; undefined when the section asks nothing, as the Collector reads it. */
function logMatch(sentence: string): Schema<CompiledMatch | undefined> {
  const compiled = logProperties.transform((set, context): CompiledMatch | undefined => {
    const tests = createTests(set.match_type, (path, message) => {
      context.addIssue({ message, path: [...path] });
    });
    const match: CompiledMatch = {
      resources: tests.attributes(set.resource_attributes, "resource_attributes"),
      attributes: tests.attributes(set.record_attributes, "record_attributes"),
      severityTexts: tests.any(set.severity_texts, "severity_texts"),
      severityNumber: set.severity_number && {
        min: set.severity_number.min,
        matchUndefined: set.severity_number.match_undefined,
      },
      bodies: tests.any(set.bodies, "bodies"),
    };
    return asksNothing(match) ? undefined : match;
  });
  return compiled.optional().describe(sentence);
}

const metricProperties = section({
  match_type: matchType(),
  regexp: regexpSettings(),
  metric_names: texts().describe("The metric's name is one of these."),
  resource_attributes: attributeEntries().describe("The resource has all of these attributes."),
  expressions: notYet("expressions; only names and resource attributes are matched", "error"),
});

/** Metrics to keep or to drop: one match for the resource, one for the name; the Collector looks at each by itself. */
function metricMatch(sentence: string): Schema<readonly CompiledMatch[]> {
  const compiled = metricProperties.transform((set, context): readonly CompiledMatch[] => {
    const tests = createTests(set.match_type, (path, message) => {
      context.addIssue({ message, path: [...path] });
    });
    const matches: readonly CompiledMatch[] = [
      { resources: tests.attributes(set.resource_attributes, "resource_attributes") },
      { metricNames: tests.any(set.metric_names, "metric_names") },
    ];
    return matches.filter((match) => !asksNothing(match));
  });
  return compiled
    .optional()
    .transform((matches = []) => matches)
    .describe(sentence);
}

const settings = section({
  error_mode: level(["ignore", "propagate", "silent"], "ignore").describe(
    "What an error in a condition of OTTL does, in the Collector; include and exclude have none.",
  ),
  spans: subsection({
    include: spanMatchSection("Only spans that match this are kept."),
    exclude: spanMatchSection("Spans that match this are dropped."),
  }).describe("Which spans are kept."),
  logs: subsection({
    include: logMatch("Only log records that match this are kept."),
    exclude: logMatch("Log records that match this are dropped."),
    resource: ottl("logs::include or logs::exclude with resource_attributes"),
    log_record: ottl("logs::include or logs::exclude"),
  }).describe("Which log records are kept."),
  metrics: subsection({
    include: metricMatch("Only metrics that match this are kept."),
    exclude: metricMatch("Metrics that match the names or the resource attributes are dropped."),
    regexp: regexpSettings(),
    resource: ottl("metrics::include or metrics::exclude with resource_attributes"),
    metric: ottl("metrics::include or metrics::exclude"),
    datapoint: ottl("metrics::include or metrics::exclude"),
  }).describe("Which metrics are kept."),
  traces: ottl("spans::include or spans::exclude"),
  profiles: ottl("no profiles into the pipeline"),
  trace_conditions: ottl("spans::include or spans::exclude"),
  log_conditions: ottl("logs::include or logs::exclude"),
  metric_conditions: ottl("metrics::include or metrics::exclude"),
  profile_conditions: ottl("no profiles into the pipeline"),
});

type Settings = Output<typeof settings>;

/** Drops what is not wanted, as the Collector's processor of this name with include and exclude. */
export const filterProcessor: ProcessorFactory<Settings> = {
  type: "filter",
  kind: "processor",
  aliases: [],
  signals: ["traces", "metrics", "logs"],
  stability: "beta",
  summary: "Drops spans, log records and metrics that are not wanted.",
  schema: settings,
  create: createFilter,
};

const counters: Readonly<Record<string, CounterName>> = {
  traces: "otelcol_processor_filter_spans_filtered",
  logs: "otelcol_processor_filter_logs_filtered",
  metrics: "otelcol_processor_filter_datapoints_filtered",
};

function createFilter(config: Settings, { id, metrics }: Host, next: Consumer): Processor {
  const selections = selectionsOf(config);
  return {
    async start() {},
    async stop() {},
    whenIdle: () => next.whenIdle(),
    async consume(batch, signal) {
      const selection = selections[batch.signal];
      const counter = counters[batch.signal];
      if (selection === undefined || counter === undefined) return next.consume(batch, signal);
      let dropped = 0;
      const left = rewriteBatch(batch, (bytes, items) => {
        const filtered = filterRecords(batch.signal, bytes, selection);
        dropped += filtered.dropped;
        return { bytes: filtered.bytes, items: items - filtered.dropped };
      });
      if (dropped > 0) metrics.counter(counter, { filter: id }).add(dropped);
      if (left === undefined || (dropped > 0 && left.items === 0)) return accepted;
      return next.consume(left, signal);
    },
  };
}

/** What is kept of each signal; undefined where everything is. */
function selectionsOf({ spans, logs, metrics }: Settings): Readonly<Record<string, Selection | undefined>> {
  const [resource, name] = metrics.include;
  return {
    traces: selection(spans.include, spans.exclude === undefined ? [] : [spans.exclude]),
    logs: selection(logs.include, logs.exclude === undefined ? [] : [logs.exclude]),
    // Of include both must be so, of exclude one is enough.
    metrics: selection(resource && { ...resource, ...name }, metrics.exclude),
  };
}

function selection(include: CompiledMatch | undefined, exclude: readonly CompiledMatch[]): Selection | undefined {
  return include === undefined && exclude.length === 0 ? undefined : { include, exclude };
}
