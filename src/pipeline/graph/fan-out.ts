import type { Batch, Consumer, Delivery, Part } from "../contract.ts";
import { accepted } from "../contract.ts";
import { createPartlyTaken } from "./partly-taken.ts";
import type { LastWords, PartlyTaken } from "./partly-taken.ts";
import { whole } from "../../otlp/rope/rope.ts";
import type { CancelSignal } from "../../otlp/cancel.ts";

/**
 * One consumer for many: every branch gets the batch, also when another one fails (its bytes are never changed, so nothing
 * is copied). Any retry makes the whole a retry, else any rejection makes it rejected. When the sender comes again with the
 * same request, only the branches that did not have it get it. Idle as soon as one branch is, so that a dead exporter does
 * not slow the others.
 */
export function fanOut(branches: readonly Consumer[]): Consumer {
  const [only] = branches;
  if (only !== undefined && branches.length === 1) return only;
  const partlyTaken = createPartlyTaken();
  return {
    async consume(batch, signal) {
      const known = recallAll(partlyTaken, batch);
      const deliveries = await Promise.all(
        branches.map((branch, index) =>
          known === undefined
            ? branch.consume(batch, signal)
            : consumeRest(branch, { batch, answers: known.map((words) => words?.[index]) }, signal),
        ),
      );
      if (deliveries.some(({ status }) => status === "retry" || status === "parts"))
        rememberAll(partlyTaken, batch, deliveries);
      return combine(batch, deliveries);
    },
    whenIdle: () => {
      const waits = branches.map((branch) => branch.whenIdle()).filter((wait) => wait !== undefined);
      return waits.length < branches.length || waits.length === 0 ? undefined : Promise.race(waits);
    },
  };
}

type Request = { readonly bytes: Uint8Array; readonly items: number };

/** The requests that a batch is made of; one that was not merged is one. */
function requestsOf({ bytes, items, parts }: Batch): readonly Request[] {
  return parts === undefined
    ? [{ bytes: whole(bytes), items }]
    : parts.map((part, index) => ({
        bytes: whole(bytes).subarray(index === 0 ? 0 : (parts[index - 1]?.end ?? 0), part.end),
        items: part.items,
      }));
}

/** What is remembered of each request of a batch; undefined when it is nothing. */
function recallAll(partlyTaken: PartlyTaken, batch: Batch): readonly (LastWords | undefined)[] | undefined {
  if (partlyTaken.size === 0) return undefined;
  const known = requestsOf(batch).map(({ bytes }) => partlyTaken.recall(bytes));
  return known.some((words) => words !== undefined) ? known : undefined;
}

/** Where some branches had their last word and others want to be asked again: that is what must not be forgotten. */
function rememberAll(partlyTaken: PartlyTaken, batch: Batch, deliveries: readonly Delivery[]): void {
  for (const [index, { bytes }] of requestsOf(batch).entries()) {
    const words = deliveries.map((delivery) => lastWord(batch, delivery, index));
    const open = words.filter((word) => word === undefined).length;
    if (open > 0 && open < words.length) partlyTaken.remember(bytes, words);
  }
}

function lastWord(batch: Batch, delivery: Delivery, index: number): Delivery | undefined {
  const own = partOf(delivery, index);
  if (own.status === "retry") return undefined;
  // Some items of a merged batch were refused, and nobody knows of which request: that was counted, and is said to none.
  const isOfAll = batch.parts !== undefined && own === delivery && own.status === "rejected" && own.items !== undefined;
  return isOfAll ? accepted : own;
}

type Rest = {
  readonly batch: Batch;
  /** What the branch has said of each request already. */
  readonly answers: LastWords;
};

/** Gives a branch what it has not answered for; the delivery speaks of the whole batch. */
async function consumeRest(branch: Consumer, { batch, answers }: Rest, signal: CancelSignal): Promise<Delivery> {
  const requests = requestsOf(batch);
  const open = requests.filter((_, index) => answers[index] === undefined);
  const delivery =
    open.length === 0
      ? accepted
      : await branch.consume(open.length === requests.length ? batch : without(batch, open), signal);
  let at = 0;
  const parts = answers.map((answer) => answer ?? partOf(delivery, at++));
  return batch.parts === undefined ? (parts[0] ?? delivery) : { status: "parts", parts };
}

/** The batch made of some of its requests. */
function without({ signal, deadline }: Batch, requests: readonly Request[]): Batch {
  let end = 0;
  const parts: readonly Part[] = requests.map(({ bytes, items }) => ({ end: (end += bytes.length), items }));
  return {
    signal,
    bytes: Buffer.concat(requests.map(({ bytes }) => bytes)),
    items: requests.reduce((sum, { items }) => sum + items, 0),
    ...(parts.length > 1 ? { parts } : {}),
    ...(deadline === undefined ? {} : { deadline }),
  };
}

function combine(batch: Batch, deliveries: readonly Delivery[]): Delivery {
  const parts = batch.parts;
  if (parts === undefined || deliveries.every((delivery) => delivery.status !== "parts")) return worst(deliveries);
  return {
    status: "parts",
    parts: parts.map((_, index) => worst(deliveries.map((delivery) => partOf(delivery, index)))),
  };
}

/** What a delivery says about one part of the batch. */
function partOf(delivery: Delivery, index: number): Delivery {
  return delivery.status === "parts" ? (delivery.parts[index] ?? accepted) : delivery;
}

function worst(deliveries: readonly Delivery[]): Delivery {
  let result: Delivery = accepted;
  for (const delivery of deliveries) {
    switch (delivery.status) {
      case "accepted":
        break;
      case "retry":
        result = result.status === "retry" ? laterRetry(result, delivery) : delivery;
        break;
      case "rejected":
        if (result.status === "accepted") result = delivery;
        break;
      case "parts":
        result = worst([result, worst(delivery.parts)]);
        break;
    }
  }
  return result;
}

type Retry = Extract<Delivery, { status: "retry" }>;

function laterRetry(one: Retry, other: Retry): Retry {
  return (other.afterMs ?? 0) > (one.afterMs ?? 0) ? other : one;
}
