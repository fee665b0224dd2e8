import { LRUCache } from "lru-cache";
import { aliasesOf, createAliasTable, isAlias, isOfCgroup } from "./aliases.ts";
import type { Container, Entry, Pod } from "./entry.ts";

type FoundEntry = { readonly status: "found"; readonly entry: Entry };
/** What an ID leads to. */
export type Found = FoundEntry | { readonly status: "ambiguous" } | { readonly status: "missing" };

export type IndexLimits = {
  /** Live containers and sandboxes; more than that are not taken and counted. */
  readonly maxEntries: number;
  /** How long, and how many of, those that are gone stay answerable: their last spans arrive late. */
  readonly tombstoneMs: number;
  readonly maxTombstones: number;
};

const prefixLength = 12;
const missing: Found = { status: "missing" };

/** Every container and sandbox by its ID, by unique beginnings of it, and by its other names (see aliases.ts). */
export type ContainerIndex = {
  get(id: string, mayBePrefix: boolean): Found;
  /** A live one by its whole ID, which no other name can be: the answer is at hand. */
  findLive(id: string): Found | undefined;
  /** Adds or replaces an entry; false when there is no room for a new one. */
  put(entry: Entry): boolean;
  /** Puts a newer state of an entry in its place, live or gone; does nothing when it is not there. */
  replace(entry: Entry): void;
  /** The runtime does not list it any more: it stays answerable for a while. */
  bury(id: string): void;
  /** Of one that is gone nothing is answered any more: its ID is another's now. */
  release(id: string): void;
  live(id: string): Entry | undefined;
  /** Something happened to it: its addresses lead nowhere until it is confirmed, since they may be another's by now. */
  doubt(id: string): void;
  /** The runtime has told of it again, and nothing has changed. */
  confirm(id: string): void;
  /** The live containers of a sandbox. */
  containersOf(podId: string): readonly Container[];
  /** The containers of a sandbox, those that are gone too. */
  everyContainerOf(podId: string): readonly Container[];
  /** Every sandbox, those that are gone too. */
  pods(): readonly Pod[];
  /** Grows with each change of an entry. */
  version(): number;
  entries(): readonly Entry[];
  /** Those that are gone and still answerable. */
  gone(): readonly Entry[];
  counts(): { readonly container: number; readonly sandbox: number; readonly tombstone: number };
  /** Forgets those that have been gone for long enough. */
  purge(): void;
};

export type IndexListeners = {
  /** Told each other name that leads to an entry from now on. */
  readonly onAlias?: (alias: string) => void;
  /** Told each state of an entry with the one before: undefined before it was known, and once it is gone. */
  readonly onChange?: (before: Entry | undefined, after: Entry | undefined) => void;
};

