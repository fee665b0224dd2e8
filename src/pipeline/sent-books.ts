import { shapes } from "../otlp/signals.ts";
import type { Signal } from "../otlp/signals.ts";
import type { Counter } from "../telemetry/metrics.ts";
import type { Batch, Delivery, Host } from "./contract.ts";
import type { QuietLog } from "./quiet-log.ts";

/** What an exporter counts of one signal, and says of what is lost. */
export type SentBooks = {
  /** The last word on a batch: what was sent and what was not. */
  sent(batch: Batch, delivery: Delivery): void;
  /** The queue had no room. */
  refused(batch: Batch): void;
  /** It was acknowledged and could not be sent; without a delivery there was no attempt. */
  lost(batch: Batch, delivery: Delivery | undefined): void;
  /** From here on what could not be sent is a loss of the shutdown. */
  stopping(): void;
};

const lossMessages = {
  refused: "Data is lost: the destination refused it for good",
  partly_refused: "Data is lost: the destination refused a part of a batch",
  not_sent: "Data is lost: it could not be sent and is not tried any more",
  shutdown: "Data is lost: it could not be sent before the end of the shutdown",
} as const;

type LossReason = keyof typeof lossMessages;
type Loss = { readonly reason: LossReason; readonly items: number; readonly error: string };

/** Opens the books of one signal of an exporter. */
export function createSentBooks(host: Host, signal: Signal, quiet: QuietLog): SentBooks {
  const { items } = shapes[signal];
  const labels = { exporter: host.id };
  const sent = host.metrics.counter(`otelcol_exporter_sent_${items}`, labels);
  const failed = host.metrics.counter(`otelcol_exporter_send_failed_${items}`, labels);
  const notQueued = host.metrics.counter(`otelcol_exporter_enqueue_failed_${items}`, labels);
  const dropped = (reason: LossReason): Counter =>
    host.metrics.counter("podstamp_dropped_items", { component: host.id, otel_signal: signal, reason });
  let isStopping = false;

  return {
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
    refused(batch) {
      notQueued.add(batch.items);
      quiet.warn({ refused_items: batch.items }, "The sending queue is full, the sender is told to come back");
    },
    lost(batch, delivery) {
      for (const { reason, items: count, error } of losses(batch, delivery, isStopping)) {
        dropped(reason).add(count);
        quiet.error({ error, lost_items: count, reason }, lossMessages[reason]);
      }
    },
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

/** What is lost of a batch, one entry for each reason. */
function losses(batch: Batch, delivery: Delivery | undefined, isStopping: boolean): readonly Loss[] {
  if (delivery === undefined)
    return [{ reason: "shutdown", items: batch.items, error: "there was no time to send it" }];
  switch (delivery.status) {
    case "accepted":
      return [];
    case "retry":
      return [{ reason: isStopping ? "shutdown" : "not_sent", items: batch.items, error: delivery.cause.message }];
    case "rejected":
      return [
        {
          reason: delivery.items === undefined ? "refused" : "partly_refused",
          items: missingItems(batch, delivery),
          error: delivery.cause.message,
        },
      ];
    case "parts": {
      const byReason = new Map<LossReason, Loss>();
      for (const loss of delivery.parts.flatMap((each, index) => losses(partOf(batch, index), each, isStopping))) {
        byReason.set(loss.reason, { ...loss, items: loss.items + (byReason.get(loss.reason)?.items ?? 0) });
      }
      return [...byReason.values()];
    }
  }
}

/** A part for counting: its bytes do not matter. */
function partOf(batch: Batch, index: number): Batch {
  return { signal: batch.signal, bytes: batch.bytes, items: batch.parts?.[index]?.items ?? 0 };
}
