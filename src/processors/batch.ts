import type { Output } from "../config/schema/schema.ts";
import { duration, flag, integer, mebibytes, notYet, section } from "../config/fields/fields.ts";
import { shapes, signals } from "../otlp/signals.ts";
import { accepted } from "../pipeline/contract.ts";
import type { Batch, Consumer, Delivery, Host, Processor } from "../pipeline/contract.ts";
import type { ProcessorFactory } from "../pipeline/graph/factory.ts";
import { createIdle } from "../pipeline/idle.ts";
import type { Counter } from "../telemetry/metrics.ts";
import { createSending, groups, hungUp } from "./batch/sending.ts";
import type { Held } from "./batch/sending.ts";
import type { CancelSignal } from "../otlp/cancel.ts";

const settings = section({
  send_batch_size: integer({ default: 8192, min: 0, max: 10_000_000 }).describe(
    "Spans, data points or log records after which a batch is sent; 0 sends each request by itself. Profiles are always sent by themselves, as they came.",
  ),
  timeout: duration({ default: "200ms", max: "10m" }).describe(
    "Time after which a batch is sent whatever its size; 0 sends at once.",
  ),
  send_batch_max_size: integer({ default: 0, min: 0, max: 10_000_000 }).describe(
    "The most that one batch holds, larger requests are split; 0 is no limit.",
  ),
  eager: flag(true).describe(
    "Send at once while nothing is queued or in flight behind the processor, and say accepted only when the batch is; `false` waits and answers on receipt, as the Collector does.",
  ),
  max_held_mib: mebibytes({ default: 256, min: 1 }).describe(
    "Requests held and in flight, in all; what comes above it is refused with a retryable status.",
  ),
  metadata_keys: notYet("batch.metadata_keys; all senders share batches now", "warn"),
  metadata_cardinality_limit: notYet("batch.metadata_cardinality_limit, see metadata_keys", "warn"),
}).refine((set) => set.send_batch_max_size === 0 || set.send_batch_max_size >= set.send_batch_size, {
  path: ["send_batch_max_size"],
  error: "must be 0 or at least send_batch_size",
});

type Settings = Output<typeof settings>;

/** Merges requests under load, so that the next hop has fewer of them. */
export const batchProcessor: ProcessorFactory<Settings> = {
  type: "batch",
  kind: "processor",
  aliases: [],
  signals,
  stability: "beta",
  summary: "Merges requests into larger ones while the next hop is busy.",
  schema: settings,
  create: createBatch,
};

type Trigger = "size" | "timeout" | "idle";

