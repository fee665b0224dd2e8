import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { fingerprintOf, limits, mergeTrees, parseTree } from "../../../src/config/document/tree.ts";
import type { Tree } from "../../../src/config/document/tree.ts";
import { problemLine } from "../../../src/config/document/problem.ts";

function plain(tree: Tree | undefined): unknown {
  switch (tree?.kind) {
    case undefined:
      return undefined;
    case "scalar":
      return tree.value;
    case "list":
      return tree.items.map(plain);
    case "map":
      return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, plain(entry.tree)]));
  }
}

function value(source: string): unknown {
  const { tree, problems } = parseTree("a.yaml", source);
  expect(problems.map(problemLine)).toEqual([]);
  return plain(tree);
}

function firstProblem(source: string): string {
  const { tree, problems } = parseTree("a.yaml", source);
  expect(tree).toBeUndefined();
  return problems.map(problemLine).join("\n");
}

describe("reading YAML", () => {
  test("an empty file is an empty map", () => {
    expect(value("")).toEqual({});
    expect(value("# only a comment\n")).toEqual({});
  });

  test("yes, no and dates stay strings, as YAML 1.2 has it", () => {
    expect(value("a: yes\nb: 2026-11-24\nd: 0x10")).toEqual({ a: "yes", b: "2026-11-24", d: 16 });
  });

  test.each([
    ["0123", 83],
    ["-0o17", -15],
    ["0X1F", 31],
    ["+0b101", 5],
    ["1_000_000", 1_000_000],
    ["1_000.5", 1000.5],
    ["08", 8],
    ["0b2", "0b2"],
    ["_1", "_1"],
    ["1_000s", "1_000s"],
    ["'017'", "017"],
    ["!!str 017", "017"],
  ])("%s is what Go's YAML reads in it, as in a Collector's file", (source, expected) => {
    expect(value(`a: ${source}`)).toEqual({ a: expected });
  });

  test("a key with :: stands for maps within each other, but for one in a list", () => {
    expect(value("a::b::c: 1\na: {b: {d: 2}, e: }\na::e::f: 3\nl: [{x::y: 4}]\nm: {n::o: 5}")).toEqual({
      a: { b: { c: 1, d: 2 }, e: { f: 3 } },
      l: [{ "x::y": 4 }],
      m: { n: { o: 5 } },
    });
    expect(firstProblem("a: {b: 1}\na::b: 2\n")).toBe(
      "a.yaml:2:7: Cannot read YAML: the same key is written twice, once with ::",
    );
    expect(firstProblem(`${"a::".repeat(limits.depth + 1)}b: 1\n`)).toContain("has too many :: in a key");
  });

  test("documents behind the first are none when nothing is in them", () => {
    expect(value("a: 1\n---\n# the end\n---\n")).toEqual({ a: 1 });
    expect(firstProblem("a: 1\n---\n---\nb: 2\n")).toContain("must be one document, another one begins here");
  });

  test("anchors, aliases and merge keys are resolved", () => {
    expect(value("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\nc: *x\nd: {<<: [*x, {q: 9, r: 4}]}")).toEqual({
      a: { p: 1, q: 2 },
      b: { p: 1, q: 3 },
      c: { p: 1, q: 2 },
      d: { p: 1, q: 2, r: 4 },
    });
  });

  test("a key named __proto__ is a key like any other", () => {
    expect(Object.keys(value("__proto__: {a: 1}") as object)).toEqual(["__proto__"]);
  });

  test("numbers and booleans as keys are their text", () => {
    expect(value("80: a\ntrue: b")).toEqual({ "80": "a", true: "b" });
  });

  test("every value knows its line and column, behind CRLF too", () => {
    const { tree } = parseTree("a.yaml", "a:\r\n  b: 1\r\n");
    const a = tree?.kind === "map" ? tree.entries.get("a") : undefined;
    const b = a?.tree.kind === "map" ? a.tree.entries.get("b") : undefined;
    expect(b?.keyAt).toEqual({ file: "a.yaml", line: 2, column: 3 });
    expect(b?.tree.at).toEqual({ file: "a.yaml", line: 2, column: 6 });
  });
});

