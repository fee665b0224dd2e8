import type { Output } from "../config/schema/schema.ts";
import { flag, integer, level, notYet, section } from "../config/fields/fields.ts";
import { shapes, signals } from "../otlp/signals.ts";
import type { Signal } from "../otlp/signals.ts";
import type { Batch, Exporter, Host } from "../pipeline/contract.ts";
import { accepted } from "../pipeline/contract.ts";
import type { ExporterFactory } from "../pipeline/graph/factory.ts";
import { describe } from "./debug/text.ts";

const schema = section({
  verbosity: level(["basic", "normal", "detailed"], "basic").describe(
    "How much is written: one line for a batch, one for a record, or every attribute; at most 2000 lines for a batch.",
  ),
  sampling_initial: integer({ default: 2, min: 0 }).describe(
    "How many batches are written in each second before sampling begins.",
  ),
  sampling_thereafter: integer({ default: 1, min: 0 }).describe(
    "After those, every how many-th batch is written; 1 writes all, 0 none.",
  ),
  use_internal_logger: flag(true).describe(
    "Accepted for files of the Collector; podstamp always writes to its own log.",
  ),
  output_paths: notYet("files to write to; the output goes to our own log", "warn"),
  sending_queue: notYet("a queue before the debug exporter; it answers at once", "warn"),
});

type DebugConfig = Output<typeof schema>;

/** Writes what passes by to the log, for people. */
export const debugExporter: ExporterFactory<DebugConfig> = {
  kind: "exporter",
  type: "debug",
  aliases: [],
  signals,
  stability: "alpha",
  summary: "Writes what passes by to podstamp's own log.",
  schema,
  create: createDebugExporter,
};

function createDebugExporter(config: DebugConfig, { id, log, metrics }: Host): Exporter {
  const sample = createSampler(config);
  const sentOf = (signal: Signal) => metrics.counter(`otelcol_exporter_sent_${shapes[signal].items}`, { exporter: id });
  const sent = {
    traces: sentOf("traces"),
    metrics: sentOf("metrics"),
    logs: sentOf("logs"),
    profiles: sentOf("profiles"),
  };

  function write(batch: Batch): void {
    const { title, fields, lines } = describe(batch, config.verbosity);
    log.info({ "otelcol.signal": batch.signal, ...fields, ...(lines.length > 0 ? { lines } : {}) }, title);
  }

  return {
    start: async () => {},
    stop: async () => {},
    whenIdle: () => undefined,
    consume: async (batch) => {
      if (sample()) write(batch);
      sent[batch.signal].add(batch.items);
      return accepted;
    },
  };
}

/** Says for each batch whether it is written: the first few of each second, then every n-th. */
function createSampler({ sampling_initial, sampling_thereafter }: DebugConfig): () => boolean {
  let second = 0;
  let seen = 0;
  return () => {
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) [second, seen] = [now, 0];
    seen += 1;
    if (seen <= sampling_initial) return true;
    return sampling_thereafter > 0 && (seen - sampling_initial) % sampling_thereafter === 0;
  };
}
