import type { RuntimePlaces, RuntimeSource } from "../runtimes/facts.ts";
import type { Answers } from "../telemetry/answers.ts";
import type { Logger } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Candidate } from "./association.ts";
import { createHostCgroups, type ProcessFacts } from "./index/cgroups.ts";
import { type ContainerIndex, createIndex, type Found, type IndexLimits } from "./index/container-index.ts";
import type { ContainerRef } from "./names/container-ref.ts";
import { createDescriber } from "./following/describer.ts";
import { createDetails } from "./index/details.ts";
import { createContainerEvents } from "./events.ts";
import { type Container, type Entry, isComplete, type Pod } from "./index/entry.ts";
import { createFollower, type FollowerState, type FollowingState } from "./following/follower.ts";
import { createFinder, type Resolved } from "./finder.ts";
import { createIntake } from "./following/intake.ts";
import { createLookups, type LookupOutcome } from "./following/lookups.ts";
import { createRuntimes, type Followed, type Runtimes } from "./following/runtimes.ts";
import { answerContainers, answerRuntimes } from "./told.ts";
import { within } from "./following/wait.ts";

export type DirectoryOptions = {
  readonly places: RuntimePlaces;
  /** Where the host's file system begins. */
  readonly hostRoot: string;
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
  /** What was known last, although an address or a name may be somebody else's by now, which the runtime has not told. */
  findLast(ref: ContainerRef): Found;
  /** What is known once the runtimes have been asked, on a miss for `waitMs` again and again; or by the time that `signal` is aborted. */
  resolve(ref: ContainerRef, waitMs: number, signal: AbortSignal): Promise<Resolved>;
  /** As find() and resolve(), by one candidate after the other: who may still turn out to be meant is waited for. */
  findAny(candidates: readonly Candidate[]): Found;
  resolveAny(candidates: readonly Candidate[], waitMs: number, signal: AbortSignal): Promise<Resolved>;
  /** Whether another one may be called by the entry's name by now: its runtime has no events, and was listed a while ago. */
  isOld(entry: Entry): boolean;
  /** Returns once the runtime has told all that it knows of an entry, or has not for a moment. */
  complete(id: string, signal: AbortSignal): Promise<void>;
  /** A process of the host by its number. */
  process(pid: number): ProcessFacts | undefined;
  /** Whether all that the runtimes tell of what was listed at the start has been asked for, or there was time enough for it. */
  isSettled(): boolean;
  entries(): readonly Entry[];
  /** IDs of those that are gone and still answerable. */
  gone(): ReadonlySet<string>;
  /** The containers of a pod, and every pod; those that are gone and still answerable too. */
  containersOf(pod: Pod): readonly Container[];
  pods(): readonly Pod[];
  /** Whether it is what a runtime listed last, and not gone. */
  isLive(entry: Entry): boolean;
  /** Grows with each change of an entry. */
  version(): number;
  runtimes(): readonly FollowerState[];
  readonly answers: Answers;
};

/** How long the start waits for the first lists. */
const startMs = 2000;

/** How long telemetry of a container that is listed waits for the rest that the runtime can tell about it. */
const detailsMs = 1000;

/** How long addresses of what was listed at the start may be on their way. */
const settleMs = 5000;

/** Between two times of forgetting what has been gone for long enough: a node on which nothing happens any more gives its memory back. */
const purgeMs = 10_000;