describe("refusing YAML", () => {
  test("a key that stands twice is told with its place", () => {
    expect(firstProblem("a: 1\nb: 2\na: 3\n")).toBe("a.yaml:3:1: Cannot read YAML: Map keys must be unique");
  });

  test("of many errors of syntax only the first is told", () => {
    expect(firstProblem("a: [1, 2\nb: }{\n")).not.toContain("\n");
  });

  test.each([
    [
      "exporters:\n  otlp_grpc:\n    endpoint:localhost:4317\n    timeout: 1s\n",
      "3:5",
      /need to be on a single line; behind a key stand a colon and a space/,
    ],
    [
      "processors:\n  filter:\n  batch\nexporters:\n",
      "3:3",
      /followed by map values; behind a key stand a colon and a space/,
    ],
    ["endpoint: localhost: 4317\n", "1:11", /; a value with a colon and a space in it must be quoted/],
    ["endpoint: localhost:4317\n  timeout: 1s\n", "1:11", /what follows a value must not stand further right$/],
    ["grpc:\n  a: 1\n b: 2\n", "3:1", /; a line here stands further left or right than its neighbours$/],
  ])("what is mostly behind it is said: %j", (source, place, words) => {
    const [line] = parseTree("a.yaml", source).problems.map(problemLine);
    expect(line).toMatch(words);
    expect(line).toContain(`a.yaml:${place}: Cannot read YAML: `);
  });

  test("a reference inside braces that is not quoted gets a hint", () => {
    expect(firstProblem("a: {b: ${env:X}}")).toBe(
      "a.yaml:1:9: Cannot read YAML: Unexpected flow-map-start at node end; a reference inside { } or [ ] must be quoted",
    );
  });

  test("a file over the limit is refused", () => {
    expect(firstProblem(`a: ${"x".repeat(limits.bytes)}`)).toBe(
      "a.yaml:1:1: Cannot read a.yaml: must be at most 1048576 bytes",
    );
  });

  test("aliases that blow up are refused before memory is taken", () => {
    const bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 12; level++)
      bomb.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(", ")}]`);
    expect(firstProblem(bomb.join("\n"))).toContain("must hold at most 50000 values, aliases counted each time");
  });

  test("an anchor that holds itself is refused", () => {
    expect(firstProblem("a: &a [*a]")).toContain("Cannot read YAML: must");
  });

  test("nesting that is too deep is refused, however deep it is", () => {
    expect(firstProblem("[".repeat(100) + "]".repeat(100))).toContain("must be nested at most 64 deep");
    expect(firstProblem("[".repeat(20_000) + "]".repeat(20_000))).toContain("must be nested at most 64 deep");
  });

  test("two documents in one file are refused", () => {
    expect(firstProblem("a: 1\n---\nb: 2\n")).toContain("must be one document, another one begins here");
  });
});

describe("merging", () => {
  const merge = (earlier: string, later: string) => {
    const [one, two] = [parseTree("1.yaml", earlier).tree, parseTree("2.yaml", later).tree];
    if (one === undefined || two === undefined) throw new Error("Cannot merge: must be YAML");
    return mergeTrees(one, two);
  };

  test("maps are merged deeply, lists and values are replaced, null overrides", () => {
    const merged = merge("a: {x: 1, y: {z: 2}}\nl: [1, 2]\nn: {k: 1}\nkeep: 1", "a: {y: {w: 3}}\nl: [9]\nn: null");
    expect(plain(merged)).toEqual({ a: { x: 1, y: { z: 2, w: 3 } }, l: [9], n: null, keep: 1 });
  });

  test("what was merged keeps the file it came from", () => {
    const merged = merge("a: 1\nb: 1", "\n\nb: 2");
    const places =
      merged.kind === "map" ? [...merged.entries.values()].map(({ tree }) => [tree.at.file, tree.at.line]) : [];
    expect(places).toEqual([
      ["1.yaml", 1],
      ["2.yaml", 3],
    ]);
  });
});

test("a block is another one when it says something else, or a file that its tls section names is another one", () => {
  const folder = mkdtempSync(join(tmpdir(), "podstamp-tree-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);
  const fingerprint = (source: string) => fingerprintOf(parseTree("a.yaml", source).tree ?? expect.fail());
  const block = (file: string) => `{protocols: {grpc: {tls: {cert_file: ${at(file)}}}}, token_file: ${at("token")}}`;
  expect(fingerprint("{a: 1, b: 2}")).toBe(fingerprint("b: 2\na: 1"));
  expect(fingerprint("{a: 1, b: 2}")).not.toBe(fingerprint("{a: 1, b: 3}"));
  // As Kubernetes has secrets: a link, whose place another one takes.
  for (const name of ["first", "second"]) writeFileSync(at(name), "the same text");
  symlinkSync(at("first"), at("now"));
  const before = fingerprint(block("now"));
  writeFileSync(at("token"), "is read when it is wanted");
  expect(fingerprint(block("now"))).toBe(before);
  symlinkSync(at("second"), at("next"));
  renameSync(at("next"), at("now"));
  expect(fingerprint(block("now"))).not.toBe(before);
  rmSync(at("now"));
  expect(fingerprint(block("now"))).not.toBe(before);
});
