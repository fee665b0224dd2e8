import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "./database.ts";
import type { Notice } from "./messages.ts";
import { isDamage, openStore, rescue, resultCode } from "./open-store.ts";
import type { Opened } from "./open-store.ts";
import { hasReplacement, makeReplacement, useReplacement } from "./replacement.ts";
import { setAside } from "./set-aside.ts";

/** A store that is open. */
export type OpenStore = { readonly database: Database; readonly kept: Kept; isDirty: boolean };

/** What is known of a store also while its file cannot be opened. */
export type Kept = {
  /** Records that are to be removed and could not be. */
  readonly unremoved: Set<number>;
  lastId: number;
  /** When opening it failed, so that a file which takes long to look at is not looked at for each request. */
  failed?: { readonly until: number; readonly waitMs: number; readonly error: unknown };
};

/** The files of a directory, opened when they are needed. */
export type Stores = ReturnType<typeof createStores>;

type StoresOptions = {
  readonly directory: string;
  readonly syncs: boolean;
  readonly reserve: string;
  /** Makes sure that the directory is there and is this process' own, or throws. */
  readonly holdDirectory: () => void;
  readonly tell: (notice: Notice) => void;
};

/** SQLite's codes of a full disk, and of one that cannot be read or written. */
export const full = 13;
const inputOutput = 10;

const openAgainMs = 1000;
const maxOpenAgainMs = 10_000;

/** Opens nothing yet. */
export function createStores({ directory, syncs, reserve, holdDirectory, tell }: StoresOptions) {
  const stores = new Map<string, OpenStore>();
  const kept = new Map<string, Kept>();
  const options = { syncs };
  const fileOf = (store: string) => join(directory, `${store}.db`);
  const keptOf = (store: string): Kept => {
    const known = kept.get(store) ?? { unremoved: new Set<number>(), lastId: 0 };
    kept.set(store, known);
    return known;
  };

  /** Runs what opens a file; what fails is not tried again for a moment. */
  const opening = (store: string, open: () => Opened): OpenStore => {
    const known = keptOf(store);
    if (known.failed !== undefined && performance.now() < known.failed.until) throw known.failed.error;
    try {
      const { database, damages } = open();
      for (const damage of damages) tell({ kind: "damage", store, damage });
      database.beginBehind(known.lastId);
      delete known.failed;
      const opened = { database, kept: known, isDirty: true };
      stores.set(store, opened);
      return opened;
    } catch (error) {
      const waitMs = Math.min(2 * (known.failed?.waitMs ?? openAgainMs / 2), maxOpenAgainMs);
      known.failed = { until: performance.now() + waitMs, waitMs, error };
      throw error;
    }
  };
  const openFile = (store: string): Opened => {
    holdDirectory();
    try {
      return openStore(fileOf(store), options);
    } catch (error) {
      if (resultCode(error) !== full || !existsSync(reserve)) throw error;
      // Opening writes a little, which must not fail for want of room that is kept for such a case.
      rmSync(reserve, { force: true });
      return openStore(fileOf(store), options);
    }
  };
  const opened = (store: string): OpenStore => stores.get(store) ?? opening(store, () => openFile(store));
  const drop = (store: string, { database, kept: known }: OpenStore): void => {
    known.lastId = database.lastId;
    stores.delete(store);
    database.close();
  };

  /** Runs `work`; a file that turns out to be damaged is set aside first, and `work` gets the new one. */
  const mending = <T>(store: string, work: (open: OpenStore) => T): T => {
    const open = opened(store);
    try {
      return work(open);
    } catch (error) {
      if (!isDamage(error)) throw error;
      drop(store, open);
      const problem = error instanceof Error ? error.message : String(error);
      return work(opening(store, () => rescue(fileOf(store), { options, problem })));
    }
  };

  /** Writes the records of a file that is open and no more in its place into a new one there. */
  const putBack = (store: string, open: OpenStore): void => {
    const file = fileOf(store);
    opening(store, () => {
      holdDirectory();
      let rescued = 0;
      try {
        rescued = makeReplacement(file, options, (fresh) => open.database.copyTo(fresh));
      } catch (error) {
        // What is on a disk that is gone is lost, unless it came back with that disk.
        if (resultCode(error) !== inputOutput && !isDamage(error)) throw error;
      }
      // Whoever closes a file removes the log of its name: by then that must not be another one's.
      const aside = hasReplacement(file) ? setAside(file) : undefined;
      drop(store, open);
      useReplacement(file);
      const { database, damages } = openFile(store);
      const problem = "the file was removed, replaced or hidden while it was in use";
      return { database, damages: [...damages, { problem, aside, rescued }] };
    });
  };

  const mustBeInPlace = (store: string): void => {
    const open = stores.get(store);
    if (open !== undefined && !open.database.isInPlace()) putBack(store, open);
  };

  return {
    /** The files that are open now. */
    open: (): readonly (readonly [string, OpenStore])[] => [...stores],
    get: (store: string): OpenStore | undefined => stores.get(store),
    /** Whether there is anything on the disk. */
    exists: (store: string): boolean =>
      existsSync(fileOf(store)) || existsSync(`${fileOf(store)}-wal`) || hasReplacement(fileOf(store)),
    fileOf,
    keptOf,
    mending,
    /** Sees to it that what is written is in the directory; throws when it cannot be. */
    mustBeInPlace,
    /** Throws, too, when what is in the file could not be put in its place: it is lost then, since nobody else has it open. */
    close(store: string): void {
      // It cannot be tried again later.
      delete kept.get(store)?.failed;
      try {
        mustBeInPlace(store);
      } finally {
        const open = stores.get(store);
        stores.delete(store);
        kept.delete(store);
        open?.database.close();
      }
    },
  };
}
