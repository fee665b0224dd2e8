import { listOf, prepared } from "../schema/kinds.ts";
import type { Output } from "../schema/schema.ts";
import {
  choice,
  decimal,
  endpoint,
  flag,
  headers,
  integer,
  level,
  notYet,
  optionalSection,
  section,
  subsection,
  text,
} from "./fields.ts";
import { isRecord, parsed } from "./parsed-field.ts";

/*
 * service::telemetry, in the schema of the Collector's releases (declarative configuration of OpenTelemetry, 0.3). Times in it
 * are whole numbers of milliseconds.
 */

const milliseconds = (standard: number, max: number) => integer({ default: standard, min: 1, max });
const day = 86_400_000;

const otlpFields = {
  protocol: choice(["grpc", "http/protobuf"], "http/protobuf").describe("How OTLP is spoken."),
  endpoint: endpoint({ schemes: ["http", "https"] }).describe(
    "Where to send to: http://host:port, https://host:port, or host:port. Without a path, http/protobuf sends to the path of the signal.",
  ),
  insecure: flag(false).describe("With host:port and grpc: whether to send without TLS."),
  headers: headers().describe("Headers sent with each request; their values are never shown."),
  headers_list: notYet("headers as one text; write them as a map under headers", "error"),
  compression: choice(["none", "gzip"], "none").describe("How requests are compressed."),
  timeout: milliseconds(10_000, 300_000).describe("How long one request may take, in ms."),
  certificate: text({ minLength: 1 })
    .optional()
    .describe(
      "File of the certificates (PEM) that sign the destination's; without it the well-known ones and those that this machine trusts count.",
    ),
  client_certificate: text({ minLength: 1 }).optional().describe("File of our own certificate (PEM)."),
  client_key: text({ minLength: 1 }).optional().describe("File of its private key (PEM)."),
};

const traceOtlp = section(otlpFields);
const metricOtlp = section({
  ...otlpFields,
  temporality_preference: choice(["cumulative", "delta", "lowmemory"], "cumulative").describe(
    "Whether counters are sent as totals or as what was added since the last time.",
  ),
  default_histogram_aggregation: notYet("histograms among our own metrics", "warn"),
});

/** Where our own telemetry is sent to. */
export type OtlpSettings = Output<typeof traceOtlp>;

const prometheus = subsection({
  host: text({ default: "localhost", minLength: 1, maxLength: 255 }).describe("Address to serve on."),
  port: integer({ default: 8888, min: 0, max: 65535 }).describe("Port to serve on; 0 takes a free one and logs it."),
  without_scope_info: flag(true).describe(
    "Accepted for files of the Collector; podstamp never adds the scope to a series.",
  ),
  without_type_suffix: flag(true).describe("Accepted for files of the Collector; podstamp never adds `_total`."),
  without_units: flag(true).describe("Accepted for files of the Collector; podstamp never adds the unit."),
  with_resource_constant_labels: notYet("labels from the resource on every series", "warn"),
});

const pull = section({
  exporter: subsection({ prometheus: prometheus.describe("Serves /metrics for Prometheus.") }).describe(
    "How the metrics are given out.",
  ),
});

const periodic = section({
  interval: milliseconds(60_000, day).describe("Time between two exports, in ms."),
  timeout: milliseconds(30_000, day).describe(
    "How long one export may take in all, in ms; no longer than the interval, whatever is set.",
  ),
  exporter: section({
    otlp: metricOtlp.describe("Sends them over OTLP."),
    console: notYet("metrics in our own log", "error"),
  }).describe("How the metrics are sent."),
  producers: notYet("other producers of metrics", "warn"),
  cardinality_limits: notYet("limits on the number of series; 1000 is podstamp's", "warn"),
});

const reader = section({
  pull: pull.optional().describe("A reader that waits to be asked."),
  periodic: periodic.optional().describe("A reader that sends the metrics again and again."),
}).refine((set) => (set.pull === undefined) !== (set.periodic === undefined), {
  error: "must have one of pull and periodic",
});

const outputs = (what: string) =>
  prepared(
    (raw) => (typeof raw === "string" ? raw.split(",").filter((path) => path !== "") : raw),
    listOf(text({ minLength: 1, maxLength: 4096 }))
      .min(1)
      .max(8),
  )
    .prefault(["stderr"])
    .describe(what);

const initialFields = parsed<Readonly<Record<string, unknown>>>({
  default: {},
  facts: { form: "map" },
  read: (raw, fail) => (isRecord(raw) ? raw : fail("must be a map")),
});

/** What else the Collector has; podstamp has nothing graver than an error. */
const graver = { "": "info", warning: "warn", dpanic: "error", panic: "error", fatal: "error" } as const;

const logs = subsection({
  level: level(["debug", "info", "warn", "error"], "info", graver).describe(
    "The least important messages that are written; the Collector's warning is warn, its dpanic, panic and fatal are error.",
  ),
  encoding: choice(["console", "json"], "console").describe("One readable line for each message, or one JSON object."),
  output_paths: outputs("Where the log goes: `stderr`, `stdout` and files, which are appended to."),
  error_output_paths: outputs("Where it is said that a file of output_paths cannot be written."),
  initial_fields: initialFields.describe("Fields on every message."),
  development: notYet("development mode of the logger", "warn"),
  disable_caller: notYet("the place in the code is never logged", "warn"),
  disable_stacktrace: notYet("stack traces are logged only for errors that podstamp did not expect", "warn"),
  sampling: notYet("sampling of our own logs; what may happen at every batch is said every 10s at most", "warn"),
  processors: notYet("sending our own logs over OTLP", "warn"),
  disable_zap_resource: notYet("the resource is never logged", "warn"),
});

