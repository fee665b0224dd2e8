import { type Bytes, Rope } from "../../otlp/rope/rope.ts";
import type { Batch, Delivery } from "../contract.ts";
import type { CancelSignal } from "../../otlp/cancel.ts";

/** The Collector's sending_queue. */
export type QueueSettings = {
  /** In the unit of the sizer; what is being sent still counts. */
  readonly capacity: number;
  readonly sizer: Sizer;
  /** Whether a batch waits for room instead of being refused. */
  readonly blockOnOverflow: boolean;
  /** Whether a batch is answered for only when it was sent. */
  readonly waitForResult: boolean;
};

/** What sizes are counted in. */
export type Sizer = "requests" | "items" | "bytes";

export type QueueHooks = {
  /** A batch was not taken because there is no room, or never will be; `cause` says why when it is something else. */
  readonly onRefused: (batch: Batch, cause?: Error) => void;
  /**
   * A batch that was acknowledged could not be sent; `delivery` tells of the last attempt and is undefined when there was none.
   * When it returns the queue forgets the batch.
   */
  readonly onLost: (batch: Batch, delivery: Delivery | undefined) => void | Promise<void>;
};

/** A queue before an exporter's push, in memory or on disk. */
export type SendingQueue = {
  /** What it holds and sends now, in the unit of the sizer. */
  readonly size: number;
  /** Opens it; what it held before goes on. */
  start(): Promise<void>;
  /** Takes a batch; answers as soon as it is held here, or with what became of it if the queue waits for results. */
  offer(batch: Batch, signal: CancelSignal): Promise<Delivery>;
  /** Undefined when it is empty and nothing is being sent, else a promise of that moment. */
  whenIdle(): Promise<void> | undefined;
  /** Takes no more. In memory: sends what it holds until `signal` is aborted. On disk: ends what is being sent, the rest stays. */
  stop(signal: AbortSignal): Promise<void>;
  /** Takes no more, lets what is being sent end until `signal` is aborted, and gives back what was acknowledged and is nowhere else. */
  release(signal: AbortSignal): Promise<readonly Batch[]>;
};

/** Whether something of a batch may be sent again. */
export function wantsAgain(delivery: Delivery): boolean {
  return delivery.status === "retry" || (delivery.status === "parts" && delivery.parts.some(wantsAgain));
}

export const stopping: Delivery = {
  status: "retry",
  cause: new Error("The sending queue takes no more: podstamp is shutting down"),
};
export const full: Delivery = { status: "retry", cause: new Error("The sending queue is full") };

/** A batch that will never fit. */
export function tooLarge(size: number, { capacity, sizer }: QueueSettings): Delivery {
  return {
    status: "rejected",
    cause: new Error(`Cannot queue the batch: must be at most ${capacity} ${sizer} (queue_size), is ${size}`),
  };
}

/** The size of a batch. */
export function sizeOf(
  batch: { readonly items: number; readonly bytes: { readonly length: number } },
  sizer: Sizer,
): number {
  switch (sizer) {
    case "requests":
      return 1;
    case "items":
      return batch.items;
    case "bytes":
      return batch.bytes.length;
  }
}

/** Bytes that lie in a much larger buffer (a socket's read, Node's pool, a slab) would keep all of it alive while they wait: those are copied. */
export function owned(bytes: Bytes): Uint8Array {
  if (!(bytes instanceof Rope) && bytes.buffer.byteLength <= 4 * bytes.length) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  if (bytes instanceof Rope) bytes.copier().copy(own, 0, own.length);
  else own.set(bytes);
  return own;
}
