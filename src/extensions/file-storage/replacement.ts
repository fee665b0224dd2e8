import { existsSync, renameSync, rmSync } from "node:fs";
import { openDatabase } from "./database.ts";
import type { Database, DatabaseOptions } from "./database.ts";
import { setAside } from "./set-aside.ts";

/*
 * A file of records is replaced as a whole: the new one is written beside it, and takes its place only when it is whole. What
 * fails or ends in between leaves the old one where it was, or is brought to its end by the next one who opens the file.
 */

/** Writes the file that is to take the place of `file`; `fill` gives it its records and says how many. */
export function makeReplacement(file: string, options: DatabaseOptions, fill: (fresh: Database) => number): number {
  removeUnfinished(file);
  const fresh = openDatabase(unfinished(file), options);
  let count: number;
  try {
    count = fill(fresh);
  } finally {
    // Closing writes the log into the file, which stands alone then.
    fresh.close();
  }
  renameSync(unfinished(file), finished(file));
  return count;
}

/** Puts a replacement that is whole in its place, if there is one; gives where what was there before is now. */
export function useReplacement(file: string): string | undefined {
  if (!hasReplacement(file)) return undefined;
  const aside = setAside(file);
  renameSync(finished(file), file);
  return aside;
}

export const hasReplacement = (file: string): boolean => existsSync(finished(file));

/** Removes what was begun and is not whole. */
export function removeUnfinished(file: string): void {
  for (const one of [unfinished(file), `${unfinished(file)}-wal`]) rmSync(one, { force: true });
}

const unfinished = (file: string): string => `${file}.unfinished`;
const finished = (file: string): string => `${file}.replacement`;
