import type { Output } from "../config/schema/schema.ts";
import { section } from "../config/fields/fields.ts";
import { signals } from "../otlp/signals.ts";
import type { ReceiverFactory } from "../pipeline/graph/factory.ts";

const schema = section({});

/** Brings nothing: for trying a configuration, and as a beginning for pipelines that must have one. */
export const nopReceiver: ReceiverFactory<Output<typeof schema>> = {
  kind: "receiver",
  type: "nop",
  aliases: [],
  signals,
  stability: "beta",
  summary: "Brings nothing.",
  schema,
  create: () => ({ start: async () => {}, stop: async () => {} }),
};
