import type { ContainerEvent } from "../../containers/events.ts";
import type { RuntimeStanding } from "../../containers/told.ts";
import { pause } from "../../containers/following/wait.ts";
import { createOrders } from "../../control/orders.ts";
import type { Factories } from "../../pipeline/graph/factory.ts";
import type { Ended, Question } from "../../telemetry/answers.ts";
import { type Args, readArgs } from "../terminal/args.ts";
import { startAlone } from "../lookup/alone.ts";
import { clean, CommandError, exitCode, type Io, UsageError } from "../terminal/output.ts";
import { findRunning, order } from "../running/running.ts";
import { shapes } from "../terminal/shapes.ts";
import type { Item } from "./line.ts";
import { createSink, type Sink } from "./sink.ts";

export type EventsOptions = {
  readonly loadComponents: () => Promise<Factories>;
  readonly uid: number | undefined;
};

/** `podstamp events`: what happens to containers, and with --spans what leaves, until it is interrupted. */
export async function events(argv: readonly string[], io: Io, { loadComponents, uid }: EventsOptions): Promise<number> {
  const args = readArgs(argv, shapes.events);
  const question = questionOf(args);
  const isSpans = args.flag("spans") || args.flag("unstamped");
  const sink = createSink(io, args.text("output") === "json");
  const isAlone = ["config", "runtime-endpoint", "image-endpoint", "host-root"].some(
    (name) => args.texts(name).length > 0,
  );
  if (isAlone && isSpans)
    throw new UsageError("Option --spans is about a podstamp that runs: must be without --config and endpoints");
  const running = isAlone ? undefined : await findRunning(args, { io, uid });
  if (running?.status === "several") throw new CommandError(`Cannot follow: ${running.problem}`);
  if (running?.status === "one") return following(() => fromRunning(running.path, { question, isSpans, sink }, io), io);
  if (running !== undefined && (isSpans || args.text("pid") !== undefined))
    throw new CommandError(`Cannot follow: ${running.problem}`);
  const components = await loadComponents();
  return following(() => byItself(args, components, { question, sink, io }), io);
}

/** Being interrupted is how it ends. */
async function following(work: () => Promise<Ended>, io: Io): Promise<number> {
  try {
    const { ok, lines } = await work();
    if (io.signal.aborted) return exitCode.ok;
    for (const line of lines) io.err(`${clean(line)}\n`);
    return ok ? exitCode.ok : exitCode.failed;
  } catch (error) {
    if (io.signal.aborted) return exitCode.ok;
    throw error;
  }
}

const againMs = 100;

type Wanted = { readonly question: Question; readonly isSpans: boolean; readonly sink: Sink };

async function fromRunning(path: string, { question, isSpans, sink }: Wanted, io: Io): Promise<Ended> {
  // Where one ends, so does the other.
  const ending = new AbortController();
  const signal = AbortSignal.any([io.signal, ending.signal]);
  const stream = async (name: string, type: Item["type"]) => {
    const asked = {
      order: name,
      question,
      // Who answers is a podstamp of the same protocol.
      onItem: (item: unknown) => sink.put({ type, ...(item as object) } as Item),
      onLost: sink.lost,
      keepUp: sink.taken,
    };
    // When it takes another configuration its answers end, and others take their place.
    for (;;) {
      const ended = await order(path, { signal, failing: "Cannot follow" }, asked);
      if (!ended.ok || signal.aborted) return ended;
      await pause(againMs, signal);
    }
  };
  const streams = [stream("events", "container"), ...(isSpans ? [stream("spans", "spans")] : [])];
  try {
    return await Promise.race(streams);
  } finally {
    ending.abort();
    await Promise.allSettled(streams);
  }
}

type Alone = { readonly question: Question; readonly sink: Sink; readonly io: Io };

async function byItself(args: Args, components: Factories, { question, sink, io }: Alone): Promise<Ended> {
  const { processor: _chosen, ...rest } = question;
  const alone = await startAlone(args, io, components);
  const take = createOrders({ reload: () => Promise.resolve({ ok: false, lines: [] }), answerers: alone.answerers });
  const { signal } = io;
  const follow = (name: string, onItem: (item: unknown) => void) =>
    take(name, rest, { send: async (item) => onItem(item), offer: onItem, signal });
  try {
    let runtimes = 0;
    await follow("runtimes", (item) => {
      runtimes += 1;
      io.err(`${clean(standing(item as RuntimeStanding))}\n`);
    });
    if (runtimes === 0) io.err(`${nobody}\n`);
    const isNews = newsOnly();
    return await follow("events", (item) => {
      const event = item as ContainerEvent;
      if (isNews(event)) sink.put({ type: "container", ...event });
    });
  } finally {
    await alone.stop();
  }
}

/** How long it may take until all is asked for that was there before. */
const settleMs = 5000;

/** Leaves out what is learnt at the beginning of those that were there before: it is new here alone. */
function newsOnly(): (event: Pick<ContainerEvent, "event" | "id">) => boolean {
  const until = performance.now() + settleMs;
  const begun = new Set<string>();
  return ({ event, id }) => {
    if (performance.now() >= until) return true;
    if (event !== "learnt") begun.add(id);
    return begun.has(id);
  };
}

const nobody =
  "No container runtime was found: there is a socket at none of the known places, which podstamp doctor lists; one that comes is followed";

/** How one runtime stands, in words. */
function standing({ label, runtime, error }: RuntimeStanding): string {
  if (runtime !== null) return `Following ${runtime.name} ${runtime.version} at ${runtime.endpoint}`;
  return `${error ?? `Nobody answers at ${label}`}; it is followed as soon as it answers`;
}

const maxRate = 1000;

function questionOf(args: Args): Question {
  const rate = args.text("rate");
  if (rate !== undefined && !(/^\d{1,4}$/.test(rate) && Number(rate) >= 1 && Number(rate) <= maxRate))
    throw new UsageError(`Option --rate must be a number from 1 to ${maxRate}, is "${clean(rate)}"`);
  const texts = ["processor", "namespace", "pod", "container"].flatMap((name) => {
    const value = args.text(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(texts),
    ...(rate === undefined ? {} : { rate: Number(rate) }),
    ...(args.flag("unstamped") ? { outcome: "unstamped" } : {}),
  };
}
