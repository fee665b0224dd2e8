import type { DeadLetterConfig, QueueConfig, RetryConfig } from "../../config/sending-fields.ts";
import type { Signal } from "../../otlp/signals.ts";
import type { Labels } from "../../telemetry/metrics.ts";
import type { Batch, Consumer } from "../contract.ts";
import type { RetrySettings } from "../retry.ts";
import { createSender } from "./sender.ts";
import type { Sender, SenderOptions, SenderQueue } from "./sender.ts";
import { createDeadLetters } from "./dead-letters.ts";

type SendersOptions = Pick<SenderOptions, "host" | "push" | "isWorthSplitting"> & {
  readonly sending_queue: QueueConfig;
  readonly retry_on_failure: RetryConfig;
  readonly dead_letter: DeadLetterConfig;
  /** Labels that tell where a signal is sent; none where that is not said. */
  readonly serverOf?: (signal: Signal) => Labels;
};

/** All signals' ways out of an exporter, as its configuration has them. */
export type Senders = Consumer & {
  /** As Sender.start. */
  start(): Promise<void>;
  /** As Sender.stop, for all signals at the same time. */
  stop(signal: AbortSignal): Promise<void>;
  /** As Sender.release, for all signals at the same time. */
  release(signal: AbortSignal): Promise<readonly Batch[]>;
};

/** Makes a sender for each signal: one that is stuck holds up no other. */
export function createSenders(options: SendersOptions): Senders {
  const { sending_queue, retry_on_failure, dead_letter, serverOf, ...shared } = options;
  const queue = queueSettings(sending_queue);
  const retry = retrySettings(retry_on_failure, queue?.storage !== undefined);
  const deadLetters = dead_letter === undefined ? undefined : createDeadLetters(dead_letter, shared.host);
  const make = (signal: Signal): Sender =>
    createSender({ ...shared, signal, queue, retry, deadLetters, server: serverOf?.(signal) ?? {} });
  const bySignal: Readonly<Record<Signal, Sender>> = {
    traces: make("traces"),
    metrics: make("metrics"),
    logs: make("logs"),
    profiles: make("profiles"),
  };
  const all = Object.values(bySignal);
  return {
    consume: (batch, abort) => bySignal[batch.signal].consume(batch, abort),
    whenIdle() {
      const waits = all.map((sender) => sender.whenIdle()).filter((wait) => wait !== undefined);
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => {});
    },
    async start() {
      for (const sender of all) await sender.start();
    },
    async stop(abort) {
      await Promise.all(all.map((sender) => sender.stop(abort)));
    },
    async release(abort) {
      return (await Promise.all(all.map((sender) => sender.release(abort)))).flat();
    },
  };
}

function queueSettings(config: QueueConfig): SenderQueue | undefined {
  if (config === undefined) return undefined;
  const { num_consumers: consumers, queue_size: capacity, sizer, batch, storage } = config;
  return {
    consumers,
    capacity,
    sizer,
    blockOnOverflow: config.block_on_overflow,
    waitForResult: config.wait_for_result,
    storage,
    gather: batch && {
      flushMs: batch.flush_timeout,
      minSize: batch.min_size,
      maxSize: batch.max_size,
      sizer: batch.sizer === "bytes" || (batch.sizer === undefined && sizer === "bytes") ? "bytes" : "items",
    },
  };
}

/** Without a time in the file what is only in memory is given up as the Collector does; what is on disk can wait for ever. */
const giveUpMs = 5 * 60_000;

function retrySettings(config: RetryConfig, isStored: boolean): RetrySettings | undefined {
  if (config === undefined) return undefined;
  return {
    initialIntervalMs: config.initial_interval,
    randomizationFactor: config.randomization_factor,
    multiplier: config.multiplier,
    maxIntervalMs: config.max_interval,
    maxElapsedMs: config.max_elapsed_time ?? (isStored ? 0 : giveUpMs),
  };
}
