import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { fileStorageExtension } from "../../../src/extensions/file-storage/file-storage.ts";
import { formatVersion } from "../../../src/extensions/file-storage/format.ts";
import { eventually } from "../../support/eventually.ts";
import { folderOfTest, givenStorage, putAll, recordOf, textOf, textsOf } from "./given-storage.ts";

const texts = (count: number, prefix = "record") => Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
const name = "exporter otlp_grpc traces";
const file = "exporter_otlp_grpc_traces.db";

describe("file_storage", () => {
  test("gives back what was put, in its order, after a restart", async () => {
    const folder = folderOfTest();
    const first = await givenStorage(folder);
    const { contents, puts } = await putAll(first.storage, name, texts(50));
    expect(contents).toEqual({ count: 0, items: 0, bytes: 0 });
    expect(puts.every(({ status }) => status === "stored")).toBe(true);
    await first.stop();
    const { storage } = await givenStorage(folder);
    const store = storage.store(name);
    expect(await store.open()).toEqual({ count: 50, items: 50, bytes: 5000 });
    expect(await textsOf(store)).toEqual(texts(50));
  });

  test("forgets what was removed, and gives no id twice, also when it was emptied before the restart", async () => {
    const folder = folderOfTest();
    const first = await givenStorage(folder);
    const { store, puts } = await putAll(first.storage, name, texts(3));
    store.remove(puts.map((put) => (put.status === "stored" ? put.id : 0)));
    await first.stop();
    const { storage } = await givenStorage(folder);
    const again = await putAll(storage, name, ["next"]);
    expect(again.contents.count).toBe(0);
    expect(again.puts).toEqual([{ status: "stored", id: 4 }]);
  });

  test("makes no file for a store that holds nothing, and names files so that no two stores share one", async () => {
    const folder = folderOfTest();
    const { storage } = await givenStorage(folder);
    await storage.store("exporter otlp_http logs").open();
    await putAll(storage, "exporter otlp_grpc/a traces", ["x"]);
    await putAll(storage, "exporter otlp_grpc_a traces", ["y"]);
    const files = readdirSync(folder).filter((one) => one.endsWith(".db"));
    expect(files.toSorted()).toEqual(["exporter_otlp_grpc_a_traces.db", "exporter_otlp_grpc~002Fa_traces.db"]);
  });

  test("lets a second one of the same name wait until the first is closed", async () => {
    const { storage } = await givenStorage(folderOfTest());
    const { store } = await putAll(storage, name, ["one"]);
    let isOpen = false;
    const second = storage.store(name);
    const opening = second.open().then((contents) => ((isOpen = true), contents));
    await storage.store("another").open();
    expect(isOpen).toBe(false);
    await store.close();
    expect(await opening).toMatchObject({ count: 1 });
  });

  test("refuses a directory that another process has, and says which; a killed process has none", async () => {
    const folder = folderOfTest();
    const url = new URL("../../../src/extensions/file-storage/lock.ts", import.meta.url).href;
    const script = `const { lockDirectory } = await import(${JSON.stringify(url)});
      lockDirectory(${JSON.stringify(folder)}, { timeoutMs: 0 }); console.log("locked"); setInterval(() => {}, 1000);`;
    const other = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    await once(other.stdout, "data");
    await expect(givenStorage(folder)).rejects.toThrow(
      new RegExp(
        `Cannot use directory .*: must be of one process only, is in use by process ${other.pid} on .* since 20`,
      ),
    );
    other.kill("SIGKILL");
    await once(other, "exit");
    const { storage } = await givenStorage(folder);
    expect((await putAll(storage, name, ["x"])).puts[0]?.status).toBe("stored");
  });

  test("refuses a directory that is not there, and makes it when told", async () => {
    const folder = join(folderOfTest(), "a", "b");
    await expect(givenStorage(folder)).rejects.toThrow(
      /must be a directory, does not exist \(create_directory: true makes it\)/,
    );
    await givenStorage(folder, { create_directory: true, directory_permissions: "0700" });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test("says that it is full at max_size_mib, and takes again what there is room for", async () => {
    const { storage } = await givenStorage(folderOfTest(), { max_size_mib: 1 });
    const { store, puts } = await putAll(storage, name, texts(20), 100_000);
    const stored = puts.flatMap((put) => (put.status === "stored" ? [put.id] : []));
    expect(stored.length).toBeGreaterThan(5);
    expect(stored.length).toBeLessThan(11);
    // Which ones depends on how many went into one commit: a smaller one behind it may find room again.
    const refused = puts.filter(({ status }) => status !== "stored");
    expect(refused.length).toBe(20 - stored.length);
    for (const put of refused)
      expect(put).toMatchObject({
        status: "full",
        cause: { message: expect.stringMatching(/max_size_mib/) as string },
      });
    store.remove(stored.slice(0, 3));
    expect(await store.put(recordOf("again", 100_000), { items: 1, bytes: 100_000 })).toMatchObject({
      status: "stored",
    });
  });

  test("gives the disk back what a queue that was large does not need any more", async () => {
    const folder = folderOfTest();
    const compaction = { rebound_needed_threshold_mib: 1, rebound_trigger_threshold_mib: 1, check_interval: "20ms" };
    const { storage } = await givenStorage(folder, { compaction });
    const { store, puts } = await putAll(storage, name, texts(100), 50_000);
    expect(await store.read(0, 1)).toMatchObject({ records: [{ id: 1 }] });
    store.remove(puts.map((put) => (put.status === "stored" ? put.id : 0)));
    const size = () => statSync(join(folder, file)).size + statSync(join(folder, `${file}-wal`)).size;
    await eventually(() => size() < 200_000, { what: "a small file" });
  });

  test.each([true, false, "10ms"])("keeps its promise with fsync: %s when the process is killed", async (fsync) => {
    const folder = folderOfTest();
    const { storage } = await givenStorage(folder, { fsync });
    await putAll(storage, name, texts(30));
    // What a killed process leaves: the files as they are.
    const copy = folderOfTest();
    for (const one of readdirSync(folder)) copyFileSync(join(folder, one), join(copy, one));
    const after = await givenStorage(copy);
    const store = after.storage.store(name);
    await store.open();
    expect(await textsOf(store)).toEqual(texts(30));
    expect(after.host.logged).toEqual([]);
  });

  test("reads a file of the first format and brings it to the present one", async () => {
    const folder = folderOfTest();
    copyFileSync(
      fileURLToPath(new URL("../../fixtures/file-storage/format-1.db", import.meta.url)),
      join(folder, file),
    );
    const first = await givenStorage(folder);
    const store = first.storage.store(name);
    await store.open();
    expect(await textsOf(store)).toEqual(texts(5, "old"));
    await first.stop();
    const db = new DatabaseSync(join(folder, file));
    expect(db.prepare("PRAGMA user_version").get()).toEqual({ user_version: formatVersion });
    db.close();
  });

  test("leaves a file of a later format as it is", async () => {
    const folder = folderOfTest();
    const db = new DatabaseSync(join(folder, file));
    db.exec(`CREATE TABLE records (id); PRAGMA user_version = ${formatVersion + 1}`);
    db.close();
    const before = readFileSync(join(folder, file));
    const { storage } = await givenStorage(folder);
    await expect(storage.store(name).open()).rejects.toThrow(
      /must be of format \d or earlier, is \d: a later podstamp wrote it/,
    );
    expect(readdirSync(folder).filter((one) => one.includes("damaged"))).toEqual([]);
    expect(readFileSync(join(folder, file)).subarray(100)).toEqual(before.subarray(100));
  });
});

/** A folder with the file of a storage that was stopped in order. */
async function stoppedWith(count: number, bytes = 100): Promise<string> {
  const folder = folderOfTest();
  const { storage, stop } = await givenStorage(folder);
  await putAll(storage, name, texts(count), bytes);
  await stop();
  return folder;
}

describe("a damaged file", () => {
  test("of which a record was changed: that one is set aside, the others come", async () => {
    const folder = await stoppedWith(10);
    const bytes = readFileSync(join(folder, file));
    bytes.write("RECORD", bytes.indexOf("record-4"));
    writeFileSync(join(folder, file), bytes);
    const { storage, host } = await givenStorage(folder);
    const store = storage.store(name);
    await store.open();
    expect(await textsOf(store)).toEqual(texts(10).filter((text) => text !== "record-4"));
    expect(host.logged).toMatchObject([{ level: "error", fields: { problem: "record 5 has a wrong checksum" } }]);
    const aside = readdirSync(folder).find((one) => one.includes("damaged-record-5"));
    expect(textOf(readFileSync(join(folder, String(aside))))).toBe("RECORD-4");
  });

  test.each([
    ["whose header was overwritten", (bytes: Buffer) => bytes.fill(0xff, 0, 100), 0],
    ["whose first page was zeroed", (bytes: Buffer) => bytes.fill(0, 0, 8192), 0],
    ["of which a page in the middle is noise", (bytes: Buffer) => bytes.fill(0xa5, 8192 * 20, 8192 * 21), 3],
    ["that is cut in its middle", (bytes: Buffer) => bytes.subarray(0, bytes.length / 2), 60],
  ])("%s is set aside, and what is whole in it goes on", async (_, damage, mostLost) => {
    const folder = await stoppedWith(100, 20_000);
    const bytes = readFileSync(join(folder, file));
    writeFileSync(join(folder, file), damage(bytes));
    const { storage, host } = await givenStorage(folder);
    const store = storage.store(name);
    const contents = await store.open();
    expect(contents.count).toBeGreaterThanOrEqual(100 - mostLost);
    const found = await textsOf(store);
    expect(found).toEqual(texts(100).filter((text) => found.includes(text)));
    expect(host.logged[0]).toMatchObject({ level: "error", fields: { rescued_requests: contents.count } });
    expect(readdirSync(folder).some((one) => one.includes(".damaged-"))).toBe(true);
    expect(await store.put(recordOf("next"), { items: 1, bytes: 100 })).toMatchObject({ status: "stored" });
  });

  test("that is no database at all is set aside", async () => {
    const folder = folderOfTest();
    writeFileSync(join(folder, file), "this is not what was written here");
    const { storage, host } = await givenStorage(folder);
    const { contents, puts } = await putAll(storage, name, ["x"]);
    expect({ contents, puts }).toEqual({
      contents: { count: 0, items: 0, bytes: 0 },
      puts: [{ status: "stored", id: 1 }],
    });
    expect(host.logged).toHaveLength(1);
  });
});

/** A copy of a storage's files while it runs, as a power cut finds them. */
async function runningWith(count: number, bytes: number) {
  const folder = folderOfTest();
  const { storage } = await givenStorage(folder, { compaction: { check_interval: "1h" } });
  const store = storage.store(name);
  await store.open();
  /** Length of the log when so many records were acknowledged. */
  const lengths: number[] = [];
  for (const text of texts(count)) {
    await store.put(recordOf(text, bytes), { items: 1, bytes });
    lengths.push(statSync(join(folder, `${file}-wal`)).size);
  }
  const copy = () => {
    const to = folderOfTest();
    for (const one of [file, `${file}-wal`]) copyFileSync(join(folder, one), join(to, one));
    return to;
  };
  return { lengths, copy };
}

async function openAgain(folder: string) {
  const { storage, host, stop } = await givenStorage(folder);
  const store = storage.store(name);
  await store.open();
  const found = await textsOf(store);
  await stop();
  return { found, host };
}

describe("a power cut", () => {
  test("anywhere behind an acknowledgement leaves all that was acknowledged before it", async () => {
    const { lengths, copy } = await runningWith(60, 3000);
    for (let i = 0; i < 25; i++) {
      const acknowledged = Math.floor(Math.random() * 59);
      const from = lengths[acknowledged] ?? 0;
      const folder = copy();
      const log = join(folder, `${file}-wal`);
      const to = Math.floor(from + Math.random() * (statSync(log).size - from));
      // What was not yet on the disk is missing, or is noise of the right length.
      if (i % 2 === 0) truncateSync(log, to);
      else writeFileSync(log, readFileSync(log).fill(0, to));
      const { found } = await openAgain(folder);
      expect(found.slice(0, acknowledged + 1)).toEqual(texts(acknowledged + 1));
    }
  });

  test("or a bad disk that spoils the log in its middle takes no record behind that along", async () => {
    const { lengths, copy } = await runningWith(40, 3000);
    const folder = copy();
    const log = join(folder, `${file}-wal`);
    const bytes = readFileSync(log);
    const at = lengths[9] ?? 0;
    bytes.fill(0xee, at + 200, at + 300);
    writeFileSync(log, bytes);
    const { found, host } = await openAgain(folder);
    expect(texts(40).filter((text) => !found.includes(text)).length).toBeLessThanOrEqual(1);
    expect(host.logged).toMatchObject([
      { level: "error", fields: { problem: "the write-ahead log has a wrong checksum" } },
    ]);
  });
});

test.each([
  [{ fsync: "1ms" }, /must be true, false or a duration >= 10ms/],
  [{ directory_permissions: "rwx" }, /three octal digits/],
  [{ max_size_mib: 0 }, />= 1/],
])("file_storage refuses %o", (settings, message) => {
  expect(fileStorageExtension.schema.safeParse(settings).error?.issues[0]?.message).toMatch(message);
});
