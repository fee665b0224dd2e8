import { onTestFinished, describe, expect, test } from "vitest";
import { accepted, sent } from "../../../src/pipeline/contract.ts";
import type { Batch, Delivery } from "../../../src/pipeline/contract.ts";
import { plainOutlet } from "../../../src/pipeline/queue/outlet.ts";
import type { Push } from "../../../src/pipeline/retry.ts";
import type { QueueSettings } from "../../../src/pipeline/queue/sending-queue.ts";
import type { Put, Storage } from "../../../src/pipeline/storage.ts";
import { createStoredQueue } from "../../../src/pipeline/queue/stored-queue.ts";
import { whole } from "../../../src/otlp/rope/rope.ts";
import { folderOfTest, givenStorage } from "../../extensions/file-storage/given-storage.ts";
import { eventually } from "../../support/eventually.ts";
import { testHost } from "../../support/agent/host.ts";

const busy: Delivery = { status: "retry", cause: new Error("busy") };
const refused: Delivery = { status: "rejected", cause: new Error("a bad span") };
const never = new AbortController().signal;
const standard: QueueSettings & { consumers: number } = {
  consumers: 1,
  capacity: 1000,
  sizer: "requests",
  blockOnOverflow: false,
  waitForResult: false,
};

const batchOf = (name: string, more: Partial<Batch> = {}): Batch => ({
  signal: "traces",
  bytes: Buffer.from(name),
  items: 1,
  ...more,
});
const nameOf = (batch: Batch): string => Buffer.from(whole(batch.bytes)).toString().trimEnd();

/** A queue in a storage, whose pushes end when the test says so. */
async function given(storage: Storage, changes: Partial<typeof standard> = {}) {
  const settings = { ...standard, ...changes };
  const sending: { name: string; batch: Batch; end: (delivery: Delivery) => void }[] = [];
  const lost: { name: string; delivery: Delivery | undefined }[] = [];
  const damaged: unknown[] = [];
  const turnedAway: string[] = [];
  const host = testHost("otlp_grpc");
  const push: Push = (batch, signal) =>
    new Promise((resolve) => {
      sending.push({ name: nameOf(batch), batch, end: resolve });
      signal.addEventListener("abort", () => resolve(busy));
    });
  const queue = createStoredQueue({
    outlet: plainOutlet(push, settings.consumers),
    settings,
    store: storage.store("exporter otlp_grpc traces"),
    hooks: {
      onRefused: (batch, cause) => void turnedAway.push(`${nameOf(batch)} ${cause?.message ?? "full"}`),
      onLost: async (batch, delivery) => void lost.push({ name: nameOf(batch), delivery }),
      onDamaged: (facts) => void damaged.push(facts),
    },
    log: host.log,
  });
  await queue.start();
  onTestFinished(() => queue.stop(AbortSignal.abort()));
  return { queue, sending, lost, damaged, turnedAway, host };
}

const names = (sending: readonly { name: string }[]) => sending.map(({ name }) => name);

