import { DatabaseSync, StatementSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { createDisk } from "../../../src/extensions/file-storage/disk.ts";
import type { Answer, Question } from "../../../src/extensions/file-storage/messages.ts";
import { folderOfTest, recordOf } from "./given-storage.ts";

const mebibyte = 1024 * 1024;
const compaction = {
  onStart: false,
  onRebound: false,
  neededBytes: mebibyte,
  triggerBytes: mebibyte,
  stepBytes: mebibyte,
  checkIntervalMs: 1000,
};
const put = (): Question => ({ op: "put", store: "a", record: recordOf("x", 100_000), items: 1, bytes: 100_000 });

/** The id that the one put of these answers was stored by. */
function stored([answer]: readonly Answer[]): number | undefined {
  return answer?.kind === "put" && answer.put.status === "stored" ? answer.put.id : undefined;
}

function given() {
  const options = {
    directory: folderOfTest(),
    makes: undefined,
    fsync: "always",
    maxBytes: mebibyte,
    maxAsideBytes: 0,
    lockTimeoutMs: 0,
    compaction,
  } as const;
  const disk = createDisk(options, { tell: () => {}, holdDirectory: () => {} });
  onTestFinished(() => disk.close());
  disk.work([{ op: "open", store: "a" }]);
  return disk;
}

test("what comes behind a removal in the same commit may take its place, what comes before it may not", () => {
  const disk = given();
  const ids: number[] = [];
  for (let id = stored(disk.work([put()])); id !== undefined; id = stored(disk.work([put()]))) ids.push(id);
  expect(ids.length).toBeGreaterThan(5);
  expect(disk.work([put(), { op: "remove", store: "a", ids: ids.slice(0, 3) }, put()])).toMatchObject([
    { kind: "put", put: { status: "full" } },
    { kind: "done" },
    { kind: "put", put: { status: "stored" } },
  ]);
});

test("a commit leaves nothing to be collected: no statement is made for it, and what it reads are two numbers in arrays", () => {
  const disk = given();
  const first = stored(disk.work([put()])) ?? 0;
  const prepare = vi.spyOn(DatabaseSync.prototype, "prepare");
  const get = vi.spyOn(StatementSync.prototype, "get");
  onTestFinished(() => void vi.restoreAllMocks());
  for (let id = first; id < first + 20; id++) {
    const answers = disk.work([{ op: "remove", store: "a", ids: [id] }, { op: "remove", store: "a", ids: [] }, put()]);
    expect(stored(answers)).toBeUndefined();
    expect(stored(answers.slice(2))).toBe(id + 1);
  }
  expect(prepare).not.toHaveBeenCalled();
  expect(get).toHaveBeenCalledTimes(40);
  expect(get.mock.results.map(({ value }) => value as unknown)).toSatisfy((rows: readonly unknown[]) =>
    rows.every((row) => Array.isArray(row) && row.length === 1),
  );
});
