import type { Counter } from "../../telemetry/metrics.ts";
import type { Consumer } from "../contract.ts";

/** The consumer, with the items of every batch given to it counted. */
export function counted(consumer: Consumer, items: Counter): Consumer {
  return {
    consume: (batch, signal) => {
      items.add(batch.items);
      return consumer.consume(batch, signal);
    },
    whenIdle: () => consumer.whenIdle(),
  };
}
