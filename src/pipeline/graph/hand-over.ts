import type { Logger } from "../../telemetry/log.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import type { Batch, Consumer } from "../contract.ts";
import { inTime } from "./lifecycle.ts";
import type { Named } from "./pieces.ts";

/** Data of exporters that are not in the configuration any more, or not as they were. */
export type HandOver = {
  /** Keeps what an exporter had acknowledged and not sent, for the one that takes its place. */
  keep(id: string, batches: readonly Batch[]): void;
  /** Gives all that is kept to these exporters, who take it in their own time. */
  giveTo(exporters: readonly { readonly id: string; readonly component: Consumer }[]): void;
  /** Stops an exporter that nothing takes the place of, for as long as it may take. */
  retire(exporter: Named, limitMs: number): void;
  /** Waits for all of that until `signal` is aborted; what is left then is lost, counted and told. */
  end(signal: AbortSignal): Promise<void>;
};

const againMs = 200;

/** Nothing is handed over yet. */
export function createHandOver({ log, metrics }: { readonly log: Logger; readonly metrics: Metrics }): HandOver {
  const kept: { readonly id: string; readonly batches: readonly Batch[] }[] = [];
  const underWay = new Set<Promise<unknown>>();
  const ending = new AbortController();
  const watch = (work: Promise<unknown>): void => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  };

  const lose = (id: string, batch: Batch, error: string): void => {
    const labels = { component: id, otel_signal: batch.signal, reason: "reload" };
    metrics.counter("podstamp_dropped_items", labels).add(batch.items);
    log.error({ component: id, lost_items: batch.items, error }, "Data is lost: the new exporter did not take it");
  };

  const feed = async (id: string, to: Consumer, batches: readonly Batch[]): Promise<void> => {
    for (const batch of batches) {
      for (;;) {
        const delivery = await to.consume(batch, ending.signal);
        if (delivery.status === "accepted") break;
        if (delivery.status !== "retry" || ending.signal.aborted) {
          lose(id, batch, "cause" in delivery ? delivery.cause.message : "a part of it was refused");
          break;
        }
        await sleep(againMs, ending.signal);
      }
    }
  };

  return {
    keep(id, batches) {
      if (batches.length > 0) kept.push({ id, batches });
    },
    giveTo(exporters) {
      for (const { id, batches } of kept.splice(0)) {
        const to = exporters.find((one) => one.id === id)?.component;
        if (to === undefined) for (const batch of batches) lose(id, batch, "there is none");
        else watch(feed(id, to, batches));
      }
    },
    retire({ name, component }, limitMs) {
      const timeout = AbortSignal.timeout(limitMs);
      const signal = AbortSignal.any([timeout, ending.signal]);
      watch(inTime(name, { signal, log }, () => component.stop(signal)));
    },
    async end(signal) {
      const cut = (): void => ending.abort();
      if (signal.aborted) cut();
      signal.addEventListener("abort", cut, { once: true });
      await Promise.all(underWay);
      signal.removeEventListener("abort", cut);
    },
  };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    if (signal.aborted) finish();
    else signal.addEventListener("abort", finish, { once: true });
  });
}
