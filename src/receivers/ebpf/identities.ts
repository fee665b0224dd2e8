import { byCgroup, type Candidate } from "../../containers/association.ts";
import { type CgroupIdentity, parseCgroup } from "../../containers/names/cgroup-path.ts";
import type { Directory } from "../../containers/directory.ts";
import { type Entry, isComplete } from "../../containers/index/entry.ts";
import { pause } from "../../containers/following/wait.ts";
import type { Identify, Identity } from "../../ebpf/sources.ts";
import type { AttributeValue } from "../../otlp/wire/attribute.ts";
import { anyOf, type NameTest } from "./pattern.ts";
import { serviceOf } from "./service.ts";
import type { Settings } from "./settings.ts";

export type IdentitiesOptions = {
  readonly directory: Directory;
  readonly include: Settings["include"];
  readonly exclude: Settings["exclude"];
  readonly hostProcesses: boolean;
  readonly waitMs: number;
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
};

type Selection = Settings["include"];

/** How long a cgroup that may be a container's without its ID is waited for, and between two looks. */
const soonMs = 1000;
const lookMs = 50;

/** What is asked of a container; undefined where everything will do. */
type Tests = {
  readonly namespace: NameTest | undefined;
  readonly pod: NameTest | undefined;
  readonly container: NameTest | undefined;
  readonly image: NameTest | undefined;
};

/** What there is to test; a name that is not known is undefined. */
type Names = { readonly [K in keyof Tests]: string | undefined };

/** Finds out of a cgroup's path which container it is of, asks the runtime for it, and says whether it is wanted. */
export function createIdentities(options: IdentitiesOptions): Identify {
  const { directory, hostProcesses, waitMs, signal } = options;
  const include = testsOf(options.include);
  const exclude = testsOf(options.exclude);
  const isSelective = Object.values(include).some((test) => test !== undefined);
  const onHost: Identity = { isWanted: hostProcesses && !isSelective, attributes: new Map() };

  const identityOf = ({ containerId, podUid }: CgroupIdentity, entry: Entry | undefined): Identity => {
    const names = namesOf(entry);
    const attributes = new Map<string, AttributeValue>(entry === undefined ? [] : serviceOf(entry));
    const id = containerId ?? entry?.id;
    if (id !== undefined) attributes.set("container.id", id);
    // The runtime does not know the container: what the cgroup says of its pod.
    if (entry?.kind !== "container" && podUid !== undefined) attributes.set("k8s.pod.uid", podUid);
    return { isWanted: fitsAll(include, names) && !fitsAny(exclude, names), attributes };
  };

  /** What to say while the runtime does not know the container: when it does, that is better. */
  const unsure = (named: CgroupIdentity, now: Identity, candidates: readonly Candidate[]): Identity => ({
    ...now,
    better() {
      const found = directory.findAny(candidates);
      if (found.status !== "found" || !isOf(found.entry, named) || !isComplete(found.entry)) return undefined;
      return identityOf(named, found.entry);
    },
  });

  /** What is known of it by then: nobody is asked, the events that tell of it are on their way. */
  const soon = async (candidates: readonly Candidate[]): Promise<Entry | undefined> => {
    const until = performance.now() + Math.min(waitMs, soonMs);
    for (;;) {
      const found = directory.findAny(candidates);
      if (found.status === "found" && isComplete(found.entry)) return found.entry;
      if (performance.now() >= until || signal.aborted) return undefined;
      await pause(lookMs, signal);
    }
  };

  return (path) => {
    const named = parseCgroup(path);
    const candidates = byCgroup(path) ?? [];
    const isContainer = named.containerId !== undefined;
    const known = directory.findAny(candidates);
    // The pod alone is not enough while its container may still be found, nor the container while its image may be told.
    if (known.status === "found" && isComplete(known.entry) && (!isContainer || isOf(known.entry, named)))
      return identityOf(named, known.entry);
    if (known.status !== "found" && !isContainer) {
      if (!mayBeNamed(path)) return unsure(named, onHost, candidates);
      return soon(candidates).then((entry) =>
        entry === undefined ? unsure(named, onHost, candidates) : identityOf(named, entry),
      );
    }
    // It has begun before the runtime can tell of it: asked now, so that it is known also when it is gone soon.
    return directory.resolveAny(candidates, waitMs, signal).then(
      ({ found }) => {
        const entry = found.status === "found" ? found.entry : undefined;
        const isSure = entry !== undefined && (!isContainer || isOf(entry, named));
        const identity = identityOf(named, entry);
        return isSure ? identity : unsure(named, identity, candidates);
      },
      () => unsure(named, identityOf(named, undefined), candidates),
    );
  };
}

/** A container of ctr's has its namespace and its name there, and begins before the runtime can tell of it; what systemd makes says what it is. */
function mayBeNamed(path: string): boolean {
  const [first = "", second = ""] = path.split("/").filter((part) => part !== "");
  return second !== "" && !/\.(?:slice|scope|service|socket|mount|swap)$/.test(first);
}

/** Whether it is the container that the cgroup names, or the sandbox. */
function isOf(entry: Entry, { containerId }: CgroupIdentity): boolean {
  return entry.kind === "container" || entry.id === containerId;
}

function namesOf(entry: Entry | undefined): Names {
  const pod = entry?.kind === "container" ? entry.pod : entry;
  const container = entry?.kind === "container" ? entry : undefined;
  return {
    namespace: pod?.facts.namespace,
    pod: pod?.facts.name,
    container: container?.facts.name || container?.facts.runtimeName,
    image: container?.image.name,
  };
}

function testsOf({ namespaces, pods, containers, images }: Selection): Tests {
  return { namespace: anyOf(namespaces), pod: anyOf(pods), container: anyOf(containers), image: anyOf(images) };
}

const kinds = ["namespace", "pod", "container", "image"] as const;

function fitsAll(tests: Tests, names: Names): boolean {
  return kinds.every((kind) => tests[kind]?.(names[kind] ?? "") ?? true);
}

function fitsAny(tests: Tests, names: Names): boolean {
  return kinds.some((kind) => tests[kind]?.(names[kind] ?? "") ?? false);
}
