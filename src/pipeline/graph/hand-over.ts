import type { Logger } from "../../telemetry/log.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import type { Batch, Consumer } from "../contract.ts";
import { inTime } from "./lifecycle.ts";
import type { Named } from "./pieces.ts";

/** Data of exporters that are not in the configuration any more, or not as they were. */
export type HandOver = {
  /** Keeps what an exporter had acknowledged and not sent, for the one that takes its place. */
  keep(id: string, batches: readonly Batch[]): void;
  /** What an exporter that is replaced too has not taken yet of what was being given to it. */
  takeBack(id: string): Promise<readonly Batch[]>;
  /** Gives all that is kept to these exporters, who take it in their own time. */
  giveTo(exporters: readonly { readonly id: string; readonly component: Consumer }[]): void;
  /** Stops an exporter that nothing takes the place of, for as long as it may take. */
  retire(exporter: Named, limitMs: number): void;
  /** Waits for all of that until `signal` is aborted; what is left then is lost, counted and told. */
  end(signal: AbortSignal): Promise<void>;
};

/** Batches on their way to an exporter; of them `left` are not taken yet. */
type Feed = {
  readonly id: string;
  readonly left: Batch[];
  readonly takenBack: AbortController;
  readonly done: Promise<void>;
};

const againMs = 200;

/** Nothing is handed over yet. */
export function createHandOver({ log, metrics }: { readonly log: Logger; readonly metrics: Metrics }): HandOver {
  const kept: { readonly id: string; readonly batches: readonly Batch[] }[] = [];
  const underWay = new Set<Promise<unknown>>();
  const feeds = new Set<Feed>();
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

  const giveAll = async (to: Consumer, { id, left, takenBack }: Omit<Feed, "done">): Promise<void> => {
    const signal = AbortSignal.any([ending.signal, takenBack.signal]);
    for (let batch = left[0]; batch !== undefined; batch = left[0]) {
      const delivery = await to.consume(batch, signal);
      if (delivery.status !== "accepted") {
        if (takenBack.signal.aborted) return;
        if (delivery.status === "retry" && !ending.signal.aborted) {
          await sleep(againMs, signal);
          if (takenBack.signal.aborted) return;
          continue;
        }
        lose(id, batch, "cause" in delivery ? delivery.cause.message : "a part of it was refused");
      }
      left.shift();
    }
  };

  const feed = (id: string, to: Consumer, batches: readonly Batch[]): void => {
    const begun = { id, left: [...batches], takenBack: new AbortController() };
    const one: Feed = { ...begun, done: giveAll(to, begun) };
    feeds.add(one);
    watch(one.done.finally(() => feeds.delete(one)));
  };

  return {
    keep(id, batches) {
      if (batches.length > 0) kept.push({ id, batches });
    },
    async takeBack(id) {
      const own = [...feeds].filter((one) => one.id === id);
      for (const { takenBack } of own) takenBack.abort();
      await Promise.all(own.map(({ done }) => done));
      return own.flatMap(({ left }) => left);
    },
    giveTo(exporters) {
      for (const { id, batches } of kept.splice(0)) {
        const to = exporters.find((one) => one.id === id)?.component;
        if (to === undefined) for (const batch of batches) lose(id, batch, "there is none");
        else feed(id, to, batches);
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
      for (const { id, batches } of kept.splice(0)) for (const batch of batches) lose(id, batch, "there is none");
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