describe("a queue on disk", () => {
  test("acknowledges when the disk has it, sends in order, and forgets what was sent", async () => {
    const folder = folderOfTest();
    const first = await givenStorage(folder);
    const { queue, sending } = await given(first.storage);
    for (const name of ["a", "b", "c"])
      expect(await queue.offer(batchOf(name), never)).toMatchObject({ status: "accepted" });
    expect(names(sending)).toEqual(["a"]);
    sending[0]?.end(accepted);
    await eventually(() => sending.length === 2, { what: "the second" });
    sending[1]?.end(accepted);
    await eventually(() => sending.length === 3, { what: "the third" });
    const stopped = queue.stop(never);
    sending[2]?.end(busy);
    await stopped;
    await first.stop();
    const second = await givenStorage(folder);
    const again = await given(second.storage);
    await eventually(() => again.sending.length === 1, { what: "what was not sent" });
    expect(again.queue.size).toBe(1);
    expect(names(again.sending)).toEqual(["c"]);
  });

  test("keeps signal, items and the parts of a merged batch, and neither deadline nor sender", async () => {
    const folder = folderOfTest();
    const first = await givenStorage(folder);
    const parts = [
      { end: 1, items: 2 },
      { end: 3, items: 5 },
    ];
    const one = await given(first.storage, { consumers: 1 });
    await one.queue.offer(batchOf("xyz", { items: 7, parts, deadline: 5, peer: "10.0.0.1" }), never);
    expect(one.sending[0]?.batch).toEqual({ signal: "traces", bytes: Buffer.from("xyz"), items: 7, parts });
    await one.queue.stop(AbortSignal.abort());
    await first.stop();
    const second = await givenStorage(folder);
    const { sending } = await given(second.storage);
    await eventually(() => sending.length === 1, { what: "the batch" });
    expect(sending[0]?.batch).toEqual({ signal: "traces", bytes: Buffer.from("xyz"), items: 7, parts });
  });

  test("holds more than its window: all comes once and in order", async () => {
    const { storage } = await givenStorage(folderOfTest(), { fsync: false });
    const { queue, sending } = await given(storage, { capacity: 100 });
    const wanted = Array.from({ length: 60 }, (_, i) => `batch-${i}`);
    const big = (name: string) => batchOf(name.padEnd(700_000));
    await Promise.all(wanted.map((name) => queue.offer(big(name), never)));
    for (let i = 0; i < wanted.length; i++) {
      await eventually(() => sending.length === i + 1, { what: `batch ${i}` });
      sending[i]?.end(accepted);
      // What comes meanwhile stands behind all that is on the disk.
      if (i < 5) expect(await queue.offer(big(`late-${i}`), never)).toMatchObject({ status: "accepted" });
    }
    for (let i = 0; i < 5; i++) {
      await eventually(() => sending.length === 61 + i, { what: "a late one" });
      sending[60 + i]?.end(accepted);
    }
    expect(names(sending)).toEqual([...wanted, ...[0, 1, 2, 3, 4].map((i) => `late-${i}`)]);
    await queue.whenIdle();
    expect(queue.size).toBe(0);
  });

  test("that is full says so", async () => {
    const { storage } = await givenStorage(folderOfTest());
    const { queue, turnedAway } = await given(storage, { capacity: 2 });
    await Promise.all([queue.offer(batchOf("a"), never), queue.offer(batchOf("b"), never)]);
    expect(await queue.offer(batchOf("c"), never)).toMatchObject({
      status: "retry",
      cause: { message: "The sending queue is full" },
    });
    expect(turnedAway).toEqual(["c full"]);
  });

  test("whose disk does not take a batch lets the sender come back", async () => {
    const { storage } = await givenStorage(folderOfTest());
    const failing: Storage = {
      store: (name) => ({
        ...storage.store(name),
        put: async (): Promise<Put> => ({ status: "full", cause: new Error("no space left on device") }),
      }),
    };
    const { queue, turnedAway } = await given(failing);
    expect(await queue.offer(batchOf("a"), never)).toMatchObject({
      status: "retry",
      cause: { message: "The sending queue cannot store the batch: no space left on device" },
    });
    expect(turnedAway).toEqual(["a no space left on device"]);
    expect(queue.size).toBe(0);
    expect(queue.whenIdle()).toBeUndefined();
  });

  test("tells of what is refused for good, then forgets it", async () => {
    const folder = folderOfTest();
    const first = await givenStorage(folder);
    const { queue, sending, lost } = await given(first.storage);
    await queue.offer(batchOf("bad"), never);
    sending[0]?.end(refused);
    await queue.whenIdle();
    expect(lost).toEqual([{ name: "bad", delivery: refused }]);
    await queue.stop(never);
    await first.stop();
    const second = await givenStorage(folder);
    expect((await given(second.storage)).queue.size).toBe(0);
  });

  test("keeps at its stop what it could not send, without a word of loss", async () => {
    const folder = folderOfTest();
    const first = await givenStorage(folder);
    const { queue, lost, host } = await given(first.storage, { consumers: 2 });
    await Promise.all(["a", "b", "c", "d"].map((name) => queue.offer(batchOf(name), never)));
    await queue.stop(AbortSignal.abort());
    expect(await queue.offer(batchOf("e"), never)).toMatchObject({ status: "retry" });
    expect(lost).toEqual([]);
    expect(host.logged).toMatchObject([
      { message: "Kept requests on disk for the next start", fields: { requests: 4 } },
    ]);
    await first.stop();
    const second = await givenStorage(folder);
    const again = await given(second.storage, { consumers: 4 });
    await eventually(() => again.sending.length === 4, { what: "all four" });
    expect(names(again.sending)).toEqual(["a", "b", "c", "d"]);
  });

  test("lets batches wait for room when it blocks, in their order", async () => {
    const { storage } = await givenStorage(folderOfTest());
    const { queue, sending } = await given(storage, { capacity: 1, blockOnOverflow: true });
    await queue.offer(batchOf("a"), never);
    const order: string[] = [];
    const waiting = ["b", "c"].map((name) => queue.offer(batchOf(name), never).then(() => order.push(name)));
    for (let i = 0; i < 3; i++) {
      await eventually(() => sending.length === i + 1, { what: `batch ${i}` });
      sending[i]?.end(accepted);
    }
    await Promise.all(waiting);
    expect(order).toEqual(["b", "c"]);
  });

  test("is safe to stop before its start and twice", async () => {
    const { storage } = await givenStorage(folderOfTest());
    const { queue } = await given(storage);
    await queue.stop(never);
    await queue.stop(AbortSignal.abort());
    expect(queue.whenIdle()).toBeUndefined();
  });
});

