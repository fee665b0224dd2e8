import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolder } from "../../pipeline/folders.ts";
import { putAside, removeOld } from "./backups.ts";
import type { Rotation } from "./backups.ts";
import { endOf } from "./torn.ts";
import type { Framing } from "./torn.ts";
import { codeOf } from "../../error-code.ts";

export type LogFileOptions = {
  readonly path: string;
  /** Whether what the file holds at the first opening is thrown away. */
  readonly isTruncated: boolean;
  /** How what it holds else is read, to see whether it ends with a whole record. */
  readonly framing: Framing;
  readonly rotation: Rotation | undefined;
  /** Permissions of folders that are made when they are missing; undefined when none is made. */
  readonly directoryMode: number | undefined;
  /** What is written is forced to the disk so long after it, at the latest; 0 leaves that to the system. */
  readonly syncMs: number;
  /** ms since the epoch. */
  readonly now: () => number;
  /** Told what went wrong without a record being refused for it. */
  readonly onTrouble: (cause: Error, message: string) => void;
};

/** How many of the records, from the first one on, are in the file; with the reason when not all are. */
export type Added = { readonly count: number; readonly cause?: Error };

/** dev and ino say which file it is, whatever name it has by now. */
type Opened = { readonly handle: FileHandle; readonly dev: number; readonly ino: number; readonly isRegular: boolean };

/** What a broken write has left behind. */
type Torn = { readonly dev: number; readonly ino: number; readonly goodSize: number };

/** One file that records are added to, put aside when it is full. One that was moved away, removed or broke is opened again with the next record. */
export class LogFile {
  readonly #options: LogFileOptions;
  #opened: Opened | undefined;
  #size = 0;
  #torn: Torn | undefined;
  #wasOpened = false;
  #syncTimer: NodeJS.Timeout | undefined;

  constructor(options: LogFileOptions) {
    this.#options = options;
  }

