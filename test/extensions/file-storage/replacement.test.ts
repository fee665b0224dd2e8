import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderOfTest, givenStorage, putAll, textsOf } from "./given-storage.ts";

/* What the end of a process leaves of a rescue, and what the next start makes of it. */

const name = "exporter otlp_grpc traces";
const file = "exporter_otlp_grpc_traces.db";

/** A folder with a file of two records under another name. */
async function folderWith(fileName: string): Promise<string> {
  const folder = folderOfTest();
  const { storage, stop } = await givenStorage(folder);
  await putAll(storage, name, ["a", "b"]);
  await stop();
  renameSync(join(folder, file), join(folder, fileName));
  return folder;
}

test.each([
  ["before the damaged file was set aside", true],
  ["right behind that", false],
])("a new file that was whole at the end, %s, takes its place, and it is told", async (_, hasDamaged) => {
  const folder = await folderWith(`${file}.replacement`);
  if (hasDamaged) writeFileSync(join(folder, file), "damaged");
  const { storage, host } = await givenStorage(folder);
  const store = storage.store(name);
  expect((await store.open()).count).toBe(2);
  expect(await textsOf(store)).toEqual(["a", "b"]);
  const problem = "podstamp ended while what is whole in it was put in its place";
  expect(host.logged).toMatchObject([{ level: "error", fields: { problem, rescued_requests: 2 } }]);
  const aside = host.logged[0]?.fields["set_aside"];
  expect(typeof aside === "string" ? readFileSync(aside, "utf8") : aside).toBe(hasDamaged ? "damaged" : undefined);
  expect(existsSync(join(folder, `${file}.replacement`))).toBe(false);
});

test("a new file that was not whole at the end is begun anew", async () => {
  const folder = await folderWith(file);
  writeFileSync(join(folder, file), readFileSync(join(folder, file)).fill(0xff, 0, 100));
  for (const end of ["", "-wal"]) writeFileSync(join(folder, `${file}.unfinished${end}`), "half of it");
  const { storage, host } = await givenStorage(folder);
  const store = storage.store(name);
  await store.open();
  expect(await textsOf(store)).toEqual(["a", "b"]);
  expect(host.logged).toMatchObject([{ level: "error", fields: { rescued_requests: 2 } }]);
  expect(readdirSync(folder).filter((one) => /unfinished|replacement/.test(one))).toEqual([]);
});
