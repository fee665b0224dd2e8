import type { Logger } from "../../telemetry/log.ts";
import { sent } from "../contract.ts";
import type { Batch, Delivery } from "../contract.ts";
import { createIdle } from "../idle.ts";
import { createQuietLog } from "../quiet-log.ts";
import type { Outlet } from "./outlet.ts";
import { decodeRecord, encodeRecord } from "./record.ts";
import { createRoom } from "./room.ts";
import { full, owned, sizeOf, stopping, tooLarge, wantsAgain } from "./sending-queue.ts";
import type { QueueHooks, QueueSettings, SendingQueue } from "./sending-queue.ts";
import type { RecordFacts, Store } from "../storage.ts";

type StoredQueueOptions = {
  readonly outlet: Outlet;
  readonly settings: QueueSettings;
  readonly store: Store;
  readonly hooks: QueueHooks & {
    /** Records were found damaged, so that what they held is lost; without facts nobody knows how much that was. */
    readonly onDamaged: (facts: RecordFacts | undefined) => void;
  };
  readonly log: Logger;
};

type Entry = {
  readonly id: number;
  readonly batch: Batch;
  readonly size: number;
  /** Told when nobody looks at the bytes any more that the sender still has. */
  readonly letGo: (() => void) | undefined;
};

/** Bytes of requests that are kept in memory beside the disk, so that they need not be read again. */
const windowBytes = 16 * 1024 * 1024;
/** Bytes that are read ahead at a time. */
const pageBytes = 4 * 1024 * 1024;
const readAgainMs = 1000;

/**
 * A bounded queue on disk before an outlet: a batch is acknowledged when it is as safe as the storage promises, and forgotten
 * when it was sent. What was being sent when the process ended is sent again. Of its content only a window is in memory.
 */
