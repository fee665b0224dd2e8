import { whole } from "../../otlp/rope/rope.ts";
import { shapes } from "../../otlp/signals.ts";
import type { Signal } from "../../otlp/signals.ts";
import type { Counter, Labels } from "../../telemetry/metrics.ts";
import type { Batch, Delivery, Host } from "../contract.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { QuietLog } from "../quiet-log.ts";
import type { RecordFacts } from "../storage.ts";

/** What an exporter counts of one signal, and says of what is lost. */
export type SentBooks = {
  /** It came to the queue. */
  offered(batch: Batch): void;
  /** The last word on a batch: what was sent and what was not. */
  sent(batch: Batch, delivery: Delivery): void;
  /** The queue had no room. */
  refused(batch: Batch, cause?: Error): void;
  /** It was acknowledged and could not be sent; without a delivery there was no attempt. It is in the dead letters, or lost, when that returns. */
  lost(batch: Batch, delivery: Delivery | undefined): Promise<void>;
  /** It was on disk and is not any more. */
  damaged(facts: RecordFacts | undefined): void;
  /** From here on what could not be sent is a loss of the shutdown. */
  stopping(): void;
};

const lossMessages = {
  refused: "Data is lost: the destination refused it for good",
  partly_refused: "Data is lost: the destination refused a part of a batch",
  not_sent: "Data is lost: it could not be sent and is not tried any more",
  shutdown: "Data is lost: it could not be sent before the end of the shutdown",
  damaged: "Data is lost: its record on disk is damaged",
  dead_letter_full: "Data is lost: the dead letters have reached their max_mib",
  dead_letter_failed: "Data is lost: it could not be written to the dead letters",
} as const;

type LossReason = keyof typeof lossMessages;
type Loss = {
  readonly reason: LossReason;
  /** What is lost, as a request of its own where it is known. */
  readonly batch: Batch | undefined;
  readonly items: number;
  readonly error: string;
};

type BooksOptions = {
  readonly host: Host;
  readonly signal: Signal;
  readonly quiet: QuietLog;
  readonly deadLetters: DeadLetters | undefined;
  /** Labels that tell where it is sent. */
  readonly server: Labels;
};

/** Opens the books of one signal of an exporter. */
export function createSentBooks({ host, signal, quiet, deadLetters, server }: BooksOptions): SentBooks {
  const { items } = shapes[signal];
  const labels = { exporter: host.id };
  const sent = host.metrics.counter(`otelcol_exporter_sent_${items}`, { ...labels, ...server });
  const failed = host.metrics.counter(`otelcol_exporter_send_failed_${items}`, { ...labels, ...server });
  const sizes = host.metrics.histogram("otelcol_exporter_queue_batch_send_size", labels);
  const byteSizes = host.metrics.histogram("otelcol_exporter_queue_batch_send_size_bytes", labels);
  const notQueued = host.metrics.counter(`otelcol_exporter_enqueue_failed_${items}`, labels);
  const dropped = (reason: LossReason): Counter =>
    host.metrics.counter("podstamp_dropped_items", { component: host.id, otel_signal: signal, reason });
  let isStopping = false;

  const lose = ({ reason, items: count, error }: Loss): void => {
    dropped(reason).add(count);
    quiet.error({ error, lost_items: count, reason }, lossMessages[reason]);
  };
  const account = async (loss: Loss): Promise<void> => {
    // What was partly taken must not be sent again, and nobody knows which part of it is missing.
    if (deadLetters === undefined || loss.batch === undefined || loss.reason === "partly_refused") return lose(loss);
    const outcome = await deadLetters.write(loss.batch, loss);
    if (outcome.status === "full") return lose({ ...loss, reason: "dead_letter_full" });
    if (outcome.status === "failed")
      return lose({ ...loss, reason: "dead_letter_failed", error: outcome.cause.message });
    host.metrics
      .counter("podstamp_dead_letter_items", { exporter: host.id, otel_signal: signal, reason: loss.reason })
      .add(loss.items);
    quiet.error(
      { error: loss.error, items: loss.items, reason: loss.reason, file: outcome.file },
      "Data could not be sent and is among the dead letters: podstamp replay sends it again",
    );
  };

  return {
    offered(batch) {
      sizes.record(batch.items);
      byteSizes.record(batch.bytes.length);
    },
    sent(batch, delivery) {
      const missing = missingItems(batch, delivery);
      sent.add(batch.items - missing);
      failed.add(missing);
      if (delivery.status === "rejected" && delivery.items !== undefined)
        quiet.warn(
          { error: delivery.cause.message, refused_items: missing },
          "The destination took only a part of a batch",
        );
    },
    refused(batch, cause) {
      notQueued.add(batch.items);
      const fields = { refused_items: batch.items, ...(cause === undefined ? {} : { error: cause.message }) };
      quiet.warn(
        fields,
        `The sending queue ${cause === undefined ? "is full" : "cannot store"}, the sender is told to come back`,
      );
    },
    async lost(batch, delivery) {
      for (const loss of losses(batch, delivery, isStopping)) await account(loss);
    },
    damaged: (facts) =>
      lose({
        reason: "damaged",
        items: facts?.items ?? 0,
        error: "its checksum is wrong or it is not there",
        batch: undefined,
      }),
    stopping: () => {
      isStopping = true;
    },
  };
}

/** Items of a batch that were not taken. */
function missingItems(batch: Batch, delivery: Delivery): number {
  switch (delivery.status) {
    case "accepted":
      return 0;
    case "retry":
      return batch.items;
    case "rejected":
      return Math.min(delivery.items ?? batch.items, batch.items);
    case "parts":
      return delivery.parts.reduce((sum, each, index) => sum + missingItems(partOf(batch, index), each), 0);
  }
}

/** What is lost of a batch: one entry, or for one of parts an entry for each request. */
function losses(batch: Batch, delivery: Delivery | undefined, isStopping: boolean): readonly Loss[] {
  const all = { batch, items: batch.items };
  if (delivery === undefined) return [{ ...all, reason: "shutdown", error: "there was no time to send it" }];
  switch (delivery.status) {
    case "accepted":
      return [];
    case "retry":
      return [{ ...all, reason: isStopping ? "shutdown" : "not_sent", error: delivery.cause.message }];
    case "rejected": {
      const reason = delivery.items === undefined ? "refused" : "partly_refused";
      return [{ batch, reason, items: missingItems(batch, delivery), error: delivery.cause.message }];
    }
    case "parts":
      return delivery.parts.flatMap((each, index) => losses(partOf(batch, index), each, isStopping));
  }
}

/** One request of a merged batch as a batch of its own. */
function partOf(batch: Batch, index: number): Batch {
  const part = batch.parts?.[index];
  const from = index === 0 ? 0 : (batch.parts?.[index - 1]?.end ?? 0);
  return {
    signal: batch.signal,
    bytes: whole(batch.bytes).subarray(from, part?.end ?? from),
    items: part?.items ?? 0,
  };
}
