import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import { isIntact } from "../../pipeline/queue/record.ts";
import type { Contents, DamagedRecord, RecordFacts, StoredRecord } from "../../pipeline/storage.ts";
import { upgrade } from "./format.ts";

/** Bytes of a page; requests are kilobytes, so that a page of 4 KiB would be one link of a long chain. */
export const pageSize = 8192;

export type DatabaseOptions = {
  /** Whether a commit waits until the disk has it. */
  readonly syncs: boolean;
};

/** One record to be written. */
export type NewRecord = RecordFacts & { readonly record: Uint8Array };

/** A file of records, opened by this process alone. Every method may throw what node:sqlite throws. */
export type Database = ReturnType<typeof openDatabase>;

/** Opens a file of records or makes one; throws when it is damaged or of a later format. */
export function openDatabase(file: string, { syncs }: DatabaseOptions) {
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    // Alone: then the index of the log is in memory and not in a file that others map.
    db.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA page_size = ${pageSize}; PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL; PRAGMA synchronous = ${syncs ? "FULL" : "NORMAL"}; PRAGMA cache_size = -2048;`);
    checkWhole(db);
    upgrade(db);
    return overDatabase(db, file);
  } catch (error) {
    db.close();
    throw error;
  }
}

function checkWhole(db: DatabaseSync): void {
  const found = text(db.prepare("PRAGMA quick_check(1)").get(), "quick_check");
  if (found !== "ok") throw new DamagedError(`SQLite's check says: ${found}`);
}

/** The file is not what was written. */
export class DamagedError extends Error {
  override readonly name = "DamagedError";
}

function overDatabase(db: DatabaseSync, file: string) {
  const insert = db.prepare("INSERT INTO records (id, items, bytes, record) VALUES (?, ?, ?, ?)");
  const remove = db.prepare("DELETE FROM records WHERE id = ?");
  // Prepared once, as all that each commit runs: what is prepared anew stays in memory until V8 collects old objects.
  const keep = db.prepare("UPDATE state SET last_id = ?");
  const next = db.prepare("SELECT id, items, bytes, record FROM records WHERE id > ? ORDER BY id LIMIT 1");
  const pages = numbers(db.prepare("PRAGMA page_count"));
  const free = numbers(db.prepare("PRAGMA freelist_count"));
  const log = `${file}-wal`;
  const places = [placeOf(file), placeOf(log)];
  let lastId = Math.max(
    numeric(db.prepare("SELECT max(id) AS id FROM records").get(), "id"),
    numeric(db.prepare("SELECT last_id FROM state").get(), "last_id"),
  );
  const run = (statement: StatementSync, ...values: (number | Uint8Array)[]): number =>
    Number(statement.run(...values).changes);

  return {
    file,
    get lastId() {
      return lastId;
    },
    /** Whether the file and its log are still those that this process writes: somebody may have removed or replaced them. */
    isInPlace: () => placeOf(file) === places[0] && placeOf(log) === places[1],
    /** Gives no id that is not behind this one. */
    beginBehind(id: number): void {
      lastId = Math.max(lastId, id);
    },
    /** Writes all records into another file under their ids; gives how many there were. */
    copyTo(other: { transaction(work: () => void): void; insert(record: NewRecord, id: number): number }): number {
      let count = 0;
      const all = db.prepare("SELECT id, items, bytes, record FROM records ORDER BY id");
      other.transaction(() => {
        for (const row of all.iterate()) {
          const { record } = row;
          if (!(record instanceof Uint8Array)) throw new DamagedError("A row has no record");
          other.insert({ items: numeric(row, "items"), bytes: numeric(row, "bytes"), record }, numeric(row, "id"));
          count++;
        }
      });
      return count;
    },
    contents(): Contents {
      const row = db.prepare("SELECT count(*) AS count, sum(items) AS items, sum(bytes) AS bytes FROM records").get();
      return { count: numeric(row, "count"), items: numeric(row, "items"), bytes: numeric(row, "bytes") };
    },
    /** Runs `work` as one transaction: all of it or nothing. */
    transaction(work: () => void): void {
      const before = lastId;
      db.exec("BEGIN IMMEDIATE");
      try {
        work();
        db.exec("COMMIT");
      } catch (error) {
        lastId = before;
        // A full disk ends the transaction by itself.
        if (db.isTransaction) db.exec("ROLLBACK");
        throw error;
      }
    },
    insert({ items, bytes, record }: NewRecord, id = lastId + 1): number {
      run(insert, id, items, bytes, record);
      lastId = Math.max(lastId, id);
      return id;
    },
    remove: (id: number) => run(remove, id),
    /** Whether there is a record of this id. */
    has: (id: number) => db.prepare("SELECT 1 FROM records WHERE id = ?").get(id) !== undefined,
    read: (after: number, maxBytes: number) => readPage(next, after, maxBytes),
    /** Bytes of the file, and how much of it is free. */
    sizes: () => ({ file: pages() * pageSize, free: free() * pageSize }),
    /** Bytes of the log beside the file. */
    logSize: () => statSync(log, { throwIfNoEntry: false })?.size ?? 0,
    /** Remembers the last id, so that none is used twice, when no record does. */
    keepLastId: () => run(keep, lastId),
    /** Gives up to this many bytes back to the disk. */
    compact(maxBytes: number): void {
      db.exec(`PRAGMA incremental_vacuum(${Math.max(1, Math.ceil(maxBytes / pageSize))})`);
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    },
    close: () => db.close(),
  };
}

/** Which file a name leads to; undefined when it leads to none. */
export function placeOf(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}

type ReadPage = {
  readonly records: StoredRecord[];
  readonly damaged: (DamagedRecord & { readonly record: Uint8Array })[];
};

function readPage(next: StatementSync, after: number, maxBytes: number): ReadPage {
  const page: ReadPage = { records: [], damaged: [] };
  let length = 0;
  for (let id = after; length < maxBytes || page.records.length === 0;) {
    const row = next.get(id);
    if (row === undefined) break;
    id = numeric(row, "id");
    const record = row["record"];
    if (!(record instanceof Uint8Array)) throw new DamagedError("A row has no record");
    length += record.length;
    if (isIntact(record)) page.records.push({ id, record });
    else page.damaged.push({ id, items: numeric(row, "items"), bytes: numeric(row, "bytes"), record });
  }
  return page;
}

/** Reads the one number of a statement, as an array: of a row as an object V8 makes a shape, which stays in memory until it collects old objects. */
function numbers(statement: StatementSync): () => number {
  statement.setReturnArrays(true);
  return () => Number(Object.values(statement.get() ?? [])[0] ?? 0);
}

type Row = ReturnType<StatementSync["get"]>;

function numeric(row: Row, column: string): number {
  return Number(row?.[column] ?? 0);
}

function text(row: Row, column: string): string {
  return String(row?.[column] ?? "");
}
