import { describe, expect, test } from "vitest";
import type { Batch, Delivery } from "../../../src/pipeline/contract.ts";
import { accepted, sent } from "../../../src/pipeline/contract.ts";
import { Queue } from "../../../src/pipeline/queue/queue.ts";
import { plainOutlet } from "../../../src/pipeline/queue/outlet.ts";
import type { Push } from "../../../src/pipeline/retry.ts";
import type { QueueSettings } from "../../../src/pipeline/queue/sending-queue.ts";
import { eventually } from "../../support/eventually.ts";
import { whole } from "../../../src/otlp/rope/rope.ts";
import type { CancelSignal } from "../../../src/otlp/cancel.ts";

const busy: Delivery = { status: "retry", cause: new Error("busy") };
type Settings = QueueSettings & { readonly consumers: number };
const standard: Settings = {
  consumers: 2,
  capacity: 4,
  sizer: "requests",
  blockOnOverflow: false,
  waitForResult: false,
};

function batchOf(name: string, items = 1): Batch {
  return { signal: "traces", bytes: Buffer.from(name), items };
}

function never(): AbortSignal {
  return new AbortController().signal;
}

/** A queue whose pushes end when the test says so. */
function held(changes: Partial<Settings> = {}) {
  const sending: { name: string; batch: Batch; signal: CancelSignal; end: (delivery: Delivery) => void }[] = [];
  const refused: string[] = [];
  const lost: { name: string; delivery: Delivery | undefined }[] = [];
  const nameOf = (batch: Batch): string => Buffer.from(whole(batch.bytes)).toString();
  const settings = { ...standard, ...changes };
  const push: Push = (batch, signal) =>
    new Promise((resolve) => {
      sending.push({ name: nameOf(batch), batch, signal, end: resolve });
      signal.addEventListener("abort", () => resolve(busy));
    });
  const queue = new Queue(plainOutlet(push, settings.consumers), settings, {
    onRefused: (batch) => void refused.push(nameOf(batch)),
    onLost: (batch, delivery) => void lost.push({ name: nameOf(batch), delivery }),
  });
  return { queue, sending, refused, lost };
}

describe("a queue", () => {
  test("acknowledges what it holds and sends it in order, no more at a time than it has consumers", async () => {
    const { queue, sending } = held();
    for (const name of ["a", "b", "c"]) expect(await queue.offer(batchOf(name), never())).toMatchObject(accepted);
    expect(sending.map(({ name }) => name)).toEqual(["a", "b"]);
    sending[1]?.end(accepted);
    await eventually(() => sending.length === 3, { what: "the third" });
    expect(sending[2]?.name).toBe("c");
    expect(queue.size).toBe(2);
  });

  test("that is full says so, and takes again when there is room", async () => {
    const { queue, sending, refused } = held();
    for (const name of ["a", "b", "c", "d"]) await queue.offer(batchOf(name), never());
    expect(await queue.offer(batchOf("e"), never())).toMatchObject({
      status: "retry",
      cause: { message: "The sending queue is full" },
    });
    expect(refused).toEqual(["e"]);
    sending[0]?.end(accepted);
    await eventually(() => queue.size === 3, { what: "room" });
    expect(await queue.offer(batchOf("f"), never())).toMatchObject(accepted);
  });

  test.each([
    ["items", 100, [batchOf("a", 60), batchOf("b", 30), batchOf("c", 11)]],
    ["bytes", 10, [batchOf("aaaaa"), batchOf("bbbb"), batchOf("cc")]],
  ] as const)("counts %s when that is its sizer", async (sizer, capacity, [first, second, third]) => {
    const { queue } = held({ sizer, capacity });
    expect(await queue.offer(first, never())).toMatchObject(accepted);
    expect(await queue.offer(second, never())).toMatchObject(accepted);
    expect(await queue.offer(third, never())).toMatchObject({ status: "retry" });
  });

  test("refuses for good what can never fit", async () => {
    const { queue, refused } = held({ sizer: "items", capacity: 10 });
    expect(await queue.offer(batchOf("big", 11), never())).toMatchObject({
      status: "rejected",
      cause: { message: "Cannot queue the batch: must be at most 10 items (queue_size), is 11" },
    });
    expect(refused).toEqual(["big"]);
  });

  test("that blocks lets batches wait for room in their order", async () => {
    const { queue, sending } = held({ capacity: 1, consumers: 1, blockOnOverflow: true });
    await queue.offer(batchOf("a"), never());
    const order: string[] = [];
    const second = queue.offer(batchOf("b"), never()).then(() => order.push("b"));
    const third = queue.offer(batchOf("c"), never()).then(() => order.push("c"));
    sending[0]?.end(accepted);
    await second;
    expect(order).toEqual(["b"]);
    sending[1]?.end(accepted);
    await third;
    expect(queue.size).toBe(1);
  });

  test("that blocks lets go of a sender who leaves", async () => {
    const { queue, refused } = held({ capacity: 1, blockOnOverflow: true });
    await queue.offer(batchOf("a"), never());
    const gone = new AbortController();
    const waiting = queue.offer(batchOf("b"), gone.signal);
    gone.abort();
    expect(await waiting).toMatchObject({ status: "retry" });
    expect(refused).toEqual(["b"]);
    expect(queue.size).toBe(1);
  });

  test("that waits for results answers with them", async () => {
    const { queue, sending, lost } = held({ waitForResult: true });
    const first = queue.offer(batchOf("a"), never());
    sending[0]?.end(busy);
    expect(await first).toBe(busy);
    expect(lost).toEqual([]);
  });

  test("that waits for results does not send what nobody waits for any more", async () => {
    const { queue, sending } = held({ waitForResult: true, consumers: 1 });
    const first = queue.offer(batchOf("a"), never());
    const gone = new AbortController();
    const second = queue.offer(batchOf("b"), gone.signal);
    gone.abort();
    expect(await second).toMatchObject({ status: "retry" });
    sending[0]?.end(accepted);
    expect(await first).toMatchObject(accepted);
    expect(sending).toHaveLength(1);
    expect(queue.size).toBe(0);
  });

  test("tells of what it acknowledged and could not send", async () => {
    const { queue, sending, lost } = held();
    await queue.offer(batchOf("a"), never());
    sending[0]?.end(busy);
    await queue.whenIdle();
    expect(lost).toEqual([{ name: "a", delivery: busy }]);
  });

  test("forgets the sender's deadline with its acknowledgement", async () => {
    const { queue, sending } = held();
    await queue.offer({ ...batchOf("a"), deadline: Date.now() + 5 }, never());
    expect(sending[0]?.batch.deadline).toBeUndefined();
  });

  test("does not keep a socket's whole buffer alive for a small batch that waits", async () => {
    const { queue, sending } = held({ consumers: 1 });
    await queue.offer(batchOf("first"), never());
    const read = Buffer.alloc(65_536, "x");
    await queue.offer({ ...batchOf(""), bytes: read.subarray(100, 200) }, never());
    sending[0]?.end(accepted);
    await eventually(() => sending.length === 2, { what: "the second" });
    expect(whole(sending[1]?.batch.bytes ?? read).buffer === read.buffer).toBe(false);
    expect(sending[1]?.batch.bytes).toEqual(Buffer.alloc(100, "x"));
  });

  test("is idle when nothing is in it and nothing is being sent", async () => {
    const { queue, sending } = held();
    expect(queue.whenIdle()).toBeUndefined();
    await queue.offer(batchOf("a"), never());
    let isIdle = false;
    const idle = queue.whenIdle()?.then(() => (isIdle = true));
    await new Promise(setImmediate);
    expect(isIdle).toBe(false);
    sending[0]?.end(accepted);
    await idle;
    expect(queue.whenIdle()).toBeUndefined();
  });
});

