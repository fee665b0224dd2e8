import { sent } from "../contract.ts";
import type { Batch, Delivery } from "../contract.ts";
import { createIdle } from "../idle.ts";
import type { Outlet } from "./outlet.ts";
import { createRoom } from "./room.ts";
import type { Room } from "./room.ts";
import { full, owned, sizeOf, stopping, tooLarge, wantsAgain } from "./sending-queue.ts";
import type { QueueHooks, QueueSettings, SendingQueue } from "./sending-queue.ts";
import type { CancelSignal } from "../../otlp/cancel.ts";

type Entry = {
  readonly batch: Batch;
  readonly size: number;
  readonly settle: ((delivery: Delivery) => void) | undefined;
  /** Told when nobody looks at the bytes any more that the sender still has. */
  readonly letGo: (() => void) | undefined;
};

const unwanted: Delivery = { status: "retry", cause: new Error("The sender gave up before its data was sent") };

/** A bounded queue in memory before an outlet. */
export class Queue implements SendingQueue {
  readonly #outlet: Outlet;
  readonly #settings: QueueSettings;
  readonly #hooks: QueueHooks;
  readonly #idle = createIdle();
  readonly #cut = new AbortController();
  readonly #room: Room;
  /** In order of arrival. */
  readonly #entries = new Set<Entry>();
  #isStopped = false;
  /** Set while the queue gives back what it cannot send any more. */
  #released: Batch[] | undefined;

  constructor(outlet: Outlet, settings: QueueSettings, hooks: QueueHooks) {
    this.#outlet = outlet;
    this.#settings = settings;
    this.#hooks = hooks;
    this.#room = createRoom({ capacity: settings.capacity, waits: settings.blockOnOverflow });
  }

  get size(): number {
    return this.#room.used;
  }

  async start(): Promise<void> {}

  whenIdle(): Promise<void> | undefined {
    return this.#idle.whenIdle();
  }

  async offer(batch: Batch, signal: CancelSignal): Promise<Delivery> {
    const size = sizeOf(batch, this.#settings.sizer);
    if (this.#isStopped) return stopping;
    if (size > this.#settings.capacity) {
      this.#hooks.onRefused(batch);
      return tooLarge(size, this.#settings);
    }
    const taken = this.#room.take(size, signal);
    if (!(taken === true || (taken !== false && (await taken)))) {
      this.#hooks.onRefused(batch);
      return this.#isStopped ? stopping : full;
    }
    this.#idle.enter();
    return this.#settings.waitForResult ? this.#holdAndWait(batch, size, signal) : this.#hold(batch, size);
  }

  async stop(signal: AbortSignal): Promise<void> {
    this.#isStopped = true;
    this.#room.end();
    const cut = (): void => {
      for (const entry of this.#entries) {
        this.#entries.delete(entry);
        void this.#finish(entry, undefined);
      }
      this.#cut.abort();
    };
    if (signal.aborted) cut();
    signal.addEventListener("abort", cut, { once: true });
    this.#outlet.end();
    await this.whenIdle();
    signal.removeEventListener("abort", cut);
  }

  async release(signal: AbortSignal): Promise<readonly Batch[]> {
    const released: Batch[] = [];
    this.#released = released;
    this.#isStopped = true;
    const waiting = [...this.#entries];
    this.#entries.clear();
    for (const entry of waiting) await this.#finish(entry, stopping);
    const sent = released.splice(0);
    await this.stop(signal);
    // What was being sent came before what waited.
    return [...released, ...sent];
  }

  #hold(batch: Batch, size: number): Delivery {
    // The sender's deadline ends with its acknowledgement.
    const { deadline: _, ...rest } = batch;
    const isSentAtOnce = this.#outlet.isFree && !this.#outlet.gathers && this.#entries.size === 0;
    const bytes = isSentAtOnce ? batch.bytes : owned(batch.bytes);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#entries.add({ batch: { ...rest, bytes }, size, settle: undefined, letGo: resolve });
    this.#pump();
    return bytes === batch.bytes ? { status: "accepted", letGo: promise } : sent;
  }

  #holdAndWait(batch: Batch, size: number, signal: CancelSignal): Promise<Delivery> {
    return new Promise((resolve) => {
      const leave = (): void => {
        // When it is being sent already the answer comes from there.
        if (this.#entries.delete(entry)) void this.#finish(entry, unwanted);
      };
      const settle = (delivery: Delivery): void => {
        signal.removeEventListener("abort", leave);
        resolve(delivery);
      };
      const entry: Entry = { batch, size, settle, letGo: undefined };
      signal.addEventListener("abort", leave, { once: true });
      this.#entries.add(entry);
      this.#pump();
    });
  }

  #pump(): void {
    for (const entry of this.#entries) {
      if (!this.#outlet.isFree) return;
      this.#entries.delete(entry);
      void this.#send(entry);
    }
  }

  async #send(entry: Entry): Promise<void> {
    await this.#finish(entry, await this.#outlet.send(entry.batch, this.#cut.signal));
    this.#pump();
  }

  /** Says what became of an entry and gives its room away. Without a delivery there was no attempt. */
  async #finish(entry: Entry, delivery: Delivery | undefined): Promise<void> {
    if (delivery?.status === "accepted" && delivery.letGo === true) entry.letGo?.();
    if (entry.settle !== undefined) entry.settle(delivery ?? stopping);
    else if (this.#released !== undefined && (delivery === undefined || wantsAgain(delivery)))
      this.#released.push(entry.batch);
    else if (delivery?.status !== "accepted") await this.#hooks.onLost(entry.batch, delivery);
    this.#room.give(entry.size);
    this.#idle.leave();
  }
}
