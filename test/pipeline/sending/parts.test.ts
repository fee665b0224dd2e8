import { describe, expect, test } from "vitest";
import type { Batch, Delivery } from "../../../src/pipeline/contract.ts";
import { accepted } from "../../../src/pipeline/contract.ts";
import { withParts } from "../../../src/pipeline/sending/parts.ts";
import { whole } from "../../../src/otlp/rope/rope.ts";

const refused: Delivery = { status: "rejected", cause: new Error("a bad span") };
const busy: Delivery = { status: "retry", cause: new Error("busy") };
const signal = new AbortController().signal;

/** A batch merged of these requests. */
function merged(...requests: readonly string[]): Batch {
  let end = 0;
  const parts = requests.map((request) => ({ end: (end += request.length), items: request.length }));
  return { signal: "traces", bytes: Buffer.from(requests.join("")), items: end, parts };
}

/** Sends to a destination that refuses whatever contains "!", and remembers what it was sent. */
function poisoned(
  decide: (text: string) => Delivery = (text) => (text.includes("!") ? refused : accepted),
  isWorthSplitting: (cause: Error) => boolean = () => true,
) {
  const sent: { text: string; items: number }[] = [];
  const splits: Batch[] = [];
  const push = withParts(
    async (batch) => {
      const text = Buffer.from(whole(batch.bytes)).toString();
      sent.push({ text, items: batch.items });
      return decide(text);
    },
    { isWorthSplitting, onSplit: (batch) => splits.push(batch) },
  );
  return { push, sent, splits };
}

describe("a merged batch", () => {
  test("that is taken is sent once", async () => {
    const { push, sent } = poisoned();
    expect(await push(merged("aa", "b"), signal)).toBe(accepted);
    expect(sent).toEqual([{ text: "aab", items: 3 }]);
  });

  test("with one poisonous request loses that request only", async () => {
    const { push, sent, splits } = poisoned();
    const delivery = await push(merged("aa", "b", "c!c", "d", "ee"), signal);
    expect(delivery).toEqual({ status: "parts", parts: [accepted, accepted, refused, accepted, accepted] });
    const taken = sent.filter(({ text }) => !text.includes("!"));
    expect(taken.map(({ text }) => text).join("")).toBe("aabdee");
    expect(taken.reduce((sum, { items }) => sum + items, 0)).toBe(6);
    expect(splits).toHaveLength(1);
  });

  test("of a thousand requests is not sent a thousand times for one of them", async () => {
    const { push, sent } = poisoned();
    const delivery = await push(merged(...Array.from({ length: 1000 }, (_, i) => (i === 617 ? "!" : "x"))), signal);
    expect(delivery.status === "parts" && delivery.parts.filter(({ status }) => status === "rejected")).toHaveLength(1);
    expect(sent.length).toBeLessThan(25);
  });

  test("that is refused in every part says so of every part", async () => {
    const { push } = poisoned();
    expect(await push(merged("!", "!!", "!"), signal)).toEqual({ status: "parts", parts: [refused, refused, refused] });
  });

  test("whose requests are only too much together is taken in smaller ones", async () => {
    const { push, sent } = poisoned((text) => (text.length > 4 ? refused : accepted));
    expect(await push(merged("aaa", "bb", "cc", "d"), signal)).toBe(accepted);
    expect(sent.map(({ text }) => text)).toEqual(["aaabbccd", "aaabb", "aaa", "bb", "ccd"]);
  });

  test("stops being sent when the destination can take no more", async () => {
    const { push, sent } = poisoned((text) => (text.includes("!") ? refused : busy));
    expect(await push(merged("a", "b", "c!", "d"), signal)).toEqual({
      status: "parts",
      parts: [busy, busy, busy, busy],
    });
    expect(sent.map(({ text }) => text)).toEqual(["abc!d", "ab"]);
  });

  test("is not taken apart when it is refused whatever is in it", async () => {
    const { push, sent } = poisoned(undefined, () => false);
    expect(await push(merged("a", "!"), signal)).toBe(refused);
    expect(sent).toHaveLength(1);
  });

  test("is not sent again when only some of its items were refused", async () => {
    const partly: Delivery = { status: "rejected", cause: new Error("two spans"), items: 2 };
    const { push, sent } = poisoned(() => partly);
    expect(await push(merged("a", "bc"), signal)).toBe(partly);
    expect(sent).toHaveLength(1);
  });
});

test("a single request that is refused is refused", async () => {
  const { push, sent } = poisoned();
  expect(await push({ signal: "logs", bytes: Buffer.from("!"), items: 1 }, signal)).toBe(refused);
  expect(await push(merged("!"), signal)).toBe(refused);
  expect(sent).toHaveLength(2);
});
