import { spawnSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { lockDirectory } from "../../../src/extensions/file-storage/lock.ts";
import { folderOfTest } from "./given-storage.ts";

/** What a process of its own gets that wants the directory. */
function anotherProcess(folder: string): string {
  const url = new URL("../../../src/extensions/file-storage/lock.ts", import.meta.url).href;
  const script = `const { lockDirectory } = await import(${JSON.stringify(url)});
    try { lockDirectory(${JSON.stringify(folder)}, { timeoutMs: 0 }); console.log("has it"); } catch (error) { console.log(error.message); }`;
  return spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }).stdout;
}

test("who is refused a directory of its own process takes it from nobody", () => {
  const folder = folderOfTest();
  const lock = lockDirectory(folder, { timeoutMs: 0 });
  onTestFinished(() => lock.release());
  expect(() => lockDirectory(folder, { timeoutMs: 0 })).toThrow(/must be of one process only/);
  expect(anotherProcess(folder)).toMatch(/must be of one process only/);
  lock.release();
  expect(anotherProcess(folder)).toBe("has it\n");
});
