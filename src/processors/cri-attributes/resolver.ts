import { sizeOfGroup } from "../../otlp/parting/grouping.ts";
import { countRecords } from "../../otlp/reading.ts";
import { whenLetGo } from "../../otlp/rope/arena.ts";
import { Rope, whole } from "../../otlp/rope/rope.ts";
import { accepted, type Batch, type Consumer, type Delivery } from "../../pipeline/contract.ts";
import type { Idle } from "../../pipeline/idle.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import { type BooksOptions, createBooks } from "./books.ts";
import type { Decider, Outcome } from "./decider.ts";
import type { Extras } from "./extras.ts";
import type { Tap } from "./inquiry/samples.ts";
import type { Decided, Stamper } from "./stamper.ts";
import { findTargets, giveBack, type Target, type TargetOptions, type Targets } from "./association/targets.ts";
import type { CancelSignal } from "../../otlp/cancel.ts";

export type ResolverOptions = TargetOptions &
  Pick<BooksOptions, "isImageTold"> & {
    /** The id of the processor that it is of. */
    readonly processor: string;
    readonly decider: Decider;
    readonly stamper: Stamper;
    readonly next: Consumer;
    readonly metrics: Metrics;
    /** How long telemetry of an unknown container is held, and how much of it in all. */
    readonly waitMs: number;
    readonly maxWaitingBytes: number;
    readonly waiting: WaitingRoom;
    /** Counts requests that are held; what is handed on at once the next one counts. */
    readonly idle: Idle;
    /** What is written where no pod is known; undefined when there never is anything. */
    readonly extras: Extras | undefined;
    /** Whether that is all that is written. */
    readonly isPassthrough: boolean;
    readonly tap: Tap;
  };

/** What is held, by all who share it. */
export type WaitingRoom = { bytes: number };

/** A part of a request on its way: the targets in it that leave together. */
type Piece = {
  readonly batch: Batch;
  readonly targets: Targets;
  /** Whether what stands between the resources goes along. */
  readonly withRest: boolean;
  readonly signal: CancelSignal;
};

/** What is left of the caller's time for the way to the next hop. */
const deadlineMarginMs = 250;

/**
 * Finds out of whom a batch is, stamps it and hands it on. What is of known containers leaves at once; what is of unknown
 * ones is held for the wait; the one answer is given after both.
 */