  /** Opens the file; rejects with its path when it cannot. */
  async open(): Promise<void> {
    const { path, rotation } = this.#options;
    await this.#open().catch((cause: unknown) => {
      throw cannotWrite(path, cause);
    });
    if (rotation !== undefined) await this.#removeOld(rotation);
  }

  /** Adds records, each whole or not at all. One call at a time. */
  async add(records: readonly Uint8Array[]): Promise<Added> {
    const { path, rotation } = this.#options;
    let count = 0;
    try {
      let file = await this.#current();
      while (count < records.length) {
        const room = rotation === undefined ? Number.POSITIVE_INFINITY : rotation.maxBytes - this.#size;
        const fitting = countFitting(records, count, room);
        if (fitting === 0 && rotation !== undefined && this.#size > 0) file = await this.#rotate(file, rotation);
        else {
          // One that is larger than a file may be has a file of its own.
          const group = records.slice(count, count + Math.max(1, fitting));
          await this.#write(file, group.length === 1 && group[0] !== undefined ? group[0] : Buffer.concat(group));
          count += group.length;
        }
      }
      return { count };
    } catch (cause) {
      return { count, cause: cannotWrite(path, cause) };
    }
  }

  /** Forces what was written to the disk and closes. */
  async close(): Promise<void> {
    await this.#sync();
    await this.#release();
  }

  /** The file that the path leads to now. */
  async #current(): Promise<Opened> {
    const opened = this.#opened;
    if (opened === undefined) return this.#open();
    const there = await stat(this.#options.path).catch(() => undefined);
    if (there?.dev === opened.dev && there.ino === opened.ino) return opened;
    await this.#release();
    return this.#open();
  }

  async #open(): Promise<Opened> {
    const { path, directoryMode, isTruncated } = this.#options;
    if (directoryMode !== undefined) await makeFolder(dirname(path), directoryMode);
    // What we wrote ourselves is never thrown away.
    const truncate = isTruncated && !this.#wasOpened ? constants.O_TRUNC : 0;
    const handle = await openToAdd(path, truncate);
    try {
      const found = await handle.stat();
      const { dev, ino } = found;
      const torn = this.#torn;
      const isTorn = torn?.dev === dev && torn.ino === ino && torn.goodSize < found.size;
      if (isTorn) await handle.truncate(torn.goodSize);
      this.#size = isTorn ? torn.goodSize : found.size;
      this.#torn = undefined;
      if (!this.#wasOpened && found.isFile()) await this.#mendEnd(handle);
      this.#wasOpened = true;
      this.#opened = { handle, dev, ino, isRegular: found.isFile() };
      return this.#opened;
    } catch (cause) {
      await handle.close();
      throw cause;
    }
  }

  /** What is added to a piece of a record could not be read: with lengths nor could all that comes after. */
  async #mendEnd(handle: FileHandle): Promise<void> {
    const { path, framing, onTrouble } = this.#options;
    try {
      const end = await endOf(path, framing, this.#size);
      if (end.kind === "torn") {
        await handle.truncate(end.goodSize);
        const cut = this.#size - end.goodSize;
        this.#size = end.goodSize;
        onTrouble(
          new Error(`${path} ended with ${cut} bytes of a record that was not written whole`),
          "A piece of a record was cut off: whoever wrote it ended before it was taken",
        );
      } else if (end.kind === "open") this.#size += await writeSome(handle, Buffer.from("\n"));
      else if (end.kind === "foreign")
        onTrouble(new Error(`${path} does not end with a record`), "What is added to a file may not be readable");
    } catch (cause) {
      onTrouble(errorOf(cause), "Could not look whether a file ends with a whole record");
    }
  }

  async #rotate({ isRegular }: Opened, rotation: Rotation): Promise<Opened> {
    const { path, now } = this.#options;
    if (!isRegular) throw new Error("it is no regular file and cannot be rotated");
    await this.#sync();
    await this.#release();
    await putAside(path, rotation, now());
    const fresh = await this.#open();
    await this.#removeOld(rotation);
    return fresh;
  }

  async #removeOld(rotation: Rotation): Promise<void> {
    const { path, now, onTrouble } = this.#options;
    try {
      await removeOld(path, rotation, now());
    } catch (cause) {
      onTrouble(errorOf(cause), "Could not remove old backups of a file");
    }
  }

  /** Writes all of it; what was written of it before it broke is taken back with the next opening. */
  async #write({ handle, isRegular, dev, ino }: Opened, bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await writeSome(handle, bytes.subarray(at));
    } catch (cause) {
      if (isRegular) this.#torn = { dev, ino, goodSize: this.#size };
      await this.#release();
      throw cause;
    }
    this.#size += bytes.length;
    const { syncMs } = this.#options;
    if (syncMs > 0) this.#syncTimer ??= setTimeout(() => void this.#sync(), syncMs);
  }

  async #sync(): Promise<void> {
    clearTimeout(this.#syncTimer);
    this.#syncTimer = undefined;
    if (this.#opened?.isRegular !== true || this.#options.syncMs === 0) return;
    try {
      await this.#opened.handle.datasync();
    } catch (cause) {
      this.#options.onTrouble(
        errorOf(cause),
        "The disk did not take what was written: it may be lost when the power goes",
      );
    }
  }

  async #release(): Promise<void> {
    clearTimeout(this.#syncTimer);
    this.#syncTimer = undefined;
    const opened = this.#opened;
    this.#opened = undefined;
    try {
      await opened?.handle.close();
    } catch (cause) {
      this.#options.onTrouble(errorOf(cause), "Could not close a file");
    }
  }
}

/** Without waiting: a pipe that nobody reads would hold up the end of the process, too. */
async function openToAdd(path: string, truncate: number): Promise<FileHandle> {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NONBLOCK } = constants;
  try {
    return await open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | truncate, 0o600);
  } catch (cause) {
    if (codeOf(cause) !== "ENXIO") throw cause;
    throw new Error("it is a pipe that nobody reads, or a socket", { cause });
  }
}

/** When a pipe that is full is tried again. */
const fullPipeMs = 20;

/** Writes as much as goes; gives how much that was. */
async function writeSome(handle: FileHandle, bytes: Uint8Array): Promise<number> {
  for (;;) {
    try {
      return (await handle.write(bytes)).bytesWritten;
    } catch (cause) {
      if (codeOf(cause) !== "EAGAIN") throw cause;
    }
    await sleep(fullPipeMs);
  }
}

/** How many records, from `from` on, fit together into `room` bytes. */
function countFitting(records: readonly Uint8Array[], from: number, room: number): number {
  let left = room;
  let at = from;
  for (; at < records.length; at++) {
    left -= records[at]?.length ?? 0;
    if (left < 0) break;
  }
  return at - from;
}

function cannotWrite(path: string, cause: unknown): Error {
  return new Error(`Cannot write ${path}: ${errorOf(cause).message}`, { cause });
}

function errorOf(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
