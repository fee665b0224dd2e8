import { describe, expect, test } from "vitest";
import { compileKeyPattern } from "../../../src/config/fields/pattern.ts";
import { expandTemplate } from "../../../src/processors/cri-attributes/extract/expand-template.ts";
import { applyKeyRule, type Entries } from "../../../src/processors/cri-attributes/extract/key-rules.ts";

function pattern(source: string) {
  const compiled = compileKeyPattern(source);
  if ("problem" in compiled) throw new Error(compiled.problem);
  return compiled.pattern;
}

function applied(rule: { tag_name?: string; key?: string; key_regex?: string }, entries: Entries) {
  const written: Record<string, string> = {};
  const { tag_name = "", key = "", key_regex: source } = rule;
  applyKeyRule({ tag_name, key, key_regex: source === undefined ? undefined : pattern(source), from: "pod" }, entries, {
    prefixes: ["k8s.pod.label."],
    write: (name, value) => void (written[name] = value),
  });
  return written;
}

describe("a rule by key", () => {
  test("writes an empty value, and takes tag_name as it is", () => {
    expect(applied({ key: "a" }, { a: "" })).toEqual({ "k8s.pod.label.a": "" });
    expect(applied({ key: "a", tag_name: "t.$1" }, { a: "1" })).toEqual({ "t.$1": "1" });
  });

  test.each(["toString", "__proto__", "b"])("finds nothing by %s", (key) => {
    expect(applied({ key }, { a: "1" })).toEqual({});
  });
});

describe("a rule by pattern", () => {
  test("matches whole keys, and skips empty values", () => {
    expect(applied({ key_regex: "a|b" }, { a: "1", b: "", ab: "2", xa: "3" })).toEqual({ "k8s.pod.label.a": "1" });
  });

  test("uses tag_name only when it has groups", () => {
    expect(applied({ key_regex: "a(.)", tag_name: "t.$1" }, { ab: "1", ac: "2" })).toEqual({ "t.b": "1", "t.c": "2" });
    expect(applied({ key_regex: "a.", tag_name: "t" }, { ab: "1" })).toEqual({ "k8s.pod.label.ab": "1" });
  });

  test("writes nothing under an empty name, or one that is very long", () => {
    expect(applied({ key_regex: "a(x)?", tag_name: "$1" }, { a: "1" })).toEqual({});
    expect(applied({ key_regex: "(a)", tag_name: "$1".repeat(1100) }, { a: "1" })).toEqual({});
  });

  test.each([
    ["(?P<n>a.*)|b(?P<n>.*)", "abc", "abc"],
    ["(?P<n>a.*)|b(?P<n>.*)", "bcd", "cd"],
    ["(?:(?<n>x)|(y))(?P<n>.*)", "x1", "x"],
    ["(?:(?<n>x)|(y))(?P<n>.*)", "y1", "1"],
    // What only looks like a group counts for none.
    [String.raw`\([(\](?P<n>][[:alpha:](]\Q(?P<n>(\E(?P<n>b)|(?P<n>.)`, "((]a(?P<n>(b", undefined],
    [String.raw`\((?P<n>[](?P<n>[:alpha:]])|[[:^alpha:](](?P<n>.)`, "(b", "b"],
    [String.raw`\Q(?P<n>\E(?P<n>a)|(?P<n>b)\Q(\E`, "b(", "b"],
  ])("may give several groups of %s one name, and means the first that took part", (source, key, group) => {
    expect(pattern(source).match(key)?.byName("n")).toBe(group);
  });

  test("no pattern hangs on any key", () => {
    const rule = { key_regex: "(a+)+$|(a|aa)+b|(.*)*x", tag_name: "t" };
    const key = `${"a".repeat(5000)}!`;
    // An engine that backtracks would never come back.
    expect(applied(rule, { [key]: "1" })).toEqual({});
  });
});

test.each([
  ["$1", "x", "x"],
  ["${1}_s", "x", "x_s"],
  ["$1_s", "x", ""],
  ["$1.s", "x", "x.s"],
  ["$0", "x", "kx"],
  ["$2", "x", ""],
  ["$01", "x", ""],
  ["$$1", "x", "$1"],
  ["$", "x", "$"],
  ["a$-b", "x", "a$-b"],
  ["${what}", "x", "x"],
  ["$what", "x", "x"],
  ["$whatever", "x", ""],
  ["${1", "x", "${1"],
  ["${a b}", "x", "${a b}"],
  ["$99999999999", "x", ""],
])("%s is expanded as Go does", (template, group, expected) => {
  const groups = pattern("k(?P<what>.)").match(`k${group}`);
  expect(groups && expandTemplate(template, groups)).toBe(expected);
});
