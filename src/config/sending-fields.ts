import type { Output, Context } from "./schema/schema.ts";
import { componentId } from "./component-id.ts";
import type { Reference } from "./component-type.ts";
import {
  choice,
  decimal,
  duration,
  flag,
  integer,
  mebibytes,
  notYet,
  optionalSection,
  section,
  text,
} from "./fields/fields.ts";

/*
 * What every exporter that sends over a network has, under the Collector's names.
 */

const batchSection = section({
  flush_timeout: duration({ default: "200ms", min: "1ms" }).describe(
    "A request is sent after this time, however small it is.",
  ),
  min_size: integer({ default: 8192, min: 0 }).describe("A request is sent as soon as it is this large."),
  max_size: integer({ default: 0, min: 0 }).describe("No request is larger than this; 0 is no limit."),
  sizer: choice(["items", "bytes", "requests"])
    .refine((sizer) => sizer !== "requests", { message: "must be items or bytes" })
    .optional()
    .describe("What min_size and max_size count: items or bytes; that of the queue, or items when it counts requests."),
  partition: notYet("batches apart by headers of requests; all senders share them", "warn"),
}).refine((set) => set.max_size === 0 || set.max_size >= set.min_size, {
  path: ["max_size"],
  error: "must be 0 or at least min_size",
});

const queueSection = section({
  num_consumers: integer({ default: 10, min: 1, max: 1000 }).describe("How many batches are sent at the same time."),
  queue_size: integer({ default: 1000, min: 1 }).describe(
    "How much the queue holds, in the unit of sizer; what is being sent counts.",
  ),
  sizer: choice(["requests", "items", "bytes"], "requests").describe("What queue_size counts."),
  block_on_overflow: flag(false).describe("Whether a batch waits for room in a full queue instead of being refused."),
  wait_for_result: flag(false).describe("Whether the sender is answered only when its data was sent."),
  storage: componentId()
    .optional()
    .describe(
      "The file_storage extension that keeps the queue on disk; without it the queue is in memory and dies with the process.",
    ),
  batch: optionalSection(batchSection, { absent: "off", empty: "on" }).describe(
    "Whether the queue makes larger requests of what it holds; off unless set.",
  ),
}).superRefine(checkQueue);

const retrySection = section({
  initial_interval: duration({ default: "5s" }).describe("Wait before the first retry."),
  randomization_factor: decimal({ default: 0.5, min: 0, max: 1 }).describe(
    "Share of a wait by which it is randomly shorter or longer.",
  ),
  multiplier: decimal({ default: 1.5, min: 1 }).describe("How much longer each wait is than the one before."),
  max_interval: duration({ default: "30s" }).describe(
    "The longest wait, unless the destination asks for a longer one.",
  ),
  max_elapsed_time: duration()
    .optional()
    .describe(
      "A batch is given up after this time; 0 is never. Without it 5m, and never when the queue has a storage.",
    ),
}).refine(({ initial_interval: first, max_elapsed_time: last }) => !last || last >= first, {
  path: ["max_elapsed_time"],
  error: "must be 0 or at least initial_interval, or nothing is sent again",
});

const deadLetterSection = section({
  directory: text({ minLength: 1 }).describe("The folder; it is made when it is not there."),
  max_mib: mebibytes({ default: 100, min: 1 }).describe(
    "What all files in the folder may take in MiB; what would go beyond is dropped, counted and told.",
  ),
});

type QueueShape = {
  readonly queue_size: number;
  readonly sizer: string;
  readonly wait_for_result: boolean;
  readonly storage?: string | undefined;
  readonly batch: Output<typeof batchSection> | undefined;
};

/** What the Collector's validation says of a queue beside the limits of each setting. */
function checkQueue({ queue_size, sizer, wait_for_result, storage, batch }: QueueShape, context: Context): void {
  const issue = (path: string[], message: string) => context.addIssue({ path, message });
  if (wait_for_result && storage !== undefined)
    issue(["wait_for_result"], "must be false with storage: a sender is answered when its data is on disk");
  if (batch === undefined) return;
  const counted = batch.sizer ?? (sizer === "requests" ? "items" : sizer);
  if (counted === sizer && batch.min_size > queue_size)
    issue(["batch", "min_size"], `must be at most queue_size (${queue_size})`);
}

/** The queue and the retries of an exporter; both are on unless switched off. */
export const sendingFields = {
  sending_queue: optionalSection(queueSection, { absent: "on", empty: "on" }).describe(
    "The queue that acknowledges before data is sent.",
  ),
  retry_on_failure: optionalSection(retrySection, { absent: "on", empty: "on" }).describe(
    "How what could not be sent is sent again.",
  ),
  dead_letter: optionalSection(deadLetterSection, { absent: "off", empty: "on" }).describe(
    "Where requests go that were acknowledged and that the destination refuses for good, or that retries give up; `podstamp replay` sends them again. Off unless set.",
  ),
};

/** The storage that an exporter's queue names. */
export function storagesOf({ sending_queue: queue }: { readonly sending_queue: QueueConfig }): readonly Reference[] {
  return queue?.storage === undefined ? [] : [{ id: queue.storage, path: ["sending_queue", "storage"] }];
}

/** dead_letter as read; undefined when it is off. */
export type DeadLetterConfig = Output<typeof deadLetterSection> | undefined;

/** sending_queue as read; undefined when it is off. */
export type QueueConfig = Output<typeof queueSection> | undefined;

/** retry_on_failure as read; undefined when it is off. */
export type RetryConfig = Output<typeof retrySection> | undefined;
