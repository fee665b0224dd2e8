import { randomBytes } from "node:crypto";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { DeadLetterConfig } from "../../config/sending-fields.ts";
import type { Batch, Component, Host } from "../contract.ts";
import { makeFolder } from "../folders.ts";
import { encodeLetter, letterEnding } from "./letter.ts";
import { codeOf } from "../../error-code.ts";

const folderMode = 0o700;

type Outcome =
  | { readonly status: "written"; readonly file: string }
  | { readonly status: "full" }
  | { readonly status: "failed"; readonly cause: Error };

/** Keeps requests of one exporter that cannot be sent. */
export type DeadLetters = {
  /** Returns when the disk has it. */
  write(batch: Batch, why: { readonly reason: string; readonly error: string }): Promise<Outcome>;
};

/** Dead letters of an exporter, in a folder that all exporters may share. */
export function createDeadLetters(
  { directory: written, max_mib: maxBytes }: NonNullable<DeadLetterConfig>,
  host: Host,
): DeadLetters {
  const directory = resolve(written);
  const folder = host.share(`dead letters ${directory}`, () => createFolder(directory));
  host.metrics.gauge("podstamp_dead_letter_bytes", { exporter: host.id }, () => folder.used);
  return {
    write(batch, why) {
      const at = new Date().toISOString();
      return folder.write(encodeLetter(batch, { exporter: host.id, at, ...why }), { at, maxBytes });
    },
  };
}

type Folder = Component & {
  /** Bytes of all letters. */
  readonly used: number;
  write(pieces: readonly Uint8Array[], limits: Limits): Promise<Outcome>;
};

type Limits = { readonly at: string; readonly maxBytes: number };

function createFolder(directory: string): Folder {
  let used = 0;
  let count = 0;
  // One after the other, so that what is in the folder is known.
  let last: Promise<unknown> = Promise.resolve();

  const put = async (pieces: readonly Uint8Array[], { at, maxBytes }: Limits): Promise<Outcome> => {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    // What was sent again has been deleted meanwhile.
    if (used + length > maxBytes) used = await bytesIn(directory);
    if (used + length > maxBytes) return { status: "full" };
    const number = String(++count).padStart(6, "0");
    const name = `${at.replaceAll(/[-:.]/g, "")}-${number}-${randomBytes(4).toString("hex")}${letterEnding}`;
    await writeDurably(join(directory, name), pieces);
    used += length;
    return { status: "written", file: join(directory, name) };
  };
  const write = (pieces: readonly Uint8Array[], limits: Limits): Promise<Outcome> =>
    inFolder(directory, () => put(pieces, limits)).catch((cause: unknown) => ({
      status: "failed",
      cause: cause instanceof Error ? cause : new Error(String(cause)),
    }));

  return {
    get used() {
      return used;
    },
    async start() {
      await makeFolder(directory, folderMode);
      await removeUnfinished(directory);
      used = await bytesIn(directory);
    },
    async stop() {
      await last;
    },
    write(pieces, limits) {
      const mine = last.then(() => write(pieces, limits));
      last = mine;
      return mine;
    },
  };
}

/** Does what writes into a folder, and makes the folder when it is not there any more: somebody may have cleared away too much. */
async function inFolder<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    await makeFolder(directory, folderMode);
    return await work();
  }
}

async function bytesIn(directory: string): Promise<number> {
  let sum = 0;
  for (const name of await readdir(directory)) {
    if (name.endsWith(letterEnding)) sum += (await stat(join(directory, name)).catch(() => ({ size: 0 }))).size;
  }
  return sum;
}

const unfinishedEnding = ".unfinished";
/** Nobody writes at a letter for so long: who began it was killed. */
const abandonedMs = 10 * 60_000;

/** Removes what was begun and never will be a letter: no limit counts it and nobody reads it. */
async function removeUnfinished(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.endsWith(`${letterEnding}${unfinishedEnding}`)) continue;
    const file = join(directory, name);
    const written = (await stat(file).catch(() => undefined))?.mtimeMs ?? Number.POSITIVE_INFINITY;
    // Another process may write into the same folder.
    if (written < Date.now() - abandonedMs) await rm(file, { force: true }).catch(() => {});
  }
}

/** A file that is there whole or not at all, also after a power cut. */
async function writeDurably(file: string, pieces: readonly Uint8Array[]): Promise<void> {
  const unfinished = `${file}${unfinishedEnding}`;
  try {
    const handle = await open(unfinished, "wx", 0o600);
    try {
      for (const piece of pieces) await handle.writeFile(piece);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    // A part of it would take the last of a full disk, and there may be many.
    await rm(unfinished, { force: true });
    throw error;
  }
  const folder = await open(join(file, ".."), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
