import type { z } from "zod";
import { duration, section } from "./fields.ts";
import { telemetrySection } from "./telemetry-fields.ts";

/** What `service` may hold beside pipelines and extensions, which check.ts reads. */
export const serviceSchema = section({
  telemetry: telemetrySection.describe("What podstamp says about itself."),
  shutdown_timeout: duration({ default: "15s", min: "0s", max: "1h" }).describe(
    "How long stopping may take in all before what is still held is given up; podstamp's own key, the Collector has none.",
  ),
});

/** The settings of the service itself. */
export type ServiceSettings = z.output<typeof serviceSchema>;
