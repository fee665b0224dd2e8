import type { Found } from "../../containers/container-index.ts";
import type { Candidate } from "../../containers/association.ts";
import type { Directory } from "../../containers/directory.ts";
import type { Resolved } from "../../containers/finder.ts";
import { type Entry, isComplete, type Pod } from "../../containers/entry.ts";
import { countRecords } from "../../otlp/reading.ts";
import { accepted, type Batch, type Consumer, type Delivery } from "../../pipeline/contract.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import type { Identity } from "./identity.ts";
import type { Hidden } from "./pod-filter.ts";
import type { Decided, Stamper } from "./stamper.ts";
import { findTargets, type RecordMode, type Target, type Targets } from "./targets.ts";
import { whole } from "../../otlp/rope.ts";

export type ResolverOptions = {
  readonly directory: Directory;
  readonly stamper: Stamper;
  readonly next: Consumer;
  readonly metrics: Metrics;
  readonly mode: RecordMode;
  /** How long telemetry of an unknown container is held, and how much of it in all. */
  readonly waitMs: number;
  readonly maxWaitingBytes: number;
  readonly waiting: WaitingRoom;
  /** Why a pod counts as one that is not known; undefined when it does not. */
  readonly hidden: (pod: Pod) => Hidden | undefined;
};

/** What is held, by all who share it. */
export type WaitingRoom = { bytes: number };

/** Why something leaves without the identity of a pod. */
type Reason =
  | Hidden
  | "no_identity"
  | "invalid_id"
  | "not_found"
  | "ambiguous_prefix"
  | "runtime_down"
  | "waiting_cap"
  | "timeout"
  | "growth_cap"
  | "unreadable";

type Outcome = Decided & { readonly reason: Reason | undefined };

/** A part of a request on its way: the targets in it that leave together. */
type Piece = {
  readonly batch: Batch;
  readonly targets: Targets;
  /** Whether what stands between the resources goes along. */
  readonly withRest: boolean;
  readonly signal: AbortSignal;
};

/** What is left of the caller's time for the way to the next hop. */
const deadlineMarginMs = 250;

/**
 * Finds out of whom a batch is, stamps it and hands it on. What is of known containers leaves at once; what is of unknown
 * ones is held for the wait; the one answer is given after both.
 */
