import { closeSync, existsSync, fdatasyncSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Contents, Put } from "../../pipeline/storage.ts";
import { pageSize } from "./database.ts";
import type { Database } from "./database.ts";
import { resultCode } from "./open-store.ts";
import { boundAside, writeRecordAside } from "./set-aside.ts";
import { createStores, full } from "./stores.ts";
import type { OpenStore } from "./stores.ts";
import type { Answer, DiskOptions, Notice, Question } from "./messages.ts";

/** The stores of one directory, as the thread has them; all of it waits for the disk. */
export type Disk = {
  /** Does what was asked, in that order, with one commit for each store; gives an answer to each. */
  work(questions: readonly Question[]): readonly Answer[];
  /** What is to be done now and then: what could not be removed, compaction, what lies aside, the reserve. */
  maintain(): void;
  /** Tells the disk to keep what was written, where commits do not. */
  sync(): void;
  close(): void;
};

type Change = Extract<Question, { op: "put" | "remove" }>;

/** A file that is given up when a full disk would not even let records be removed. */
const reserveBytes = 1024 * 1024;

type DiskHost = {
  /** Hears of damage and trouble. */
  readonly tell: (notice: Notice) => void;
  /** Makes sure that the directory is there and is this process' own, or throws. */
  readonly holdDirectory: () => void;
};

/** Opens nothing yet. */
export function createDisk(options: DiskOptions, { tell, holdDirectory }: DiskHost): Disk {
  const reserve = join(options.directory, "reserve");
  const stores = createStores({ ...options, syncs: options.fsync === "always", reserve, holdDirectory, tell });
  const { mending, fileOf } = stores;
  const trouble = (store: string, error: unknown): void => tell({ kind: "trouble", store, message: messageOf(error) });
  /** Runs what nobody waits for: what fails is told, and the thread goes on. */
  const trying = (store: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      trouble(store, error);
    }
  };

  const close = (store: string): void => trying(store, () => stores.close(store));

  const openFirst = (store: string): Contents => {
    if (!stores.exists(store)) return { count: 0, items: 0, bytes: 0 };
    return mending(store, ({ database }) => {
      if (options.compaction.onStart && database.sizes().free > 0) database.compact(Infinity);
      return database.contents();
    });
  };

  const available = (database: Database): number => {
    let used = 0;
    for (const [, one] of stores.open()) {
      const { file, free } = one.database.sizes();
      used += one.database === database ? file - free : file;
    }
    return options.maxBytes - used;
  };

  const commit = (store: string, changes: readonly Change[]): readonly Answer[] => {
    try {
      // Before it is written: what is said to be stored must be where the next start looks for it.
      stores.mustBeInPlace(store);
      return mending(store, (open) => write(open, changes, () => available(open.database)));
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      const isFull = resultCode(error) === full;
      if (isFull) trying(store, () => rmSync(reserve, { force: true }));
      removeAlone(store, changes);
      const put: Put = { status: isFull ? "full" : "failed", cause };
      if (!isFull) trouble(store, cause);
      return changes.map(({ op }) => (op === "put" ? { kind: "put", put } : { kind: "done" }));
    }
  };

  /** Where records cannot be written they can perhaps be removed; else that is tried again later. */
  const removeAlone = (store: string, changes: readonly Change[]): void => {
    const { unremoved } = stores.keptOf(store);
    for (const change of changes) if (change.op === "remove") for (const id of change.ids) unremoved.add(id);
    if (unremoved.size === 0 || stores.get(store) === undefined) return;
    trying(store, () => mending(store, (now) => write(now, [], () => 0)));
  };

  const read = (question: Extract<Question, { op: "read" }>): Answer => {
    const { store, after, maxBytes } = question;
    const { records, damaged } = mending(store, ({ database }) => database.read(after, maxBytes));
    for (const { id, record } of damaged) {
      const aside = writeRecordAside(fileOf(store), id, record);
      tell({ kind: "damage", store, damage: { problem: `record ${id} has a wrong checksum`, aside, rescued: 0 } });
    }
    if (damaged.length > 0)
      mending(store, ({ database }) => database.transaction(() => damaged.forEach(({ id }) => database.remove(id))));
    return { kind: "page", page: { records, damaged: damaged.map(({ id, items, bytes }) => ({ id, items, bytes })) } };
  };

  const other = (question: Exclude<Question, Change>): Answer => {
    switch (question.op) {
      case "open":
        return { kind: "contents", contents: openFirst(question.store) };
      case "read":
        return read(question);
      case "close":
        close(question.store);
        return { kind: "done" };
      case "end":
        return { kind: "done" };
    }
  };

  return {
    work: (questions) => inOrder(questions, { commit, other }),
    maintain() {
      let file = 0;
      let free = 0;
      for (const [store, { kept }] of stores.open())
        trying(store, () => {
          stores.mustBeInPlace(store);
          if (kept.unremoved.size > 0) removeAlone(store, []);
          const { database } = stores.get(store) ?? {};
          if (database === undefined) return;
          compactOnRebound(database, options.compaction);
          const sizes = database.sizes();
          file += sizes.file + database.logSize();
          free += sizes.free;
        });
      trying("", () => tell({ kind: "aside", ...boundAside(options.directory, options.maxAsideBytes) }));
      if (!existsSync(reserve)) makeReserve(reserve);
      tell({ kind: "sizes", file, free });
    },
    sync() {
      for (const [store, open] of stores.open()) if (open.isDirty) trying(store, () => syncLog(open));
    },
    close() {
      for (const [store] of stores.open()) close(store);
    },
  };
}

