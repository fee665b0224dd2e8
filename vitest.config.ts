import { defineConfig } from "vitest/config";
import { ClosingLine } from "./test/support/closing-line.ts";

/** Tests with real containers, runtimes and probes, which are not many processes' work at a time but much waiting. */
const real = ["test/bpf/**/*.test.ts", "test/*/real/*.test.ts"];

/** Tests of whole processes. These and the real ones run one file at a time: they share the machine's two cores and its clock. */
const whole = ["test/e2e/**/*.test.ts"];

const oneByOne = { fileParallelism: false, testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    pool: "forks",
    reporters: [["default", { summary: false }], new ClosingLine()],
    projects: [
      {
        test: {
          name: "units",
          include: ["test/**/*.test.ts"],
          exclude: [...real, ...whole],
          testTimeout: 20_000,
          // More wait than work.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "whole",
          include: whole,
          exclude: real,
          ...oneByOne,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "real",
          include: real,
          ...oneByOne,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
