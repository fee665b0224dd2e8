import type { z } from "zod";
import { choice, decimal, duration, flag, integer, notYet, optionalSection, section } from "./fields.ts";

/*
 * What every exporter that sends over a network has, under the Collector's names.
 */

const queueSection = section({
  num_consumers: integer({ default: 10, min: 1, max: 1000 }).describe("How many batches are sent at the same time."),
  queue_size: integer({ default: 1000, min: 1 }).describe(
    "How much the queue holds, in the unit of sizer; what is being sent counts.",
  ),
  sizer: choice(["requests", "items", "bytes"], "requests").describe("What queue_size counts."),
  block_on_overflow: flag(false).describe("Whether a batch waits for room in a full queue instead of being refused."),
  wait_for_result: flag(false).describe("Whether the sender is answered only when its data was sent."),
  storage: notYet("a queue on disk; the queue is in memory and dies with the process", "error"),
  batch: notYet("batches made by the queue; use the batch processor", "error"),
});

const retrySection = section({
  initial_interval: duration({ default: "5s" }).describe("Wait before the first retry."),
  randomization_factor: decimal({ default: 0.5, min: 0, max: 1 }).describe(
    "Share of a wait by which it is randomly shorter or longer.",
  ),
  multiplier: decimal({ default: 1.5, min: 1 }).describe("How much longer each wait is than the one before."),
  max_interval: duration({ default: "30s" }).describe(
    "The longest wait, unless the destination asks for a longer one.",
  ),
  max_elapsed_time: duration({ default: "5m" }).describe("A batch is given up after this time; 0 is never."),
});

/** The queue and the retries of an exporter; both are on unless switched off. */
export const sendingFields = {
  sending_queue: optionalSection(queueSection, { absent: "on", empty: "on" }).describe(
    "The queue in memory that acknowledges before data is sent.",
  ),
  retry_on_failure: optionalSection(retrySection, { absent: "on", empty: "on" }).describe(
    "How what could not be sent is sent again.",
  ),
};

/** sending_queue as read; undefined when it is off. */
export type QueueConfig = z.output<typeof queueSection> | undefined;

/** retry_on_failure as read; undefined when it is off. */
export type RetryConfig = z.output<typeof retrySection> | undefined;
