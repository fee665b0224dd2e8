import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/*
 * Files that were found to be damaged, or in the way, are kept under another name: somebody may want to look at them. They are
 * bounded, so that a disk which damages one file after the other is not filled by them.
 */

/** Gives a file and its log another name, and tells it; undefined when there is neither. */
export function setAside(file: string): string | undefined {
  const log = `${file}-wal`;
  if (!existsSync(file) && !existsSync(log)) return undefined;
  const aside = asideName(file);
  // The log first: without its file nobody reads it.
  if (existsSync(log)) renameSync(log, `${aside}-wal`);
  if (existsSync(file)) renameSync(file, aside);
  return aside;
}

/** Writes what a log holds to a name beside it, and tells it. */
export function writeLogAside(file: string, log: Buffer): string {
  const aside = `${asideName(file)}-wal`;
  writeFileSync(aside, log, { mode: 0o600 });
  return aside;
}

/** Writes one record of a file to a name beside it, and tells it. */
export function writeRecordAside(file: string, id: number, record: Uint8Array): string {
  const aside = `${file}.damaged-record-${id}`;
  writeFileSync(aside, record, { mode: 0o600 });
  return aside;
}

function asideName(file: string): string {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  for (let n = 0; ; n++) {
    const name = `${file}.damaged-${time}${n === 0 ? "" : `-${n}`}`;
    if (!existsSync(name) && !existsSync(`${name}-wal`)) return name;
  }
}

/** How many files may lie aside, each with its log. */
const maxFiles = 100;

/** What lies aside, and what of it was removed now. */
export type Aside = { readonly bytes: number; readonly removed: { readonly files: number; readonly bytes: number } };

/** Removes the oldest of what lies aside in a directory until the rest is within bounds; the newest stays however large it is. */
export function boundAside(directory: string, maxBytes: number): Aside {
  const removed = { files: 0, bytes: 0 };
  let kept = 0;
  let isFull = false;
  for (const [index, { names, bytes }] of newestFirst(directory).entries()) {
    isFull ||= index > 0 && (index >= maxFiles || kept + bytes > maxBytes);
    if (!isFull) {
      kept += bytes;
      continue;
    }
    for (const name of names) rmSync(join(directory, name), { force: true });
    removed.files += names.length;
    removed.bytes += bytes;
  }
  return { bytes: kept, removed };
}

type OneAside = { readonly names: string[]; bytes: number; since: number };

/** A file and its log count as one. */
function newestFirst(directory: string): readonly OneAside[] {
  const found = new Map<string, OneAside>();
  for (const name of existsSync(directory) ? readdirSync(directory) : []) {
    const [, base] = /^(.+\.db\.damaged-.+?)(?:-wal)?$/.exec(name) ?? [];
    const facts = base === undefined ? undefined : statSync(join(directory, name), { throwIfNoEntry: false });
    if (base === undefined || facts?.isFile() !== true) continue;
    const one = found.get(base) ?? { names: [], bytes: 0, since: 0 };
    found.set(base, one);
    one.names.push(name);
    one.bytes += facts.size;
    // When it got this name; what is in it is older.
    one.since = Math.max(one.since, facts.ctimeMs);
  }
  return [...found.values()].toSorted((a, b) => b.since - a.since);
}
