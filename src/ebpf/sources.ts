import type { AttributeValue } from "../otlp/wire/attribute.ts";
import { encodeAttribute } from "../otlp/wire/attribute.ts";
import { lengthDelimited } from "../otlp/rope/splice.ts";
import { createProcesses, type Ended, type Process } from "./processes.ts";

/** What is known of the container that a cgroup is of. */
export type Identity = {
  /** Whether records of it are wanted. */
  readonly isWanted: boolean;
  /** Of the resource, as far as they are of the container and not of one process: service.name, container.id. */
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  /** Where its runtime did not know the container: what it is as far as is known by now, and undefined while that is no more. */
  better?(): Identity | undefined;
};

/** Finds out whose a cgroup is; the path has no hierarchy's root before it. It never rejects. */
export type Identify = (path: string) => Identity | Promise<Identity>;

/** A cgroup that the kernel has announced. */
export class Cgroup {
  readonly hierarchy: number;
  readonly id: number;
  readonly path: string;
  /** waiting: nobody knows yet whose it is; records of it are held back. */
  status: "waiting" | "wanted" | "refused" = "waiting";
  attributes: ReadonlyMap<string, AttributeValue> = new Map();
  better: Identity["better"];
  readonly sources = new Map<number, Source>();
  /** Of the rate limit: what may still be reported, and since when. */
  tokens = 0;
  filledAt = -Infinity;

  constructor(hierarchy: number, id: number, path: string) {
    this.hierarchy = hierarchy;
    this.id = id;
    this.path = path;
  }
}

/** Records of one source in an outbox: a list by positions there. */
export type Slot = { first: number; last: number };

/** A process in a cgroup: what a resource is of. */
export class Source {
  readonly cgroup: Cgroup;
  readonly tgid: number;
  readonly name: string;
  readonly process: Process | undefined;
  readonly spans: Slot = { first: -1, last: -1 };
  readonly logs: Slot = { first: -1, last: -1 };
  #resource: Uint8Array | undefined;

  constructor(cgroup: Cgroup, tgid: number, known: Process | string) {
    this.cgroup = cgroup;
    this.tgid = tgid;
    this.process = typeof known === "string" ? undefined : known;
    this.name = typeof known === "string" ? known : known.name;
  }

  /** The resource as field 1 of ResourceSpans and ResourceLogs; to be asked for when the cgroup waits no more. */
  get resource(): Uint8Array {
    this.#resource ??= encodeResource(this);
    return this.#resource;
  }
}

function encodeResource({ cgroup, tgid, name, process }: Source): Uint8Array {
  const attributes = new Map<string, AttributeValue>();
  const put = (key: string, value: AttributeValue | undefined) => {
    if (value !== undefined && value !== "") attributes.set(key, value);
  };
  // The name that the conventions have where nobody has given one.
  put("service.name", name === "" ? "unknown_service" : `unknown_service:${name}`);
  for (const [key, value] of cgroup.attributes) put(key, value);
  if (tgid > 0) put("process.pid", tgid);
  put("process.executable.name", name);
  put("process.executable.path", process?.path);
  put("process.parent_pid", process?.parent);
  if (process !== undefined && process.pidInside !== tgid) put("process.vpid", process.pidInside);
  put("process.user.id", process?.user);
  if (process !== undefined && process.args.length > 0) put("process.command_args", process.args);
  put("process.linux.cgroup", cgroup.path);
  return lengthDelimited(1, Buffer.concat([...attributes].map(([key, value]) => encodeAttribute(1, key, value))));
}

export type SourcesOptions = {
  readonly identify: Identify;
  /** Records of each cgroup a second, and in one moment; 0: no limit. */
  readonly rate: number;
  readonly burst: number;
  readonly maxCgroups: number;
  readonly maxProcesses: number;
  /** The name of a program whose exec was not seen, where something better than its thread's name is known. */
  nameOf?(tgid: number, cgroup: string): string | undefined;
  /** It has become known whether a cgroup's records are wanted; `before` is what was thought until now. */
  onKnown(cgroup: Cgroup, before: Cgroup["status"]): void;
};

/** Who the records are of, by the cgroup and the process that they name. */
export type Sources = {
  /** A cgroup was announced: at once somebody begins to find out whose it is. */
  announce(cgroup: { readonly hierarchy: number; readonly id: number; readonly path: string }): void;
  /** A process has begun to be another program. */
  exec(hierarchy: number, cgroup: number, started: { readonly tgid: number; readonly process: Process }): void;
  /** A process that began at `start` has ended at `time`, in ns: some time later its number may be another's. */
  exit(
    hierarchy: number,
    cgroup: number,
    ended: { readonly tgid: number; readonly start: number; readonly time: number },
  ): void;
  /** The source of a record; undefined when nobody wants its records. Where no exec was seen, the 16 bytes at `comm` name the process. */
  find(hierarchy: number, cgroup: number, tgid: number, bytes: Uint8Array, comm: number): Source | undefined;
  /** Whether it is known that nobody wants records of this cgroup. */
  isRefused(hierarchy: number, cgroup: number): boolean;
  /** Whether the source may report one more record at `now` (ns); takes that from what it may. */
  take(source: Source, now: number): boolean;
  /** Looks again at those whose runtime did not know them. */
  review(): void;
  /** Cgroups whose identity is not known yet. */
  waiting(): number;
  size(): number;
};

const decoder = new TextDecoder();

/** Processes of one cgroup that are remembered apart. */
const maxSources = 4096;

