import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { folderOfTest, givenStorage, putAll } from "./given-storage.ts";

const name = "exporter otlp_grpc traces";
const file = "exporter_otlp_grpc_traces.db";
const source = fileURLToPath(new URL("../../fixtures/file-storage/unreadable.c", import.meta.url));
const opening = new URL("../../../src/extensions/file-storage/open-store.ts", import.meta.url).href;
const hasCompiler = process.platform === "linux" && spawnSync("cc", ["--version"]).status === 0;

/** Opens a store of 200 records on a disk that cannot read it from one offset to another; gives what it has then, and the folder. */
async function openedWith(from: number, to: number) {
  const folder = folderOfTest();
  const { storage, stop } = await givenStorage(folder);
  const texts = Array.from({ length: 200 }, (_, i) => `record-${i}`);
  await putAll(storage, name, texts, 20_000);
  await stop();
  const library = join(folderOfTest(), "unreadable.so");
  expect(spawnSync("cc", ["-shared", "-fPIC", "-o", library, source, "-ldl"]).status).toBe(0);
  const path = join(folder, file);
  const script = `const { openStore } = await import(${JSON.stringify(opening)});
    const { database, damages } = openStore(${JSON.stringify(path)}, { syncs: true });
    console.log(JSON.stringify({ ...database.contents(), damages: damages.length }));`;
  const env = {
    ...process.env,
    LD_PRELOAD: library,
    UNREADABLE: path,
    UNREADABLE_FROM: String(from),
    UNREADABLE_TO: String(to),
  };
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    env,
    encoding: "utf8",
  });
  return { stdout, stderr, folder, path };
}

test.skipIf(!hasCompiler)(
  "a place that the disk cannot read costs the requests that lie there (skipped without cc)",
  async () => {
    const { stdout } = await openedWith(1_000_000, 1_000_001);
    const { count, damages } = JSON.parse(stdout) as { count: number; damages: number };
    expect(damages).toBe(1);
    // The page can have been one of several requests.
    expect(count).toBeGreaterThanOrEqual(196);
    expect(count).toBeLessThan(200);
  },
);

test.skipIf(!hasCompiler)(
  "a disk that cannot be read at all leaves the file where it is (skipped without cc)",
  async () => {
    const { stdout, stderr, folder, path } = await openedWith(100_000, 1e9);
    expect({ stdout, stderr }).toEqual({ stdout: "", stderr: expect.stringContaining("EIO") });
    expect(readdirSync(folder).filter((one) => one.includes("damaged"))).toEqual([]);
    expect(statSync(path).size).toBeGreaterThan(4_000_000);
  },
);
