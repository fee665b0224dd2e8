import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderOfTest } from "../../../extensions/file-storage/given-storage.ts";
import { configWith, doctor, of, todoOf } from "../given-doctor.ts";

const withLoader = async (loader: string) => {
  const file = configWith("{nop: }", { receivers: `{ebpf: {probes: {process: {}}, loader: "${loader}"}}` });
  return of("ebpf", await doctor(["--config", file]));
};

test("without an ebpf receiver nothing is loaded", async () => {
  const found = of("ebpf", await doctor(["--config", configWith("{nop: }")]));
  expect(found).toEqual([
    { status: "skipped", check: "ebpf", text: "Nobody asks for it: the configuration has no ebpf receiver" },
  ]);
});

test("a loader that is not there is a problem", async () => {
  const found = await withLoader("/nowhere/podstamp-probes");
  expect(found.map(({ status, text }) => [status, text])).toContainEqual([
    "problem",
    'Cannot use loader: must be an executable file, is "/nowhere/podstamp-probes"',
  ]);
});

test("a program that is no loader is told as one", async ({ skip }) => {
  const path = join(folderOfTest(), "podstamp-probes");
  writeFileSync(path, "#!/bin/sh\necho something else entirely, and quite some of it\nsleep 1\n");
  chmodSync(path, 0o755);
  const found = await withLoader(path);
  skip(
    found.some(({ text }) => text.includes("/sys/kernel")),
    "this kernel has no BTF, of which doctor tells first",
  );
  expect(found.map(({ status }) => status)).toEqual(["problem"]);
  expect(found[0]?.text).toContain(`${path}: Cannot read the loader's records`);
  expect(todoOf(found[0])).toContain("podstamp-probes of this version");
});
