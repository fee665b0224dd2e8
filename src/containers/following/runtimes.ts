import type { Runtime, RuntimePlaces, RuntimeSource } from "../../runtimes/facts.ts";
import type { Logger } from "../../telemetry/log.ts";
import type { Follower } from "./follower.ts";
import type { Lookups } from "./lookups.ts";
import { pause } from "./wait.ts";

/** A runtime with those who wait for what it knows. */
export type Followed = { readonly follower: Follower; readonly lookups: Lookups };

export type RuntimesOptions = {
  readonly places: RuntimePlaces;
  readonly follow: (source: RuntimeSource) => Followed;
  /** The runtime at a place is there no more. */
  readonly onGone: (label: string) => void;
  readonly log: Logger;
};

/** Every runtime of this node, each followed and asked by itself, so that one that does not answer holds up no other. */
export type Runtimes = {
  start(): void;
  stop(): Promise<void>;
  all(): readonly Followed[];
  connected(): readonly Runtime[];
  /** Resolves when each that was there at the start has been listed or has not answered for the first time. */
  tried(): Promise<void>;
};

/** Between two looks for sockets: while none is there, and else. */
const hastyMs = 1000;
const steadyMs = 5000;

/** A socket that is away for so long does not just restart. */
const goneMs = 60_000;

/** More places than this are no machine's. */
const maxRuntimes = 64;

export function createRuntimes({ places, follow, onGone, log }: RuntimesOptions): Runtimes {
  const stopping = new AbortController();
  const followed = new Map<string, Followed & { seenAt: number }>();
  let looking: Promise<void> = Promise.resolve();
  let tried: Promise<void> = Promise.resolve();

  const look = () => {
    const now = performance.now();
    for (const source of places.find()) {
      const known = followed.get(source.label);
      if (known !== undefined) known.seenAt = now;
      else if (followed.size < maxRuntimes) {
        const one = follow(source);
        followed.set(source.label, { ...one, seenAt: now });
        one.follower.start();
      }
    }
  };

  const dropGone = async () => {
    const now = performance.now();
    for (const [label, { follower, lookups, seenAt }] of followed) {
      if (now - seenAt < goneMs || follower.state().status === "following") continue;
      followed.delete(label);
      await Promise.all([follower.stop(), lookups.stop()]);
      onGone(label);
    }
  };

  const lookAgain = async () => {
    while (!stopping.signal.aborted) {
      await pause(followed.size === 0 ? hastyMs : steadyMs, stopping.signal);
      if (stopping.signal.aborted) return;
      look();
      await dropGone();
    }
  };

  return {
    start() {
      look();
      if (followed.size === 0)
        log.warn({}, "No container runtime was found: there is a socket at none of the known places; looking again");
      tried = Promise.all([...followed.values()].map(({ follower }) => follower.tried())).then(() => undefined);
      looking = lookAgain();
    },
    async stop() {
      stopping.abort();
      await looking;
      await Promise.all([...followed.values()].flatMap(({ follower, lookups }) => [follower.stop(), lookups.stop()]));
    },
    all: () => [...followed.values()],
    connected: () =>
      [...followed.values()]
        .map(({ follower }) => follower.state())
        .flatMap((state) => (state.status === "following" ? [state.runtime] : [])),
    tried: () => tried,
  };
}