export function createStoredQueue({ outlet, settings, store, hooks, log }: StoredQueueOptions): SendingQueue {
  const quiet = createQuietLog(log);
  const room = createRoom({ capacity: settings.capacity, waits: settings.blockOnOverflow });
  const idle = createIdle();
  const sending = createIdle();
  const cutting = new AbortController();
  const opened = Promise.withResolvers<boolean>();
  /** In order; what lies behind it on disk is counted in `beyond`. */
  const window = new Map<number, Entry>();
  let windowUsed = 0;
  let windowEnd = 0;
  let beyond = 0;
  let isLoading = false;
  let isStopped = false;
  let isStarted = false;
  let kept = 0;
  let readAgain: NodeJS.Timeout | undefined;

  const admit = (id: number, batch: Batch, letGo?: () => void): void => {
    window.set(id, { id, batch, size: sizeOf(batch, settings.sizer), letGo });
    windowUsed += batch.bytes.length;
    windowEnd = id;
  };

  const pump = (): void => {
    while (outlet.isFree && !isStopped) {
      const [entry] = window.values();
      if (entry === undefined) break;
      window.delete(entry.id);
      windowUsed -= entry.batch.bytes.length;
      void send(entry);
    }
    if (beyond > 0 && window.size === 0 && !isStopped && !isLoading) void load();
  };

  const send = async (entry: Entry): Promise<void> => {
    sending.enter();
    const delivery = await outlet.send(entry.batch, cutting.signal);
    if (delivery.status === "accepted" && delivery.letGo === true) entry.letGo?.();
    if (isStopped && wantsAgain(delivery)) kept++;
    else {
      if (delivery.status !== "accepted") await hooks.onLost(entry.batch, delivery);
      store.remove([entry.id]);
      forget(entry.size);
    }
    sending.leave();
    pump();
  };

  const forget = (size: number): void => {
    room.give(size);
    idle.leave();
  };

  /** Reads the next records of the disk into the window. */
  const load = async (): Promise<void> => {
    isLoading = true;
    try {
      const { records, damaged } = await store.read(windowEnd, pageBytes);
      for (const facts of damaged) {
        beyond--;
        hooks.onDamaged(facts);
        forget(sizeOf({ items: facts.items, bytes: { length: facts.bytes } }, settings.sizer));
      }
      for (const { id, record } of records) {
        const batch = decodeRecord(record);
        beyond--;
        if (batch !== undefined) admit(id, batch);
        windowEnd = id;
      }
      const lastDamaged = damaged.at(-1)?.id ?? 0;
      windowEnd = Math.max(windowEnd, lastDamaged);
      if (records.length === 0 && damaged.length === 0) missing();
      isLoading = false;
      pump();
    } catch (error) {
      quiet.error({ error }, "Cannot read the stored queue, will try again");
      isLoading = false;
      if (!isStopped) readAgain = setTimeout(pump, readAgainMs);
    }
  };

  /** The disk has fewer records than were put: a file was damaged and set aside with some of them. */
  const missing = (): void => {
    for (; beyond > 0; beyond--) {
      hooks.onDamaged(undefined);
      idle.leave();
    }
    if (window.size === 0 && sending.whenIdle() === undefined) room.give(room.used);
  };

  const start = async (): Promise<void> => {
    isStarted = true;
    try {
      const { count, items, bytes } = await store.open();
      if (count > 0) log.info({ requests: count, items, bytes }, "Found requests on disk, sending them");
      beyond = count;
      room.add(settings.sizer === "requests" ? count : sizeOf({ items, bytes: { length: bytes } }, settings.sizer));
      for (let i = 0; i < count; i++) idle.enter();
      opened.resolve(true);
      pump();
    } catch (error) {
      opened.resolve(false);
      throw error;
    }
  };

  const keep = async (batch: Batch, size: number): Promise<Delivery> => {
    if (!(await opened.promise)) {
      room.give(size);
      return stopping;
    }
    idle.enter();
    const record = encodeRecord(batch, Date.now());
    const put = await store.put(record, { items: batch.items, bytes: batch.bytes.length });
    if (put.status !== "stored") {
      forget(size);
      hooks.onRefused(batch, put.cause);
      return { status: "retry", cause: new Error(`The sending queue cannot store the batch: ${put.cause.message}`) };
    }
    const { signal, items, bytes, parts } = batch;
    if (beyond > 0 || isLoading || windowUsed + bytes.length > windowBytes) {
      beyond++;
      pump();
      return sent;
    }
    const isSentAtOnce = outlet.isFree && !outlet.gathers && window.size === 0;
    const own = isSentAtOnce ? bytes : owned(bytes);
    const { promise, resolve } = Promise.withResolvers<void>();
    // The sender's deadline ends with its acknowledgement.
    admit(put.id, { signal, items, bytes: own, ...(parts === undefined ? {} : { parts }) }, resolve);
    pump();
    return own === bytes ? { status: "accepted", letGo: promise } : sent;
  };

  return {
    get size() {
      return room.used;
    },
    start,
    whenIdle: idle.whenIdle,
    async offer(batch, signal) {
      const size = sizeOf(batch, settings.sizer);
      if (isStopped) return stopping;
      if (size > settings.capacity) {
        hooks.onRefused(batch);
        return tooLarge(size, settings);
      }
      const taken = room.take(size, signal);
      if (taken === true || (taken !== false && (await taken))) return keep(batch, size);
      hooks.onRefused(batch);
      return isStopped ? stopping : full;
    },
    stop,
    release: async (signal) => {
      await stop(signal);
      return [];
    },
  };

  async function stop(signal: AbortSignal): Promise<void> {
    isStopped = true;
    room.end();
    clearTimeout(readAgain);
    if (!isStarted) return opened.resolve(false);
    outlet.end();
    const cut = (): void => cutting.abort();
    if (signal.aborted) cut();
    signal.addEventListener("abort", cut, { once: true });
    await sending.whenIdle();
    signal.removeEventListener("abort", cut);
    await store.close();
    const left = kept + window.size + beyond;
    if (left > 0) log.info({ requests: left }, "Kept requests on disk for the next start");
    kept = 0;
  }
}
