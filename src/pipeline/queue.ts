import { accepted } from "./contract.ts";
import type { Batch, Delivery } from "./contract.ts";
import { createIdle } from "./idle.ts";
import type { Push } from "./retry.ts";
import { whole } from "../otlp/rope.ts";

/** The Collector's sending_queue. */
export type QueueSettings = {
  readonly consumers: number;
  /** In the unit of the sizer; what is being sent still counts. */
  readonly capacity: number;
  readonly sizer: "requests" | "items" | "bytes";
  /** Whether a batch waits for room instead of being refused. */
  readonly blockOnOverflow: boolean;
  /** Whether a batch is answered for only when it was sent. */
  readonly waitForResult: boolean;
};

export type QueueHooks = {
  /** A batch was not taken because there is no room, or never will be. */
  readonly onRefused: (batch: Batch) => void;
  /** A batch that was acknowledged could not be sent; `delivery` tells of the last attempt and is undefined when there was none. */
  readonly onLost: (batch: Batch, delivery: Delivery | undefined) => void;
};

type Entry = {
  readonly batch: Batch;
  readonly size: number;
  readonly settle: ((delivery: Delivery) => void) | undefined;
};
type Blocked = { readonly size: number; readonly answer: (hasRoom: boolean) => void };

/** Batches that may wait for room at a time. */
const maxBlocked = 10_000;

const stopping: Delivery = {
  status: "retry",
  cause: new Error("The sending queue takes no more: podstamp is shutting down"),
};
const full: Delivery = { status: "retry", cause: new Error("The sending queue is full") };
const unwanted: Delivery = { status: "retry", cause: new Error("The sender gave up before its data was sent") };

/** A bounded queue in memory before a push, with consumers that push at the same time. */
export class Queue {
  readonly #push: Push;
  readonly #settings: QueueSettings;
  readonly #hooks: QueueHooks;
  readonly #idle = createIdle();
  readonly #cut = new AbortController();
  readonly #blocked = new Set<Blocked>();
  /** In order of arrival. */
  readonly #entries = new Set<Entry>();
  #used = 0;
  #sending = 0;
  #isStopped = false;

  constructor(push: Push, settings: QueueSettings, hooks: QueueHooks) {
    this.#push = push;
    this.#settings = settings;
    this.#hooks = hooks;
  }

  /** What it holds and sends now, in the unit of the sizer. */
  get size(): number {
    return this.#used;
  }

  /** Undefined when it is empty and nothing is being sent, else a promise of that moment. */
  whenIdle(): Promise<void> | undefined {
    return this.#idle.whenIdle();
  }

  /** Takes a batch; answers as soon as it is held here, or with what became of it if the queue waits for results. */
  async offer(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const size = sizeOf(batch, this.#settings.sizer);
    const { capacity, blockOnOverflow, sizer } = this.#settings;
    if (this.#isStopped) return stopping;
    if (size > capacity) {
      this.#hooks.onRefused(batch);
      return {
        status: "rejected",
        cause: new Error(`Cannot queue the batch: must be at most ${capacity} ${sizer} (queue_size), is ${size}`),
      };
    }
    const hasRoom = this.#blocked.size === 0 && this.#used + size <= capacity;
    if (hasRoom) this.#reserve(size);
    else if (!blockOnOverflow || this.#blocked.size >= maxBlocked || !(await this.#room(size, signal))) {
      this.#hooks.onRefused(batch);
      return this.#isStopped ? stopping : full;
    }
    return this.#settings.waitForResult ? this.#holdAndWait(batch, size, signal) : this.#hold(batch, size);
  }

  /** Takes no more and sends what it holds until `signal` is aborted; what is left then is lost. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#isStopped = true;
    for (const waiter of this.#blocked) waiter.answer(false);
    const cut = (): void => {
      for (const entry of this.#entries) {
        this.#entries.delete(entry);
        this.#finish(entry, undefined);
      }
      this.#cut.abort();
    };
    if (signal.aborted) cut();
    signal.addEventListener("abort", cut, { once: true });
    await this.whenIdle();
    signal.removeEventListener("abort", cut);
  }

  #hold(batch: Batch, size: number): Delivery {
    // The sender's deadline ends with its acknowledgement.
    const { deadline: _, ...rest } = batch;
    const isSentAtOnce = this.#sending < this.#settings.consumers && this.#entries.size === 0;
    const bytes = isSentAtOnce ? batch.bytes : owned(whole(batch.bytes));
    this.#entries.add({ batch: { ...rest, bytes }, size, settle: undefined });
    this.#pump();
    return accepted;
  }

  #holdAndWait(batch: Batch, size: number, signal: AbortSignal): Promise<Delivery> {
    return new Promise((resolve) => {
      const leave = (): void => {
        // When it is being sent already the answer comes from there.
        if (this.#entries.delete(entry)) this.#finish(entry, unwanted);
      };
      const settle = (delivery: Delivery): void => {
        signal.removeEventListener("abort", leave);
        resolve(delivery);
      };
      const entry: Entry = { batch, size, settle };
      signal.addEventListener("abort", leave, { once: true });
      this.#entries.add(entry);
      this.#pump();
    });
  }

  #pump(): void {
    for (const entry of this.#entries) {
      if (this.#sending >= this.#settings.consumers) return;
      this.#entries.delete(entry);
      this.#sending++;
      void this.#send(entry);
    }
  }

  async #send(entry: Entry): Promise<void> {
    const delivery = await this.#push(entry.batch, this.#cut.signal);
    this.#sending--;
    this.#finish(entry, delivery);
    this.#pump();
  }

  /** Says what became of an entry and gives its room away. Without a delivery there was no attempt. */
  #finish(entry: Entry, delivery: Delivery | undefined): void {
    if (entry.settle !== undefined) entry.settle(delivery ?? stopping);
    else if (delivery?.status !== "accepted") this.#hooks.onLost(entry.batch, delivery);
    this.#used -= entry.size;
    this.#idle.leave();
    for (const waiter of this.#blocked) {
      if (this.#used + waiter.size > this.#settings.capacity) return;
      this.#reserve(waiter.size);
      waiter.answer(true);
    }
  }

  #reserve(size: number): void {
    this.#used += size;
    this.#idle.enter();
  }

  /** Waits for room, first come, first served; true with the room reserved, false when the signal or stop() came first. */
  #room(size: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(false);
      const leave = (): void => waiter.answer(false);
      const waiter: Blocked = {
        size,
        answer: (hasRoom) => {
          this.#blocked.delete(waiter);
          signal.removeEventListener("abort", leave);
          resolve(hasRoom);
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#blocked.add(waiter);
    });
  }
}

function sizeOf(batch: Batch, sizer: QueueSettings["sizer"]): number {
  switch (sizer) {
    case "requests":
      return 1;
    case "items":
      return batch.items;
    case "bytes":
      return batch.bytes.length;
  }
}

/** Bytes that lie in a much larger buffer (a socket's read, a slab) would keep all of it alive while they wait: those are copied. */
function owned(bytes: Uint8Array): Uint8Array {
  return bytes.buffer.byteLength > 4 * bytes.length ? Buffer.from(bytes) : bytes;
}
