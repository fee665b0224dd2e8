import type { Batch, Consumer, Delivery } from "./contract.ts";
import { accepted } from "./contract.ts";

/**
 * One consumer for many: every branch gets the batch, also when another one fails (its bytes are never changed, so nothing
 * is copied). Any retry makes the whole a retry, else any rejection makes it rejected; idle as soon as one branch is, so
 * that a dead exporter does not slow the others.
 */
export function fanOut(branches: readonly Consumer[]): Consumer {
  const [only] = branches;
  if (only !== undefined && branches.length === 1) return only;
  return {
    consume: async (batch, signal) =>
      combine(batch, await Promise.all(branches.map((branch) => branch.consume(batch, signal)))),
    whenIdle: () => {
      const waits = branches.map((branch) => branch.whenIdle()).filter((wait) => wait !== undefined);
      return waits.length < branches.length || waits.length === 0 ? undefined : Promise.race(waits);
    },
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
