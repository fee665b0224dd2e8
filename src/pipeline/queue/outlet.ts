import { shapes } from "../../otlp/signals.ts";
import { merge } from "../../otlp/parting/merge.ts";
import { accepted } from "../contract.ts";
import type { Batch, Delivery } from "../contract.ts";
import { answersOf, cut, unitsOf } from "./cutting.ts";
import type { Unit } from "./cutting.ts";
import type { Push } from "../retry.ts";
import { sizeOf } from "./sending-queue.ts";
import type { CancelSignal } from "../../otlp/cancel.ts";

/** What a queue sends through: it takes a batch while it is free, and one after the other in the order of the calls. */
export type Outlet = {
  /** Whether it takes one more now. */
  readonly isFree: boolean;
  /** Whether it keeps batches for a while to make larger ones of them. */
  readonly gathers: boolean;
  /** Sends a batch; `signal` is that of the queue, the same for all. */
  send(batch: Batch, signal: CancelSignal): Promise<Delivery>;
  /** From now on nothing is kept to be merged with what comes later. */
  end(): void;
};

/** Sends each batch as it is, at most so many at the same time. */
export function plainOutlet(push: Push, consumers: number): Outlet {
  let sending = 0;
  return {
    get isFree() {
      return sending < consumers;
    },
    gathers: false,
    async send(batch, signal) {
      sending++;
      const delivery = await push(batch, signal);
      sending--;
      return delivery;
    },
    end: () => {},
  };
}

/** The Collector's sending_queue.batch. */
export type GatherSettings = {
  readonly consumers: number;
  readonly flushMs: number;
  readonly minSize: number;
  /** 0 is no limit. */
  readonly maxSize: number;
  readonly sizer: "items" | "bytes";
};

type Waiting = { readonly batch: Batch; readonly answer: (delivery: Delivery) => void };

/** Merges batches until they are large enough or old enough, and cuts what is too large; each gets an answer of its own. */
export function gatheringOutlet(push: Push, settings: GatherSettings): Outlet {
  const { consumers, flushMs, minSize, sizer } = settings;
  let waiting: Waiting[] = [];
  let size = 0;
  let isDue = false;
  let sending = 0;
  let isEnding = false;
  let timer: NodeJS.Timeout | undefined;
  let abort: CancelSignal | undefined;

  const flushIfFree = (): void => {
    if (!isDue || sending >= consumers || waiting.length === 0) return;
    const group = waiting;
    waiting = [];
    size = 0;
    isDue = false;
    clearTimeout(timer);
    timer = undefined;
    void sendGroup(group);
  };
  const sendGroup = async (group: readonly Waiting[]): Promise<void> => {
    sending++;
    const units = group.flatMap(({ batch }) => unitsOf(batch));
    const pieces = cut(units, settings);
    const deliveries: Delivery[] = [];
    for (const piece of pieces) deliveries.push(await push(toBatch(piece), abort ?? never));
    sending--;
    settle(group, answersOf(pieces, deliveries));
    flushIfFree();
  };
  const due = (): void => {
    isDue = true;
    flushIfFree();
  };

  return {
    get isFree() {
      return sending < consumers || size < minSize;
    },
    gathers: true,
    send(batch, signal) {
      abort = signal;
      if (!shapes[batch.signal].isDivisible) return sendAlone(batch, signal);
      return new Promise((answer) => {
        waiting.push({ batch, answer });
        size += sizeOf(batch, sizer);
        if (size >= minSize) due();
        else if (isEnding) queueMicrotask(due);
        else timer ??= setTimeout(due, flushMs);
      });
    },
    end() {
      isEnding = true;
      due();
    },
  };

  /** Profiles have one dictionary each, into which everything points: they are never merged. */
  async function sendAlone(batch: Batch, signal: CancelSignal): Promise<Delivery> {
    sending++;
    const delivery = await push(batch, signal);
    sending--;
    flushIfFree();
    return delivery;
  }
}

const never = new AbortController().signal;

/** One request of some units, which remembers where each begins. */
function toBatch(units: readonly Unit[]): Batch {
  const [first] = units;
  const signal = first?.signal ?? "traces";
  const items = units.reduce((sum, unit) => sum + unit.items, 0);
  if (first !== undefined && units.length === 1) return { signal, bytes: first.bytes, items };
  let end = 0;
  const parts = units.map((unit) => ({ end: (end += unit.bytes.length), items: unit.items }));
  return { signal, bytes: merge(units.map(({ bytes }) => bytes)), items, parts };
}

/** Gives each batch the answers of its units. */
function settle(group: readonly Waiting[], answers: readonly Delivery[]): void {
  let at = 0;
  for (const { batch, answer } of group) {
    const count = batch.parts?.length ?? 1;
    const own = answers.slice(at, at + count);
    at += count;
    if (own.every(({ status }) => status === "accepted")) answer(accepted);
    else answer(batch.parts === undefined ? (own[0] ?? accepted) : { status: "parts", parts: own });
  }
}
