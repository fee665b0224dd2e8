import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { compileProgram, hashOfSource, needs } from "../../scripts/build-wasm.ts";
import { sortProgram, sourceHash } from "../../src/otlp/parting/sort-program.ts";
import { whereIs } from "../support/machine/machine.ts";

const missing = Object.entries(needs).filter(([program]) => whereIs(program) === undefined);
/** Each version compiles in its own way. */
const version = spawnSync("clang", ["--version"], { encoding: "utf8" }).stdout?.match(/clang version (\d+)/)?.[1];
const other = version === "14" ? undefined : `this clang is ${version}, the program is compiled by 14`;
const why = missing.length > 0 ? `${missing.map(([program]) => program).join(", ")} not installed` : other;

describe("the program that sorts records", () => {
  test("is made of wasm/sort.c as it is now", () => {
    expect(sourceHash, "run `npm run build:wasm`").toBe(hashOfSource());
  });

  test.skipIf(why !== undefined)(
    `is what the compiler makes of it${why === undefined ? "" : ` (skipped: ${why})`}`,
    () => {
      expect(Buffer.from(compileProgram()).toString("base64")).toBe(sortProgram);
    },
  );
});
