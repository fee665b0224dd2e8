import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startProcess } from "./machine/processes.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

test("a run ends with its counts in one line, after what failed and the skipped tests with their reasons; a broken file is a failure", async () => {
  const vitest = `${root}node_modules/vitest/vitest.mjs`;
  const config = `${root}test/fixtures/closing-line/vitest.config.ts`;
  const args = [vitest, "run", "--configLoader", "native", "--config", config];
  const running = await startProcess({ name: "vitest", command: process.execPath, args, cwd: root });
  expect((await running.exited).code).toBe(1);
  const lines = running.stdout().trimEnd().split("\n");
  expect(lines.slice(-9)).toEqual([
    "Failed:",
    "  mixed.sample.ts > one that fails: expected 2 to be 3 // Object.is equality",
    "  broken.sample.ts: This file cannot be loaded",
    "",
    "Skipped:",
    "  the moon is not full:",
    "    one that is skipped",
    "",
    "1 passed, 2 failed, 1 skipped",
  ]);
});
