import type { z } from "zod";
import { duration, flag, integer, mebibytes, notYet, section } from "../config/fields.ts";
import { merge } from "../otlp/merge.ts";
import { split } from "../otlp/split.ts";
import { accepted, type Batch, type Consumer, type Delivery, type Host, type Part, type Processor } from "../pipeline/contract.ts";
import type { ProcessorFactory } from "../pipeline/factory.ts";

const settings = section({
  send_batch_size: integer({ default: 8192, min: 0, max: 10_000_000 }).describe("Spans or log records after which a batch is sent; 0 sends each request by itself."),
  timeout: duration({ default: "200ms", max: "10m" }).describe("Time after which a batch is sent whatever its size; 0 sends at once."),
  send_batch_max_size: integer({ default: 0, min: 0, max: 10_000_000 }).describe("The most that one batch holds, larger requests are split; 0 is no limit."),
  eager: flag(true).describe(
    "Send at once while nothing is queued or in flight behind the processor, and say accepted only when the batch is; `false` waits and answers on receipt, as the Collector does.",
  ),
  max_held_mib: mebibytes({ default: 256, min: 1 }).describe("Requests held and in flight, in all; what comes above it is refused with a retryable status."),
  metadata_keys: notYet("batch.metadata_keys; all senders share batches now", "warn"),
  metadata_cardinality_limit: notYet("batch.metadata_cardinality_limit, see metadata_keys", "warn"),
}).refine((set) => set.send_batch_max_size === 0 || set.send_batch_max_size >= set.send_batch_size, {
  path: ["send_batch_max_size"],
  error: "must be 0 or at least send_batch_size",
});

type Settings = z.output<typeof settings>;

/** Merges requests under load, so that the next hop has fewer of them. */
export const batchProcessor: ProcessorFactory<Settings> = {
  type: "batch",
  kind: "processor",
  aliases: [],
  signals: ["traces", "logs"],
  stability: "beta",
  summary: "Merges requests into larger ones while the next hop is busy.",
  schema: settings,
  create: createBatch,
};

/** A request that waits for its batch, and the one who waits for its answer. */
type Held = { readonly batch: Batch; readonly signal: AbortSignal; readonly answer: (delivery: Delivery) => void };

const hungUp: Delivery = { status: "retry", cause: new Error("The caller hung up before its batch was sent") };

