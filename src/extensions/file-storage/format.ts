import type { DatabaseSync } from "node:sqlite";

/** What each version of the format changed, from an empty file on: the step at index n makes version n + 1 of version n. */
const steps: readonly string[] = [
  `CREATE TABLE records (id INTEGER PRIMARY KEY, items INTEGER NOT NULL, bytes INTEGER NOT NULL, record BLOB NOT NULL)`,
  // Until then an emptied file began to count again, and an id could stand for two requests in one log.
  `CREATE TABLE state (last_id INTEGER NOT NULL); INSERT INTO state SELECT coalesce(max(id), 0) FROM records`,
];

/** The version of the format that this program writes. */
export const formatVersion = steps.length;

/** Brings a file to the present format, in one transaction; throws when a later podstamp wrote it. */
export function upgrade(db: DatabaseSync): void {
  const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (version > steps.length)
    throw new LaterFormatError(
      `must be of format ${steps.length} or earlier, is ${version}: a later podstamp wrote it`,
    );
  if (version === steps.length) return;
  db.exec(`BEGIN IMMEDIATE; ${steps.slice(version).join(";")}; PRAGMA user_version = ${steps.length}; COMMIT`);
}

/** A later version of podstamp wrote the file: it is left as it is. */
export class LaterFormatError extends Error {
  override readonly name = "LaterFormatError";
}
