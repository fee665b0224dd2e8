import { expect, test } from "vitest";
import { fit, wrap } from "../../../src/cli/terminal/fit.ts";
import { table } from "../../../src/cli/terminal/output.ts";
import { columnsOf, endWithin, startWithin } from "../../../src/cli/terminal/width.ts";

test.each([
  ["web-1", 5],
  ["\u6f22\u5b57", 4],
  ["\u30b3\u30f3\u30c6\u30ca", 8],
  ["\uff76\uff85", 2],
  ["\ud55c\uae00", 4],
  ["e\u0301", 1],
  ["\u{1f680}", 2],
  ["m\u00fcller\u2026", 7],
  ["", 0],
])("%s takes %i columns", (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

test("a column of wide letters is as wide as a terminal shows it", () => {
  expect(
    table([
      ["\u6f22\u5b57", "a"],
      ["abcdef", "b"],
    ]),
  ).toBe("\u6f22\u5b57    a\nabcdef  b\n");
});

test("what is cut fits, and no letter is cut apart", () => {
  const name = "\u6f22\u5b57e\u0301".repeat(10);
  const [[cut = ""] = []] = fit([[name]], 20);
  expect(columnsOf(cut)).toBeLessThanOrEqual(20);
  expect(columnsOf(cut)).toBeGreaterThan(16);
  expect(cut).toMatch(/^\u6f22\u5b57e\u0301.*\u2026.*e\u0301$/);
  expect(name.slice(0, endWithin(name, 3))).toBe("\u6f22");
  expect(name.slice(startWithin(name, 3))).toBe("\u5b57e\u0301");
  expect([endWithin("plain", 9), endWithin(name, 999), startWithin(name, 999)]).toEqual([5, name.length, 0]);
});

test("lines are broken where a terminal ends", () => {
  const lines = wrap("\u6f22\u5b57 ".repeat(6).trim(), 11);
  expect(lines).toEqual(["\u6f22\u5b57 \u6f22\u5b57", "\u6f22\u5b57 \u6f22\u5b57", "\u6f22\u5b57 \u6f22\u5b57"]);
  expect(wrap("\u{1f680}".repeat(7), 5)).toEqual([2, 2, 2, 1].map((count) => "\u{1f680}".repeat(count)));
});
