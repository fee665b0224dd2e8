import { expect, test } from "vitest";
import { putBounded } from "../../src/runtimes/oldest-out.ts";

test("the one that was put in first makes room, and one that is put in again is the last", () => {
  const map = new Map<string, number>();
  for (const entry of [
    ["a", 1],
    ["b", 2],
    ["a", 3],
    ["c", 4],
  ] as const)
    putBounded(map, entry, 2);
  expect([...map]).toEqual([
    ["a", 3],
    ["c", 4],
  ]);
});
