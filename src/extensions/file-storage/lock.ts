import { closeSync, openSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export type Lock = { release(): void };

const busy = 5;

/**
 * Takes a directory for this process alone, or throws with who has it. The lock is the kernel's: it ends with the process,
 * however that ends, and holds between containers that share the directory of one machine.
 */
export function lockDirectory(directory: string, { timeoutMs }: { readonly timeoutMs: number }): Lock {
  const file = join(directory, "lock");
  closeSync(openSync(file, "a", 0o600));
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
  return { release: () => db.close() };
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
