import type { Signal } from "../otlp/signals.ts";
import type { Host } from "./contract.ts";
import { createIdle } from "./idle.ts";
import { withParts } from "./parts.ts";
import { Queue } from "./queue.ts";
import type { QueueSettings } from "./queue.ts";
import { createQuietLog } from "./quiet-log.ts";
import { withRetry } from "./retry.ts";
import type { Push, RetrySettings } from "./retry.ts";
import { createSentBooks } from "./sent-books.ts";
import { tracedPush } from "./traced.ts";

export type SenderOptions = {
  readonly signal: Signal;
  readonly host: Host;
  /** One attempt, bounded in time. */
  readonly push: Push;
  /** Undefined when each batch is to be sent at once, by whoever brings it. */
  readonly queue: QueueSettings | undefined;
  /** Undefined when one attempt is all. */
  readonly retry: RetrySettings | undefined;
  /** Whether a refusal may be about one request of a merged batch. */
  readonly isWorthSplitting: (cause: Error) => boolean;
};

/** The way of one signal out of an exporter: queue, then parts, then retry, then the push, all of it counted. */
export type Sender = {
  readonly consume: Push;
  whenIdle(): Promise<void> | undefined;
  /** Ends the waits of retries, lets the queue make one attempt for all that it holds until `signal` is aborted, and says what is lost. */
  stop(signal: AbortSignal): Promise<void>;
};

/** Puts the decorators of an exporter together in the Collector's order. */
export function createSender(options: SenderOptions): Sender {
  const { host, signal } = options;
  const quiet = createQuietLog(host.log);
  const books = createSentBooks(host, signal, quiet);
  const onWait = (cause: Error, waitMs: number): void =>
    quiet.info({ error: cause.message, wait_ms: Math.round(waitMs) }, "Could not export, will try again");
  const push = tracedPush(options.push, host.spans, { name: `send ${host.id}`, kind: "client", id: host.id });
  const retry = options.retry === undefined ? undefined : withRetry(push, options.retry, { onWait });
  const send = withParts(retry?.push ?? push, {
    isWorthSplitting: options.isWorthSplitting,
    onSplit: (batch, cause) =>
      quiet.warn(
        { error: cause.message, requests: batch.parts?.length ?? 1 },
        "A merged batch was refused, its requests are sent again in smaller ones",
      ),
  });
  const idle = createIdle();
  const counted: Push = async (batch, abort) => {
    idle.enter();
    const delivery = await send(batch, abort);
    books.sent(batch, delivery);
    idle.leave();
    return delivery;
  };
  const ending = (): void => {
    books.stopping();
    retry?.stop();
  };
  if (options.queue === undefined) return { consume: counted, whenIdle: idle.whenIdle, stop: async () => ending() };

  const { capacity } = options.queue;
  const queue = new Queue(counted, options.queue, { onRefused: books.refused, onLost: books.lost });
  const labels = { exporter: host.id, data_type: signal };
  host.metrics.gauge("otelcol_exporter_queue_size", labels, () => queue.size);
  host.metrics.gauge("otelcol_exporter_queue_capacity", labels, () => capacity);
  return {
    consume: (batch, abort) => queue.offer(batch, abort),
    whenIdle: () => queue.whenIdle(),
    async stop(abort) {
      ending();
      await queue.stop(abort);
    },
  };
}
