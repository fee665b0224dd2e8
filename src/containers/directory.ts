import type { Runtime, RuntimeSource } from "../runtimes/facts.ts";
import type { Logger } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { type ContainerIndex, createIndex, type Found, type IndexLimits } from "./container-index.ts";
import type { ContainerRef } from "./container-ref.ts";
import { createDescriber } from "./describer.ts";
import { type Container, type Entry, isComplete, type Pod } from "./entry.ts";
import { createFollower, type Follower, type FollowerState } from "./follower.ts";
import { identifyImage } from "./image-identity.ts";
import { createIntake } from "./intake.ts";
import { createLookups, type LookupOutcome, type Lookups } from "./lookups.ts";
import { unlessAborted, within } from "./wait.ts";

export type DirectoryOptions = {
  readonly sources: readonly RuntimeSource[];
  /** Between two lists while events tell of changes, and while none do. */
  readonly relistMs: number;
  readonly relistWithoutEventsMs: number;
  readonly limits: IndexLimits;
  readonly log: Logger;
  readonly metrics: Metrics;
};

/** Every container on this node: listed at start, followed by events, asked for on a miss. */
export type Directory = {
  /** Returns once every runtime has been listed or has not answered, at the latest after a moment: without a runtime podstamp runs all the same. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Whether every runtime has been listed or has not answered when it was asked first. */
  isReady(): boolean;
  /** What is known now; nothing is asked. */
  find(ref: ContainerRef): Found;
  /** What is known once the runtimes have been asked, on a miss for `waitMs` again and again; or by the time that `signal` is aborted. */
  resolve(ref: ContainerRef, waitMs: number, signal: AbortSignal): Promise<Resolved>;
  entries(): readonly Entry[];
  runtimes(): readonly FollowerState[];
};

/** A find after the wait, with how the wait ended: "gave_up" when the signal ended it. */
export type Resolved = { readonly found: Found; readonly outcome: LookupOutcome | "gave_up" };

/** How long the start waits for the first lists. */
const startMs = 2000;

/** How long telemetry of a container that is listed waits for the rest that the runtime can tell about it. */
const detailsMs = 1000;

/** A runtime with those who wait for what it knows. */
type Followed = { readonly follower: Follower; readonly lookups: Lookups };

