import { describe, expect, test } from "vitest";
import type { Batch, Delivery } from "../../../src/pipeline/contract.ts";
import { accepted } from "../../../src/pipeline/contract.ts";
import type { RetrySettings } from "../../../src/pipeline/retry.ts";
import { createSender } from "../../../src/pipeline/sending/sender.ts";
import type { SenderQueue } from "../../../src/pipeline/sending/sender.ts";
import { testHost } from "../../support/agent/host.ts";
import { whole } from "../../../src/otlp/rope/rope.ts";

const queue: SenderQueue = {
  consumers: 1,
  capacity: 100,
  sizer: "requests",
  blockOnOverflow: false,
  waitForResult: false,
  gather: undefined,
  storage: undefined,
};
const retry: RetrySettings = {
  initialIntervalMs: 60_000,
  randomizationFactor: 0,
  multiplier: 1,
  maxIntervalMs: 60_000,
  maxElapsedMs: 0,
};
const refused: Delivery = { status: "rejected", cause: new Error("a bad span") };
const busy: Delivery = { status: "retry", cause: new Error("no connection") };
const labels = { exporter: "otlp_grpc/tempo" };
const signal = new AbortController().signal;

function batchOf(items: number): Batch {
  return { signal: "traces", bytes: Buffer.alloc(items), items };
}

/** Three requests, the second of which is bad. */
const merged: Batch = {
  ...batchOf(10),
  bytes: Buffer.from([0, 0, 1, 1, 1, 0, 0, 0, 0, 0]),
  parts: [2, 5, 10].map((end, index) => ({ end, items: [2, 3, 5][index] ?? 0 })),
};

function senderOf(answer: (batch: Batch) => Delivery, options: { queue?: SenderQueue; retry?: RetrySettings } = {}) {
  const host = testHost("otlp_grpc/tempo");
  const sent: Batch[] = [];
  const sender = createSender({
    signal: "traces",
    host,
    push: async (batch) => {
      sent.push(batch);
      return answer(batch);
    },
    queue: options.queue,
    retry: options.retry,
    deadLetters: undefined,
    server: {},
    isWorthSplitting: () => true,
  });
  const dropped = (reason: string): number =>
    host.metric("podstamp_dropped_items", { component: host.id, otel_signal: "traces", reason });
  return { host, sender, sent, dropped };
}

describe("a sender without a queue", () => {
  test("answers with what became of the batch and counts it", async () => {
    const answers: Delivery[] = [accepted, refused, busy, { ...refused, items: 3 }];
    const { host, sender, dropped } = senderOf(() => answers.shift() ?? accepted);
    const deliveries: Delivery[] = [];
    for (let i = 0; i < 4; i++) deliveries.push(await sender.consume(batchOf(10), signal));
    expect(deliveries.map(({ status }) => status)).toEqual(["accepted", "rejected", "retry", "rejected"]);
    expect(host.metric("otelcol_exporter_sent_spans", labels)).toBe(17);
    expect(host.metric("otelcol_exporter_send_failed_spans", labels)).toBe(23);
    expect(["refused", "partly_refused", "not_sent", "shutdown"].map(dropped)).toEqual([0, 0, 0, 0]);
  });

  test("answers for each part of a merged batch", async () => {
    const { host, sender } = senderOf((batch) => (whole(batch.bytes).includes(1) ? refused : accepted));
    expect(await sender.consume(merged, signal)).toEqual({ status: "parts", parts: [accepted, refused, accepted] });
    expect(host.metric("otelcol_exporter_sent_spans", labels)).toBe(7);
    expect(host.metric("otelcol_exporter_send_failed_spans", labels)).toBe(3);
  });

  test("is idle when nothing is being sent", async () => {
    const { sender } = senderOf(() => accepted);
    const delivery = sender.consume(batchOf(1), signal);
    const idle = sender.whenIdle();
    await delivery;
    await idle;
    expect(sender.whenIdle()).toBeUndefined();
  });
});

describe("a sender with a queue", () => {
  test("loses only the poisonous request of a merged batch, and says so", async () => {
    const { host, sender, dropped } = senderOf((batch) => (whole(batch.bytes).includes(1) ? refused : accepted), {
      queue,
    });
    expect(await sender.consume(merged, signal)).toMatchObject(accepted);
    await sender.whenIdle();
    expect(host.metric("otelcol_exporter_sent_spans", labels)).toBe(7);
    expect(dropped("refused")).toBe(3);
    expect(host.logged.filter(({ level }) => level === "error")).toEqual([
      {
        level: "error",
        message: "Data is lost: the destination refused it for good",
        fields: { error: "a bad span", lost_items: 3, reason: "refused" },
      },
    ]);
  });

  test("counts what a full queue refuses", async () => {
    const { host, sender } = senderOf(() => accepted, { queue: { ...queue, capacity: 5, sizer: "items" } });
    expect((await sender.consume(batchOf(7), signal)).status).toBe("rejected");
    expect(host.metric("otelcol_exporter_enqueue_failed_spans", labels)).toBe(7);
    expect(host.metric("otelcol_exporter_queue_capacity", { ...labels, data_type: "traces" })).toBe(5);
  });

  test("shows how full its queue is", async () => {
    const { host, sender } = senderOf(() => busy, { queue, retry });
    await sender.consume(batchOf(1), signal);
    await sender.consume(batchOf(1), signal);
    expect(host.metric("otelcol_exporter_queue_size", { ...labels, data_type: "traces" })).toBe(2);
    await sender.stop(AbortSignal.abort());
  });

  test("ends the waits of retries at stop, makes one attempt for these and the rest, and counts what is lost", async () => {
    let isUp = false;
    const takes = ({ items }: Batch) => (isUp && items !== 3 ? accepted : busy);
    const { sender, sent, dropped } = senderOf(takes, { queue, retry });
    for (const items of [1, 2, 3]) await sender.consume(batchOf(items), signal);
    await new Promise(setImmediate);
    expect(sent).toHaveLength(1);
    isUp = true;
    await sender.stop(new AbortController().signal);
    expect(sent.map(({ items }) => items)).toEqual([1, 1, 2, 3]);
    expect(dropped("shutdown")).toBe(3);
    expect((await sender.consume(batchOf(1), signal)).status).toBe("retry");
  });

  test("does not fill the log with one line for each loss", async () => {
    const { host, sender, dropped } = senderOf(() => refused, { queue: { ...queue, capacity: 1000 } });
    for (let i = 0; i < 500; i++) await sender.consume(batchOf(1), signal);
    await sender.whenIdle();
    expect(dropped("refused")).toBe(500);
    expect(host.logged).toHaveLength(1);
  });
});
