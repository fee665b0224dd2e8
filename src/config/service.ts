import { z } from "zod";
import { choice, duration, flag, integer, notYet, section, subsection, text } from "./fields.ts";

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

const reader = section({
  pull: section({
    exporter: subsection({ prometheus: prometheus.describe("Serves /metrics for Prometheus.") }).describe(
      "How the metrics are given out.",
    ),
  }).describe("A reader that waits to be asked."),
  periodic: notYet("pushing our own metrics over OTLP; use the prometheus reader", "error"),
});

const logs = subsection({
  level: choice(["debug", "info", "warn", "error"], "info").describe("The least important messages that are written."),
  encoding: choice(["console", "json"], "console").describe("One readable line for each message, or one JSON object."),
  development: notYet("development mode of the logger", "warn"),
  disable_caller: notYet("the place in the code is never logged", "warn"),
  disable_stacktrace: notYet("stack traces are logged only for errors that podstamp did not expect", "warn"),
  sampling: notYet("sampling of our own logs", "warn"),
  output_paths: notYet("logs in files; they go to standard error", "warn"),
  error_output_paths: notYet("logs in files; they go to standard error", "warn"),
  initial_fields: notYet("fields on every message", "warn"),
  processors: notYet("sending our own logs over OTLP", "warn"),
  disable_zap_resource: notYet("the resource is never logged", "warn"),
});

const metrics = subsection({
  level: choice(["none", "basic", "normal", "detailed"], "normal").describe(
    "How many of our own metrics there are; `none` serves nothing.",
  ),
  readers: z
    .array(reader)
    .max(1)
    .prefault([{ pull: { exporter: {} } }])
    .describe("At most one reader; an empty list serves nothing."),
  address: notYet("the old form of readers: [{pull: {exporter: {prometheus: {host, port}}}}]", "warn"),
  views: notYet("views of our own metrics", "warn"),
});

const telemetry = subsection({
  logs: logs.describe("Our own log, on standard error."),
  metrics: metrics.describe("Our own metrics."),
  traces: notYet("traces of podstamp itself", "warn"),
  resource: notYet("attributes of podstamp itself", "warn"),
});

/** What `service` may hold beside pipelines and extensions, which check.ts reads. */
export const serviceSchema = section({
  telemetry: telemetry.describe("What podstamp says about itself."),
  shutdown_timeout: duration({ default: "15s", min: "0s", max: "1h" }).describe(
    "How long stopping may take in all before what is still held is given up; podstamp's own key, the Collector has none.",
  ),
});

/** The settings of the service itself. */
export type ServiceSettings = z.output<typeof serviceSchema>;
