import { LRUCache } from "lru-cache";
import { byCgroup, type Candidate, containerIn } from "./association.ts";
import { isName } from "./index/aliases.ts";
import type { HostCgroups } from "./index/cgroups.ts";
import type { ContainerIndex, Found } from "./index/container-index.ts";
import type { ContainerRef } from "./names/container-ref.ts";
import type { Entry } from "./index/entry.ts";
import type { LookupOutcome } from "./following/lookups.ts";
import { pause, unlessAborted, within } from "./following/wait.ts";

/** A find after the wait, with how the wait ended: "gave_up" when the signal ended it before the runtimes had answered. */
export type Resolved = {
  readonly found: Found;
  readonly outcome: LookupOutcome | "gave_up";
  /** The innermost container in the path that a cgroup's ID led to, whether it is known or not. */
  readonly named?: string | undefined;
};

export type FinderOptions = {
  readonly index: ContainerIndex;
  readonly cgroups: HostCgroups;
  /** Asks every runtime for an ID or another name: see Lookups. */
  readonly ask: (ref: ContainerRef, waitMs: number) => Promise<LookupOutcome>;
  /** Whether every runtime has answered for what is asked for, so that it is unknown and nobody is silent. */
  readonly isAnswered: (ref: ContainerRef) => boolean;
  /** How old what is known of the entry's runtime is, in ms: 0 where its events tell of each change, else as old as its list. */
  readonly ageOf: (entry: Entry) => number;
  /** Whether the entry's runtime can be asked now. */
  readonly isConnected: (entry: Entry) => boolean;
};

/** Finds entries by all that telemetry says of itself. */
export type Finder = {
  /** What is known now; nothing is asked. */
  find(ref: ContainerRef): Found;
  /** Of the candidates the first that is known, up to the first that must be asked for. */
  findAny(candidates: readonly Candidate[]): Found;
  /** Whether another one may be called by the entry's name by now: its runtime has no events, and was listed a while ago. */
  isOld(entry: Entry): boolean;
  resolve(ref: ContainerRef, waitMs: number, signal: AbortSignal): Promise<Resolved>;
  /** One candidate after the other, all within the wait. */
  resolveAny(candidates: readonly Candidate[], waitMs: number, signal: AbortSignal): Promise<Resolved>;
};

/** A cgroup that was not found is not looked for again so soon; between two looks for a new one. */
const unknownCgroupMs = 10_000;
const maxUnknownCgroups = 10_000;
const cgroupLookMs = 250;

/** What a list tells of addresses, and of who is called by a name, is believed for so long. */
const addressMs = 500;
const nameMs = 1000;

/** So long telemetry of a container that is known by its name may be held to find out whether another one is called so now. */
const outdatedMs = 300;

const missing: Found = { status: "missing" };

export function createFinder({ index, cgroups, ask, isAnswered, ageOf, isConnected }: FinderOptions): Finder {
  const unknownCgroups = new LRUCache<string, true>({
    max: maxUnknownCgroups,
    ttl: unknownCgroupMs,
    ttlResolution: 0,
    perf: { now: () => performance.now() },
  });

  const find = ({ id, mayBePrefix }: ContainerRef): Found => {
    const live = index.findLive(id);
    if (live !== undefined) return live;
    const cgroup = cgroupOf(id);
    if (cgroup?.hierarchy === "") return findInAny(cgroup.inode);
    const found = index.get(id, mayBePrefix);
    return found.status === "found" && isOutdated(id, found.entry) ? missing : found;
  };

  /** An address is given to the next pod as soon as its own is gone, and a name to the container or pod that is made next. */
  const isOutdated = (id: string, entry: Entry): boolean => {
    if (id.startsWith("ip:")) return ageOf(entry) >= addressMs;
    return isName(id) && isOld(entry);
  };

  const isOld = (entry: Entry): boolean => ageOf(entry) >= nameMs && isConnected(entry);

  /** A cgroup of whom nobody says in which hierarchy: version 2's, else that of the only container in the others. */
  const findInAny = (inode: string): Found => {
    const unified = index.get(`inode:unified:${inode}`, false);
    if (unified.status === "found") return unified;
    const found = cgroups.hierarchies().flatMap((name) => {
      const one = index.get(`inode:${name}:${inode}`, false);
      return one.status === "found" ? [one] : [];
    });
    const [first] = found;
    if (first === undefined) return missing;
    return found.every(({ entry }) => entry.id === first.entry.id) ? first : { status: "ambiguous" };
  };

  const findAny: Finder["findAny"] = (candidates) => {
    for (const { ref, isAsked } of candidates) {
      const found = find(ref);
      if (found.status !== "missing" || isAsked) return found;
    }
    return missing;
  };

  const resolve: Finder["resolve"] = async (ref, waitMs, signal) => {
    const found = find(ref);
    if (found.status !== "missing") return { found, outcome: "found" };
    const cgroup = cgroupOf(ref.id);
    if (cgroup !== undefined) return resolveCgroup(cgroup, waitMs, signal);
    if (isName(ref.id) && index.get(ref.id, false).status === "found") {
      // Where nobody says in time who is called so now, it is who was before: of the same pod or workload at least.
      await within(ask(ref, waitMs), Math.min(waitMs, outdatedMs), signal);
      return { found: index.get(ref.id, false), outcome: "found" };
    }
    const outcome = await unlessAborted<Resolved["outcome"]>(ask(ref, waitMs), signal, "gave_up");
    return { found: find(ref), outcome: outcome === "gave_up" && isAnswered(ref) ? "missing" : outcome };
  };

  const resolveCgroup = async (cgroup: Cgroup, waitMs: number, signal: AbortSignal): Promise<Resolved> => {
    const key = `${cgroup.hierarchy}:${cgroup.inode}`;
    if (unknownCgroups.has(key)) return { found: missing, outcome: "negative" };
    const until = performance.now() + waitMs;
    for (;;) {
      const path = await cgroups.pathOf(cgroup.inode, cgroup.hierarchy === "" ? undefined : cgroup.hierarchy);
      if (path !== undefined) {
        const candidates = byCgroup(path) ?? [];
        return {
          ...(await resolveAny(candidates, until - performance.now(), signal)),
          named: containerIn(candidates),
        };
      }
      if (signal.aborted) return { found: missing, outcome: "gave_up" };
      if (performance.now() >= until) break;
      await pause(Math.min(cgroupLookMs, until - performance.now()), signal);
    }
    unknownCgroups.set(key, true);
    return { found: missing, outcome: "missing" };
  };

  const resolveAny: Finder["resolveAny"] = async (candidates, waitMs, signal) => {
    const until = performance.now() + waitMs;
    let first: Resolved["outcome"] | undefined;
    for (const { ref, isAsked } of candidates) {
      const left = Math.max(0, until - performance.now());
      const resolved: Resolved = isAsked ? await resolve(ref, left, signal) : { found: find(ref), outcome: "missing" };
      if (resolved.found.status !== "missing") return { ...resolved, outcome: first ?? resolved.outcome };
      if (isAsked) first ??= resolved.outcome;
    }
    return { found: missing, outcome: first ?? "missing" };
  };

  return { find, findAny, isOld, resolve, resolveAny };
}

type Cgroup = { readonly hierarchy: string; readonly inode: string };

/** Reads inode:HIERARCHY:INODE. */
function cgroupOf(key: string): Cgroup | undefined {
  if (!key.startsWith("inode:")) return undefined;
  const match = /^inode:(.*):(\d+)$/.exec(key);
  return match?.[1] === undefined || match[2] === undefined ? undefined : { hierarchy: match[1], inode: match[2] };
}