describe("the memory of a batch that a queue on disk has acknowledged", () => {
  test("is let go when the batch has left whole, not before", async () => {
    const { storage } = await givenStorage(folderOfTest());
    const { queue, sending } = await given(storage, { consumers: 2 });
    const told: string[] = [];
    const deliveries = await Promise.all(["sent", "kept"].map((name) => queue.offer(batchOf(name), never)));
    for (const [index, delivery] of deliveries.entries())
      if (delivery.status === "accepted" && delivery.letGo instanceof Promise)
        void delivery.letGo.then(() => told.push(sending[index]?.name ?? ""));
    await new Promise((resolve) => setImmediate(resolve));
    expect([names(sending), told]).toEqual([["sent", "kept"], []]);
    sending[0]?.end(sent);
    sending[1]?.end(accepted);
    await queue.whenIdle();
    expect(told).toEqual(["sent"]);
  });

  test("is let go at once when it waits, in a copy or on the disk alone", async () => {
    const { storage } = await givenStorage(folderOfTest());
    const { queue, sending } = await given(storage);
    expect(await queue.offer(batchOf("first"), never)).not.toEqual(sent);
    const slab = Buffer.alloc(100_000, "x");
    expect(await queue.offer(batchOf("", { bytes: slab.subarray(0, 100) }), never)).toEqual(sent);
    // More than the 16 MiB that are kept in memory.
    const large = Buffer.alloc(9 * 1024 * 1024, "y");
    expect(await queue.offer(batchOf("", { bytes: large }), never)).not.toEqual(sent);
    expect(await queue.offer(batchOf("", { bytes: large }), never)).toEqual(sent);
    expect(sending.length).toBe(1);
  });

  test("is let go at once by those that wait, also when they came with the one that is sent", async () => {
    const { storage } = await givenStorage(folderOfTest());
    const { queue, sending } = await given(storage);
    const slab = Buffer.alloc(100_000, "x");
    const pieces = [0, 1, 2].map((at) => slab.subarray(at * 100, at * 100 + 100));
    const deliveries = await Promise.all(pieces.map((bytes) => queue.offer(batchOf("", { bytes }), never)));
    expect(deliveries).toEqual([{ status: "accepted", letGo: expect.any(Promise) }, sent, sent]);
    expect(sending.length).toBe(1);
  });
});
