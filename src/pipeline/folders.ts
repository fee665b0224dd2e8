import { accessSync, constants, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { codeOf } from "../error-code.ts";

/** Makes a folder, and those around it, where it is not there; rejects with what is in the way. */
export async function makeFolder(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode });
  } catch (cause) {
    const around = nearestExisting(resolve(path));
    const message = cause instanceof Error ? cause.message : String(cause);
    // On a read-only file system Node says that there is no such folder.
    const why = statSync(around).isDirectory() ? (whyNotWritable(around) ?? message) : message;
    throw new Error(`Cannot make directory ${path}: ${why}`, { cause });
  }
}

/** Why this user cannot make files in a folder that is there, in words; undefined where that can be. */
export function whyNotWritable(folder: string): string | undefined {
  const code = whyNot(folder, constants.W_OK | constants.X_OK);
  if (code === undefined) return undefined;
  if (code === "EROFS") return `${folder} is on a file system that is read-only (in a container: mount a volume there)`;
  if (code !== "EACCES") return `${folder}: ${code}`;
  const { uid, mode } = statSync(folder);
  const rights = (mode & 0o7777).toString(8).padStart(4, "0");
  return `this user may not write into ${folder}, which is of user ${uid}, mode ${rights}`;
}

/** The folder itself or the innermost one around it that is there, as far as this user can see. */
export function nearestExisting(path: string): string {
  let folder = path;
  while (folder !== dirname(folder) && whyNot(folder, constants.F_OK) !== undefined) folder = dirname(folder);
  return folder;
}

/** The code of the error; undefined where it may be done. */
export function whyNot(path: string, what: number): string | undefined {
  try {
    accessSync(path, what);
    return undefined;
  } catch (error) {
    return codeOf(error) ?? String(error);
  }
}
