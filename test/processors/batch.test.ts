import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { accepted } from "../../src/pipeline/contract.ts";
import type { Batch, Delivery } from "../../src/pipeline/contract.ts";
import { batchProcessor } from "../../src/processors/batch.ts";
import { givenNext, sharingHost } from "./given-next.ts";
import { item, resourcesOf, traces } from "./telemetry.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] }));
afterEach(() => void vi.useRealTimers());

const never = new AbortController().signal;
const refused: Delivery = { status: "rejected", cause: new Error("refused") };
const retry: Delivery = { status: "retry", cause: new Error("later") };

/** A processor with these settings of the file before a consumer that the test plays. */
function given(raw: object = {}) {
  const next = givenNext();
  const host = sharingHost("batch");
  const processor = batchProcessor.create(batchProcessor.schema.parse(raw), host, next);
  onTestFinished(() => processor.stop(AbortSignal.abort()));
  const consume = (batch: Batch, signal = never) => {
    const told: { delivery?: Delivery } = {};
    void processor.consume(batch, signal).then((delivery) => (told.delivery = delivery));
    return told;
  };
  return { next, host, processor, consume };
}

/** A request with spans of these names, one resource for each request. */
function request(...names: string[]): Batch {
  return traces({ attributes: { "host.name": "a" }, items: names.map((name) => item(name)) });
}

const spansOf = (batch: Batch | undefined) => resourcesOf(batch).flatMap(({ items }) => items.map(({ name }) => name));
const tick = () => vi.advanceTimersByTimeAsync(0);

describe("batch, of profiles", () => {
  test.each([true, false])(
    "sends each request at once as it came, and answers it after it (eager: %s)",
    async (eager) => {
      const { next, consume, processor } = given({ eager, send_batch_size: 1, send_batch_max_size: 1 });
      next.answers(undefined);
      const batches = [1, 2].map((byte): Batch => ({
        signal: "profiles",
        bytes: Buffer.of(byte),
        items: 5,
        deadline: 7,
      }));
      const told = batches.map((batch) => consume(batch));
      expect(next.taken.map(({ batch }) => batch)).toEqual(batches);
      expect(processor.whenIdle()).toBeDefined();
      await tick();
      expect(told.map(({ delivery }) => delivery)).toEqual([undefined, undefined]);
      next.taken[0]?.answer(accepted);
      next.taken[1]?.answer(refused);
      await tick();
      expect(told.map(({ delivery }) => delivery)).toEqual([accepted, refused]);
      expect(processor.whenIdle()).toBeUndefined();
    },
  );
});

