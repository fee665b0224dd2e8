import { Worker } from "node:worker_threads";
import { isOneFile } from "../../built.ts";
import type { Contents, Store } from "../../pipeline/storage.ts";
import type { Answer, DiskOptions, FromDisk, Notice, Question } from "./messages.ts";

/** The thread of the disk, as the rest of the process sees it. */
export type DiskClient = {
  /** Starts the thread; rejects when it cannot have the directory. */
  start(): Promise<void>;
  /** The store of a file; a second one of the same name opens when the first is closed. */
  store(name: string): Store;
  /** Whether somebody has the store of a file open, or opens it. */
  isClaimed(name: string): boolean;
  /** Closes what is open and ends the thread. */
  stop(): Promise<void>;
};

const gone = "The storage is not running";

/** Starts nothing yet; `tell` hears what the thread says unasked. */
export function createDiskClient(options: DiskOptions, tell: (notice: Notice) => void): DiskClient {
  const waiting = new Map<number, (answer: Answer) => void>();
  const users = new Map<string, Promise<void>>();
  const claimed = new Map<string, number>();
  let worker: Worker | undefined;
  let ended: Promise<void> | undefined;
  let last = 0;

  const ask = (question: Question, transfer: ArrayBuffer[] = []): Promise<Answer> => {
    const thread = worker;
    if (thread === undefined) return Promise.resolve({ kind: "error", message: gone });
    return new Promise((resolve) => {
      const number = ++last;
      waiting.set(number, resolve);
      thread.postMessage({ ...question, number }, transfer);
    });
  };
  const lose = (message: string): void => {
    worker = undefined;
    for (const resolve of waiting.values()) resolve({ kind: "error", message });
    waiting.clear();
  };
  const hear = (message: FromDisk): void => {
    if (message.kind !== "answers") return tell(message);
    for (const { number, answer } of message.answers) {
      waiting.get(number)?.(answer);
      waiting.delete(number);
    }
  };

  return {
    async start() {
      const thread = startThread(options);
      const exited = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
      ended = exited;
      await new Promise<void>((resolve, reject) => {
        thread.on("message", (message: FromDisk) => {
          if (message.kind === "ready") resolve();
          else if (message.kind === "failed") reject(new Error(message.message));
          else hear(message);
        });
        thread.on("error", (error) => {
          reject(error);
          tell({ kind: "trouble", store: "", message: error instanceof Error ? error.message : String(error) });
        });
        thread.on("exit", () => {
          reject(new Error("The thread of the disk ended"));
          lose(gone);
        });
      });
      worker = thread;
    },
    store: (name) => createStore(name, { ask, users, claimed }),
    isClaimed: (name) => claimed.has(name),
    async stop() {
      if (worker !== undefined) await ask({ op: "end" });
      await ended;
    },
  };
}

function startThread(options: DiskOptions): Worker {
  // A package has what was compiled, a checkout the source.
  const file = import.meta.url.endsWith(".ts") ? "./disk-worker.ts" : "./disk-worker.cjs";
  return new Worker(isOneFile ? new URL(import.meta.url) : new URL(file, import.meta.url), {
    name: "disk-worker",
    workerData: options,
    // node:sqlite is a release candidate in Node 24 and says so on standard error; nobody who runs podstamp can do anything about it.
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
}

type StoreOptions = {
  readonly ask: (question: Question, transfer?: ArrayBuffer[]) => Promise<Answer>;
  /** When the one who has a store open is done with it. */
  readonly users: Map<string, Promise<void>>;
  /** How many have a store open or wait for it. */
  readonly claimed: Map<string, number>;
};

function createStore(store: string, { ask, users, claimed }: StoreOptions): Store {
  let release: (() => void) | undefined;
  const claim = (by: 1 | -1): void => {
    const count = (claimed.get(store) ?? 0) + by;
    if (count > 0) claimed.set(store, count);
    else claimed.delete(store);
  };
  return {
    async open(): Promise<Contents> {
      const before = users.get(store);
      const mine = Promise.withResolvers<void>();
      users.set(store, mine.promise);
      claim(1);
      await before;
      release = mine.resolve;
      const answer = await ask({ op: "open", store });
      if (answer.kind === "contents") return answer.contents;
      mine.resolve();
      claim(-1);
      throw new Error(`Cannot use the stored queue ${store}: ${problemOf(answer)}`);
    },
    async put(record, facts) {
      const answer = await ask({ op: "put", store, record, ...facts }, [record.buffer]);
      return answer.kind === "put" ? answer.put : { status: "failed", cause: new Error(problemOf(answer)) };
    },
    async read(after, maxBytes) {
      const answer = await ask({ op: "read", store, after, maxBytes });
      if (answer.kind === "page") return answer.page;
      throw new Error(problemOf(answer));
    },
    remove(ids) {
      // The thread keeps what it could not remove, and tells of it.
      void ask({ op: "remove", store, ids });
    },
    async close() {
      if (release === undefined) return;
      await ask({ op: "close", store });
      release();
      release = undefined;
      claim(-1);
    },
  };
}

function problemOf(answer: Answer): string {
  return answer.kind === "error" ? answer.message : "the storage gave an answer to another question";
}
