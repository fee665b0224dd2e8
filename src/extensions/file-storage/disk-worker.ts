import { parentPort, workerData } from "node:worker_threads";
import { createDisk } from "./disk.ts";
import { lockDirectory } from "./lock.ts";
import type { Lock } from "./lock.ts";
import type { DiskOptions, FromDisk, Request } from "./messages.ts";

/*
 * The thread that waits for the disk. What arrives while a commit is under way is in the next one: the slower the disk,
 * the more requests share a commit.
 */

/** Bytes of records in one commit, about; what is beyond waits for the next one. */
const maxCommitBytes = 16 * 1024 * 1024;

const port = parentPort;
if (port !== null) {
  const send = (message: FromDisk): void => port.postMessage(message);
  // Whoever starts this thread gives it that.
  const options = workerData as DiskOptions;
  try {
    const lock = lockDirectory(options.directory, { timeoutMs: options.lockTimeoutMs, makes: options.makes });
    serve(options, lock, send);
    send({ kind: "ready" });
  } catch (error) {
    send({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
    port.close();
  }
}

function serve(options: DiskOptions, lock: Lock, send: (message: FromDisk) => void): void {
  const disk = createDisk(options, { tell: send, holdDirectory: lock.hold });
  const waiting: Request[] = [];
  let isDue = false;
  const maintenance = setInterval(() => disk.maintain(), options.compaction.checkIntervalMs);
  const syncing = typeof options.fsync === "number" ? setInterval(() => disk.sync(), options.fsync) : undefined;

  const work = (): void => {
    isDue = false;
    const now = waiting.splice(0, oneCommit(waiting));
    const answers = disk.work(now);
    send({
      kind: "answers",
      answers: now.map(({ number }, index) => ({ number, answer: answers[index] ?? { kind: "done" } })),
    });
    if (now.some(({ op }) => op === "end")) end();
    else if (waiting.length > 0) soon();
  };
  const soon = (): void => {
    if (!isDue) setImmediate(work);
    isDue = true;
  };
  const end = (): void => {
    clearInterval(maintenance);
    clearInterval(syncing);
    disk.sync();
    disk.close();
    lock.release();
    port?.close();
  };
  port?.on("message", (request: Request) => {
    waiting.push(request);
    soon();
  });
  disk.maintain();
}

/** How many of the requests go into the next commit. */
function oneCommit(waiting: readonly Request[]): number {
  let bytes = 0;
  let count = 0;
  for (const request of waiting) {
    if (request.op === "put") bytes += request.record.length;
    if (count > 0 && bytes > maxCommitBytes) break;
    count++;
  }
  return count;
}