describe("batch, eager", () => {
  test("sends a request as it is and at once while nothing is in flight behind it", async () => {
    const { next, consume, host } = given();
    const batch = { ...request("a"), peer: "10.0.0.1", deadline: 123 };
    const told = consume(batch);
    expect(next.taken.map((each) => each.batch)).toEqual([batch]);
    await tick();
    expect(told.delivery).toEqual(accepted);
    expect(host.metric("podstamp_batch_idle_trigger_send", { processor: "batch" })).toBe(1);
  });

  test("merges what comes while the next consumer is busy, sends it once that is idle, and answers each after it", async () => {
    const { next, consume } = given();
    next.answers(undefined);
    const first = consume(request("a"));
    const second = consume(request("b", "c"));
    const third = consume(request("d"));
    expect(next.taken).toHaveLength(1);
    next.taken[0]?.answer(accepted);
    await tick();
    expect(first.delivery).toEqual(accepted);
    expect(next.taken).toHaveLength(2);
    const merged = next.taken[1]?.batch;
    expect(spansOf(merged)).toEqual(["b", "c", "d"]);
    const { length } = request("b", "c").bytes;
    expect(merged).toMatchObject({
      items: 3,
      parts: [
        { end: length, items: 2 },
        { end: length + request("d").bytes.length, items: 1 },
      ],
    });
    expect(merged).not.toHaveProperty("deadline");
    await tick();
    expect([second.delivery, third.delivery]).toEqual([undefined, undefined]);
    next.taken[1]?.answer(accepted);
    await tick();
    expect([second.delivery, third.delivery]).toEqual([accepted, accepted]);
  });

  test("sends what it holds after its timeout, though the next consumer is still busy", async () => {
    const { next, consume, host } = given({ timeout: "200ms" });
    next.answers(undefined);
    consume(request("a"));
    consume(request("b"));
    consume(request("c"));
    await vi.advanceTimersByTimeAsync(199);
    expect(next.taken).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(spansOf(next.taken[1]?.batch)).toEqual(["b", "c"]);
    expect(host.metric("otelcol_processor_batch_timeout_trigger_send", { processor: "batch" })).toBe(1);
  });

  test("sends at its size, though the next consumer is still busy", () => {
    const { next, consume, host } = given({ send_batch_size: 3 });
    next.answers(undefined);
    consume(request("a"));
    consume(request("b", "c"));
    expect(next.taken).toHaveLength(1);
    consume(request("d"));
    expect(spansOf(next.taken[1]?.batch)).toEqual(["b", "c", "d"]);
    expect(host.metric("otelcol_processor_batch_batch_size_trigger_send", { processor: "batch" })).toBe(1);
  });

  test("with a size of 0 sends each request by itself", () => {
    const { next, consume } = given({ send_batch_size: 0 });
    next.answers(undefined);
    for (const name of ["a", "b", "c"]) consume(request(name));
    expect(next.taken.map(({ batch }) => spansOf(batch))).toEqual([["a"], ["b"], ["c"]]);
  });

  test("never sends more than its maximum: what is too much goes into further batches, a request that is too large in pieces", async () => {
    const { next, consume } = given({ send_batch_size: 2, send_batch_max_size: 3 });
    next.answers(undefined);
    const blocking = consume(request("x"));
    const large = consume(request("a", "b", "c", "d", "e", "f", "g"));
    expect(next.taken.map(({ batch }) => spansOf(batch))).toEqual([["x"], ["a", "b", "c"]]);
    next.taken[1]?.answer(accepted);
    await tick();
    next.taken[2]?.answer(accepted);
    await tick();
    next.taken[3]?.answer(accepted);
    await tick();
    expect(next.taken.slice(1).map(({ batch }) => batch.items)).toEqual([3, 3, 1]);
    expect([large.delivery, blocking.delivery]).toEqual([accepted, undefined]);
  });

  test("cuts what it holds into batches between requests", async () => {
    const { next, consume } = given({ send_batch_size: 3, send_batch_max_size: 3 });
    next.answers(undefined);
    consume(request("x"));
    consume(request("a"));
    consume(request("b"));
    consume(request("c", "d"));
    expect(next.taken.slice(1).map(({ batch }) => spansOf(batch))).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
  });

  test("counts what the next hop took of it, as batches and their sizes, and nothing that it did not take", async () => {
    const { next, consume, host } = given({ send_batch_size: 2, send_batch_max_size: 2 });
    const labels = { processor: "batch" };
    const name = "otelcol_processor_batch_batch_send_size";
    const sizes = () =>
      ["_count", "_sum", "_bytes_count", "_bytes_sum"].map((end) => host.metric(`${name}${end}`, labels));
    const bytes = (...batches: readonly (Batch | undefined)[]) =>
      batches.reduce((sum, batch) => sum + (batch?.bytes.length ?? 0), 0);
    consume(request("a"));
    await tick();
    expect(sizes()).toEqual([1, 1, 1, bytes(next.taken[0]?.batch)]);
    consume(request("a", "b", "c"));
    await tick();
    const all = bytes(...next.taken.map(({ batch }) => batch));
    expect(sizes()).toEqual([3, 4, 3, all]);
    for (const delivery of [retry, refused]) {
      next.answers(() => delivery);
      consume(request("a"));
      await tick();
    }
    expect(sizes()).toEqual([3, 4, 3, all]);
    next.answers(() => ({ ...refused, items: 1 }));
    consume(request("a", "b"));
    await tick();
    expect(sizes().slice(0, 2)).toEqual([4, 6]);
  });

  test("counts each batch of several by what made them go, as the Collector does", async () => {
    const { next, consume, host } = given({ send_batch_size: 3, send_batch_max_size: 3 });
    next.answers(undefined);
    consume(request("x"));
    for (const names of [["a"], ["b"], ["c", "d"]]) consume(request(...names));
    expect(next.taken).toHaveLength(3);
    expect(host.metric("otelcol_processor_batch_batch_size_trigger_send", { processor: "batch" })).toBe(2);
  });

  test("tells of a large request how many items of its pieces were refused", async () => {
    const { next, consume } = given({ send_batch_size: 2, send_batch_max_size: 2 });
    next.answers((batch) => (spansOf(batch).includes("c") ? refused : accepted));
    const told = consume(request("a", "b", "c", "d", "e"));
    await tick();
    expect(told.delivery).toMatchObject({ status: "rejected", items: 2 });
  });

  test("gives a large request back whole when one of its pieces must come again", async () => {
    const { next, consume } = given({ send_batch_size: 2, send_batch_max_size: 2 });
    next.answers((batch) => (spansOf(batch).includes("c") ? retry : accepted));
    const told = consume(request("a", "b", "c", "d", "e"));
    await tick();
    expect(told.delivery).toEqual(retry);
    expect(next.taken).toHaveLength(2);
  });

  test("sends the requests of a merged batch again alone when it is refused for good, so that one takes no other along", async () => {
    const { next, consume, host } = given();
    next.answers(undefined);
    consume(request("x"));
    const told = [consume(request("good-1")), consume(request("bad")), consume(request("good-2"))];
    next.answers((batch) => (spansOf(batch).includes("bad") ? refused : accepted));
    next.taken[0]?.answer(accepted);
    await tick();
    expect(told.map(({ delivery }) => delivery)).toEqual([accepted, refused, accepted]);
    expect(next.taken.map(({ batch }) => spansOf(batch).join("+"))).toEqual([
      "x",
      "good-1+bad+good-2",
      "good-1",
      "bad",
      "good-2",
    ]);
    expect(host.metric("podstamp_batch_split_requests", { processor: "batch" })).toBe(3);
  });

  test("sends nothing again when only some items of a merged batch are refused: that would double the others", async () => {
    const { next, consume } = given();
    next.answers(undefined);
    consume(request("x"));
    const told = [consume(request("a", "b")), consume(request("c", "d", "e")), consume(request("f"))];
    next.taken[0]?.answer(accepted);
    await tick();
    next.taken[1]?.answer({ status: "rejected", cause: new Error("some"), items: 4 });
    await tick();
    expect(next.taken).toHaveLength(2);
    expect(told.map(({ delivery }) => delivery)).toMatchObject([
      { status: "rejected", items: 2 },
      { status: "rejected", items: 2 },
      { status: "accepted" },
    ]);
  });

  test("tells each request its part of the answer, and one that was merged already all of its parts", async () => {
    const { next, consume } = given();
    next.answers(undefined);
    consume(request("x"));
    const two: Batch = {
      ...request("b"),
      items: 2,
      parts: [
        { end: 3, items: 1 },
        { end: request("b").bytes.length, items: 1 },
      ],
    };
    const told = [consume(request("a")), consume(two), consume(request("c"))];
    next.taken[0]?.answer(accepted);
    await tick();
    const start = request("a").bytes.length;
    expect(next.taken[1]?.batch.parts?.map(({ end }) => end)).toEqual([start, start + 3, 2 * start, 3 * start]);
    next.taken[1]?.answer({ status: "parts", parts: [retry, accepted, refused, accepted] });
    await tick();
    expect(told.map(({ delivery }) => delivery)).toEqual([
      retry,
      { status: "parts", parts: [accepted, refused] },
      accepted,
    ]);
  });

  test("gives the hint of when to come again to all of a merged batch", async () => {
    const { next, consume } = given();
    next.answers(undefined);
    consume(request("x"));
    const told = [consume(request("a")), consume(request("b"))];
    next.answers(() => ({ ...retry, afterMs: 700 }));
    next.taken[0]?.answer(accepted);
    await tick();
    expect(told.map(({ delivery }) => delivery)).toMatchObject([
      { status: "retry", afterMs: 700 },
      { status: "retry", afterMs: 700 },
    ]);
  });

  test("does not send what its caller no longer waits for, and lets him go at once", async () => {
    const { next, consume } = given({ timeout: "10m" });
    next.answers(undefined);
    consume(request("x"));
    const leaving = new AbortController();
    const told = consume(request("a"), leaving.signal);
    const other = consume(request("b"));
    const gone = consume(request("c"), AbortSignal.abort());
    leaving.abort();
    await tick();
    expect(told.delivery).toMatchObject({ status: "retry" });
    next.taken[0]?.answer(accepted);
    await tick();
    expect(gone.delivery).toMatchObject({ status: "retry" });
    expect(spansOf(next.taken[1]?.batch)).toEqual(["b"]);
    expect(other.delivery).toBeUndefined();
  });

  test("lets go of what is in flight when the last of its callers has hung up", async () => {
    const { next, consume } = given();
    next.answers(undefined);
    const callers = Array.from({ length: 3 }, () => new AbortController());
    consume(request("a"), callers[0]?.signal);
    callers[0]?.abort();
    expect(next.taken[0]?.signal.aborted).toBe(true);
    consume(request("b"), callers[1]?.signal);
    consume(request("c"), callers[2]?.signal);
    next.taken[0]?.answer(retry);
    await tick();
    callers[1]?.abort();
    expect(next.taken[1]?.signal.aborted).toBe(false);
    callers[2]?.abort();
    expect(next.taken[1]?.signal.aborted).toBe(true);
  });

  test("refuses for now what comes above its limit, and takes again once there is room", async () => {
    const { next, consume } = given({ max_held_mib: 1, send_batch_size: 0 });
    next.answers(undefined);
    const large = (): Batch => ({ ...request("a"), bytes: new Uint8Array(600_000) });
    const first = consume(large());
    const second = consume(large());
    await tick();
    expect(second.delivery).toMatchObject({
      status: "retry",
      cause: { message: expect.stringContaining("max_held_mib") },
    });
    next.taken[0]?.answer(accepted);
    await tick();
    expect(first.delivery).toEqual(accepted);
    consume(large());
    expect(next.taken).toHaveLength(2);
  });

  test("is idle when nothing is held or in flight in it or behind it, and one batch processor waits for another without spinning", async () => {
    const { next, processor } = given({ eager: false, timeout: "200ms" });
    const before = batchProcessor.create(
      batchProcessor.schema.parse({ timeout: "10m" }),
      sharingHost("batch/before"),
      processor,
    );
    expect(processor.whenIdle()).toBeUndefined();
    void before.consume(request("a"), never);
    expect(processor.whenIdle()).toBeDefined();
    const second = before.consume(request("b"), never);
    await vi.advanceTimersByTimeAsync(200);
    await vi.advanceTimersByTimeAsync(200);
    expect(await second).toEqual(accepted);
    expect(next.taken.map(({ batch }) => spansOf(batch))).toEqual([["a"], ["b"]]);
    expect(processor.whenIdle()).toBeUndefined();
    await before.stop(never);
  });

  test("sends what it holds when it is stopped, waits for the answers, and takes no more", async () => {
    const { next, processor, consume } = given({ timeout: "10m" });
    next.answers(undefined);
    const told = [consume(request("a")), consume(request("b"))];
    let isStopped = false;
    void processor.stop(never).then(() => (isStopped = true));
    expect(next.taken).toHaveLength(2);
    expect(await processor.consume(request("c"), never)).toMatchObject({ status: "retry" });
    next.taken[0]?.answer(accepted);
    await tick();
    expect(isStopped).toBe(false);
    next.taken[1]?.answer(accepted);
    await tick();
    expect(isStopped).toBe(true);
    expect(told.map(({ delivery }) => delivery)).toEqual([accepted, accepted]);
    expect(vi.getTimerCount()).toBe(0);
    await processor.stop(never);
  });

  test("tells those behind it when there is no time left", async () => {
    const { next, processor, consume } = given();
    next.answers(undefined);
    consume(request("a"));
    const limit = new AbortController();
    const stopping = processor.stop(limit.signal);
    expect(next.taken[0]?.signal.aborted).toBe(false);
    limit.abort();
    expect(next.taken[0]?.signal.aborted).toBe(true);
    next.taken[0]?.answer(retry);
    await stopping;
  });
});

