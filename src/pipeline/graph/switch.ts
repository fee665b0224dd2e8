import type { Batch, Consumer, Delivery } from "../contract.ts";
import { createIdle } from "../idle.ts";
import type { CancelSignal } from "../../otlp/cancel.ts";

/** A consumer whose target can be changed while batches come: who comes in between waits for the new one. */
export type Switch = Consumer & {
  /** From now on batches wait; resolves when those that are on their way were answered, or when `signal` is aborted. */
  hold(signal: AbortSignal): Promise<void>;
  /** Where batches go from now on; those that wait go there too. */
  lead(target: Consumer): void;
};

/** The answer about what came while the configuration changed and is not taken: to its sender, if that is still there, not the end. */
export const unwanted: Delivery = {
  status: "retry",
  cause: new Error("The configuration changed while this was on its way"),
};

/** A switch on hold: it leads nowhere yet. */
export function createSwitch(): Switch {
  const underWay = createIdle();
  let target: Consumer | undefined;
  let held = Promise.withResolvers<Consumer>();

  const leave = (delivery: Delivery): Delivery => {
    underWay.leave();
    return delivery;
  };
  const pass = (to: Consumer, batch: Batch, signal: CancelSignal): Promise<Delivery> => {
    underWay.enter();
    return to.consume(batch, signal).then(leave);
  };

  return {
    consume(batch, signal) {
      if (target !== undefined) return pass(target, batch, signal);
      return held.promise.then((to) => (signal.aborted ? unwanted : pass(to, batch, signal)));
    },
    whenIdle: () => (target === undefined ? held.promise.then(() => {}) : target.whenIdle()),
    async hold(signal) {
      target = undefined;
      await Promise.race([underWay.whenIdle(), aborted(signal)]);
    },
    lead(to) {
      target = to;
      held.resolve(to);
      held = Promise.withResolvers();
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
