import type { Hint, Listing, Runtime, RuntimeSource } from "../runtimes/facts.ts";
import type { Logger } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { pause } from "./wait.ts";

export type FollowerOptions = {
  readonly source: RuntimeSource;
  /** Between two lists while events tell of changes, and while none do. */
  readonly relistMs: number;
  readonly relistWithoutEventsMs: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** All that the runtime has now. */
  readonly onListing: (listing: Listing, runtime: Runtime) => void;
  readonly onHint: (hint: Hint, runtime: Runtime) => void;
};

/** Where a follower stands with its runtime. */
export type FollowerState =
  | { readonly status: "connecting"; readonly lastError: string | undefined }
  | { readonly status: "following"; readonly runtime: Runtime; readonly hasEvents: boolean; readonly lastListed: number };

/** Stays with one runtime through its restarts: connects, lists, follows events, lists again now and then. */
export type Follower = {
  start(): void;
  stop(): Promise<void>;
  state(): FollowerState;
  /** Resolves when the runtime has been listed or has not answered for the first time. */
  tried(): Promise<void>;
};

/** How long to wait before the next attempt to connect: grows from the first to the second while they fail. */
const minBackoffMs = 100;
const maxBackoffMs = 2000;

/** A change between the subscription's first moments and the list may have been missed by both: one list more finds it. */
const settleMs = 1000;

export function createFollower(options: FollowerOptions): Follower {
  const { source, log, metrics } = options;
  const stopping = new AbortController();
  let state: FollowerState = { status: "connecting", lastError: undefined };
  let running: Promise<void> = Promise.resolve();
  const tried = Promise.withResolvers<void>();

  const run = async (signal: AbortSignal) => {
    for (let failures = 0; !signal.aborted; ) {
      const connected = await source.connect(signal).then(
        (runtime): Runtime | Error => runtime,
        (error: unknown) => toError(error),
      );
      const outcome = connected instanceof Error ? connected : await session(connected, signal, () => (failures = 0));
      if (signal.aborted) return;
      report(outcome);
      tried.resolve();
      state = { status: "connecting", lastError: outcome.message };
      await pause(Math.min(minBackoffMs * 2 ** failures++, maxBackoffMs) * (0.75 + Math.random() / 2), signal);
    }
  };

  /** Follows a connected runtime until something breaks, and returns what. */
  const session = async (runtime: Runtime, signal: AbortSignal, onListed: () => void): Promise<Error> => {
    const ending = new AbortController();
    const end = () => ending.abort();
    signal.addEventListener("abort", end, { once: true });
    const early: Hint[] = [];
    let isListed = false;
    const counter = metrics.counter("podstamp_events", { runtime: runtime.identity.endpoint });
    const onHint = (hint: Hint) => {
      counter.add(1);
      if (isListed) options.onHint(hint, runtime);
      else early.push(hint);
    };
    const list = async () => {
      options.onListing(await runtime.list(ending.signal), runtime);
      state = { status: "following", runtime, hasEvents: runtime.follow !== undefined, lastListed: Date.now() };
    };
    // Subscribed first, listed then: what changes in between arrives as a hint.
    const events = runtime.follow?.(onHint, ending.signal).catch(toError);
    const lists = async (): Promise<Error | undefined> => {
      await list();
      isListed = true;
      for (const hint of early.splice(0)) options.onHint(hint, runtime);
      log.info({ runtime: runtime.identity.name, version: runtime.identity.version, endpoint: runtime.identity.endpoint }, "Following container runtime");
      onListed();
      tried.resolve();
      for (let wait = settleMs; !ending.signal.aborted; wait = events === undefined ? options.relistWithoutEventsMs : options.relistMs) {
        await pause(wait, ending.signal);
        if (!ending.signal.aborted) await list();
      }
      return undefined;
    };
    const broken = await Promise.race([lists().catch(toError), ...(events === undefined ? [] : [events])]);
    end();
    signal.removeEventListener("abort", end);
    runtime.close();
    return broken ?? new Error(`Cannot follow ${runtime.identity.endpoint}: its events ended`);
  };

  let reported = "";
  const report = (error: Error) => {
    if (error.message === reported) log.debug({ runtime: source.label, error: error.message }, "Container runtime does not answer");
    else log.warn({ runtime: source.label, error: error.message }, "Container runtime does not answer; trying again");
    reported = error.message;
  };

  return {
    start() {
      metrics.gauge("podstamp_runtime_up", { runtime: source.label }, () => (state.status === "following" ? 1 : 0));
      running = run(stopping.signal);
    },
    async stop() {
      stopping.abort();
      await running;
    },
    state: () => state,
    tried: () => tried.promise,
  };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
