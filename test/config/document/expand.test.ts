import { describe, expect, test } from "vitest";
import { expandTree } from "../../../src/config/document/expand.ts";
import type { Env } from "../../../src/config/document/reference.ts";
import { problemLine } from "../../../src/config/document/problem.ts";
import { parseTree } from "../../../src/config/document/tree.ts";
import type { Tree } from "../../../src/config/document/tree.ts";

const env: Env = {
  HOST: "node-7",
  PORT: "4317",
  LEADING: "0123",
  EMPTY: "",
  LIST: "[a, b]",
  MAP: "{k: 1}",
  NOT_YAML: "{",
  COLON: "a: b: c",
  DOLLARS: "pa$$word${HOST}",
  INNER: "HOST",
  TRUE: "true",
  NULL: "null",
  REMARK: "# nothing yet",
};

function expandValue(text: string): { tree: Tree; problems: readonly string[] } {
  const parsed = parseTree("a.yaml", `v: '${text}'`).tree;
  if (parsed === undefined) throw new Error(`Cannot parse ${text}`);
  const { tree, problems } = expandTree(parsed, env);
  const value = tree.kind === "map" ? tree.entries.get("v")?.tree : undefined;
  if (value === undefined) throw new Error("Cannot find v");
  return { tree: value, problems: problems.map(problemLine) };
}

function scalar(text: string): unknown {
  const { tree, problems } = expandValue(text);
  expect(problems).toEqual([]);
  return tree.kind === "scalar" ? tree.value : tree.kind;
}

describe("references", () => {
  test.each([
    ["${env:HOST}", "node-7"],
    ["${env:NULL}", null],
    ["${env:REMARK}", null],
    ["${HOST}", "node-7"],
    ["${env:PORT}", 4317],
    ["x-${env:PORT}", "x-4317"],
    ["${env:HOST}:${env:PORT}", "node-7:4317"],
    ["${env:TRUE}", true],
    ["${env:UNSET:-5s}", "5s"],
    ["${UNSET:-7}", 7],
    ["${env:UNSET:-a:-b}", "a:-b"],
    ["${env:UNSET:-}", null],
    ["${env:EMPTY:-x}", null],
    ["${env:UNSET:-${env:HOST}}", "node-7"],
    ["${env:${env:INNER}}", "node-7"],
    ["$${env:HOST}", "${env:HOST}"],
    ["$$$${HOST}", "$${HOST}"],
    ["$$${env:PORT}", "$4317"],
    ["$host $1", "$host $1"],
    ["a $$ b", "a $ b"],
    ["${env:HOST", "${env:HOST"],
    ["${env:LIST}", "list"],
    ["${env:MAP}", "map"],
    ["${env:NOT_YAML}", "{"],
    ["${env:COLON}", "a: b: c"],
    ["${env:DOLLARS}", "pa$$word${HOST}"],
    ["x${env:EMPTY}y", "xy"],
  ])("%s becomes %j", (text, expected) => {
    expect(scalar(text)).toEqual(expected);
  });

  test("a whole value keeps its text for settings that are strings", () => {
    expect(expandValue("${env:LEADING}").tree).toMatchObject({ kind: "scalar", value: 83, text: "0123" });
    expect(expandValue("${env:MAP}").tree).toMatchObject({ kind: "map", text: "{k: 1}" });
  });

  test("everything that comes from a variable stands where the reference stands", () => {
    const { tree } = expandValue("${env:LIST}");
    expect(tree.kind === "list" ? tree.items.map((item) => item.at) : []).toEqual([
      { file: "a.yaml", line: 1, column: 4 },
      { file: "a.yaml", line: 1, column: 4 },
    ]);
  });

  test("keys are not expanded", () => {
    const parsed = parseTree("a.yaml", "${HOST}: 1").tree;
    const { tree } = expandTree(parsed ?? { kind: "scalar", at: { file: "", line: 1, column: 1 }, value: null }, env);
    expect(tree.kind === "map" ? [...tree.entries.keys()] : []).toEqual(["${HOST}"]);
  });
});

describe("references that cannot be followed", () => {
  test("an unset variable is empty, with a warning that names it", () => {
    const { tree, problems } = expandValue("${env:UNSET}");
    expect(tree).toMatchObject({ kind: "scalar", value: null, text: "" });
    expect(problems).toEqual([
      "a.yaml:1:4: warning: v refers to the environment variable UNSET, which is not set: it is taken as empty",
    ]);
  });

  test.each([
    ["Bearer $TOKEN", 1],
    ["$OTLP_ENDPOINT", 1],
    ["$$$TOKEN", 1],
    ["$$TOKEN", 0],
    ["$1 $name ^a$", 0],
    ["${env:HOST}", 0],
  ])("a shell's variable is no reference, which a warning says without its name: %s", (text, count) => {
    const warning = "a.yaml:1:4: warning: v has a $NAME, which is taken as it is: a variable is written ${env:NAME}";
    expect(expandValue(text).problems).toEqual(Array.from({ length: count }, () => warning));
  });

  test.each([
    [
      "${env:1}",
      'a.yaml:1:4: Cannot use v: the name of an environment variable must be letters, digits and _, not beginning with a digit, is "1"',
    ],
    [
      "${}",
      'a.yaml:1:4: Cannot use v: the name of an environment variable must be letters, digits and _, not beginning with a digit, is ""',
    ],
    ...["yaml", "http", "https"].map((scheme) => [
      `\${${scheme}:x}`,
      `a.yaml:1:4: Cannot use v: references with "${scheme}:" are known from the Collector and not built yet; use \${env:NAME} or \${file:PATH}`,
    ]),
    [
      "${vault:x}",
      'a.yaml:1:4: Cannot use v: must be a reference such as ${env:NAME} or ${file:PATH}, is "${vault:x}"',
    ],
  ])("%s is an error", (text, expected) => {
    expect(expandValue(text).problems).toEqual([expected]);
  });

  test("names of the prototype are not variables", () => {
    expect(expandValue("${env:constructor}").problems).toHaveLength(1);
  });

  test("thousands of references in one value are refused", () => {
    expect(expandValue("${".repeat(100_000)).problems).toEqual([
      "a.yaml:1:4: Cannot use v: must hold at most 1000 references",
    ]);
  });

  test("thousands of references in one file are refused", () => {
    expect(expandValue("${env:HOST}".repeat(999)).problems).toEqual([]);
    const parsed = parseTree("a.yaml", `v: [${Array.from({ length: 1001 }, () => "'${env:HOST}'").join(", ")}]`).tree;
    const { problems } = expandTree(
      parsed ?? { kind: "scalar", at: { file: "", line: 1, column: 1 }, value: null },
      env,
    );
    expect(problems).toHaveLength(1);
  });
});
