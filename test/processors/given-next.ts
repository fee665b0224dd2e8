import { accepted } from "../../src/pipeline/contract.ts";
import type { Batch, Component, Consumer, Delivery } from "../../src/pipeline/contract.ts";
import { createIdle } from "../../src/pipeline/idle.ts";
import { testHost } from "../support/agent/host.ts";
import type { TestHost } from "../support/agent/host.ts";
import type { CancelSignal } from "../../src/otlp/cancel.ts";

/** A batch that the next consumer was given, to be answered. */
export type Taken = { readonly batch: Batch; readonly signal: CancelSignal; answer(delivery: Delivery): void };

/** The next consumer of a processor under test: answers as it is told, or when it is told, or when nobody waits any more. */
export type Next = Consumer & {
  /** All that came, in order. */
  readonly taken: readonly Taken[];
  /** Answers whatever comes from now on; undefined waits for each answer(). */
  answers(rule: ((batch: Batch) => Delivery) | undefined): void;
};

/** A next consumer that accepts all. */
export function givenNext(): Next {
  const taken: Taken[] = [];
  const idle = createIdle();
  let rule: ((batch: Batch) => Delivery) | undefined = () => accepted;
  return {
    taken,
    answers: (changed) => {
      rule = changed;
    },
    consume(batch, signal) {
      idle.enter();
      const { promise, resolve } = Promise.withResolvers<Delivery>();
      let isAnswered = false;
      const answer = (delivery: Delivery) => {
        if (isAnswered) return;
        isAnswered = true;
        resolve(delivery);
        idle.leave();
      };
      const letGo = () => answer({ status: "retry", cause: new Error("Nobody waits for the answer") });
      taken.push({ batch, signal, answer });
      if (rule !== undefined) answer(rule(batch));
      else if (signal.aborted) letGo();
      else signal.addEventListener("abort", letGo, { once: true });
      return promise;
    },
    whenIdle: idle.whenIdle,
  };
}

/** A host whose components share what they ask for with the same key, as in a service. */
export function sharingHost(id: string): TestHost & { readonly shared: ReadonlyMap<string, Component> } {
  const shared = new Map<string, Component>();
  const share = <T extends Component>(key: string, create: () => T): T => {
    const made = shared.get(key) ?? create();
    shared.set(key, made);
    return made as T;
  };
  return { ...testHost(id), share, shared };
}

/** Lets all promises that can go on do so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
