import { closeSync, mkdirSync, openSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { placeOf } from "./database.ts";
import { codeOf } from "../../error-code.ts";

export type Lock = {
  /** Takes the directory again where it was removed or replaced, and throws when that cannot be. */
  hold(): void;
  release(): void;
};

type LockOptions = {
  readonly timeoutMs: number;
  /** Permissions of the directory if it is to be made again when it is not there any more. */
  readonly makes?: number | undefined;
};

const busy = 5;

/**
 * Takes a directory for this process alone, or throws with who has it. The lock is the kernel's: it ends with the process,
 * however that ends, and holds between containers that share the directory of one machine.
 */
export function lockDirectory(directory: string, { timeoutMs, makes }: LockOptions): Lock {
  const file = join(directory, "lock");
  let held: Held | undefined = take(directory, timeoutMs);
  const release = (): void => {
    held?.db.close();
    held = undefined;
  };
  return {
    hold() {
      if (held !== undefined && placeOf(file) === held.place) return;
      release();
      if (makes !== undefined) mkdirSync(directory, { recursive: true, mode: makes });
      held = take(directory, 0);
    },
    release,
  };
}

type Held = { readonly db: DatabaseSync; readonly place: string | undefined };

function take(directory: string, timeoutMs: number): Held {
  const file = join(directory, "lock");
  makePrivate(file);
  // Looked at before it is opened: what fails here leaves nothing open.
  const place = placeOf(file);
  const db = new DatabaseSync(file, { timeout: timeoutMs });
  try {
    db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : undefined;
    if (code !== busy) throw error;
    throw new Error(
      `Cannot use directory ${directory}: must be of one process only, is in use by ${owner(directory)}`,
      {
        cause: error,
      },
    );
  }
  writeOwner(directory);
  return { db, place };
}

/** Opens no file that is there: whoever closes a file gives up all locks that this process has on it, for whomever it took them. */
function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
}

/** For whoever is refused; on a full disk that is not worth a refusal of our own. */
function writeOwner(directory: string): void {
  const file = join(directory, "owner");
  try {
    writeFileSync(`${file}.new`, `process ${ownPid()} on ${hostname()} since ${new Date().toISOString()}\n`, {
      mode: 0o600,
    });
    renameSync(`${file}.new`, file);
  } catch {
    rmSync(`${file}.new`, { force: true });
  }
}

function owner(directory: string): string {
  try {
    return readFileSync(join(directory, "owner"), "utf8").trim();
  } catch {
    return "another process";
  }
}

/** A thread has no other way to its process that needs no more than a number. */
function ownPid(): string {
  try {
    return readlinkSync("/proc/self");
  } catch {
    return "?";
  }
}