function createBatch(config: Settings, host: Host, next: Consumer): Processor {
  const { send_batch_size: size, timeout, send_batch_max_size: maxSize } = config;
  const triggers = triggerCounters(host);
  const cutting = new AbortController();
  const send = createSending({ next, maxSize, cutting: cutting.signal, ...sendingMetrics(host) });
  const inFlight = new Set<Promise<void>>();
  const idle = createIdle();
  let held: Held[] = [];
  let heldItems = 0;
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let isWatching = false;
  let isStopped = false;

  const consume = (batch: Batch, signal: CancelSignal): Promise<Delivery> => {
    if (isStopped) return Promise.resolve({ status: "retry", cause: new Error("The batch processor is stopping") });
    if (bytes + batch.bytes.length > config.max_held_mib)
      return Promise.resolve({
        status: "retry",
        cause: new Error("The batch processor holds as much as max_held_mib allows"),
      });
    if (!shapes[batch.signal].isDivisible) return pass(batch, signal);
    if (config.eager) return new Promise((resolve) => hold(batch, signal, resolve));
    // The sender's deadline ends with its acknowledgement.
    const { deadline: _, ...rest } = batch;
    hold(rest, cutting.signal, (delivery) => reckon(host, batch, delivery));
    return Promise.resolve(accepted);
  };

  /** Hands a request on by itself, with its sender waiting. */
  const pass = async (batch: Batch, signal: CancelSignal): Promise<Delivery> => {
    idle.enter();
    bytes += batch.bytes.length;
    const delivery = await next.consume(batch, signal);
    bytes -= batch.bytes.length;
    idle.leave();
    return delivery;
  };

  /** Takes a request in until it is answered. */
  const hold = (batch: Batch, signal: CancelSignal, resolve: (delivery: Delivery) => void): void => {
    idle.enter();
    bytes += batch.bytes.length;
    heldItems += batch.items;
    let isAnswered = false;
    const answer = (delivery: Delivery) => {
      if (isAnswered) return;
      isAnswered = true;
      signal.removeEventListener("abort", leave);
      bytes -= batch.bytes.length;
      resolve(delivery);
      idle.leave();
    };
    const one: Held = { batch, signal, answer };
    const leave = () => {
      const at = held.indexOf(one);
      if (at < 0) return;
      held.splice(at, 1);
      heldItems -= batch.items;
      if (held.length === 0) endTimer();
      answer(hungUp);
    };
    held.push(one);
    decide();
    if (config.eager && held.at(-1) === one) signal.addEventListener("abort", leave, { once: true });
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
    const waiting = next.whenIdle();
    if (isWatching || waiting === undefined) return;
    isWatching = true;
    void waiting.then(() => {
      isWatching = false;
      decide();
    });
  };

  const endTimer = () => {
    clearTimeout(timer);
    timer = undefined;
  };

  const flush = (trigger: Trigger) => {
    endTimer();
    if (held.length === 0) return;
    const taken = held;
    held = [];
    heldItems = 0;
    const all = groups(taken, maxSize);
    triggers[trigger].add(all.length);
    for (const group of all) {
      const sending: Promise<void> = send(group).finally(() => {
        inFlight.delete(sending);
        decide();
      });
      inFlight.add(sending);
    }
  };

  return {
    async start() {},
    async stop(signal) {
      isStopped = true;
      flush("timeout");
      const cut = () => cutting.abort();
      signal.addEventListener("abort", cut, { once: true });
      if (signal.aborted) cut();
      await Promise.all(inFlight);
      signal.removeEventListener("abort", cut);
    },
    consume,
    whenIdle: () => idle.whenIdle()?.then(() => next.whenIdle()) ?? next.whenIdle(),
  };
}

function triggerCounters({ metrics, id }: Host): Readonly<Record<Trigger, Counter>> {
  const labels = { processor: id };
  return {
    size: metrics.counter("otelcol_processor_batch_batch_size_trigger_send", labels),
    timeout: metrics.counter("otelcol_processor_batch_timeout_trigger_send", labels),
    idle: metrics.counter("podstamp_batch_idle_trigger_send", labels),
  };
}

function sendingMetrics({ metrics, id }: Host) {
  const labels = { processor: id };
  return {
    splits: metrics.counter("podstamp_batch_split_requests", labels),
    items: metrics.histogram("otelcol_processor_batch_batch_send_size", labels),
    bytes: metrics.histogram("otelcol_processor_batch_batch_send_size_bytes", labels),
  };
}

/** What was acknowledged on receipt and is not taken after all is lost: counted and said. */
function reckon(host: Host, batch: Batch, delivery: Delivery): void {
  switch (delivery.status) {
    case "accepted":
      return;
    case "parts":
      for (const [index, part] of delivery.parts.entries())
        reckon(host, { ...batch, items: batch.parts?.[index]?.items ?? 0 }, part);
      return;
    case "retry":
    case "rejected": {
      const items = delivery.status === "rejected" ? (delivery.items ?? batch.items) : batch.items;
      const labels = { component: host.id, otel_signal: batch.signal, reason: delivery.status };
      host.metrics.counter("podstamp_dropped_items", labels).add(items);
      const fields = { dropped_items: items, error: delivery.cause.message };
      host.log.error(fields, "Dropping data that was acknowledged on receipt (eager: false)");
    }
  }
}
