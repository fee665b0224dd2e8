import { existsSync } from "node:fs";
import { openDatabase, pageSize } from "./database.ts";
import type { Database, DatabaseOptions } from "./database.ts";
import { LaterFormatError } from "./format.ts";
import { openPages, readReadable, readWal } from "./pages.ts";
import type { Wal } from "./pages.ts";
import { hasReplacement, makeReplacement, removeUnfinished, useReplacement } from "./replacement.ts";
import { findRecords } from "./rescue.ts";
import type { Found } from "./rescue.ts";
import { writeLogAside } from "./set-aside.ts";

/** What was found to be damaged, and what came of it. */
export type Damage = {
  readonly problem: string;
  /** Where the damaged file is now; undefined when there is none. */
  readonly aside: string | undefined;
  readonly rescued: number;
};

export type Opened = { readonly database: Database; readonly damages: readonly Damage[] };

/**
 * Opens a file of records. A damaged one is set aside, and every record in it that is whole is written into a new one;
 * of a write-ahead log that SQLite would cut off at its first wrong frame the records behind it are kept too.
 */
export function openStore(file: string, options: DatabaseOptions): Opened {
  removeUnfinished(file);
  const replaced = hasReplacement(file) ? { problem: endedMeanwhile, aside: useReplacement(file) } : undefined;
  const brokenLog = setBrokenLogAside(file);
  try {
    const database = openDatabase(file, options);
    if (replaced !== undefined) return { database, damages: [{ ...replaced, rescued: database.contents().count }] };
    if (brokenLog === undefined) return { database, damages: [] };
    const rescued = addRecords(database, logRecords(brokenLog.wal), (id) => id > database.lastId);
    const damage = { problem: "the write-ahead log has a wrong checksum", aside: brokenLog.aside, rescued };
    return { database, damages: [damage] };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return rescue(file, { options, problem: error instanceof Error ? error.message : String(error) });
  }
}

const endedMeanwhile = "podstamp ended while what is whole in it was put in its place";

type Rescue = { readonly options: DatabaseOptions; readonly problem: string };

/** Writes what can be read of a damaged file into a new one, which takes its place; the damaged one is set aside. */
export function rescue(file: string, { options, problem }: Rescue): Opened {
  const log = readReadable(`${file}-wal`);
  const pages = openPages(file, pageSize);
  let rescued = 0;
  try {
    rescued = makeReplacement(file, options, (fresh) =>
      addRecords(fresh, findRecords(pages, readWal(log, pageSize), pageSize), () => true),
    );
  } finally {
    pages.close();
  }
  const aside = useReplacement(file);
  return { database: openDatabase(file, options), damages: [{ problem, aside, rescued }] };
}

/** Records in one transaction: those of ids that are not there yet. */
function addRecords(database: Database, found: Iterable<Found>, wanted: (id: number) => boolean): number {
  const isNew = [...found].filter(({ id }) => wanted(id));
  let count = 0;
  database.transaction(() => {
    for (const { id, ...record } of isNew) {
      if (database.has(id)) continue;
      database.insert(record, id);
      count++;
    }
  });
  return count;
}

/** A copy of a write-ahead log that has frames behind a wrong one; undefined when there is nothing wrong with it. */
function setBrokenLogAside(file: string): { readonly wal: Wal; readonly aside: string } | undefined {
  const log = `${file}-wal`;
  if (!existsSync(log)) return undefined;
  const bytes = readReadable(log);
  const wal = readWal(bytes, pageSize);
  if (wal.frames.length <= wal.valid) return undefined;
  return { wal, aside: writeLogAside(file, bytes) };
}

function logRecords(wal: Wal): Iterable<Found> {
  return findRecords({ count: 0, page: () => undefined, close: () => {} }, wal, pageSize);
}

const corrupt = 11;
const notADatabase = 26;

/** Whether an error says that the file is not what was written. */
export function isDamage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === "DamagedError") return true;
  if (error instanceof LaterFormatError) return false;
  const code = resultCode(error);
  // A table or column that should be there and is not: SQL says "error" of it.
  return code === corrupt || code === notADatabase || (code === 1 && /no such (table|column)/.test(error.message));
}

/** SQLite's primary result code of an error. */
export function resultCode(error: unknown): number | undefined {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : undefined;
  return code === undefined ? undefined : code & 0xff;
}