function createBatch(config: Settings, host: Host, next: Consumer): Processor {
  const { send_batch_size: size, timeout, send_batch_max_size: maxSize } = config;
  const labels = { processor: host.id };
  const triggers = {
    size: host.metrics.counter("otelcol_processor_batch_batch_size_trigger_send", labels),
    timeout: host.metrics.counter("otelcol_processor_batch_timeout_trigger_send", labels),
    idle: host.metrics.counter("podstamp_batch_idle_trigger_send", labels),
  };
  const splits = host.metrics.counter("podstamp_batch_split_requests", labels);
  const cutting = new AbortController();
  const inFlight = new Set<Promise<void>>();
  let held: Held[] = [];
  let heldItems = 0;
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let isWatching = false;
  let isStopped = false;

  const consume = (batch: Batch, signal: AbortSignal): Promise<Delivery> => {
    if (isStopped) return Promise.resolve({ status: "retry", cause: new Error("The batch processor is stopping") });
    if (bytes + batch.bytes.length > config.max_held_mib) return Promise.resolve({ status: "retry", cause: new Error("The batch processor holds as much as max_held_mib allows") });
    bytes += batch.bytes.length;
    heldItems += batch.items;
    const answered = config.eager
      ? new Promise<Delivery>((answer) => held.push({ batch, signal, answer }))
      : Promise.resolve(void held.push({ batch, signal: cutting.signal, answer: (delivery) => reckon(batch, delivery) })).then(() => accepted);
    decide();
    return answered;
  };

  /** What was acknowledged on receipt and is not taken after all is lost: counted and said. */
  const reckon = (batch: Batch, delivery: Delivery) => {
    if (delivery.status === "accepted" || delivery.status === "parts") return;
    const items = delivery.status === "rejected" ? (delivery.items ?? batch.items) : batch.items;
    host.metrics.counter("podstamp_dropped_items", { component: host.id, otel_signal: batch.signal, reason: delivery.status }).add(items);
    host.log.error({ dropped_items: items, error: delivery.cause.message }, "Dropping data that was acknowledged on receipt (eager: false)");
  };

  /** Sends what is held when it is time to, else sees to it that it will be. */
  const decide = () => {
    if (held.length === 0) return;
    if (heldItems >= size || timeout === 0) flush("size");
    else if (config.eager && inFlight.size === 0 && next.whenIdle() === undefined) flush("idle");
    else {
      timer ??= setTimeout(() => flush("timeout"), timeout);
      if (config.eager) watch();
    }
  };

  /** Looks again as soon as nothing is in flight behind us. */
  const watch = () => {
    const idle = next.whenIdle();
    if (isWatching || idle === undefined) return;
    isWatching = true;
    void idle.then(() => {
      isWatching = false;
      decide();
    });
  };

  const flush = (trigger: keyof typeof triggers) => {
    clearTimeout(timer);
    timer = undefined;
    const taken = held;
    held = [];
    heldItems = 0;
    triggers[trigger].add(1);
    for (const group of groups(taken, maxSize)) {
      const sending: Promise<void> = send(group).finally(() => {
        inFlight.delete(sending);
        for (const { batch } of group) bytes -= batch.bytes.length;
        decide();
      });
      inFlight.add(sending);
    }
  };

  /** Sends one batch and gives each request in it its answer. Never rejects. */
  const send = async (group: readonly Held[]): Promise<void> => {
    const waiting = group.filter(({ signal }) => !signal.aborted);
    for (const { signal, answer } of group) if (signal.aborted) answer(hungUp);
    const [first] = waiting;
    if (first === undefined) return;
    if (waiting.length === 1) return first.answer(await sendOne(first.batch));
    const delivery = await next.consume(mergeAll(waiting.map(({ batch }) => batch)), cutting.signal);
    switch (delivery.status) {
      case "accepted":
      case "retry":
        for (const { answer } of waiting) answer(delivery);
        return;
      case "parts":
        return answerParts(waiting, delivery.parts);
      case "rejected":
        // One of them may have spoilt it for the others: each gets an answer of its own.
        splits.add(waiting.length);
        for (const { batch, answer } of waiting) answer(await sendOne(batch));
    }
  };

  /** One request as it came, or in pieces when it is larger than a batch may be. */
  const sendOne = async (batch: Batch): Promise<Delivery> => {
    if (maxSize === 0 || batch.items <= maxSize || batch.parts !== undefined) return next.consume(batch, cutting.signal);
    let worst: Delivery = accepted;
    let rejected = 0;
    for (const piece of split(batch.signal, batch.bytes, maxSize)) {
      const delivery = await next.consume({ ...batch, ...piece }, cutting.signal);
      // What is left of a request whose piece must come again comes again with it.
      if (delivery.status === "retry") return delivery;
      if (delivery.status !== "rejected") continue;
      rejected += delivery.items ?? piece.items;
      worst = { ...delivery, items: rejected };
    }
    return worst;
  };

  return {
    async start() {},
    async stop(signal) {
      isStopped = true;
      if (held.length > 0) flush("timeout");
      const cut = () => cutting.abort();
      signal.addEventListener("abort", cut, { once: true });
      if (signal.aborted) cut();
      await Promise.all(inFlight);
      signal.removeEventListener("abort", cut);
    },
    consume,
    whenIdle() {
      if (held.length === 0 && inFlight.size === 0) return next.whenIdle();
      return Promise.all(inFlight).then(() => next.whenIdle());
    },
  };
}

/** Requests in the order of their arrival, together while they are no more than `maxItems` (0: all together). */
function groups(held: readonly Held[], maxItems: number): readonly (readonly Held[])[] {
  const result: Held[][] = [];
  let items = 0;
  for (const one of held) {
    const last = result.at(-1);
    items += one.batch.items;
    if (last === undefined || (maxItems > 0 && items > maxItems)) {
      result.push([one]);
      items = one.batch.items;
    } else last.push(one);
  }
  return result;
}

/** One batch of many; their own parts stay parts of it. */
function mergeAll(batches: readonly Batch[]): Batch {
  const parts: Part[] = [];
  let end = 0;
  let items = 0;
  for (const batch of batches) {
    for (const part of batch.parts ?? [{ end: batch.bytes.length, items: batch.items }]) parts.push({ end: end + part.end, items: part.items });
    end += batch.bytes.length;
    items += batch.items;
  }
  return { signal: batches[0]?.signal ?? "traces", bytes: merge(batches.map((batch) => batch.bytes)), items, parts };
}

/** Gives each request its part of the answer; one that was merged itself gets as many as it has parts. */
function answerParts(waiting: readonly Held[], parts: readonly Delivery[]): void {
  let at = 0;
  for (const { batch, answer } of waiting) {
    const count = batch.parts?.length ?? 1;
    const own = parts.slice(at, at + count);
    answer(batch.parts === undefined ? (own[0] ?? accepted) : { status: "parts", parts: own });
    at += count;
  }
}
