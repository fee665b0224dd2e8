import type { Signal } from "../../otlp/signals.ts";
import type { Labels } from "../../telemetry/metrics.ts";
import type { Batch, Host } from "../contract.ts";
import type { DeadLetters } from "./dead-letters.ts";
import { createIdle } from "../idle.ts";
import { withParts } from "./parts.ts";
import { gatheringOutlet, plainOutlet } from "../queue/outlet.ts";
import type { GatherSettings } from "../queue/outlet.ts";
import { Queue } from "../queue/queue.ts";
import { createQuietLog } from "../quiet-log.ts";
import { withRetry } from "../retry.ts";
import type { Push, RetrySettings } from "../retry.ts";
import type { QueueSettings, SendingQueue } from "../queue/sending-queue.ts";
import { createSentBooks } from "./sent-books.ts";
import type { SentBooks } from "./sent-books.ts";
import { createStoredQueue } from "../queue/stored-queue.ts";
import { tracedPush } from "../traced.ts";

export type SenderOptions = {
  readonly signal: Signal;
  readonly host: Host;
  /** One attempt, bounded in time. */
  readonly push: Push;
  /** Undefined when each batch is to be sent at once, by whoever brings it. */
  readonly queue: SenderQueue | undefined;
  /** Undefined when one attempt is all. */
  readonly retry: RetrySettings | undefined;
  /** Where goes what was acknowledged and cannot be sent; undefined when it is dropped. */
  readonly deadLetters: DeadLetters | undefined;
  /** Whether a refusal may be about one request of a merged batch. */
  readonly isWorthSplitting: (cause: Error) => boolean;
  /** Labels that tell where it sends. */
  readonly server: Labels;
};

/** The queue of a sender and what it sends through. */
export type SenderQueue = QueueSettings & {
  /** How many batches are sent at the same time. */
  readonly consumers: number;
  /** Undefined when batches are sent as they came. */
  readonly gather: Omit<GatherSettings, "consumers"> | undefined;
  /** The extension that keeps it on disk; undefined when it is in memory. */
  readonly storage: string | undefined;
};

/** The way of one signal out of an exporter: queue, then parts, then retry, then the push, all of it counted. */
export type Sender = {
  readonly consume: Push;
  whenIdle(): Promise<void> | undefined;
  /** Opens the queue; what it has on disk is sent from now on. */
  start(): Promise<void>;
  /**
   * Ends the waits of retries, lets a queue in memory make one attempt for all that it holds and all that waits until `signal` is
   * aborted, and says what is lost.
   */
  stop(signal: AbortSignal): Promise<void>;
  /** Ends the waits of retries and what is being sent, and gives back what the queue holds in memory. */
  release(signal: AbortSignal): Promise<readonly Batch[]>;
};

/** Puts the decorators of an exporter together in the Collector's order. */
export function createSender(options: SenderOptions): Sender {
  const { host, signal } = options;
  const quiet = createQuietLog(host.log);
  const { deadLetters, server } = options;
  const books = createSentBooks({ host, signal, quiet, deadLetters, server });
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
  let inFlight = 0;
  const labels = { exporter: host.id, data_type: signal };
  host.metrics.gauge("otelcol_exporter_in_flight_requests", labels, () => inFlight);
  const counted: Push = (batch, abort) => {
    idle.enter();
    inFlight++;
    return send(batch, abort).then((delivery) => {
      inFlight--;
      books.sent(batch, delivery);
      idle.leave();
      return delivery;
    });
  };
  // The backend may be there again: what waits in memory only is not given up without having asked it.
  const lastTry = options.queue !== undefined && options.queue.storage === undefined ? "onceMore" : undefined;
  const ending = (): void => {
    books.stopping();
    retry?.stop(lastTry);
  };
  if (options.queue === undefined)
    return {
      consume: counted,
      whenIdle: idle.whenIdle,
      start: async () => {},
      stop: async () => ending(),
      release: async () => (ending(), []),
    };

  const { capacity } = options.queue;
  const queue = createQueue(counted, options.queue, { host, signal, books });
  host.metrics.gauge("otelcol_exporter_queue_size", labels, () => queue.size);
  host.metrics.gauge("otelcol_exporter_queue_capacity", labels, () => capacity);
  return {
    consume(batch, abort) {
      books.offered(batch);
      return queue.offer(batch, abort);
    },
    whenIdle: () => queue.whenIdle(),
    start: () => queue.start(),
    async stop(abort) {
      ending();
      await queue.stop(abort);
    },
    release(abort) {
      retry?.stop();
      return queue.release(abort);
    },
  };
}

type QueueOptions = { readonly host: Host; readonly signal: Signal; readonly books: SentBooks };

function createQueue(push: Push, settings: SenderQueue, { host, signal, books }: QueueOptions): SendingQueue {
  const { gather, consumers, storage } = settings;
  const outlet = gather === undefined ? plainOutlet(push, consumers) : gatheringOutlet(push, { ...gather, consumers });
  const hooks = { onRefused: books.refused, onLost: books.lost, onDamaged: books.damaged };
  if (storage === undefined) return new Queue(outlet, settings, hooks);
  const store = host.storage(storage).store(`exporter ${host.id} ${signal}`);
  return createStoredQueue({ outlet, settings, store, hooks, log: host.log });
}
