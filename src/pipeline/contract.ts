import type { LetGo } from "../otlp/rope/arena.ts";
import type { Bytes } from "../otlp/rope/rope.ts";
import type { Signal } from "../otlp/signals.ts";
import type { Answers } from "../telemetry/answers.ts";
import type { Logger } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Gate } from "./gate.ts";
import type { SpanRef, Spans } from "../telemetry/spans.ts";
import type { Storage } from "./storage.ts";
import type { CancelSignal } from "../otlp/cancel.ts";

/**
 * One export request on its way through a pipeline. Whoever holds it owns it; handing it on gives it away.
 * Its bytes are never changed in place: who changes something makes new bytes.
 */
export type Batch = {
  readonly signal: Signal;
  /** An Export…ServiceRequest whose frames were checked at the door (otlp/check.ts). */
  readonly bytes: Bytes;
  /** Records in it: spans, data points, log records, samples. */
  readonly items: number;
  /** Set on a merged batch: the requests it is made of, in order, so that each can be sent again alone. */
  readonly parts?: readonly Part[];
  /** Address of the sender's connection without a port; absent on a unix socket and after a merge. */
  readonly peer?: string;
  /** Set where the exporter of an SDK has sent it, which sends what its own process made; absent after a merge. */
  readonly isFromSdk?: boolean;
  /** When the sender gives up, in ms since the epoch (grpc-timeout). */
  readonly deadline?: number;
  /** The span of the step before, while podstamp's own traces are on; a merge has none. */
  readonly span?: SpanRef;
};

/** One request inside a merged batch. */
export type Part = {
  /** Offset in bytes behind its last byte; it begins where the one before ends. */
  readonly end: number;
  readonly items: number;
};

/**
 * What became of a batch.
 * accepted: someone else holds it now; `letGo` tells when nobody here looks at its bytes any more. retry: nobody holds it; it may be sent
 * again, after `afterMs` if the other side said so.
 * rejected: it will never be taken; `items` tells how many of it when not all. parts: one answer for each part of a merged batch.
 * A `cause` that is a StatusError (net/status.ts) is passed on to the sender as it is.
 */
export type Delivery =
  | { readonly status: "accepted"; readonly letGo?: LetGo }
  | { readonly status: "retry"; readonly cause: Error; readonly afterMs?: number }
  | { readonly status: "rejected"; readonly cause: Error; readonly items?: number }
  | { readonly status: "parts"; readonly parts: readonly Delivery[] };

export const accepted: Delivery = { status: "accepted" };
/** Taken by the other side: for who gives a batch away and keeps nothing of it. Whoever makes one answer of several says `accepted`. */
export const sent: Delivery = { status: "accepted", letGo: true };

/** Takes batches. */
export type Consumer = {
  /**
   * Takes a batch over. Never rejects: what went wrong is in the delivery.
   * Once `signal` is aborted nobody waits for the answer any more: stop waiting, answer retry.
   */
  consume(batch: Batch, signal: CancelSignal): Promise<Delivery>;
  /** Undefined when nothing is queued or in flight behind this consumer, else a promise of the moment when that is so. */
  whenIdle(): Promise<void> | undefined;
};

/**
 * The life of a component. start() is quick: it opens and returns, and throws when it cannot.
 * stop() takes no more, flushes within the time that `signal` leaves, frees; it is safe before start and safe twice.
 */
export type Component = {
  start(): Promise<void>;
  stop(signal: AbortSignal): Promise<void>;
  /** Whether it is as able as it will be for now; absent when it is as soon as it has started. */
  isReady?(): boolean;
  /** What whoever may open the control socket can ask it while it runs. */
  readonly answers?: Answers;
};

export type Receiver = Component & {
  /**
   * It listens at addresses, which its stop() sets free before it waits for anything: when its settings change it may keep its
   * clients until its successor takes these over.
   */
  readonly listens?: true;
};
export type Processor = Component & Consumer;
export type Exporter = Component &
  Consumer & {
    /**
     * Instead of stop(), when another one of the same id takes its place: takes no more, lets what is being sent end within the
     * time that `signal` leaves, frees, and gives back what it had acknowledged and holds nowhere but in memory.
     */
    release?(signal: AbortSignal): Promise<readonly Batch[]>;
  };
/** Stands beside the pipelines; one that keeps records on disk for others has a storage. */
export type Extension = Component & { readonly storage?: Storage };

/** Where the items of a receiver go: a consumer for each signal that some pipeline takes from it. */
export type Outlets = { readonly [S in Signal]?: Consumer };

/** Memory of the process, in bytes, as Node tells it. */
export type MemoryUse = {
  /** What the kernel holds for the process. */
  readonly rss: number;
  readonly heapUsed: number;
  readonly heapTotal: number;
  /** Buffers and what else the JavaScript heap keeps alive outside of it. */
  readonly external: number;
};

/** What the service lends to a component. */
export type Host = {
  /** As written in the file, with the name: "otlp_grpc/tempo". */
  readonly id: string;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The process's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** "podstamp/<version> (<os>/<arch>)", for the User-Agent header. */
  readonly userAgent: string;
  /** podstamp's own traces; undefined while they are off. */
  readonly spans?: Spans | undefined;
  /** Closed while memory is short; absent where nobody closes it. */
  readonly gate?: Gate;
  /** What the process uses now. */
  memory(): MemoryUse;
  /** Where the service stands; absent where nobody tells. */
  status?(): ServiceStatus;
  /** The storage of the extension with this id, which the configuration was checked to have. */
  storage(id: string): Storage;
  /**
   * One instance for all components that ask with the same key; the service starts it before
   * and stops it after those who use it.
   */
  share<T extends Component>(key: string, create: () => T): T;
};

/** Where the service stands. */
export type ServiceStatus =
  | { readonly phase: "starting" }
  /** Everything was started, at `since` (ms since the epoch); `waitingFor` names those that are not as able as they will be. */
  | { readonly phase: "running"; readonly since: number; readonly waitingFor: readonly string[] }
  | { readonly phase: "stopping" };

/** What the service lends to an extension. */
export type ExtensionHost = Host & { status(): ServiceStatus };
