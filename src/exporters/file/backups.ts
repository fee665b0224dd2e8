import { readdir, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";

/** When a file is put aside and which of those put aside stay. */
export type Rotation = {
  /** A file that would grow beyond this is put aside. */
  readonly maxBytes: number;
  /** Days that one stays; 0 is for ever. */
  readonly maxDays: number;
  /** How many stay; 0 is all. */
  readonly maxBackups: number;
  /** Whether their names have the local time instead of UTC. */
  readonly isLocal: boolean;
};

const dayMs = 24 * 60 * 60 * 1000;

/** Renames a file to `name-2026-11-24T15-04-05.000.ext` beside it, at the first such moment from `now` on that is free. */
export async function putAside(path: string, { isLocal }: Rotation, now: number): Promise<void> {
  for (let at = now; ; at++) {
    const backup = join(dirname(path), `${stemOf(path)}-${formatTime(at, isLocal)}${extname(path)}`);
    if (await exists(backup)) continue;
    return rename(path, backup);
  }
}

/** Removes backups that are too old or too many, the oldest first. Rejects when one cannot be removed, after trying all. */
export async function removeOld(path: string, rotation: Rotation, now: number): Promise<void> {
  const { maxDays, maxBackups, isLocal } = rotation;
  if (maxDays === 0 && maxBackups === 0) return;
  const newestFirst = (await readdir(dirname(path)))
    .flatMap((name) => {
      const at = timeOf(name, path, isLocal);
      return at === undefined ? [] : [{ name, at }];
    })
    .toSorted((one, other) => other.at - one.at);
  const old = newestFirst.filter(
    ({ at }, index) => (maxBackups > 0 && index >= maxBackups) || (maxDays > 0 && at < now - maxDays * dayMs),
  );
  const outcomes = await Promise.allSettled(old.map(({ name }) => unlink(join(dirname(path), name))));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

function stemOf(path: string): string {
  return basename(path, extname(path));
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    // Whatever else stands in the way is told by the renaming.
    return false;
  }
}

function formatTime(at: number, isLocal: boolean): string {
  // Local time is written as if it were UTC.
  const shown = isLocal ? new Date(at - new Date(at).getTimezoneOffset() * 60_000) : new Date(at);
  return shown.toISOString().slice(0, -1).replaceAll(":", "-");
}

/** The time in the name of a backup of `path`; undefined when the name is something else's. */
function timeOf(name: string, path: string, isLocal: boolean): number | undefined {
  const [before, after] = [`${stemOf(path)}-`, extname(path)];
  if (!name.startsWith(before) || !name.endsWith(after)) return undefined;
  const time = name.slice(before.length, name.length - after.length);
  const [, date, hour, minute, second] = /^(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2}\.\d{3})$/.exec(time) ?? [];
  if (date === undefined) return undefined;
  const at = Date.parse(`${date}T${hour}:${minute}:${second}${isLocal ? "" : "Z"}`);
  return Number.isNaN(at) ? undefined : at;
}