describe("batch, eager: false", () => {
  test("answers on receipt and sends after its timeout, as the Collector does", async () => {
    const { next, consume } = given({ eager: false });
    const told = [consume({ ...request("a"), deadline: 123 }), consume(request("b"))];
    await tick();
    expect(told.map(({ delivery }) => delivery)).toEqual([accepted, accepted]);
    expect(next.taken).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(200);
    expect(next.taken.map(({ batch }) => spansOf(batch))).toEqual([["a", "b"]]);
  });

  test("sends for a caller who has hung up, without his deadline: he was told that it is accepted", async () => {
    const { next, consume } = given({ eager: false });
    const caller = new AbortController();
    consume({ ...request("a"), deadline: 123 }, caller.signal);
    await tick();
    caller.abort();
    await vi.advanceTimersByTimeAsync(200);
    expect(next.taken).toHaveLength(1);
    expect(next.taken[0]?.batch).not.toHaveProperty("deadline");
  });

  test.each([
    { delivery: refused, reason: "rejected", items: 3 },
    { delivery: retry, reason: "retry", items: 3 },
    { delivery: { ...refused, items: 2 }, reason: "rejected", items: 2 },
  ])(
    "counts and says what is lost after it was acknowledged: $reason of $items items",
    async ({ delivery, reason, items }) => {
      const { next, consume, host } = given({ eager: false });
      next.answers(() => delivery);
      consume(request("a", "b"));
      consume(request("c"));
      await vi.advanceTimersByTimeAsync(200);
      expect(host.metric("podstamp_dropped_items", { component: "batch", otel_signal: "traces", reason })).toBe(items);
      expect(host.logged.map(({ level }) => level)).toContain("error");
    },
  );

  test("counts the lost parts of requests that were merged before", async () => {
    const { next, consume, host } = given({ eager: false });
    const { length } = request("a").bytes;
    consume({
      ...request("a"),
      items: 5,
      parts: [
        { end: 3, items: 4 },
        { end: length, items: 1 },
      ],
    });
    next.answers(() => ({ status: "parts", parts: [refused, accepted] }));
    await vi.advanceTimersByTimeAsync(200);
    expect(
      host.metric("podstamp_dropped_items", { component: "batch", otel_signal: "traces", reason: "rejected" }),
    ).toBe(4);
  });
});
