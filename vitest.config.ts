import { defineConfig } from "vitest/config";
import { ClosingLine } from "./test/support/closing-line.ts";

/** Tests of whole processes and real runtimes: one file at a time, since they share the machine's two cores and its clock. */
const whole = [
  "test/e2e/**/*.test.ts",
  "test/bpf/**/*.test.ts",
  "test/runtimes/{containerd,docker,podman,crio,cri-dockerd,kubelet}*.test.ts",
];

export default defineConfig({
  test: {
    pool: "forks",
    reporters: [["default", { summary: false }], new ClosingLine()],
    projects: [
      {
        test: {
          name: "units",
          include: ["test/**/*.test.ts"],
          exclude: whole,
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "whole",
          include: whole,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
