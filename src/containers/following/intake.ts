import type { Hint, Listing, Runtime } from "../../runtimes/facts.ts";
import type { Logger } from "../../telemetry/log.ts";
import { createGone } from "../index/gone.ts";
import { createAsking } from "./asking.ts";
import { createRefresher } from "./refresher.ts";
import type { Refresher, Searched } from "./refresher.ts";
import { createTaking, isKnownTo, isMadeUp } from "./taking.ts";
import type { TakingOptions } from "./taking.ts";

export type IntakeOptions = Omit<TakingOptions, "gone"> & { readonly log: Logger };

/** Takes what the runtimes say into the index. */
export type Intake = {
  /** To be called before a whole list is asked for; takes its answer (undefined: none came): what is new is put, what was there before and is not listed is gone. */
  expect(runtime: Runtime): (listing: Listing | undefined) => void;
  /** A reason to ask. */
  hint(hint: Hint, runtime: Runtime): void;
  /** The runtime at an endpoint is there no more: what it alone knew is gone. */
  forget(endpoint: string): void;
  /** When all that a runtime has was listed last, as performance.now() has it. */
  listedAt(endpoint: string): number;
  /**
   * Asks for IDs, for as many of them as the runtime can be asked for now, and takes the answer. Gives those that were asked
   * for, and whether they were answered. Never rejects.
   */
  search(ids: readonly string[], runtime: Runtime, signal: AbortSignal): Promise<Searched>;
  /** Forgets what was gone long ago. */
  purge(): void;
  stop(): Promise<void>;
};

export function createIntake(options: IntakeOptions): Intake {
  const { index, log } = options;
  const gone = createGone();
  const { take, leave } = createTaking({ ...options, gone });
  const stopping = new AbortController();
  const refreshers = new Map<Runtime, Refresher>();
  /** How long the last list took, and when it was. */
  const listMs = new Map<string, number>();
  const listedAt = new Map<string, number>();

  const expect = (runtime: Runtime) => {
    const { endpoint } = runtime.identity;
    // What comes while the runtime answers may be missing in the answer.
    const before = index.entries().filter((entry) => isKnownTo(entry, endpoint));
    const { askedAt: since, end } = gone.ask();
    return (listing: Listing | undefined) => {
      end();
      if (listing === undefined) return;
      take(listing, runtime, since);
      listedAt.set(endpoint, performance.now());
      listMs.set(endpoint, performance.now() - since);
      const listed = new Set([...listing.pods, ...listing.containers].map(({ id }) => id));
      for (const { id } of before) if (!listed.has(id)) leave(id, endpoint);
    };
  };

  const asking = createAsking({
    log,
    ask: gone.ask,
    take,
    expect,
    listMs: (endpoint) => listMs.get(endpoint),
    isKnown: (id) => index.live(id) !== undefined,
    isPod: (id) => index.live(id)?.kind === "pod",
  });

  const refresherOf = (runtime: Runtime): Refresher => {
    const known = refreshers.get(runtime);
    if (known !== undefined) return known;
    for (const other of refreshers.keys()) {
      // A connection that was there before is no more.
      if (other.identity.endpoint === runtime.identity.endpoint) refreshers.delete(other);
    }
    const made = createRefresher({
      signal: stopping.signal,
      search: (ids, signal) => asking.searchHinted(ids, runtime, signal),
      has: (id) => gone.has(id, runtime) || index.live(id) !== undefined,
      isKnown: (id) => index.get(id, false).status === "found",
    });
    refreshers.set(runtime, made);
    return made;
  };

  return {
    expect,
    search: asking.search,
    hint({ id, change }, runtime) {
      if (change === "gone") {
        gone.add(id, runtime);
        leave(id, runtime.identity.endpoint);
        return;
      }
      if (change === "appeared") {
        gone.delete(id, runtime);
        if (!isMadeUp(id)) index.release(id);
      }
      if (!gone.has(id, runtime)) {
        index.doubt(id);
        const known = index.live(id);
        // Something else than its state: its name or its networks.
        if (change === "changed" && known?.kind === "container" && known.facts.state === "running")
          options.onIncomplete(id);
        refresherOf(runtime).add(id);
      }
    },
    forget(endpoint) {
      for (const entry of index.entries()) leave(entry.id, endpoint);
      for (const other of refreshers.keys()) if (other.identity.endpoint === endpoint) refreshers.delete(other);
      listedAt.delete(endpoint);
      listMs.delete(endpoint);
    },
    listedAt: (endpoint) => listedAt.get(endpoint) ?? -Infinity,
    purge: gone.purge,
    async stop() {
      stopping.abort();
      await Promise.all([...refreshers.values()].map(({ ended }) => ended()));
    },
  };
}
