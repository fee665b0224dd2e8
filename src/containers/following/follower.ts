import type { Hint, Listing, Runtime, RuntimeSource } from "../../runtimes/facts.ts";
import type { Logger } from "../../telemetry/log.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { pause } from "./wait.ts";

export type FollowerOptions = {
  readonly source: RuntimeSource;
  /** Between two lists while events tell of changes, and while none do. */
  readonly relistMs: number;
  readonly relistWithoutEventsMs: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Called before a list is asked for; what it returns takes all that the runtime has (undefined: no answer came), and is told whether this is the first list of a connection. */
  readonly onList: (runtime: Runtime) => (listing: Listing | undefined, isFirst: boolean) => void;
  readonly onHint: (hint: Hint, runtime: Runtime) => void;
};

/** Where a follower stands with its runtime; times in ms since the epoch. */
export type FollowerState =
  | { readonly label: string; readonly status: "connecting"; readonly lastError: string | undefined }
  | FollowingState;
export type FollowingState = {
  readonly label: string;
  readonly status: "following";
  readonly runtime: Runtime;
  readonly hasEvents: boolean;
  readonly lastListed: number;
};

/** Stays with one runtime through its restarts: connects, lists, follows events, lists again now and then. */
export type Follower = {
  start(): void;
  stop(): Promise<void>;
  state(): FollowerState;
  /** A call was not answered in time: whether the runtime answers at all is to be found out now. */
  doubt(): void;
  /** Lists anew; resolves when that list was taken, or none can be. */
  refresh(): Promise<void>;
  /** Resolves when the runtime has been listed or has not answered for the first time. */
  tried(): Promise<void>;
};

/** How long to wait before the next attempt to connect: grows from the first to the second while they fail. */
const minBackoffMs = 100;
const maxBackoffMs = 2000;

/** A connection that lasted so long did not fail. */
const steadyMs = 10_000;

/** Events that end sooner than this after they were asked for do not work here. */
const minEventsMs = 1000;

/** A change between the subscription's first moments and the list may have been missed by both: one list more finds it. */
const settleMs = 1000;

/** Hints kept until the first list has come; the list tells most of what they would. */
const maxEarly = 10_000;

export function createFollower(options: FollowerOptions): Follower {
  const { source, log, metrics } = options;
  const stopping = new AbortController();
  const { label } = source;
  let state: FollowerState = { label, status: "connecting", lastError: undefined };
  let session: Session | undefined;
  let running: Promise<void> = Promise.resolve();
  const tried = Promise.withResolvers<void>();
  let reported = "";

  const report = (error: Error) => {
    const fields = { runtime: source.label, error: error.message };
    if (error.message === reported) log.debug(fields, "Container runtime does not answer");
    else log.warn(fields, "Container runtime does not answer; trying again");
    reported = error.message;
  };

  const run = async (signal: AbortSignal) => {
    for (let failures = 0; !signal.aborted; failures++) {
      const connected = await source.connect(signal).catch(toError);
      const since = performance.now();
      const outcome = connected instanceof Error ? connected : await follow(connected, signal);
      if (signal.aborted) return;
      if (!(connected instanceof Error) && performance.now() - since >= steadyMs) failures = 0;
      report(outcome);
      tried.resolve();
      state = { label, status: "connecting", lastError: outcome.message };
      await pause(Math.min(minBackoffMs * 2 ** failures, maxBackoffMs) * (0.75 + Math.random() / 2), signal);
    }
  };

  /** Follows a connected runtime until something breaks, and returns what. */
  const follow = async (runtime: Runtime, signal: AbortSignal): Promise<Error> => {
    const { name, version, endpoint } = runtime.identity;
    const current = createSession(runtime, {
      ...options,
      onListed(hasEvents, isFirst) {
        state = { label, status: "following", runtime, hasEvents, lastListed: Date.now() };
        if (!isFirst) return;
        log.info({ runtime: name, version, endpoint }, "Following container runtime");
        reported = "";
        tried.resolve();
      },
    });
    session = current;
    signal.addEventListener("abort", current.end, { once: true });
    if (signal.aborted) current.end();
    const broken = await current.broken();
    signal.removeEventListener("abort", current.end);
    session = undefined;
    runtime.close();
    return broken;
  };

  return {
    start() {
      metrics.gauge("podstamp_runtime_up", { runtime: label }, () => (state.status === "following" ? 1 : 0));
      running = run(stopping.signal);
    },
    async stop() {
      stopping.abort();
      await running;
    },
    state: () => state,
    doubt: () => session?.doubt(),
    refresh: () => session?.refresh() ?? Promise.resolve(),
    tried: () => tried.promise,
  };
}

