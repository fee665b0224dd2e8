import type { Spans, Step, StepOutcome } from "../telemetry/spans.ts";
import type { Batch, Consumer, Delivery } from "./contract.ts";
import type { Push } from "./retry.ts";

type What = Pick<Step, "name" | "kind"> & { readonly id: string };

/** The consumer, with a span around each batch; the consumer itself when there are none, so that they cost nothing. */
export function traced(consumer: Consumer, spans: Spans | undefined, what: What): Consumer {
  if (spans === undefined) return consumer;
  return { consume: tracedPush(consumer.consume, spans, what), whenIdle: () => consumer.whenIdle() };
}

/** The push, with a span around each batch. */
export function tracedPush(push: Push, spans: Spans | undefined, { name, kind, id }: What): Push {
  if (spans === undefined) return push;
  return (batch, signal) =>
    spans.around(
      { name, kind, parent: batch.span, attributes: { "otelcol.component.id": id, ...factsOf(batch) } },
      (span) => push({ ...batch, span }, signal),
      outcomeOf,
    );
}

function factsOf({ signal, items, bytes, parts }: Batch): Readonly<Record<string, string | number>> {
  return {
    "otelcol.signal": signal,
    "podstamp.items": items,
    "podstamp.bytes": bytes.length,
    "podstamp.requests": parts?.length ?? 1,
  };
}

function outcomeOf(delivery: Delivery): StepOutcome {
  switch (delivery.status) {
    case "accepted":
      return { name: "accepted" };
    case "retry":
    case "rejected":
      return { name: delivery.status, error: delivery.cause.message };
    case "parts": {
      const bad = delivery.parts.map(outcomeOf).find(({ error }) => error !== undefined);
      return { name: "parts", ...(bad?.error === undefined ? {} : { error: bad.error }) };
    }
  }
}
