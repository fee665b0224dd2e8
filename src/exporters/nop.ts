import type { Output } from "../config/schema/schema.ts";
import { section } from "../config/fields/fields.ts";
import { signals } from "../otlp/signals.ts";
import { accepted } from "../pipeline/contract.ts";
import type { ExporterFactory } from "../pipeline/graph/factory.ts";

const schema = section({});

/** Takes everything and forgets it: for trying a configuration, and as an end for pipelines that must have one. */
export const nopExporter: ExporterFactory<Output<typeof schema>> = {
  kind: "exporter",
  type: "nop",
  aliases: [],
  signals,
  stability: "beta",
  summary: "Takes everything and forgets it.",
  schema,
  create: () => ({
    start: async () => {},
    stop: async () => {},
    consume: async () => accepted,
    whenIdle: () => undefined,
  }),
};
