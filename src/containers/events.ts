import { once } from "node:events";
import type { Answer, Reply } from "../telemetry/answers.ts";
import type { Entry } from "./index/entry.ts";
import { type EntryFilter, fits, readFilter } from "./entry-filter.ts";

/** What happened to a container or a pod's sandbox, as the directory saw it; `learnt` when more became known of it. */
export type ContainerEvent = {
  /** When it was seen: RFC 3339. */
  readonly time: string;
  readonly event: "created" | "started" | "exited" | "ready" | "stopped" | "deleted" | "learnt";
  readonly kind: "container" | "sandbox";
  readonly id: string;
  /** The container's name in its pod, else the runtime's for it. */
  readonly name: string | null;
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string } | null;
  readonly runtime: string;
  /** With `created` and `learnt`: what is known now and was not before. */
  readonly facts: Learnt;
};

/** What the status calls tell. */
export type Learnt = Readonly<Record<string, string | number | readonly string[]>>;

/** Tells those who follow it what changes in a directory; nothing is made while nobody does. */
export type ContainerEvents = {
  /** A state of an entry took the place of another: undefined before it was known, and once it is gone. */
  changed(before: Entry | undefined, after: Entry | undefined): void;
  /** Answers the order `events` until who asked is gone, or stop(). */
  readonly answer: Answer;
  stop(): void;
};

export function createContainerEvents(): ContainerEvents {
  const followers = new Map<Reply, EntryFilter>();
  const stopping = new AbortController();
  return {
    changed(before, after) {
      const entry = after ?? before;
      if (followers.size === 0 || entry === undefined) return;
      const wanting = [...followers].filter(([, filter]) => fits(filter, entry));
      if (wanting.length === 0) return;
      for (const event of eventsOf(entry, before, after)) for (const [reply] of wanting) reply.offer(event);
    },
    async answer(question, reply) {
      followers.set(reply, readFilter(question));
      const signal = AbortSignal.any([reply.signal, stopping.signal]);
      if (!signal.aborted) await once(signal, "abort");
      followers.delete(reply);
      return { ok: true, lines: [] };
    },
    stop: () => stopping.abort(),
  };
}

function eventsOf(entry: Entry, before: Entry | undefined, after: Entry | undefined): readonly ContainerEvent[] {
  const pod = entry.kind === "pod" ? entry : entry.pod;
  const common = {
    time: new Date().toISOString(),
    kind: entry.kind === "pod" ? ("sandbox" as const) : ("container" as const),
    id: entry.id,
    name: entry.kind === "pod" ? null : entry.facts.name || entry.facts.runtimeName || null,
    pod: pod === undefined ? null : { namespace: pod.facts.namespace, name: pod.facts.name, uid: pod.facts.uid },
    runtime: entry.runtime.name,
  };
  const event = (name: ContainerEvent["event"], facts: Learnt = {}): ContainerEvent => ({
    ...common,
    event: name,
    facts,
  });
  if (after === undefined) return [event("deleted")];
  const news = newsOf(before === undefined ? {} : factsOf(before), factsOf(after));
  const state = stateOf(after);
  const was = before === undefined ? undefined : stateOf(before);
  // Between two looks it may have been started and have ended.
  const skipped = state === "exited" && (was === undefined || was === "created") && isStarted(after);
  return [
    ...(before === undefined ? [event("created", news)] : []),
    ...(skipped ? [event("started")] : []),
    ...(state !== was && state !== "created" ? [event(state)] : []),
    ...(before !== undefined && Object.keys(news).length > 0 ? [event("learnt", news)] : []),
  ];
}

type State = "created" | "started" | "exited" | "ready" | "stopped";

function stateOf(entry: Entry): State {
  if (entry.kind === "pod") return entry.facts.isReady ? "ready" : "stopped";
  const { facts, details } = entry;
  if (facts.state === "exited") return "exited";
  const state = typeof details === "object" ? details.state : facts.state;
  return state === "running" ? "started" : state === "exited" ? "exited" : "created";
}

function isStarted(entry: Entry): boolean {
  return entry.kind === "container" && typeof entry.details === "object" && entry.details.startedAt !== undefined;
}

function factsOf(entry: Entry): Learnt {
  if (entry.kind === "pod") return known({ addresses: entry.details?.addresses });
  const { image, details, cgroups } = entry;
  const told = typeof details === "object" ? details : undefined;
  return known({
    image: image.name === undefined ? undefined : [image.name, ...image.tags.slice(0, 1)].join(":"),
    digest: image.manifestDigest,
    pid: told?.pid,
    addresses: told?.addresses,
    exitCode: told?.exitCode,
    cgroupIds: cgroups?.ids,
  });
}

function known(facts: Readonly<Record<string, Learnt[string] | undefined>>): Learnt {
  const isKnown = (entry: [string, Learnt[string] | undefined]): entry is [string, Learnt[string]] =>
    entry[1] !== undefined && !(Array.isArray(entry[1]) && entry[1].length === 0);
  return Object.fromEntries(Object.entries(facts).filter(isKnown));
}

function newsOf(before: Learnt, after: Learnt): Learnt {
  return Object.fromEntries(
    Object.entries(after).filter(([key, value]) => JSON.stringify(before[key]) !== JSON.stringify(value)),
  );
}
