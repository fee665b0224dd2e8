import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { outputs, compileAbi } from "../../scripts/bpf/compile.ts";
import { root, whyNoProbes } from "../support/ebpf/set-up.ts";

const why = whyNoProbes();

describe.skipIf(why !== undefined)(`the records' layout${why === undefined ? "" : ` (skipped: ${why})`}`, () => {
  test("src/ebpf/abi.ts says what the C header says now", () => {
    const { source } = compileAbi(root);
    expect(readFileSync(join(root, outputs.abi), "utf8")).toBe(source);
  });
});