describe("stop", () => {
  test("takes no more and sends what is held", async () => {
    const { queue, sending, lost, refused } = held({ consumers: 1 });
    await queue.offer(batchOf("a"), never());
    await queue.offer(batchOf("b"), never());
    const stopped = queue.stop(never());
    expect(await queue.offer(batchOf("c"), never())).toMatchObject({
      status: "retry",
      cause: { message: expect.stringMatching(/shutting down/) },
    });
    sending[0]?.end(accepted);
    await eventually(() => sending.length === 2, { what: "the second" });
    sending[1]?.end(accepted);
    await stopped;
    expect({ lost, refused }).toEqual({ lost: [], refused: [] });
  });

  test("counts as lost what its time does not allow to send", async () => {
    const { queue, sending, lost } = held({ consumers: 1 });
    for (const name of ["a", "b", "c"]) await queue.offer(batchOf(name), never());
    const limit = new AbortController();
    const stopped = queue.stop(limit.signal);
    limit.abort();
    await stopped;
    expect(sending).toHaveLength(1);
    expect(lost.map(({ name }) => name).toSorted()).toEqual(["a", "b", "c"]);
    expect(lost.find(({ name }) => name === "a")?.delivery).toBe(busy);
    expect(lost.find(({ name }) => name === "b")?.delivery).toBeUndefined();
    expect(queue.size).toBe(0);
  });

  test("lets go of those who wait for room", async () => {
    const { queue, sending } = held({ capacity: 1, blockOnOverflow: true });
    await queue.offer(batchOf("a"), never());
    const waiting = queue.offer(batchOf("b"), never());
    const stopped = queue.stop(never());
    expect(await waiting).toMatchObject({ status: "retry" });
    sending[0]?.end(accepted);
    await stopped;
  });

  test("is safe twice and when nothing is held", async () => {
    const { queue } = held();
    await queue.stop(never());
    await queue.stop(AbortSignal.abort());
    expect(queue.whenIdle()).toBeUndefined();
  });
});

describe("the memory of a batch that a queue has acknowledged", () => {
  const settings = { capacity: 10, sizer: "requests", blockOnOverflow: false, waitForResult: false } as const;
  const hooks = { onRefused: () => {}, onLost: () => {} };

  test("is let go when the batch has left whole, not before", async () => {
    const answers: ((delivery: Delivery) => void)[] = [];
    const push: Push = () => new Promise((resolve) => answers.push(resolve));
    const queue = new Queue(plainOutlet(push, 2), settings, hooks);
    const told: string[] = [];
    for (const name of ["sent", "kept"]) {
      const delivery = await queue.offer(batchOf(name), never());
      if (delivery.status === "accepted" && delivery.letGo instanceof Promise)
        void delivery.letGo.then(() => told.push(name));
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([]);
    answers[0]?.(sent);
    answers[1]?.(accepted);
    await queue.whenIdle();
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(["sent"]);
  });

  test("is let go at once when the queue has made a copy", async () => {
    const push: Push = () => new Promise(() => {});
    const queue = new Queue(plainOutlet(push, 1), settings, hooks);
    await queue.offer(batchOf("first"), never());
    const slab = Buffer.alloc(100_000, "x");
    expect(await queue.offer({ signal: "traces", bytes: slab.subarray(0, 100), items: 1 }, never())).toEqual(sent);
  });
});
