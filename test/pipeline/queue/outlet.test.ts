import { describe, expect, test, vi } from "vitest";
import { accepted } from "../../../src/pipeline/contract.ts";
import type { Batch, Delivery } from "../../../src/pipeline/contract.ts";
import { gatheringOutlet } from "../../../src/pipeline/queue/outlet.ts";
import type { GatherSettings } from "../../../src/pipeline/queue/outlet.ts";
import { whole } from "../../../src/otlp/rope/rope.ts";
import { ExportTraceServiceRequest } from "../../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { traceRequest } from "../../support/otlp/sender.ts";

const never = new AbortController().signal;
const standard: GatherSettings = { consumers: 1, flushMs: 100, minSize: 10, maxSize: 0, sizer: "items" };

/** A request of spans with these names. */
function batchOf(...names: string[]): Batch {
  const bytes = ExportTraceServiceRequest.encode(traceRequest([{ records: names.map((name) => ({ name })) }])).finish();
  return { signal: "traces", bytes, items: names.length };
}

function namesOf({ bytes }: Batch): readonly string[] {
  return ExportTraceServiceRequest.decode(whole(bytes)).resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
  );
}

function given(changes: Partial<GatherSettings> = {}) {
  vi.useFakeTimers();
  const pushed: { batch: Batch; names: readonly string[]; end: (delivery: Delivery) => void }[] = [];
  const outlet = gatheringOutlet((batch) => new Promise((end) => pushed.push({ batch, names: namesOf(batch), end })), {
    ...standard,
    ...changes,
  });
  return { outlet, pushed };
}

const settled = () => vi.advanceTimersByTimeAsync(0);
const spans = (count: number, prefix = "s") => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe("an outlet that gathers", () => {
  test("sends what it has at its size, at its timeout, and at its end", async () => {
    const { outlet, pushed } = given({ consumers: 9 });
    void outlet.send(batchOf("a"), never);
    void outlet.send(batchOf(...spans(9)), never);
    await settled();
    expect(pushed[0]?.names).toEqual(["a", ...spans(9)]);
    void outlet.send(batchOf("b"), never);
    await vi.advanceTimersByTimeAsync(99);
    expect(pushed).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(pushed[1]?.names).toEqual(["b"]);
    void outlet.send(batchOf("c"), never);
    outlet.end();
    await settled();
    expect(pushed[2]?.names).toEqual(["c"]);
    void outlet.send(batchOf("d"), never);
    await settled();
    expect(pushed[3]?.names).toEqual(["d"]);
  });

  test("is free while it has not enough, however much is being sent, and not beyond", async () => {
    const { outlet, pushed } = given();
    void outlet.send(batchOf(...spans(10)), never);
    expect(outlet.isFree).toBe(true);
    void outlet.send(batchOf(...spans(10, "t")), never);
    expect(outlet.isFree).toBe(false);
    await settled();
    expect(pushed).toHaveLength(1);
    pushed[0]?.end(accepted);
    await settled();
    expect(pushed[1]?.names).toEqual(spans(10, "t"));
  });

  test("gives each batch its own answer", async () => {
    const { outlet, pushed } = given({ minSize: 3 });
    const answers = Promise.all(["a", "b", "c"].map((name) => outlet.send(batchOf(name), never)));
    await settled();
    const bad: Delivery = { status: "rejected", cause: new Error("bad") };
    pushed[0]?.end({ status: "parts", parts: [accepted, bad, accepted] });
    expect(await answers).toEqual([accepted, bad, accepted]);
  });

  test("shares a partial success among those it may be about", async () => {
    const { outlet, pushed } = given({ minSize: 4 });
    const answers = Promise.all([outlet.send(batchOf("a", "b"), never), outlet.send(batchOf("c", "d"), never)]);
    await settled();
    const cause = new Error("three were bad");
    pushed[0]?.end({ status: "rejected", cause, items: 3 });
    expect(await answers).toEqual([
      { status: "rejected", cause, items: 2 },
      { status: "rejected", cause, items: 1 },
    ]);
  });

  test.each<[string, Partial<GatherSettings>, readonly number[]]>([
    ["items", { sizer: "items", maxSize: 4, minSize: 4 }, [4, 4, 2, 3]],
    ["bytes", { sizer: "bytes", maxSize: 5 * whole(batchOf("x").bytes).length, minSize: 1 }, [10]],
  ])("sends nothing larger than its max_size in %s, and no span twice", async (_, changes, sizes) => {
    const { outlet, pushed } = given({ consumers: 100, ...changes });
    const answers = Promise.all([
      outlet.send(batchOf(...spans(10)), never),
      outlet.send(batchOf(...spans(3, "t")), never),
    ]);
    outlet.end();
    for (let i = 0; i < 20; i++) {
      await settled();
      for (const one of pushed) one.end(accepted);
    }
    expect(await answers).toEqual([accepted, accepted]);
    expect(pushed.flatMap(({ names }) => names).toSorted()).toEqual([...spans(10), ...spans(3, "t")].toSorted());
    expect(pushed.length).toBeGreaterThanOrEqual(sizes.length);
    for (const { batch } of pushed)
      expect(changes.sizer === "items" ? batch.items : whole(batch.bytes).length).toBeLessThanOrEqual(
        changes.maxSize ?? 0,
      );
  });

  test("answers a request that was cut with the worst of its pieces", async () => {
    const { outlet, pushed } = given({ maxSize: 2, minSize: 2, consumers: 1 });
    const answer = outlet.send(batchOf(...spans(5)), never);
    const bad: Delivery = { status: "rejected", cause: new Error("bad") };
    for (const [index, delivery] of [accepted, bad, accepted].entries()) {
      await settled();
      pushed[index]?.end(delivery);
    }
    expect(await answer).toEqual(bad);
  });

  test("keeps the parts of batches that were merged before", async () => {
    const { outlet, pushed } = given({ minSize: 3 });
    const [a, b, c] = ["a", "b", "c"].map((name) => batchOf(name));
    const ab = Buffer.concat([whole(a?.bytes ?? Buffer.of()), whole(b?.bytes ?? Buffer.of())]);
    const merged: Batch = {
      signal: "traces",
      bytes: ab,
      items: 2,
      parts: [
        { end: a?.bytes.length ?? 0, items: 1 },
        { end: ab.length, items: 1 },
      ],
    };
    const answers = Promise.all([outlet.send(merged, never), outlet.send(c ?? merged, never)]);
    await settled();
    expect(pushed[0]?.batch.parts).toHaveLength(3);
    const bad: Delivery = { status: "rejected", cause: new Error("bad") };
    pushed[0]?.end({ status: "parts", parts: [accepted, bad, accepted] });
    expect(await answers).toEqual([{ status: "parts", parts: [accepted, bad] }, accepted]);
  });

  test("sends profiles as they came, since each has a dictionary of its own", async () => {
    const { outlet, pushed } = given({ consumers: 5 });
    const profile: Batch = { signal: "profiles", bytes: Buffer.of(), items: 1 };
    void outlet.send(profile, never);
    await settled();
    expect(pushed.map(({ batch }) => batch)).toEqual([profile]);
  });
});
