import { describe, expect, test } from "vitest";
import { StatusError } from "../../src/net/status.ts";
import type { Batch, Consumer, Delivery } from "../../src/pipeline/contract.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import { fanOut } from "../../src/pipeline/graph/fan-out.ts";

const never = new AbortController().signal;
const batch: Batch = { signal: "logs", bytes: Uint8Array.of(1, 2), items: 4 };
const merged: Batch = {
  ...batch,
  parts: [
    { end: 1, items: 1 },
    { end: 2, items: 3 },
  ],
};
const down = new StatusError({ code: 14, message: "down" });
const retry: Delivery = { status: "retry", cause: down };
const rejected: Delivery = { status: "rejected", cause: new Error("bad") };

function branch(delivery: Delivery, idle?: Promise<void>): Consumer & { readonly seen: Batch[] } {
  const seen: Batch[] = [];
  return {
    seen,
    consume: async (given) => {
      seen.push(given);
      return delivery;
    },
    whenIdle: () => idle,
  };
}

describe("what a fan-out answers", () => {
  test.each([
    ["all accepted", [accepted, accepted], accepted],
    ["one retry", [accepted, retry, rejected], retry],
    ["one rejection and no retry", [accepted, rejected], rejected],
  ])("%s", async (_, answers, expected) => {
    expect(await fanOut(answers.map((answer) => branch(answer))).consume(batch, never)).toEqual(expected);
  });

  test("every branch gets the same batch, also behind one that fails", async () => {
    const branches = [branch(rejected), branch(retry), branch(accepted)];
    await fanOut(branches).consume(batch, never);
    expect(branches.map(({ seen }) => seen)).toEqual([[batch], [batch], [batch]]);
    expect(branches[2]?.seen[0]).toBe(batch);
  });

  test("of two retries the longer wait counts", async () => {
    const answer = await fanOut([
      branch({ ...retry, afterMs: 100 }),
      branch({ ...retry, afterMs: 900 }),
      branch(retry),
    ]).consume(batch, never);
    expect(answer).toMatchObject({ status: "retry", afterMs: 900 });
  });

  test("answers for each part of a merged batch are joined part by part", async () => {
    const answer = await fanOut([
      branch({ status: "parts", parts: [accepted, rejected] }),
      branch(accepted),
      branch({ status: "parts", parts: [retry, accepted] }),
    ]).consume(merged, never);
    expect(answer).toEqual({ status: "parts", parts: [retry, rejected] });
  });

  test("one branch alone is that branch", () => {
    const only = branch(accepted);
    expect(fanOut([only])).toBe(only);
  });
});

describe("when a fan-out is idle", () => {
  const busyForEver = () => new Promise<void>(() => {});

  test("as soon as one branch is", () => {
    expect(fanOut([branch(accepted, busyForEver()), branch(accepted)]).whenIdle()).toBeUndefined();
  });

  test("while all are busy it waits for the first of them, so a dead exporter does not slow the others", async () => {
    await expect(
      fanOut([branch(accepted, busyForEver()), branch(accepted, Promise.resolve())]).whenIdle(),
    ).resolves.toBeUndefined();
  });
});