const metrics = subsection({
  level: level(["none", "basic", "normal", "detailed"], "normal").describe(
    "How many of our own metrics there are; `none` serves and sends nothing.",
  ),
  readers: listOf(reader)
    .max(8)
    .prefault([{ pull: { exporter: {} } }])
    .describe("Who gets them; an empty list serves and sends nothing."),
  address: notYet("the old form of readers: [{pull: {exporter: {prometheus: {host, port}}}}]", "warn"),
  views: notYet("views of our own metrics", "warn"),
});

const spanExporter = section({
  otlp: traceOtlp.describe("Sends them over OTLP."),
  console: notYet("spans in our own log", "error"),
});

const batch = section({
  exporter: spanExporter.describe("How the spans are sent."),
  schedule_delay: milliseconds(5000, day).describe("Time between two exports, in ms."),
  export_timeout: milliseconds(30_000, day).describe("How long one export may take in all, in ms."),
  max_queue_size: integer({ default: 2048, min: 1, max: 1_000_000 }).describe("Spans held; those above are dropped."),
  max_export_batch_size: integer({ default: 512, min: 1, max: 1_000_000 }).describe("Spans in one export."),
});

const spanProcessor = section({
  batch: batch.optional().describe("Sends spans together."),
  simple: section({ exporter: spanExporter.describe("How the spans are sent.") })
    .optional()
    .describe("Sends each span at once, for debugging."),
}).refine((set) => (set.batch === undefined) !== (set.simple === undefined), {
  error: "must have one of batch and simple",
});

const sampler = section({
  always_on: optionalSection(section({}), { absent: "off", empty: "on" }).describe("Every request is traced."),
  always_off: optionalSection(section({}), { absent: "off", empty: "on" }).describe("None is."),
  trace_id_ratio_based: section({
    ratio: decimal({ default: 1, min: 0, max: 1 }).describe("The share of requests that are traced."),
  })
    .optional()
    .describe("A share of the requests is traced."),
  parent_based: notYet("the sender's decision, which does not reach podstamp", "warn"),
  jaeger_remote: notYet("a sampler that asks Jaeger", "error"),
});

const traces = subsection({
  level: level(["none", "basic", "normal", "detailed"], "normal").describe("`none` switches them off."),
  processors: listOf(spanProcessor)
    .max(4)
    .prefault([])
    .describe("Who gets podstamp's own spans; an empty list, the default, makes none and costs nothing."),
  sampler: sampler.optional().describe("Which requests are traced; without it all are."),
  propagators: notYet("the sender's trace context; each request is a trace of its own", "warn"),
  limits: notYet("limits of spans; podstamp's are small", "warn"),
});

type Plain = string | number | boolean;
/** The value of a resource attribute. */
export type ResourceValue = Plain | readonly string[] | readonly number[] | readonly boolean[];

/** Attributes to set; undefined takes one away. */
type ResourceChanges = ReadonlyMap<string, ResourceValue | undefined>;

const resource = parsed<ResourceChanges>({
  default: {},
  facts: { form: "map of names to values, or attributes: [{name, value}]" },
  read: (raw, fail) => {
    if (!isRecord(raw)) return fail("must be a map");
    const listed = raw["attributes"];
    const pairs: readonly (readonly [name: unknown, value: unknown])[] = Array.isArray(listed)
      ? listed.map((item) => (isRecord(item) ? [item["name"], item["value"]] : [undefined, undefined]))
      : Object.entries(raw);
    const known = ["attributes", "schema_url"];
    const other = Array.isArray(listed) ? Object.keys(raw).find((key) => !known.includes(key)) : undefined;
    if (other !== undefined) return fail("must be set in attributes, as {name, value}", { at: [other] });
    const changes = new Map<string, ResourceValue | undefined>();
    for (const [name, value] of pairs) {
      const read = resourceValue(value);
      if (typeof name !== "string" || name === "" || read === "wrong")
        return fail("must be names and values that are strings, numbers, booleans, lists of one of them, or null");
      changes.set(name, read.value);
    }
    return changes;
  },
});

function resourceValue(value: unknown): { readonly value: ResourceValue | undefined } | "wrong" {
  if (value === null || value === undefined) return { value: undefined };
  if (isPlain(value)) return { value };
  if (!Array.isArray(value) || !value.every(isPlain)) return "wrong";
  const strings = value.filter((item) => typeof item === "string");
  const numbers = value.filter((item) => typeof item === "number");
  const booleans = value.filter((item) => typeof item === "boolean");
  const same = [strings, numbers, booleans].find((list) => list.length === value.length);
  return same === undefined ? "wrong" : { value: same };
}

function isPlain(value: unknown): value is Plain {
  return (
    typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))
  );
}

/** What podstamp says about itself. */
export const telemetrySection = subsection({
  logs: logs.describe("Our own log."),
  metrics: metrics.describe("Our own metrics."),
  traces: traces.describe("Our own spans: of each request's way through receiver, processors and exporters."),
  resource: resource.describe(
    "Attributes of podstamp itself, on its metrics and spans; null takes one away (service.name, service.version, service.instance.id).",
  ),
});