export function createSources(options: SourcesOptions): Sources {
  const { identify, rate, burst, maxCgroups, maxProcesses, onKnown } = options;
  const hierarchies = new Map<number, Map<number, Cgroup>>();
  const processes = createProcesses<Ended & { readonly cgroup: Cgroup | undefined }>({
    max: maxProcesses,
    onForgotten: ({ cgroup, tgid, process }) => forgetSource(cgroup, tgid, process),
  });
  const order = new Set<Cgroup>();
  const unsure = new Set<Cgroup>();
  let waiting = 0;
  let last: Source | undefined;

  const lookUp = (hierarchy: number, id: number): Cgroup => {
    const known = hierarchies.get(hierarchy)?.get(id);
    if (known !== undefined) return known;
    return add(hierarchy, id, "");
  };

  const add = (hierarchy: number, id: number, path: string): Cgroup => {
    const made = new Cgroup(hierarchy, id, path);
    const same = hierarchies.get(hierarchy) ?? new Map<number, Cgroup>();
    hierarchies.set(hierarchy, same);
    const before = same.get(id);
    if (before !== undefined) drop(before);
    same.set(id, made);
    order.add(made);
    if (order.size > maxCgroups) forgetOldest();
    last = undefined;
    learn(made);
    return made;
  };

  const drop = (cgroup: Cgroup): void => {
    order.delete(cgroup);
    unsure.delete(cgroup);
  };

  const forgetOldest = (): void => {
    const [oldest] = order;
    if (oldest === undefined) return;
    drop(oldest);
    hierarchies.get(oldest.hierarchy)?.delete(oldest.id);
  };

  const learn = (cgroup: Cgroup): void => {
    const found = identify(cgroup.path);
    if (!(found instanceof Promise)) return know(cgroup, found);
    waiting++;
    // It never rejects.
    void found.then((identity) => {
      waiting--;
      know(cgroup, identity);
    });
  };

  const know = (cgroup: Cgroup, { isWanted, attributes, better }: Identity): void => {
    const before = cgroup.status;
    cgroup.attributes = attributes;
    cgroup.better = better;
    cgroup.status = isWanted ? "wanted" : "refused";
    if (better === undefined || !order.has(cgroup)) unsure.delete(cgroup);
    else unsure.add(cgroup);
    // What was said of its processes before may have left out who they are of.
    if (!isWanted || before !== "waiting") cgroup.sources.clear();
    if (before !== "waiting") last = undefined;
    onKnown(cgroup, before);
  };

  const find: Sources["find"] = (hierarchy, id, tgid, bytes, comm) => {
    if (last !== undefined && last.tgid === tgid && last.cgroup.id === id && last.cgroup.hierarchy === hierarchy)
      return last.cgroup.status === "refused" ? undefined : last;
    const cgroup = lookUp(hierarchy, id);
    if (cgroup.status === "refused") return undefined;
    last =
      cgroup.sources.get(tgid) ??
      addSource(cgroup, tgid, processes.get(tgid) ?? options.nameOf?.(tgid, cgroup.path) ?? textAt(bytes, comm, 16));
    return last;
  };

  /** Whoever has the number next is another source. */
  const forgetSource = (cgroup: Cgroup | undefined, tgid: number, process: Process | undefined): void => {
    if (cgroup?.sources.get(tgid)?.process === process) cgroup?.sources.delete(tgid);
    last = undefined;
  };

  const addSource = (cgroup: Cgroup, tgid: number, known: Process | string): Source => {
    const made = new Source(cgroup, tgid, known);
    trim(cgroup.sources, maxSources);
    cgroup.sources.set(tgid, made);
    return made;
  };

  return {
    find,
    announce({ hierarchy, id, path }) {
      const known = hierarchies.get(hierarchy)?.get(id);
      if (known === undefined || known.path !== path) {
        add(hierarchy, id, path);
        return;
      }
      order.delete(known);
      order.add(known);
    },
    exit(hierarchy, id, { tgid, start, time }) {
      const cgroup = hierarchies.get(hierarchy)?.get(id);
      processes.expire(time);
      const before = processes.get(tgid);
      if (processes.isOfAnother(tgid, start)) forgetSource(cgroup, tgid, before);
      processes.end({ tgid, cgroup, process: processes.get(tgid), time });
    },
    exec(hierarchy, id, { tgid, process }) {
      processes.exec(tgid, process);
      lookUp(hierarchy, id).sources.delete(tgid);
      last = undefined;
    },
    isRefused: (hierarchy, id) => hierarchies.get(hierarchy)?.get(id)?.status === "refused",
    take({ cgroup }, now) {
      if (rate === 0) return true;
      cgroup.tokens = Math.min(burst, cgroup.tokens + ((now - cgroup.filledAt) / 1e9) * rate);
      cgroup.filledAt = now;
      if (cgroup.tokens < 1) return false;
      cgroup.tokens--;
      return true;
    },
    review() {
      for (const cgroup of unsure) {
        const identity = cgroup.better?.();
        if (identity !== undefined) know(cgroup, identity);
      }
    },
    waiting: () => waiting,
    size: () => order.size,
  };
}

/** Text of at most `max` bytes that ends with a zero byte; what is no UTF-8 in it is replaced. */
export function textAt(bytes: Uint8Array, at: number, max: number): string {
  let end = at;
  while (end < at + max && bytes[end] !== 0) end++;
  return decoder.decode(bytes.subarray(at, end));
}

/** Makes room for one more. */
function trim<V>(map: Map<number, V>, max: number): void {
  if (map.size < max) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
