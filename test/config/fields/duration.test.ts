import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../../src/config/fields/duration.ts";

test.each([
  ["0", 0],
  ["2s", 2000],
  ["200ms", 200],
  ["1h2m3.5s", 3_723_500],
  [".5m", 30_000],
  ["1.5h", 5_400_000],
  ["250us", 0.25],
  ["250µs", 0.25],
  ["1ns", 1e-6],
  ["-3s", -3000],
  ["+3s", 3000],
])("%s is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBeCloseTo(ms, 9);
});

test.each(["", "s", "2", "2 s", "2S", "1d", "soon", "1h-2m", "1e3s", ".", ".s", "٢s", "--1s"])(
  "%j is no duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test.each([
  [0, "0s"],
  [200, "200ms"],
  [90_000, "1m30s"],
  [5_400_000, "1h30m"],
  [3_723_500, "1h2m3.5s"],
  [-2000, "-2s"],
])("%d ms is written as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
  expect(parseDuration(text)).toBe(ms);
});
