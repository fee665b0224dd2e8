import { expect, test } from "vitest";
import { fit, fitFirst } from "../../../src/cli/terminal/fit.ts";

const rows = [["aaaaaaaaaaaaaaaaaaaa", "b", "cccccccccccc"]];

test("cuts the widest column first, in its middle", () => {
  expect(fit(rows, 30)).toEqual([[expect.stringMatching(/^a+…a+$/), "b", "cccccccccccc"]]);
  expect(fit(rows, 30)[0]?.join("  ").length).toBeLessThanOrEqual(30);
});

test("cuts none below eight where there is room for that, none below four, and none where the terminal says that it has no columns", () => {
  expect(fit(rows, 21)[0]?.map((cell) => cell.length)).toEqual([8, 1, 8]);
  expect(fit(rows, 16)[0]?.map((cell) => cell.length)).toEqual([5, 1, 6]);
  expect(fit(rows, 5)[0]?.map((cell) => cell.length)).toEqual([4, 1, 4]);
  expect(fit(rows, 0)).toEqual(rows);
  expect(fit(rows, undefined)).toEqual(rows);
  expect(fit([], 80)).toEqual([]);
});

test("cuts what is to stay whole only when nothing else is left", () => {
  expect(fit(rows, 34, [0])).toEqual([["aaaaaaaaaaaaaaaaaaaa", "b", expect.stringMatching(/^c+…c+$/)]]);
  expect(fit(rows, 25, [0])[0]?.map((cell) => cell.length)).toEqual([16, 1, 4]);
  const wide = [["a".repeat(80), "b", "c".repeat(20)]];
  expect(fit(wide, 70, [0])[0]?.map((cell) => cell.length)).toEqual([57, 1, 8]);
});

test("takes the first way to write them that fits, and cuts the last", () => {
  const ways = [() => rows, () => [["aaaa", "b", "cccccccccccc"]]];
  expect(fitFirst(ways, 40, [])).toEqual(rows);
  expect(fitFirst(ways, 25, [])).toEqual([["aaaa", "b", "cccccccccccc"]]);
  expect(fitFirst(ways, 18, [])[0]?.[2]).toMatch(/^c+…c+$/);
  expect(fitFirst(ways, undefined, [])).toEqual(rows);
});