export function createResolver(options: ResolverOptions): Consumer["consume"] {
  const { decider, stamper, next, metrics, waitMs, waiting: room, tap } = options;
  const books = createBooks(metrics, { ...options, hasRules: options.rules !== undefined });
  const leave = (delivery: Delivery): Delivery => {
    options.idle.leave();
    return delivery;
  };
  const countWait = (outcome: string) => metrics.counter("podstamp_waits", { outcome }).add(1);

  const withExtras = (outcomes: readonly Outcome[], peer: string | undefined): readonly Decided[] => {
    const { extras } = options;
    if (extras === undefined) return outcomes;
    return outcomes.map((outcome) =>
      outcome.entry === undefined && outcome.target.grouping === undefined
        ? { ...outcome, extra: extras(outcome.target, peer) }
        : outcome,
    );
  };

  /** Hands on a part of a request, and counts what was written on it and what was not. */
  const send = (piece: Piece, outcomes: readonly Outcome[]): Promise<Delivery> => {
    const { batch, targets, signal } = piece;
    const bytes = stamper.write(targets, withExtras(outcomes, batch.peer), piece);
    if (bytes === undefined)
      return send(
        piece,
        outcomes.map(({ target }) => ({ target, entry: undefined, reason: "growth_cap" })),
      );
    let items = 0;
    for (const outcome of outcomes) {
      const own = targets.targets.length === 1 ? batch.items : itemsOf(targets, outcome.target);
      items += own;
      books.enter(outcome, own, batch.signal);
      if (tap.isOpen) tap.see({ outcome, items: own, reading: targets.reading });
    }
    const delivered = next.consume({ ...batch, bytes, items }, signal);
    // What was parted is a long recipe, which the next one can use.
    return bytes instanceof Rope && targets.targets.length > 1
      ? delivered.then((delivery) => {
          if (delivery.status === "accepted") whenLetGo(delivery.letGo, () => bytes.giveBack());
          return delivery;
        })
      : delivered;
  };

  /** Hands on all of a request. */
  const sendAll = (piece: Piece, outcomes: readonly Outcome[]): Promise<Delivery> => {
    const delivery = send(piece, outcomes);
    giveBack(piece.targets);
    return delivery;
  };

  /** First for those who sent the targets, where whose they are depends on it, then for the containers. */
  const askFor = async ({ batch, signal }: Piece, waiting: readonly Target[]) => {
    const placed = await decider.place(waiting, { budgetMs: budgetOf(batch, waitMs), signal });
    const open = placed.filter((target, index) => decider.now(target, target !== waiting[index]) === undefined);
    return { placed, resolved: await decider.resolve(open, { budgetMs: budgetOf(batch, waitMs), signal }) };
  };

  /** Waits for the containers of the targets and hands on what then is known. */
  const sendLater = async (piece: Piece, waiting: readonly Target[]): Promise<Delivery> => {
    const { batch, signal } = piece;
    room.bytes += batch.bytes.length;
    const { placed, resolved } = await askFor(piece, waiting).finally(() => (room.bytes -= batch.bytes.length));
    if (signal.aborted)
      return { status: "retry", cause: new Error("The caller hung up while its container was waited for") };
    for (const { outcome } of resolved.values()) countWait(outcome);
    const outcomes = placed.map((target) => decider.now(target, false) ?? decider.late(target, resolved));
    return send(piece, outcomes);
  };

  const consume = (batch: Batch, signal: CancelSignal): Promise<Delivery> => {
    if (batch.parts !== undefined) return consumeParts(batch, signal);
    const targets = findTargets(batch, options);
    if (options.isPassthrough) {
      const passed = targets.targets.map((target): Outcome => ({ target, entry: undefined, reason: "passthrough" }));
      return sendAll({ batch, targets, withRest: true, signal }, passed);
    }
    const outcomes = targets.targets.map((target) => decider.now(target, true));
    if (areDecided(outcomes)) return sendAll({ batch, targets, withRest: true, signal }, outcomes);
    const now = outcomes.filter((outcome) => outcome !== undefined);
    const waiting = targets.targets.filter((_, index) => outcomes[index] === undefined);
    if (room.bytes + batch.bytes.length > options.maxWaitingBytes) {
      const unstamped = waiting.map((target): Outcome => ({ target, entry: undefined, reason: "waiting_cap" }));
      return sendAll({ batch, targets, withRest: true, signal }, inOrder(targets, [...now, ...unstamped]));
    }
    // Inline, a resource cannot leave in two pieces: all of it waits.
    const resources = new Set(waiting.map(({ resource }) => resource));
    const held =
      targets.mode === "inline" ? targets.targets.filter(({ resource }) => resources.has(resource)) : waiting;
    const isHeld = new Set(held);
    const ready = now.filter(({ target }) => !isHeld.has(target));
    options.idle.enter();
    return sendInPieces({ batch, targets, withRest: true, signal }, ready, held).then(leave);
  };

  /** What is known leaves at once, what only lacks details after one question, what is unknown after the wait. */
  const sendInPieces = async (piece: Piece, ready: readonly Outcome[], held: readonly Target[]): Promise<Delivery> => {
    const { batch, targets } = piece;
    const listed = targets.mode === "inline" ? [] : held.filter(decider.isListed);
    const unknown = targets.mode === "inline" ? held : held.filter((target) => !decider.isListed(target));
    const later = [listed, unknown].filter((some) => some.length > 0);
    // What stands between the resources goes with the first piece.
    const deliveries = ready.length === 0 ? [] : [send(piece, ready)];
    for (const some of later) deliveries.push(sendLater({ ...piece, withRest: deliveries.length === 0 }, some));
    const counts = later.map((some) => some.reduce((sum, target) => sum + itemsOf(targets, target), 0));
    const first = batch.items - counts.reduce((sum, count) => sum + count, 0);
    const delivered = await Promise.all(deliveries);
    giveBack(targets);
    return combine(delivered, ready.length === 0 ? counts : [first, ...counts]);
  };

  /** A merged batch is stamped request by request, so that each keeps its own answer. */
  const consumeParts = async (batch: Batch, signal: CancelSignal): Promise<Delivery> => {
    const { parts = [], ...rest } = batch;
    const bytes = whole(batch.bytes);
    const starts = [0, ...parts.map(({ end }) => end)];
    const deliveries = parts.map(({ end, items }, index) =>
      consume({ ...rest, bytes: bytes.subarray(starts[index], end), items }, signal),
    );
    return { status: "parts", parts: await Promise.all(deliveries) };
  };

  return consume;
}

function areDecided(outcomes: readonly (Outcome | undefined)[]): outcomes is readonly Outcome[] {
  return !outcomes.includes(undefined);
}

/** The wait, and some time for a call that is under way at its end; never past the caller's own deadline. */
function budgetOf(batch: Batch, waitMs: number): number {
  const left = batch.deadline === undefined ? Infinity : batch.deadline - Date.now() - deadlineMarginMs;
  return Math.max(0, Math.min(waitMs + deadlineMarginMs, left));
}

function itemsOf({ reading }: Targets, { grouping, group, resource }: Target): number {
  return grouping === undefined ? countRecords(reading, resource) : sizeOfGroup(grouping, group);
}

function inOrder({ targets }: Targets, outcomes: readonly Outcome[]): readonly Outcome[] {
  const byTarget = new Map(outcomes.map((outcome) => [outcome.target, outcome]));
  return targets.flatMap((target) => byTarget.get(target) ?? []);
}

/** One answer for what left in pieces of so many items: the sender sends again when one of them is to be sent again. */
function combine(pieces: readonly Delivery[], items: readonly number[]): Delivery {
  const retry = pieces.find(({ status }) => status === "retry");
  if (retry !== undefined) return retry;
  let refused: Extract<Delivery, { status: "rejected" }> | undefined;
  let refusedItems = 0;
  let isWhole = true;
  for (const [index, piece] of pieces.entries()) {
    if (piece.status !== "rejected" || piece.items !== undefined) isWhole = false;
    if (piece.status !== "rejected") continue;
    refused ??= piece;
    refusedItems += piece.items ?? items[index] ?? 0;
  }
  if (refused === undefined) return accepted;
  return { status: "rejected", cause: refused.cause, ...(isWhole ? {} : { items: refusedItems }) };
}