export function createDirectory(options: DirectoryOptions): Directory {
  const { log, metrics, places } = options;
  const stopping = new AbortController();
  const events = createContainerEvents();
  const index = createIndex(options.limits, { onAlias: (alias) => arrived(alias), onChange: events.changed });
  const cgroups = createHostCgroups(options.hostRoot);
  const runtimes = createRuntimes({ places, follow, onGone: (endpoint) => intake.forget(endpoint), log });
  const details = createDetails({
    index,
    cgroups,
    runtimeAt: (endpoint) => runtimes.connected().find(({ identity }) => identity.endpoint === endpoint),
    onError: (error) =>
      stopping.signal.aborted || log.debug({ error: String(error) }, "Container runtime did not tell details"),
    signal: stopping.signal,
  });
  const describer = createDescriber({ describe: details.describe });
  const intake = createIntake({
    index,
    log,
    onArrival: arrived,
    onFull: () => metrics.counter("podstamp_lookups", { result: "index_full" }).add(1),
    onIncomplete: describer.want,
  });
  const finder = createFinder({
    index,
    cgroups,
    ask: (ref, waitMs) => bestOf(runtimes.all().map(({ lookups }) => lookups.ask(ref, waitMs))),
    isAnswered: ({ id }) => {
      const up = runtimes.all().filter(({ follower }) => follower.state().status === "following");
      return up.length > 0 && up.every(({ lookups }) => lookups.isAnswered(id));
    },
    ageOf: ({ runtime: { endpoint } }) =>
      followedAt(endpoint)?.hasEvents === true ? 0 : performance.now() - intake.listedAt(endpoint),
    isConnected: ({ runtime: { endpoint } }) => followedAt(endpoint) !== undefined,
  });
  let isTried = false;
  let startedAt = -Infinity;
  let purging: NodeJS.Timeout | undefined;

  function followedAt(endpoint: string): FollowingState | undefined {
    const states = runtimes.all().flatMap(({ follower }) => {
      const state = follower.state();
      return state.status === "following" ? [state] : [];
    });
    return states.find(({ runtime }) => runtime.identity.endpoint === endpoint);
  }

  function arrived(key: string): void {
    for (const { lookups } of runtimes.all()) lookups.arrived(key);
  }

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
        if (!isAnswered && !signal.aborted) follower.doubt();
        return new Set(isAnswered ? asked : []);
      },
      has: (ref) => finder.find(ref).status !== "missing",
    });
    return { follower, lookups };
  }

  /** Waits for an entry's details, once: after that it is used as it is until they come. */
  async function complete(id: string, signal: AbortSignal): Promise<void> {
    if ((await within(describer.now(id), detailsMs, signal)) === "late") details.giveUp(id);
  }

  /** What was found, with its details. */
  async function completed(resolved: Resolved, signal: AbortSignal): Promise<Resolved> {
    const { found } = resolved;
    if (found.status !== "found" || isComplete(found.entry)) return resolved;
    await complete(found.entry.id, signal);
    return { ...resolved, found: index.get(found.entry.id, false) };
  }

  return {
    async start() {
      startedAt = performance.now();
      registerGauges(metrics, index, runtimes);
      if (places.label === "auto")
        metrics.gauge("podstamp_runtime_up", { runtime: "auto" }, () => (runtimes.connected().length > 0 ? 1 : 0));
      purging = setInterval(() => {
        index.purge();
        intake.purge();
      }, purgeMs).unref();
      runtimes.start();
      const tried = runtimes.tried();
      void tried.then(() => {
        isTried = true;
      });
      await within(tried, startMs, stopping.signal);
    },
    async stop() {
      stopping.abort();
      events.stop();
      clearInterval(purging);
      describer.stop();
      await Promise.all([intake.stop(), runtimes.stop()]);
    },
    isReady: () => isTried,
    find: finder.find,
    findLast: ({ id, mayBePrefix }) => index.get(id, mayBePrefix),
    findAny: finder.findAny,
    isOld: finder.isOld,
    resolve: async (ref, waitMs, signal) => completed(await finder.resolve(ref, waitMs, signal), signal),
    resolveAny: async (candidates, waitMs, signal) =>
      completed(await finder.resolveAny(candidates, waitMs, signal), signal),
    complete,
    process: cgroups.process,
    isSettled: () => describer.isIdle() || performance.now() - startedAt > settleMs,
    entries: () => index.entries(),
    gone: () => new Set(index.gone().map(({ id }) => id)),
    containersOf: ({ id }) => index.everyContainerOf(id),
    pods: index.pods,
    isLive: (entry) => index.live(entry.id) === entry,
    version: index.version,
    runtimes: () => runtimes.all().map(({ follower }) => follower.state()),
    answers: {
      containers: answerContainers(index, () => runtimes.all().map(({ follower }) => follower)),
      events: events.answer,
      runtimes: answerRuntimes(() => runtimes.all().map(({ follower }) => follower.state())),
    },
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

function registerGauges(metrics: Metrics, index: ContainerIndex, runtimes: Runtimes): void {
  for (const kind of ["container", "sandbox", "tombstone"] as const) {
    metrics.gauge("podstamp_directory_entries", { kind }, () => index.counts()[kind]);
  }
  metrics.gauge("podstamp_directory_entries", { kind: "negative" }, () =>
    runtimes.all().reduce((sum, { lookups }) => sum + lookups.counts().negative, 0),
  );
}
