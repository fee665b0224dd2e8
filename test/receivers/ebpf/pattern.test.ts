import { expect, test } from "vitest";
import { anyOf, isPattern } from "../../../src/receivers/ebpf/pattern.ts";

test.each([
  ["shop", "shop", true],
  ["shop", "shops", false],
  ["shop-*", "shop-", true],
  ["shop-*", "shop", false],
  ["*-1", "web-1", true],
  ["a*b*c", "abc", true],
  ["a*b*c", "axxbyyc", true],
  ["a*b*c", "ab", false],
  ["a*a", "a", false],
  ["*", "", true],
  ["a*bc*bcd", "abcd", false],
  ["docker.io/*/nginx", "docker.io/library/nginx", true],
  ["x.y", "xzy", false],
])("%s and %s: %s", (pattern, name, expected) => {
  expect(anyOf([pattern])?.(name)).toBe(expected);
});

test("one of several is enough, and none is no test", () => {
  expect(anyOf(["a", "b*"])?.("bc")).toBe(true);
  expect(anyOf([])).toBeUndefined();
});

test("what takes long to test is refused", () => {
  expect([isPattern(""), isPattern("a*"), isPattern("*".repeat(7)), isPattern("a".repeat(600))]).toEqual([
    false,
    true,
    false,
    false,
  ]);
});
