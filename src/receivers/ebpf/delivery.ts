import { pause } from "../../containers/following/wait.ts";
import { shapes } from "../../otlp/signals.ts";
import type { Signal } from "../../otlp/signals.ts";
import type { Batch, Consumer, Delivery, Host } from "../../pipeline/contract.ts";

export type DeliveryOptions = {
  readonly host: Host;
  readonly signal: Signal;
  readonly consumer: Consumer;
  /** Bytes that are on their way, or wait to be sent again, at most. */
  readonly maxBytes: number;
};

/** Passes requests on: nobody waits for the answer, so that what is to be sent again is sent again from here. */
export type Sending = {
  /** Takes a request; false, and it is counted as refused, when too much is on its way already. */
  send(request: { readonly bytes: Buffer; readonly items: number }): boolean;
  /** Bytes that have not been answered yet. */
  bytes(): number;
  /** Waits until all is answered, or `signal` is aborted; what is left then is lost and counted. */
  stop(signal: AbortSignal): Promise<void>;
};

const firstPauseMs = 250;
const longestPauseMs = 5000;

export function createSending({ host, signal, consumer, maxBytes }: DeliveryOptions): Sending {
  const { items: noun } = shapes[signal];
  const labels = { receiver: host.id, transport: "ebpf" };
  const accepted = host.metrics.counter(`otelcol_receiver_accepted_${noun}`, labels);
  const refused = host.metrics.counter(`otelcol_receiver_refused_${noun}`, labels);
  const stopping = new AbortController();
  const cutting = new AbortController();
  const underway = new Set<Promise<void>>();
  let bytes = 0;

  const deliver = async (batch: Batch): Promise<void> => {
    let pauseMs = firstPauseMs;
    for (;;) {
      const delivery = await consumer.consume(batch, cutting.signal);
      const taken = takenOf(delivery, batch.items);
      if (taken !== undefined) {
        accepted.add(taken);
        refused.add(batch.items - taken);
        return;
      }
      // Once it is to stop, there is one more attempt at once and no other.
      if (cutting.signal.aborted || stopping.signal.aborted) return refused.add(batch.items);
      await pause(delivery.status === "retry" ? (delivery.afterMs ?? pauseMs) : pauseMs, stopping.signal);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  };

  return {
    send({ bytes: content, items }) {
      if (bytes + content.length > maxBytes || stopping.signal.aborted) {
        refused.add(items);
        return false;
      }
      bytes += content.length;
      const sending: Promise<void> = deliver({ signal, bytes: content, items }).finally(() => {
        bytes -= content.length;
        underway.delete(sending);
      });
      underway.add(sending);
      return true;
    },
    bytes: () => bytes,
    async stop(limit) {
      stopping.abort();
      const cut = () => cutting.abort();
      limit.addEventListener("abort", cut, { once: true });
      if (limit.aborted) cut();
      await Promise.all(underway);
      limit.removeEventListener("abort", cut);
    },
  };
}

/** How many items were taken for good or refused for good; undefined when it is to be sent again. */
function takenOf(delivery: Delivery, items: number): number | undefined {
  switch (delivery.status) {
    case "accepted":
      return items;
    case "retry":
      return undefined;
    case "rejected":
      return items - Math.min(delivery.items ?? items, items);
    case "parts":
      // One request is one part.
      return delivery.parts[0] === undefined ? items : takenOf(delivery.parts[0], items);
  }
}
