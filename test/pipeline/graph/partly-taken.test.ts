import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Batch, Consumer, Delivery } from "../../../src/pipeline/contract.ts";
import { accepted } from "../../../src/pipeline/contract.ts";
import { fanOut } from "../../../src/pipeline/graph/fan-out.ts";
import { createPartlyTaken } from "../../../src/pipeline/graph/partly-taken.ts";
import { whole } from "../../../src/otlp/rope/rope.ts";

const never = new AbortController().signal;
const retry: Delivery = { status: "retry", cause: new Error("the queue is full") };
const refused: Delivery = { status: "rejected", cause: new Error("bad") };
const batchOf = (text: string): Batch => ({ signal: "traces", bytes: Buffer.from(text), items: 1 });

/** One batch of several requests. */
function merged(...texts: readonly string[]): Batch {
  let end = 0;
  const parts = texts.map((text) => ({ end: (end += text.length), items: 1 }));
  return { signal: "traces", bytes: Buffer.from(texts.join("")), items: texts.length, parts };
}

type Branch = Consumer & { readonly seen: readonly string[]; answer: (batch: Batch) => Delivery };

function branch(answer: (batch: Batch) => Delivery = () => accepted): Branch {
  const seen: string[] = [];
  const made: Branch = {
    seen,
    answer,
    consume: async (batch) => {
      seen.push(Buffer.from(whole(batch.bytes)).toString());
      return made.answer(batch);
    },
    whenIdle: () => undefined,
  };
  return made;
}

describe("a request that some branches took and others not", () => {
  test("goes only to the others when its sender comes again", async () => {
    const [well, ill] = [branch(), branch(() => retry)];
    const both = fanOut([well, ill]);
    expect(await both.consume(batchOf("a"), never)).toEqual(retry);
    expect(await both.consume(batchOf("a"), never)).toEqual(retry);
    ill.answer = () => accepted;
    expect(await both.consume(batchOf("a"), never)).toEqual(accepted);
    expect(well.seen).toEqual(["a"]);
    expect(ill.seen).toEqual(["a", "a", "a"]);
  });

  test("and that is sent twice by intention arrives twice", async () => {
    const [well, ill] = [branch(), branch(() => retry)];
    const both = fanOut([well, ill]);
    await both.consume(batchOf("a"), never);
    ill.answer = () => accepted;
    for (let i = 0; i < 3; i++) expect(await both.consume(batchOf("a"), never)).toEqual(accepted);
    expect(well.seen).toEqual(["a", "a", "a"]);
    expect(ill.seen).toEqual(["a", "a", "a", "a"]);
  });

  test("is told again what a branch that refused it for good had said", async () => {
    const [strict, ill] = [branch(() => refused), branch(() => retry)];
    const both = fanOut([strict, ill]);
    expect(await both.consume(batchOf("a"), never)).toEqual(retry);
    ill.answer = () => accepted;
    expect(await both.consume(batchOf("a"), never)).toEqual(refused);
    expect(strict.seen).toEqual(["a"]);
  });

  test("is found again in a batch that was merged in another way", async () => {
    const [well, ill] = [branch(), branch(() => retry)];
    const both = fanOut([well, ill]);
    expect(await both.consume(merged("a", "bb", "ccc"), never)).toEqual(retry);
    ill.answer = () => accepted;
    expect(await both.consume(merged("new", "ccc", "a"), never)).toEqual({
      status: "parts",
      parts: [accepted, accepted, accepted],
    });
    expect(await both.consume(batchOf("bb"), never)).toEqual(accepted);
    expect(well.seen).toEqual(["abbccc", "new"]);
    expect(ill.seen).toEqual(["abbccc", "newccca", "bb"]);
  });

  test("answers part by part are put in their places", async () => {
    const ill = branch((batch) => ({
      status: "parts",
      parts: (batch.parts ?? []).map((_, index) => (index === 1 ? retry : accepted)),
    }));
    const well = branch();
    const both = fanOut([well, ill]);
    expect(await both.consume(merged("a", "b", "c"), never)).toEqual({
      status: "parts",
      parts: [accepted, retry, accepted],
    });
    ill.answer = () => accepted;
    well.answer = (batch) => ({ status: "parts", parts: (batch.parts ?? []).map(() => refused) });
    expect(await both.consume(merged("x", "b", "y"), never)).toEqual({
      status: "parts",
      parts: [refused, accepted, refused],
    });
    expect(well.seen).toEqual(["abc", "xy"]);
    expect(ill.seen).toEqual(["abc", "xby"]);
  });

  test("is not remembered when all want it again, or none", async () => {
    const branches = [branch(() => retry), branch(() => retry)];
    const both = fanOut(branches);
    await both.consume(batchOf("a"), never);
    for (const each of branches) each.answer = () => accepted;
    await both.consume(batchOf("a"), never);
    await both.consume(batchOf("a"), never);
    expect(branches.map(({ seen }) => seen.length)).toEqual([3, 3]);
  });
});

describe("what is remembered", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("is forgotten after five minutes", () => {
    const memory = createPartlyTaken();
    memory.remember(Buffer.from("a"), [accepted, undefined]);
    vi.advanceTimersByTime(4 * 60_000);
    memory.remember(Buffer.from("b"), [accepted, undefined]);
    vi.advanceTimersByTime(61_000);
    expect(memory.recall(Buffer.from("a"))).toBeUndefined();
    expect(memory.recall(Buffer.from("b"))).toEqual([accepted, undefined]);
    expect(memory.size).toBe(0);
  });

  test("is at most ten thousand requests, the newest", () => {
    const memory = createPartlyTaken();
    for (let i = 0; i < 10_050; i++) memory.remember(Buffer.from(String(i)), [accepted, undefined]);
    expect(memory.size).toBe(10_000);
    expect(memory.recall(Buffer.from("49"))).toBeUndefined();
    expect(memory.recall(Buffer.from("50"))).toEqual([accepted, undefined]);
  });
});
