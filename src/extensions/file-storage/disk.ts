import { closeSync, existsSync, fdatasyncSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Contents, Put } from "../../pipeline/storage.ts";
import { pageSize } from "./database.ts";
import type { Database } from "./database.ts";
import { isDamage, openStore, rescue, resultCode } from "./open-store.ts";
import type { Opened } from "./open-store.ts";
import type { Answer, DiskOptions, Notice, Question } from "./messages.ts";

/** The stores of one directory, as the thread has them; all of it waits for the disk. */
export type Disk = {
  /** Does what was asked, in that order, with one commit for each store; gives an answer to each. */
  work(questions: readonly Question[]): readonly Answer[];
  /** What is to be done now and then: what could not be removed, compaction, the reserve. */
  maintain(): void;
  /** Tells the disk to keep what was written, where commits do not. */
  sync(): void;
  close(): void;
};

type Change = Extract<Question, { op: "put" | "remove" }>;
type Open = { database: Database; readonly unremoved: Set<number>; isDirty: boolean };

const full = 13;
/** A file that is given up when a full disk would not even let records be removed. */
const reserveBytes = 1024 * 1024;

/** Opens nothing yet. `tell` hears of damage and trouble. */
export function createDisk(options: DiskOptions, tell: (notice: Notice) => void): Disk {
  const stores = new Map<string, Open>();
  const reserve = join(options.directory, "reserve");
  const fileOf = (store: string) => join(options.directory, `${store}.db`);
  const databaseOptions = { syncs: options.fsync === "always" };

  const hold = (store: string, { database, damages }: Opened): Open => {
    for (const damage of damages) tell({ kind: "damage", store, damage });
    const open: Open = { database, unremoved: stores.get(store)?.unremoved ?? new Set(), isDirty: true };
    stores.set(store, open);
    return open;
  };
  const opened = (store: string): Open => {
    const known = stores.get(store);
    if (known !== undefined) return known;
    try {
      return hold(store, openStore(fileOf(store), databaseOptions));
    } catch (error) {
      if (resultCode(error) !== full || !existsSync(reserve)) throw error;
      // Opening writes a little, which must not fail for want of room that is kept for such a case.
      rmSync(reserve, { force: true });
      return hold(store, openStore(fileOf(store), databaseOptions));
    }
  };

  /** Runs `work`; a file that turns out to be damaged is set aside first, and `work` gets the new one. */
  const mending = <T>(store: string, work: (open: Open) => T): T => {
    const open = opened(store);
    try {
      return work(open);
    } catch (error) {
      if (!isDamage(error)) throw error;
      open.database.close();
      const problem = error instanceof Error ? error.message : String(error);
      return work(hold(store, rescue(fileOf(store), { options: databaseOptions, problem })));
    }
  };

  const openFirst = (store: string): Contents => {
    if (!existsSync(fileOf(store)) && !existsSync(`${fileOf(store)}-wal`)) return { count: 0, items: 0, bytes: 0 };
    return mending(store, ({ database }) => {
      if (options.compaction.onStart && database.sizes().free > 0) database.compact(Infinity);
      return database.contents();
    });
  };

  const available = (database: Database): number => {
    let used = 0;
    for (const one of stores.values()) {
      const { file, free } = one.database.sizes();
      used += one.database === database ? file - free : file;
    }
    return options.maxBytes - used;
  };

  const commit = (store: string, changes: readonly Change[]): readonly Answer[] => {
    try {
      return mending(store, (open) => write(open, changes, () => available(open.database)));
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      const isFull = resultCode(error) === full;
      if (isFull) rmSync(reserve, { force: true });
      removeAlone(store, changes);
      const put: Put = { status: isFull ? "full" : "failed", cause };
      if (!isFull) tell({ kind: "trouble", store, message: cause.message });
      return changes.map(({ op }) => (op === "put" ? { kind: "put", put } : { kind: "done" }));
    }
  };

  /** Where records cannot be written they can perhaps be removed; else that is tried again later. */
  const removeAlone = (store: string, changes: readonly Change[]): void => {
    const open = stores.get(store);
    if (open === undefined) return;
    for (const change of changes) if (change.op === "remove") for (const id of change.ids) open.unremoved.add(id);
    if (open.unremoved.size === 0) return;
    try {
      mending(store, (now) => write(now, [], () => 0));
    } catch (error) {
      tell({ kind: "trouble", store, message: error instanceof Error ? error.message : String(error) });
    }
  };

  const read = (question: Extract<Question, { op: "read" }>): Answer => {
    const { store, after, maxBytes } = question;
    const { records, damaged } = mending(store, ({ database }) => database.read(after, maxBytes));
    for (const { id, record } of damaged) {
      const aside = `${fileOf(store)}.damaged-record-${id}`;
      writeFileSync(aside, record, { mode: 0o600 });
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
        stores.get(question.store)?.database.close();
        stores.delete(question.store);
        return { kind: "done" };
      case "end":
        return { kind: "done" };
    }
  };

  return {
    work: (questions) => inOrder(questions, { commit, other }),
    maintain() {
      if (!existsSync(reserve)) makeReserve(reserve);
      let file = 0;
      let free = 0;
      for (const [store, open] of stores) {
        if (open.unremoved.size > 0) removeAlone(store, []);
        compactOnRebound(open.database, options.compaction);
        const sizes = open.database.sizes();
        file += sizes.file + open.database.logSize();
        free += sizes.free;
      }
      tell({ kind: "sizes", file, free });
    },
    sync() {
      for (const open of stores.values()) if (open.isDirty) syncLog(open);
    },
    close() {
      for (const { database } of stores.values()) database.close();
      stores.clear();
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
      answers[at] = { kind: "error", message: error instanceof Error ? error.message : String(error) };
    }
  }
  for (const store of gathered.keys()) write(store);
  return answers;
}

/** Writes changes, and removes what could not be removed before, in one transaction; `available` tells for how many bytes there is room now. */
function write(open: Open, changes: readonly Change[], available: () => number): readonly Answer[] {
  const { database, unremoved } = open;
  const answers: Answer[] = [];
  const removed: number[] = [...unremoved];
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
  for (const id of removed) unremoved.delete(id);
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
    // A part of it would take the last of a full disk.
    rmSync(file, { force: true });
  }
}

function syncLog(open: Open): void {
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