type SessionOptions = Pick<
  FollowerOptions,
  "source" | "relistMs" | "relistWithoutEventsMs" | "log" | "metrics" | "onList" | "onHint"
> & {
  /** A list has been taken. */
  readonly onListed: (hasEvents: boolean, isFirst: boolean) => void;
};

/** One connection to a runtime: lists and events side by side, until one of them breaks. */
type Session = {
  /** What broke; anything once it was ended. */
  broken(): Promise<Error>;
  doubt(): void;
  refresh(): Promise<void>;
  end(): void;
};

function createSession(runtime: Runtime, options: SessionOptions): Session {
  const ending = new AbortController();
  const { signal } = ending;
  const counter = options.metrics.counter("podstamp_events", { runtime: runtime.identity.endpoint });
  let hasEvents = runtime.follow !== undefined;
  let isListed = false;
  const early: Hint[] = [];
  /** Ends the pause before the next list. */
  let waking = new AbortController();
  /** Of those who wait for a list that begins from now on. */
  let wanted: PromiseWithResolvers<void> | undefined;

  const onHint = (hint: Hint) => {
    counter.add(1);
    if (isListed) options.onHint(hint, runtime);
    else if (early.length < maxEarly) early.push(hint);
  };

  const list = async () => {
    const take = options.onList(runtime);
    const listing = await runtime.list(signal).catch((error: unknown) => {
      take(undefined, false);
      throw error;
    });
    const isFirst = !isListed;
    isListed = true;
    options.onListed(hasEvents, isFirst);
    take(listing, isFirst);
    for (const hint of early.splice(0)) options.onHint(hint, runtime);
  };

  const lists = async (): Promise<Error> => {
    for (let isSettled = false; !signal.aborted;) {
      waking = new AbortController();
      const waiting = wanted;
      wanted = undefined;
      await list().finally(() => waiting?.resolve());
      const regularMs = hasEvents ? options.relistMs : options.relistWithoutEventsMs;
      await pause(isSettled ? regularMs : Math.min(settleMs, regularMs), waking.signal);
      // After each subscription there is a moment of which nobody tells.
      isSettled = !waking.signal.aborted;
    }
    return new Error(`Cannot follow ${runtime.identity.endpoint}: it was ended`);
  };

  const heartbeat = createHeartbeat(runtime, { source: options.source, signal });

  /** Subscribes again and again where events do not work; a subscription that worked and broke off is the end of the connection. */
  const events = async (subscribe: NonNullable<Runtime["follow"]>): Promise<Error> => {
    for (let failures = 0; ; failures++) {
      hasEvents = true;
      const since = performance.now();
      const error = await subscribe(onHint, signal).then(
        () => new Error(`Cannot follow ${runtime.identity.endpoint}: its events ended`),
        toError,
      );
      hasEvents = false;
      if (signal.aborted || performance.now() - since >= minEventsMs) return error;
      options.log.debug({ error: error.message }, "Container runtime sends no events; it is listed instead");
      waking.abort();
      await pause(Math.min(minBackoffMs * 2 ** failures, options.relistWithoutEventsMs), signal);
      if (signal.aborted) return error;
    }
  };

  return {
    async broken() {
      // Subscribed first, listed then: what changes in between arrives as a hint.
      const following = runtime.follow === undefined ? [] : [events(runtime.follow)];
      const error = await Promise.race([lists().catch(toError), heartbeat.stopped(), ...following]);
      ending.abort();
      waking.abort();
      wanted?.resolve();
      return error;
    },
    doubt: heartbeat.doubt,
    refresh() {
      if (signal.aborted) return Promise.resolve();
      wanted ??= Promise.withResolvers();
      waking.abort();
      return wanted.promise;
    },
    end() {
      ending.abort();
      waking.abort();
    },
  };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