export function createDirectory(options: DirectoryOptions): Directory {
  const { log, metrics, sources } = options;
  const stopping = new AbortController();
  const index = createIndex(options.limits);
  const describer = createDescriber({ describe });
  const intake = createIntake({
    index,
    log,
    onArrival: (id) => followed.forEach(({ lookups }) => lookups.arrived(id)),
    onFull: () => metrics.counter("podstamp_lookups", { result: "index_full" }).add(1),
    onIncomplete: describer.want,
  });
  const followed = sources.map(follow);
  let isTried = false;

  /** Each runtime is followed and asked by itself, so that one that does not answer holds up no other. */
  function follow(source: RuntimeSource): Followed {
    const follower = createFollower({
      source,
      relistMs: options.relistMs,
      relistWithoutEventsMs: options.relistWithoutEventsMs,
      log,
      metrics,
      onList(runtime) {
        const take = intake.expect(runtime);
        return (listing, isFirst) => {
          take(listing);
          if (isFirst) lookups.forget();
        };
      },
      onHint: intake.hint,
    });
    const lookups = createLookups({
      async query(ids, signal) {
        const state = follower.state();
        if (state.status !== "following") return new Set();
        const { asked, isAnswered } = await intake.search(ids, state.runtime, signal);
        return new Set(isAnswered ? asked : []);
      },
      has: (ref) => index.get(ref.id, ref.mayBePrefix).status !== "missing",
    });
    return { follower, lookups };
  }

  function connected(): readonly Runtime[] {
    return followed
      .map(({ follower }) => follower.state())
      .flatMap((state) => (state.status === "following" ? [state.runtime] : []));
  }

  function known(id: string): Entry | undefined {
    const found = index.get(id, false);
    return found.status === "found" ? found.entry : undefined;
  }

  /** Fetches an entry's details into the index. Never rejects: what the runtime does not tell is left out. */
  async function describe(id: string): Promise<void> {
    const entry = known(id);
    const runtime = connected().find(({ identity }) => identity.endpoint === entry?.runtime.endpoint);
    if (entry?.kind === "pod") {
      const details = await orUndefined(runtime?.describePod(id, stopping.signal));
      const now = known(id); // it may have moved on while the runtime answered
      if (now?.kind === "pod" && details !== undefined) replacePod({ ...now, details });
    } else if (entry?.kind === "container") {
      const details = await orUndefined(runtime?.describeContainer(entry.facts, stopping.signal));
      const now = known(id);
      if (now?.kind === "container") index.replace(withDetails(now, details ?? now.details ?? "unavailable"));
    }
  }

  function replacePod(pod: Pod): void {
    index.replace(pod);
    for (const container of index.containersOf(pod.id)) index.replace({ ...container, pod });
  }

  function orUndefined<T>(answer: Promise<T> | undefined): Promise<T | undefined> {
    return Promise.resolve(answer).catch((error: unknown) => {
      if (!stopping.signal.aborted) log.debug({ error: String(error) }, "Container runtime did not tell details");
      return undefined;
    });
  }

  /** Waits for an entry's details, once: after that it is used as it is until they come. */
  async function complete(id: string, signal: AbortSignal): Promise<void> {
    if ((await within(describer.now(id), detailsMs, signal)) !== "late") return;
    const entry = known(id);
    if (entry?.kind === "container" && !isComplete(entry)) index.replace(withDetails(entry, "unavailable"));
  }

  return {
    async start() {
      registerGauges(metrics, index, followed);
      for (const { follower } of followed) follower.start();
      const tried = Promise.all(followed.map(({ follower }) => follower.tried())).then(() => undefined);
      void tried.then(() => {
        isTried = true;
      });
      await within(tried, startMs, stopping.signal);
    },
    async stop() {
      stopping.abort();
      describer.stop();
      await Promise.all([
        intake.stop(),
        ...followed.flatMap(({ follower, lookups }) => [follower.stop(), lookups.stop()]),
      ]);
    },
    isReady: () => isTried,
    find: (ref) => index.get(ref.id, ref.mayBePrefix),
    async resolve(ref, waitMs, signal) {
      let found = index.get(ref.id, ref.mayBePrefix);
      let outcome: Resolved["outcome"] = "found";
      if (found.status === "missing") {
        const asked = bestOf(followed.map(({ lookups }) => lookups.ask(ref, waitMs)));
        outcome = await unlessAborted<Resolved["outcome"]>(asked, signal, "gave_up");
        found = index.get(ref.id, ref.mayBePrefix);
      }
      if (found.status === "found" && !isComplete(found.entry)) {
        await complete(found.entry.id, signal);
        found = index.get(ref.id, ref.mayBePrefix);
      }
      return { found, outcome };
    },
    entries: () => index.entries(),
    runtimes: () => followed.map(({ follower }) => follower.state()),
  };
}

/** What the runtimes say together: found as soon as one has it, else what tells most about it. */
function bestOf(asked: readonly Promise<LookupOutcome>[]): Promise<LookupOutcome> {
  return new Promise((resolve) => {
    for (const each of asked) void each.then((outcome) => outcome === "found" && resolve(outcome)); // asking never rejects
    void Promise.all(asked).then((all) => {
      const order = ["missing", "full", "negative"] as const;
      resolve(order.find((outcome) => all.includes(outcome)) ?? "missing");
    });
  });
}

function withDetails(container: Container, details: NonNullable<Container["details"]>): Container {
  const image = details === "unavailable" ? container.image : identifyImage(container.facts.image, details.image);
  return { ...container, details, image };
}

function registerGauges(metrics: Metrics, index: ContainerIndex, followed: readonly Followed[]): void {
  for (const kind of ["container", "sandbox", "tombstone"] as const) {
    metrics.gauge("podstamp_directory_entries", { kind }, () => index.counts()[kind]);
  }
  metrics.gauge("podstamp_directory_entries", { kind: "negative" }, () =>
    followed.reduce((sum, { lookups }) => sum + lookups.counts().negative, 0),
  );
}