/** Makes an empty index. */
export function createIndex(limits: IndexLimits, listeners: IndexListeners = {}): ContainerIndex {
  const { onAlias = () => {}, onChange = () => {} } = listeners;
  const aliases = createAliasTable();
  /** As it is answered: most of what is asked for is here. */
  const alive = new Map<string, FoundEntry>();
  let graves: LRUCache<string, Entry> | undefined;
  // Made when it is used first: until the start the limits may grow.
  const dead = () =>
    (graves ??= new LRUCache<string, Entry>({
      max: limits.maxTombstones,
      ttl: limits.tombstoneMs,
      // Asked for each time: the cache's own clock is a timer that nobody clears.
      ttlResolution: 0,
      perf: { now: () => performance.now() },
      dispose(entry, id) {
        version++;
        if (!alive.has(id)) forget(entry);
      },
    }));
  const byPrefix = new Map<string, Set<string>>();
  const byPod = new Map<string, Set<string>>();
  let pods = 0;
  let version = 0;

  const find = (id: string) => alive.get(id)?.entry ?? dead().get(id);
  const forget = (entry: Entry) => {
    removeFrom(byPrefix, entry.id.slice(0, prefixLength), entry.id);
    if (entry.kind === "container") removeFrom(byPod, entry.facts.podId, entry.id);
    aliases.set(entry.id, []);
  };
  const name = (entry: Entry) => {
    for (const alias of aliases.set(entry.id, aliasesOf(entry, alive.has(entry.id)))) onAlias(alias);
  };

  const byAlias = (alias: string): Found => {
    const entries = aliases.ids(alias).flatMap((id) => find(id) ?? []);
    // Containers may be put into one cgroup by whoever starts them: what is in it may be of any of them.
    if (entries.length > 1 && isOfCgroup(alias) && entries.filter((entry) => lifeOf(entry) === 1).length > 1)
      return { status: "ambiguous" };
    const [entry] = entries.length > 1 ? entries.toSorted((a, b) => lifeOf(b) - lifeOf(a) || byAge(b, a)) : entries;
    return entry === undefined ? missing : { status: "found", entry };
  };
  /** Of two with one name one that has not ended is meant; else the youngest: the end of the one before it may not have been heard of yet. */
  const lifeOf = (entry: Entry) => (alive.has(entry.id) && !hasEnded(entry) ? 1 : 0);

  const byBeginning = (id: string): Found => {
    const candidates = [...(byPrefix.get(id.slice(0, prefixLength)) ?? [])]
      .filter((whole) => whole.startsWith(id))
      .flatMap((whole) => find(whole) ?? []);
    const [entry] = candidates;
    if (entry === undefined) return missing;
    return candidates.length > 1 ? { status: "ambiguous" } : { status: "found", entry };
  };

  const entries = (): readonly Entry[] => [...alive.values()].map(({ entry }) => entry);

  const unlink = (entry: Entry) => {
    alive.delete(entry.id);
    if (entry.kind === "pod") pods--;
  };

  const put = (entry: Entry): boolean => {
    const known = alive.get(entry.id)?.entry;
    if (known === undefined && alive.size >= limits.maxEntries) return false;
    if (known !== undefined) unlink(known);
    if (known?.kind === "container") removeFrom(byPod, known.facts.podId, known.id);
    version++;
    alive.set(entry.id, { status: "found", entry });
    dead().delete(entry.id);
    addTo(byPrefix, entry.id.slice(0, prefixLength), entry.id);
    if (entry.kind === "pod") pods++;
    else if (entry.facts.podId !== "") addTo(byPod, entry.facts.podId, entry.id);
    name(entry);
    onChange(known, entry);
    return true;
  };

  return {
    put,
    get(id, mayBePrefix) {
      if (isAlias(id)) return byAlias(id);
      const entry = find(id);
      if (entry !== undefined) return { status: "found", entry };
      return mayBePrefix && id.length >= prefixLength ? byBeginning(id) : missing;
    },
    replace(entry) {
      if (alive.has(entry.id)) put(entry);
      else if (dead().has(entry.id)) {
        version++;
        const before = dead().peek(entry.id);
        dead().set(entry.id, entry, { noDisposeOnSet: true });
        name(entry);
        onChange(before, entry);
      }
    },
    bury(id) {
      const entry = alive.get(id)?.entry;
      if (entry === undefined) return;
      version++;
      unlink(entry);
      // To the cache a time of 0 would mean for ever.
      if (limits.tombstoneMs > 0) {
        dead().set(id, entry);
        name(entry);
      } else forget(entry);
      onChange(entry, undefined);
    },
    release: (id) => void dead().delete(id),
    findLive: (id) => alive.get(id),
    live: (id) => alive.get(id)?.entry,
    doubt: aliases.dropAddresses,
    confirm(id) {
      const entry = alive.get(id)?.entry;
      if (entry !== undefined) name(entry);
    },
    containersOf: (podId) =>
      [...(byPod.get(podId) ?? [])]
        .map((id) => alive.get(id)?.entry)
        .filter((entry): entry is Container => entry?.kind === "container"),
    everyContainerOf: (podId) =>
      [...(byPod.get(podId) ?? [])].map(find).filter((entry): entry is Container => entry?.kind === "container"),
    pods: () => [...dead().values(), ...entries()].filter((entry): entry is Pod => entry.kind === "pod"),
    version: () => version,
    entries,
    gone: () => [...dead().values()],
    counts() {
      dead().purgeStale();
      return { container: alive.size - pods, sandbox: pods, tombstone: dead().size };
    },
    purge: () => void dead().purgeStale(),
  };
}

function hasEnded(entry: Entry): boolean {
  if (entry.kind === "pod") return !entry.facts.isReady;
  const { facts, details } = entry;
  const told = details === undefined || details === "unavailable" ? facts : details;
  return facts.state === "exited" || told.state === "exited";
}

function byAge(a: Entry, b: Entry): number {
  return a.facts.createdAt - b.facts.createdAt;
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}

function removeFrom(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  set?.delete(value);
  if (set?.size === 0) sets.delete(key);
}

/** The pod of a container, live or lately gone. */
export function podOf(index: ContainerIndex, podId: string): Pod | undefined {
  if (podId === "") return undefined;
  const found = index.get(podId, false);
  return found.status === "found" && found.entry.kind === "pod" ? found.entry : undefined;
}
