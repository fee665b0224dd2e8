import { once } from "node:events";
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { lockDirectory } from "../../../src/extensions/file-storage/lock.ts";
import type { Store } from "../../../src/pipeline/storage.ts";
import { eventually } from "../../support/eventually.ts";
import { folderOfTest, givenStorage, putAll, recordOf, textsOf } from "./given-storage.ts";

/* What happens to the folder of a storage while podstamp runs. */

const name = "exporter otlp_grpc traces";
const file = "exporter_otlp_grpc_traces.db";
const checks = { compaction: { check_interval: "20ms" } };
const put = (store: Store, text: string) => store.put(recordOf(text), { items: 1, bytes: 100 });

/** Puts as a sender does that is told to come back. */
const putAgain = (store: Store, text: string) =>
  eventually(async () => (await put(store, text)).status === "stored", { what: `room for ${text}`, timeoutMs: 20_000 });

/** What the next start finds after a crash at this moment. */
async function afterCrash(folder: string): Promise<readonly string[]> {
  const copy = folderOfTest();
  for (const one of readdirSync(folder).filter((found) => /\.db(-wal)?$/.test(found)))
    copyFileSync(join(folder, one), join(copy, one));
  const { storage } = await givenStorage(copy);
  const store = storage.store(name);
  await store.open();
  return textsOf(store);
}

test("a folder that is removed is made again with all that was in it, and what was put goes on to be removed", async () => {
  const folder = join(folderOfTest(), "queue");
  const { storage, host } = await givenStorage(folder, { create_directory: true });
  const { store, puts } = await putAll(storage, name, ["a", "b", "c"]);
  rmSync(folder, { recursive: true });
  expect(await put(store, "d")).toEqual({ status: "stored", id: 4 });
  expect(await afterCrash(folder)).toEqual(["a", "b", "c", "d"]);
  store.remove(puts.map((one) => (one.status === "stored" ? one.id : 0)));
  expect(await textsOf(store)).toEqual(["d"]);
  expect(host.logged).toMatchObject([
    {
      level: "error",
      fields: { problem: "the file was removed, replaced or hidden while it was in use", rescued_requests: 3 },
    },
  ]);
});

test("without create_directory nothing is acknowledged until the folder is there again", async () => {
  const folder = join(folderOfTest(), "queue");
  mkdirSync(folder);
  const { storage, host } = await givenStorage(folder, checks);
  const { store } = await putAll(storage, name, ["a", "b"]);
  rmSync(folder, { recursive: true });
  for (let i = 0; i < 20; i++) expect(await put(store, "refused")).toMatchObject({ status: "failed" });
  expect(await textsOf(store)).toEqual(["a", "b"]);
  mkdirSync(folder);
  await putAgain(store, "c");
  expect(await afterCrash(folder)).toEqual(["a", "b", "c"]);
  expect(host.logged.map(({ message }) => message)).toEqual([
    "The storage cannot write",
    "A stored queue is damaged: it is set aside, what is whole in it goes on",
  ]);
});

test("a file in the place of the folder, while nothing is sent, ends nothing", async () => {
  const folder = join(folderOfTest(), "queue");
  mkdirSync(folder);
  const { storage } = await givenStorage(folder, checks);
  const { store } = await putAll(storage, name, ["a"]);
  rmSync(folder, { recursive: true });
  writeFileSync(folder, "");
  await sleep(100);
  rmSync(folder);
  mkdirSync(folder);
  await putAgain(store, "b");
  expect(await afterCrash(folder)).toEqual(["a", "b"]);
});

test("older copies of the files are set aside, and those of a folder that was renamed are left", async () => {
  const folder = join(folderOfTest(), "queue");
  mkdirSync(folder);
  const { storage } = await givenStorage(folder);
  const { store } = await putAll(storage, name, ["a"]);
  cpSync(folder, `${folder}.copy`, { recursive: true });
  await put(store, "b");
  renameSync(folder, `${folder}.old`);
  renameSync(`${folder}.copy`, folder);
  await put(store, "c");
  expect(await afterCrash(folder)).toEqual(["a", "b", "c"]);
  expect(await afterCrash(`${folder}.old`)).toEqual(["a", "b"]);
  expect(readdirSync(folder).filter((one) => one.includes(".damaged-"))).toHaveLength(2);
});

test("a folder that is removed right before the end is there again behind it, or it is said that it cannot be", async () => {
  const folder = join(folderOfTest(), "queue");
  const makes = await givenStorage(folder, { create_directory: true });
  await putAll(makes.storage, name, ["a", "b"]);
  rmSync(folder, { recursive: true });
  await makes.stop();
  expect(await afterCrash(folder)).toEqual(["a", "b"]);

  const finds = await givenStorage(folder);
  const { store } = await putAll(finds.storage, name, ["c"]);
  rmSync(folder, { recursive: true });
  await store.close();
  await finds.stop();
  expect(finds.host.logged).toMatchObject([{ level: "error", message: "The storage cannot write" }]);
});

test("a folder that is there again right before the end has all that was stored", async () => {
  const folder = join(folderOfTest(), "queue");
  mkdirSync(folder);
  const { storage, stop } = await givenStorage(folder);
  const { store } = await putAll(storage, name, ["a", "b"]);
  rmSync(folder, { recursive: true });
  expect(await put(store, "refused")).toMatchObject({ status: "failed" });
  mkdirSync(folder);
  await stop();
  expect(await afterCrash(folder)).toEqual(["a", "b"]);
});

test("the end finds older copies in the place of the files, too", async () => {
  const folder = join(folderOfTest(), "queue");
  mkdirSync(folder);
  const { storage, stop } = await givenStorage(folder);
  const { store } = await putAll(storage, name, ["a"]);
  cpSync(folder, `${folder}.copy`, { recursive: true });
  await put(store, "b");
  renameSync(folder, `${folder}.old`);
  renameSync(`${folder}.copy`, folder);
  await stop();
  expect(await afterCrash(folder)).toEqual(["a", "b"]);
});

test("a folder that another process took meanwhile is left to that one", async () => {
  const folder = join(folderOfTest(), "queue");
  const { storage } = await givenStorage(folder, { create_directory: true });
  const { store } = await putAll(storage, name, ["a"]);
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  const other = lockDirectory(folder, { timeoutMs: 0 });
  expect(await put(store, "b")).toMatchObject({
    status: "failed",
    cause: { message: expect.stringContaining("must be of one process only") as string },
  });
  expect(existsSync(join(folder, file))).toBe(false);
  other.release();
  await putAgain(store, "c");
});

test("a log that cannot be told to the disk is tried again, and ends nothing", async () => {
  const folder = folderOfTest();
  const log = join(folder, `${file}-wal`);
  const { storage, host } = await givenStorage(folder, { fsync: "300ms" });
  const { store } = await putAll(storage, name, ["0"]);
  // A socket cannot be opened as a file. When the disk was told just before there was nothing to tell it any more.
  for (let count = 1; host.logged.length === 0; count++) {
    await put(store, String(count));
    renameSync(log, `${log}.hidden`);
    const socket = createServer().listen(log);
    await once(socket, "listening");
    await sleep(500);
    socket.close();
    rmSync(log, { force: true });
    renameSync(`${log}.hidden`, log);
  }
  expect(host.logged).toMatchObject([{ message: "The storage cannot write" }]);
  expect(await put(store, "last")).toMatchObject({ status: "stored" });
  expect((await afterCrash(folder)).at(-1)).toBe("last");
});
