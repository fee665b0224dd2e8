import type { Output } from "./schema/schema.ts";
import { duration, section, text } from "./fields/fields.ts";
import { telemetrySection } from "./fields/telemetry-fields.ts";

/** What `service` may hold beside pipelines and extensions, which check.ts reads. */
export const serviceSchema = section({
  telemetry: telemetrySection.describe("What podstamp says about itself."),
  shutdown_timeout: duration({ default: "15s", min: "0s", max: "1h" }).describe(
    "How long stopping may take in all before what is still held is given up; podstamp's own key, the Collector has none.",
  ),
  control_socket: text({ default: "auto", maxLength: 100 }).describe(
    'The unix socket on which `podstamp reload`, `lookup`, `events` and others find this process, for its own user only: a path, "" for none; auto is a file of its own in $XDG_RUNTIME_DIR/podstamp, for root in /run/podstamp, and none where that cannot be written. podstamp\'s own key.',
  ),
});

/** The settings of the service itself. */
export type ServiceSettings = Output<typeof serviceSchema>;