type Steps = {
  commit(store: string, changes: readonly Change[]): readonly Answer[];
  other(question: Exclude<Question, Change>): Answer;
};

/** Changes of a store are gathered until something else is asked of it. */
function inOrder(questions: readonly Question[], { commit, other }: Steps): readonly Answer[] {
  const answers: Answer[] = [];
  const gathered = new Map<string, { readonly at: number; readonly change: Change }[]>();
  const write = (store: string): void => {
    const list = gathered.get(store) ?? [];
    gathered.delete(store);
    if (list.length === 0) return;
    const outcome = commit(
      store,
      list.map(({ change }) => change),
    );
    list.forEach(({ at }, index) => (answers[at] = outcome[index] ?? { kind: "done" }));
  };
  for (const [at, question] of questions.entries()) {
    if (question.op === "put" || question.op === "remove") {
      const list = gathered.get(question.store) ?? [];
      list.push({ at, change: question });
      gathered.set(question.store, list);
      continue;
    }
    for (const store of question.op === "end" ? [...gathered.keys()] : [question.store]) write(store);
    try {
      answers[at] = other(question);
    } catch (error) {
      answers[at] = { kind: "error", message: messageOf(error) };
    }
  }
  for (const store of gathered.keys()) write(store);
  return answers;
}

/** Writes changes, and removes what could not be removed before, in one transaction; `available` tells for how many bytes there is room now. */
function write(open: OpenStore, changes: readonly Change[], available: () => number): readonly Answer[] {
  const { database, kept } = open;
  const answers: Answer[] = [];
  const removed: number[] = [...kept.unremoved];
  database.transaction(() => {
    for (const id of removed) database.remove(id);
    let room: number | undefined;
    for (const change of changes) {
      if (change.op === "remove") {
        for (const id of change.ids) database.remove(id);
        // What comes behind it may take its place.
        room = undefined;
        answers.push({ kind: "done" });
        continue;
      }
      const need = change.record.length + Math.ceil(change.record.length / pageSize) * 4 + 2 * pageSize;
      room ??= available();
      if (need > room) {
        answers.push({
          kind: "put",
          put: { status: "full", cause: new Error("The storage has reached its max_size_mib") },
        });
        continue;
      }
      room -= need;
      answers.push({ kind: "put", put: { status: "stored", id: database.insert(change) } });
    }
    database.keepLastId();
  });
  open.isDirty = true;
  for (const id of removed) kept.unremoved.delete(id);
  return answers;
}

function compactOnRebound(
  database: Database,
  { onRebound, neededBytes, triggerBytes, stepBytes }: DiskOptions["compaction"],
): void {
  const { file, free } = database.sizes();
  if (!onRebound || file < neededBytes || file - free >= triggerBytes) return;
  database.compact(stepBytes);
}

function makeReserve(file: string): void {
  try {
    writeFileSync(file, Buffer.alloc(reserveBytes), { mode: 0o600 });
  } catch {
    removeQuietly(file);
  }
}

/** A part of it would take the last of a full disk; where even that fails nothing was written. */
function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Of a disk that cannot be written those hear who have something to write.
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function syncLog(open: OpenStore): void {
  const log = `${open.database.file}-wal`;
  if (!existsSync(log)) return;
  const descriptor = openSync(log, "r");
  try {
    fdatasyncSync(descriptor);
    open.isDirty = false;
  } finally {
    closeSync(descriptor);
  }
}
