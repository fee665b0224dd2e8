import { readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { folderOfTest, givenStorage } from "./given-storage.ts";

const name = "exporter otlp_grpc traces";
const file = "exporter_otlp_grpc_traces.db";
const aside = (folder: string) => readdirSync(folder).filter((one) => one.includes(".damaged-"));

/** Puts files aside, one after the other. */
async function putAside(folder: string, files: readonly (readonly [string, number])[]): Promise<void> {
  for (const [ending, bytes] of files) {
    const path = join(folder, `${file}.damaged-${ending}`);
    writeFileSync(path, Buffer.alloc(bytes));
    // What was in the file may be of any time.
    utimesSync(path, 1, 1);
    const { ctimeMs } = statSync(path);
    await eventually(
      () => (writeFileSync(join(folder, "clock"), ""), statSync(join(folder, "clock")).ctimeMs > ctimeMs),
      {
        what: "a later time of the file system",
      },
    );
  }
}

test("what lies aside is bounded: the oldest goes, with its log, and that is said and counted", async () => {
  const folder = folderOfTest();
  await putAside(folder, [
    ["record-900", 900_000],
    ["20261102T000000Z", 200_000],
    ["20261102T000000Z-wal", 100_000],
    ["20261101T000000Z", 300_000],
    ["record-7", 400_000],
  ]);
  writeFileSync(join(folder, "another-file.db"), "not podstamp's to remove");
  writeFileSync(join(folder, file), "this is no database");
  const { storage, host } = await givenStorage(folder, {
    max_set_aside_mib: 1,
    compaction: { check_interval: "20ms" },
  });
  await storage.store(name).open();
  // Of the start: all that is newer than the first is within a MiB.
  await eventually(() => host.logged.length === 2, { what: "words on both" });
  expect(host.logged).toMatchObject([
    { level: "warn", fields: { files: 1, bytes: 900_000 } },
    { level: "error", fields: { problem: expect.stringMatching(/not a database/) as string } },
  ]);
  expect(aside(folder)).toHaveLength(5);
  await putAside(folder, [["record-8", 200_000]]);
  await eventually(() => host.logged.length === 3, { what: "words on the next" });
  expect(host.logged[2]).toMatchObject({ level: "warn", fields: { files: 2, bytes: 300_000 } });
  expect(aside(folder)).toContain(`${file}.damaged-20261101T000000Z`);
  expect(aside(folder)).not.toContain(`${file}.damaged-20261102T000000Z-wal`);
  expect(readdirSync(folder)).toContain("another-file.db");
  const labels = { extension: "file_storage" };
  expect(host.metric("podstamp_storage_set_aside_removed", labels)).toBe(3);
  expect(host.metric("podstamp_storage_set_aside_bytes", labels)).toBe(900_000 + "this is no database".length);
});

test("the newest that lies aside stays, however little may", async () => {
  const folder = folderOfTest();
  await putAside(folder, [
    ["record-1", 10],
    ["record-2", 2_000_000],
  ]);
  const { host } = await givenStorage(folder, { max_set_aside_mib: 0 });
  await eventually(() => host.logged.length === 1, { what: "words on it" });
  expect(aside(folder)).toEqual([`${file}.damaged-record-2`]);
});

test("no more than a hundred lie aside, however small they are", async () => {
  const folder = folderOfTest();
  const endings = Array.from({ length: 103 }, (_, i) => `record-${i}`);
  await putAside(
    folder,
    endings.map((ending) => [ending, 1] as const),
  );
  const { host } = await givenStorage(folder);
  await eventually(() => host.logged.length === 1, { what: "words on them" });
  expect(aside(folder).toSorted()).toEqual(
    endings
      .slice(3)
      .map((ending) => `${file}.damaged-${ending}`)
      .toSorted(),
  );
});
