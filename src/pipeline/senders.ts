import type { QueueConfig, RetryConfig } from "../config/sending-fields.ts";
import { signals } from "../otlp/signals.ts";
import type { Signal } from "../otlp/signals.ts";
import type { Consumer } from "./contract.ts";
import type { QueueSettings } from "./queue.ts";
import type { RetrySettings } from "./retry.ts";
import { createSender } from "./sender.ts";
import type { Sender, SenderOptions } from "./sender.ts";

type SendersOptions = Pick<SenderOptions, "host" | "push" | "isWorthSplitting"> & {
  readonly sending_queue: QueueConfig;
  readonly retry_on_failure: RetryConfig;
};

/** All signals' ways out of an exporter, as its configuration has them. */
export type Senders = Consumer & {
  /** As Sender.stop, for all signals at the same time. */
  stop(signal: AbortSignal): Promise<void>;
};

/** Makes a sender for each signal: one that is stuck holds up no other. */
export function createSenders({ sending_queue, retry_on_failure, ...shared }: SendersOptions): Senders {
  const queue = queueSettings(sending_queue);
  const retry = retrySettings(retry_on_failure);
  const bySignal = new Map<Signal, Sender>(
    signals.map((signal) => [signal, createSender({ ...shared, signal, queue, retry })]),
  );
  const all = [...bySignal.values()];
  return {
    async consume(batch, abort) {
      const sender = bySignal.get(batch.signal);
      if (sender === undefined) throw new Error(`Cannot send ${batch.signal}: must be a signal of OTLP`);
      return sender.consume(batch, abort);
    },
    whenIdle() {
      const waits = all.map((sender) => sender.whenIdle()).filter((wait) => wait !== undefined);
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => {});
    },
    async stop(abort) {
      await Promise.all(all.map((sender) => sender.stop(abort)));
    },
  };
}

function queueSettings(config: QueueConfig): QueueSettings | undefined {
  if (config === undefined) return undefined;
  const { num_consumers: consumers, queue_size: capacity, sizer } = config;
  return {
    consumers,
    capacity,
    sizer,
    blockOnOverflow: config.block_on_overflow,
    waitForResult: config.wait_for_result,
  };
}

function retrySettings(config: RetryConfig): RetrySettings | undefined {
  if (config === undefined) return undefined;
  return {
    initialIntervalMs: config.initial_interval,
    randomizationFactor: config.randomization_factor,
    multiplier: config.multiplier,
    maxIntervalMs: config.max_interval,
    maxElapsedMs: config.max_elapsed_time,
  };
}