export function createResolver(options: ResolverOptions): Consumer["consume"] {
  const { directory, stamper, next, metrics, mode, waitMs, waiting: room } = options;
  const count = {
    stamped: metrics.counter("podstamp_stamped_items"),
    unstamped: (reason: Reason) => metrics.counter("podstamp_unstamped_items", { reason }),
    lookup: (result: string) => metrics.counter("podstamp_lookups", { result }),
    wait: (outcome: string) => metrics.counter("podstamp_waits", { outcome }),
  };
  const lookups = { found: count.lookup("hit"), ambiguous: count.lookup("ambiguous"), missing: count.lookup("miss") };

  /** A pod that is hidden is not known. */
  const seen = (outcome: Outcome): Outcome => {
    const pod = outcome.entry && podOf(outcome.entry);
    const reason = pod && options.hidden(pod);
    return reason === undefined ? outcome : { target: outcome.target, entry: undefined, reason };
  };

  /** What can be said at once about a target; undefined when it has to be waited for. It is counted the first time. */
  const decideNow = (target: Target, isFirst: boolean): Outcome | undefined => {
    const { identity } = target;
    switch (identity.kind) {
      case "none":
        return { target, entry: undefined, reason: "no_identity" };
      case "invalid":
        return { target, entry: undefined, reason: "invalid_id" };
      case "too_many":
        return { target, entry: undefined, reason: "growth_cap" };
      case "unreadable":
        return { target, entry: undefined, reason: "unreadable" };
      case "absent":
        return { target, entry: undefined, reason: "not_found" };
      case "named":
      case "sent": {
        const found = directory.findAny(identity.candidates);
        if (isFirst) lookups[found.status].add(1);
        if (found.status === "missing") return mayCome(identity.candidates) ? undefined : unknown(target);
        if (found.status === "found" && !isComplete(found.entry)) return undefined;
        return seen(outcomeOf(target, found));
      }
    }
  };

  /** Hands on a part of a request, and counts what was written on it and what was not. */
  const send = (piece: Piece, outcomes: readonly Outcome[]): Promise<Delivery> => {
    const { batch, targets, signal } = piece;
    const bytes = stamper.write(targets, outcomes, piece);
    if (bytes === undefined)
      return send(
        piece,
        outcomes.map(({ target }) => ({ target, entry: undefined, reason: "growth_cap" })),
      );
    let items = 0;
    for (const { target, entry, reason } of outcomes) {
      const own = targets.targets.length === 1 ? batch.items : itemsOf(targets, target);
      items += own;
      if (entry === undefined) count.unstamped(reason ?? "not_found").add(own);
      else count.stamped.add(own);
    }
    return next.consume({ ...batch, bytes, items }, signal);
  };

  /** Waits for the containers of the targets and hands on what then is known. */
  const sendLater = async (piece: Piece, waiting: readonly Target[]): Promise<Delivery> => {
    const { batch, signal } = piece;
    room.bytes += batch.bytes.length;
    const resolved = await resolveAll(directory, waiting, {
      waitMs,
      budgetMs: budgetOf(batch, waitMs),
      signal,
    }).finally(() => (room.bytes -= batch.bytes.length));
    if (signal.aborted)
      return { status: "retry", cause: new Error("The caller hung up while its container was waited for") };
    for (const { outcome } of resolved.values()) count.wait(outcome).add(1);
    const hasRuntime = directory.runtimes().some(({ status }) => status === "following");
    const outcomes = waiting.map(
      (target) => decideNow(target, false) ?? seen(lateOutcome(target, resolved, hasRuntime)),
    );
    return send(piece, outcomes);
  };

  const consume = async (batch: Batch, signal: AbortSignal): Promise<Delivery> => {
    if (batch.parts !== undefined) return consumeParts(batch, signal);
    const targets = findTargets(batch, { mode, directory });
    const now: Outcome[] = [];
    const waiting: Target[] = [];
    for (const target of targets.targets) {
      const outcome = decideNow(target, true);
      if (outcome === undefined) waiting.push(target);
      else now.push(outcome);
    }
    if (waiting.length === 0) return send({ batch, targets, withRest: true, signal }, now);
    if (room.bytes + batch.bytes.length > options.maxWaitingBytes) {
      const unstamped = waiting.map((target): Outcome => ({ target, entry: undefined, reason: "waiting_cap" }));
      return send({ batch, targets, withRest: true, signal }, inOrder(targets, [...now, ...unstamped]));
    }
    // Inline, a resource cannot leave in two pieces: all of it waits.
    const resources = new Set(waiting.map(({ resource }) => resource));
    const held =
      targets.mode === "inline" ? targets.targets.filter(({ resource }) => resources.has(resource)) : waiting;
    const isHeld = new Set(held);
    const ready = now.filter(({ target }) => !isHeld.has(target));
    return sendInPieces({ batch, targets, withRest: true, signal }, ready, held);
  };

  /** What is known leaves at once, what only lacks details after one question, what is unknown after the wait. */
  const sendInPieces = async (piece: Piece, ready: readonly Outcome[], held: readonly Target[]): Promise<Delivery> => {
    const { batch, targets } = piece;
    const isListed = ({ identity }: Target) => directory.findAny(candidatesOf(identity)).status === "found";
    const listed = targets.mode === "inline" ? [] : held.filter(isListed);
    const unknown = targets.mode === "inline" ? held : held.filter((target) => !isListed(target));
    const later = [listed, unknown].filter((some) => some.length > 0);
    // What stands between the resources goes with the first piece.
    const deliveries = ready.length === 0 ? [] : [send(piece, ready)];
    for (const some of later) deliveries.push(sendLater({ ...piece, withRest: deliveries.length === 0 }, some));
    const counts = later.map((some) => some.reduce((sum, target) => sum + itemsOf(targets, target), 0));
    const first = batch.items - counts.reduce((sum, count) => sum + count, 0);
    return combine(await Promise.all(deliveries), ready.length === 0 ? counts : [first, ...counts]);
  };

  /** A merged batch is stamped request by request, so that each keeps its own answer. */
  const consumeParts = async (batch: Batch, signal: AbortSignal): Promise<Delivery> => {
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

function podOf(entry: Entry): Pod | undefined {
  return entry.kind === "pod" ? entry : entry.pod;
}

function outcomeOf(target: Target, found: Found): Outcome {
  if (found.status === "found") return { target, entry: found.entry, reason: undefined };
  return found.status === "ambiguous" ? { target, entry: undefined, reason: "ambiguous_prefix" } : unknown(target);
}

/** Nobody knows it: who only went by the sender's address has said nothing of itself. */
function unknown(target: Target): Outcome {
  return { target, entry: undefined, reason: target.identity.kind === "sent" ? "no_identity" : "not_found" };
}

function candidatesOf(identity: Identity): readonly Candidate[] {
  return identity.kind === "named" || identity.kind === "sent" ? identity.candidates : [];
}

/** Whether one of the candidates can be asked for. */
function mayCome(candidates: readonly Candidate[]): boolean {
  return candidates.some(({ isAsked }) => isAsked);
}

/** What is said of a target when its container is still not complete after the wait: with what the list told, if it was listed. */
function lateOutcome(target: Target, resolved: ReadonlyMap<string, Resolved>, hasRuntime: boolean): Outcome {
  const answer = resolved.get(keyOf(candidatesOf(target.identity)));
  if (answer === undefined) return unknown(target);
  if (answer.found.status !== "missing") return outcomeOf(target, answer.found);
  if (target.identity.kind === "sent") return unknown(target);
  if (!hasRuntime) return { target, entry: undefined, reason: "runtime_down" };
  const reasons = {
    found: "not_found",
    missing: "not_found",
    negative: "not_found",
    full: "waiting_cap",
    gave_up: "timeout",
  } as const;
  return { target, entry: undefined, reason: reasons[answer.outcome] };
}

function keyOf(candidates: readonly Candidate[]): string {
  return candidates.map(({ ref }) => ref.id).join(" ");
}

type Wait = { readonly waitMs: number; readonly budgetMs: number; readonly signal: AbortSignal };

/** Resolves each container once, all within the budget and no longer than the caller waits. */
async function resolveAll(
  directory: Directory,
  targets: readonly Target[],
  { waitMs, budgetMs, signal }: Wait,
): Promise<ReadonlyMap<string, Resolved>> {
  const wanted = new Map(targets.map(({ identity }) => [keyOf(candidatesOf(identity)), candidatesOf(identity)]));
  const ending = new AbortController();
  const end = () => ending.abort();
  const timer = setTimeout(end, budgetMs);
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  try {
    const answers = [...wanted].map(async ([key, candidates]): Promise<[string, Resolved]> => [
      key,
      await directory.resolveAny(candidates, waitMs, ending.signal),
    ]);
    return new Map(await Promise.all(answers));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}

/** The wait, and some time for a call that is under way at its end; never past the caller's own deadline. */
function budgetOf(batch: Batch, waitMs: number): number {
  const left = batch.deadline === undefined ? Infinity : batch.deadline - Date.now() - deadlineMarginMs;
  return Math.max(0, Math.min(waitMs + deadlineMarginMs, left));
}

function itemsOf({ reading }: Targets, { records, resource }: Target): number {
  return records === undefined
    ? countRecords(reading, resource)
    : (records.grouping.groups[records.index]?.length ?? 0);
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
