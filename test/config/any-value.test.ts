import { expect, test } from "vitest";
import { decode } from "../../src/config/document/decode.ts";
import { expandTree } from "../../src/config/document/expand.ts";
import { parseTree } from "../../src/config/document/tree.ts";
import { actions } from "../../src/config/fields/action-fields.ts";
import { section } from "../../src/config/fields/fields.ts";
import { valueOf } from "../../src/otlp/wire/any-value.ts";

const schema = section({ actions: actions() });

/** The value of an attribute as it leaves, of what a file has behind `value:`. */
function valueIn(written: string, env: Record<string, string> = {}): unknown {
  const { tree } = parseTree("a.yaml", `actions: [{key: a, action: insert, value: ${written}}]`);
  if (tree === undefined) throw new Error("The configuration of the test cannot be read");
  const expanded = expandTree(tree, env);
  const read = decode(schema, expanded.tree, ["processors", "attributes"]);
  expect(read.problems).toEqual([]);
  const [action] = read.ok ? read.value.actions : [];
  return action?.action === "insert" && "value" in action.source ? valueOf(action.source.value) : undefined;
}

test.each([
  ["1.0", { kind: "double", value: 1 }],
  ["-0.0", { kind: "double", value: -0 }],
  ["1e3", { kind: "double", value: 1000 }],
  ["1.5", { kind: "double", value: 1.5 }],
  [".inf", { kind: "double", value: Infinity }],
  ["1", { kind: "int", value: 1n }],
  ["0x1E", { kind: "int", value: 30n }],
  ["9007199254740993", { kind: "int", value: 9007199254740993n }],
  ["+9223372036854775807", { kind: "int", value: 9223372036854775807n }],
  ["-9223372036854775808", { kind: "int", value: -9223372036854775808n }],
  ["0x7fffffffffffffff", { kind: "int", value: 9223372036854775807n }],
  ["9223372036854775808", { kind: "double", value: 2 ** 63 }],
  ['"1.0"', { kind: "string", value: "1.0" }],
  [
    "[1, 2.0]",
    {
      kind: "array",
      values: [
        { kind: "int", value: 1n },
        { kind: "double", value: 2 },
      ],
    },
  ],
  ["{a: {b: 2.0}}", { kind: "map", entries: [["a", { kind: "map", entries: [["b", { kind: "double", value: 2 }]] }]] }],
])("a value of an attribute has the type that is written: %s", (written, value) => {
  expect(valueIn(written)).toEqual(value);
});

test("also when it comes from the environment", () => {
  expect(valueIn('"${env:ID}"', { ID: "9007199254740993" })).toEqual({ kind: "int", value: 9007199254740993n });
  expect(valueIn('"${env:ID}"', { ID: "1.0" })).toEqual({ kind: "double", value: 1 });
});

test.each([
  ["a text with what YAML calls a comment", "prod #2", "prod #2"],
  ["quotes", "'prod'", "'prod'"],
  ["lines", "one\ntwo\n", "one\ntwo\n"],
  ["spaces around it", "  prod ", "  prod "],
  ["a tag", "!!str 5", "!!str 5"],
])("a string from the environment is taken whole: %s", (_, text, value) => {
  expect(valueIn('"${env:TEXT}"', { TEXT: text })).toEqual({ kind: "string", value });
  expect(valueIn('["${env:TEXT}"]', { TEXT: text })).toEqual({ kind: "array", values: [{ kind: "string", value }] });
});
