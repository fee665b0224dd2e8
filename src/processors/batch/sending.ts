import { merge } from "../../otlp/parting/merge.ts";
import { split } from "../../otlp/parting/split.ts";
import { accepted } from "../../pipeline/contract.ts";
import type { Batch, Consumer, Delivery, Part } from "../../pipeline/contract.ts";
import type { Counter, Histogram } from "../../telemetry/metrics.ts";
import { whole } from "../../otlp/rope/rope.ts";
import { Cancellation } from "../../otlp/cancel.ts";
import type { CancelSignal } from "../../otlp/cancel.ts";

/** A request that waits for its batch, and the one who waits for its answer. */
export type Held = {
  readonly batch: Batch;
  readonly signal: CancelSignal;
  /** Answers once; a second answer is not heard. */
  readonly answer: (delivery: Delivery) => void;
};

/** What is said to a caller who has hung up. */
export const hungUp: Delivery = {
  status: "retry",
  cause: new Error("The caller hung up before its batch was sent"),
};

type SendingOptions = {
  readonly next: Consumer;
  readonly maxSize: number;
  /** Aborted when there is no time left. */
  readonly cutting: CancelSignal;
  /** Counts requests that are sent again alone. */
  readonly splits: Counter;
  /** Hear of each batch that the next hop took. */
  readonly items: Histogram;
  readonly bytes: Histogram;
};

/** Sends requests as one batch and gives each of them its answer. Never rejects. */
export function createSending({ next, maxSize, cutting, splits, items, bytes }: SendingOptions) {
  const note = (batch: Pick<Batch, "items" | "bytes">, delivery: Delivery): void => {
    if (delivery.status === "retry" || (delivery.status === "rejected" && delivery.items === undefined)) return;
    items.record(batch.items);
    bytes.record(batch.bytes.length);
  };

  /** One request as it came, or in pieces when it is larger than a batch may be. */
  const sendOne = async (batch: Batch, signal: CancelSignal): Promise<Delivery> => {
    if (maxSize === 0 || batch.items <= maxSize || batch.parts !== undefined) {
      const delivery = await next.consume(batch, signal);
      note(batch, delivery);
      return delivery;
    }
    let worst: Delivery = accepted;
    let rejected = 0;
    for (const piece of split(batch.signal, whole(batch.bytes), maxSize)) {
      const delivery = await next.consume({ ...batch, ...piece }, signal);
      note(piece, delivery);
      // What is left of a request whose piece must come again comes again with it.
      if (delivery.status === "retry") return delivery;
      if (delivery.status !== "rejected") continue;
      rejected += delivery.items ?? piece.items;
      worst = { ...delivery, items: rejected };
    }
    return worst;
  };

  return async (group: readonly Held[]): Promise<void> => {
    const waiting = group.filter(({ signal }) => !signal.aborted);
    for (const { signal, answer } of group) if (signal.aborted) answer(hungUp);
    const [first] = waiting;
    if (first === undefined) return;
    const attended = whileAttended(waiting, cutting);
    try {
      if (waiting.length === 1) return first.answer(await sendOne(first.batch, attended.signal));
      const merged = mergeAll(waiting.map(({ batch }) => batch));
      const delivery = await next.consume(merged, attended.signal);
      note(merged, delivery);
      switch (delivery.status) {
        case "accepted":
        case "retry":
          for (const { answer } of waiting) answer(delivery);
          return;
        case "parts":
          return answerParts(waiting, delivery.parts);
        case "rejected":
          if (delivery.items !== undefined) return answerShares(waiting, delivery.cause, delivery.items);
          // One of them may have spoilt it for the others: each gets an answer of its own.
          splits.add(waiting.length);
          for (const { batch, answer } of waiting) answer(await sendOne(batch, attended.signal));
      }
    } finally {
      attended.end();
    }
  };
}

/** A signal that is aborted when the last of those who wait has hung up, or with `cutting`. */
function whileAttended(waiting: readonly Held[], cutting: CancelSignal): { signal: CancelSignal; end: () => void } {
  const ending = new Cancellation();
  const callers = new Set(waiting.map(({ signal }) => signal));
  const cut = () => ending.abort();
  let left = callers.size;
  const hangUp = () => {
    if (--left === 0) cut();
  };
  for (const caller of callers) caller.addEventListener("abort", hangUp, { once: true });
  cutting.addEventListener("abort", cut, { once: true });
  if (cutting.aborted) cut();
  const end = () => {
    for (const caller of callers) caller.removeEventListener("abort", hangUp);
    cutting.removeEventListener("abort", cut);
  };
  return { signal: ending, end };
}

/** The destination took all but some items of a batch and does not say which: the requests share them in their order. */
function answerShares(waiting: readonly Held[], cause: Error, rejected: number): void {
  let left = rejected;
  for (const { batch, answer } of waiting) {
    const items = Math.min(batch.items, left);
    left -= items;
    answer(items === 0 ? accepted : { status: "rejected", cause, items });
  }
}

/** Requests in the order of their arrival, together while they are no more than `maxItems` (0: all together). */
export function groups(held: readonly Held[], maxItems: number): readonly (readonly Held[])[] {
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
    for (const part of batch.parts ?? [{ end: batch.bytes.length, items: batch.items }])
      parts.push({ end: end + part.end, items: part.items });
    end += batch.bytes.length;
    items += batch.items;
  }
  return {
    signal: batches[0]?.signal ?? "traces",
    bytes: merge(batches.map((batch) => batch.bytes)),
    items,
    parts,
  };
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
