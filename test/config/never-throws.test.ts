import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { components } from "../../src/components.ts";
import { checkConfig } from "../../src/config/check.ts";
import { expandTree } from "../../src/config/document/expand.ts";
import { problemLine } from "../../src/config/document/problem.ts";
import { parseTree } from "../../src/config/document/tree.ts";

function messages(source: string): readonly string[] {
  const { tree, problems } = parseTree("a.yaml", source);
  if (tree === undefined) return problems.map(problemLine);
  const expanded = expandTree(tree, { A: "[1, {b: c}]", B: "" });
  return [...expanded.problems, ...checkConfig(expanded.tree, components, {}).problems].map(problemLine);
}

const oneLine = /^a\.yaml:\d+:\d+: (?:warning: )?[^\p{Cc}]+$/u;

test("any text at all is answered in lines with a place", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (source) => {
      for (const message of messages(source)) expect(message).toMatch(oneLine);
    }),
    { numRuns: 500 },
  );
});

const words = fc.constantFrom(
  "otlp",
  "otlp/2",
  "batch",
  "cri_attributes",
  "otlp_grpc",
  "debug",
  "protocols",
  "grpc",
  "endpoint",
  "traces",
  "metrics",
  "pipelines",
  "telemetry",
  "headers",
  "tls",
  "sending_queue",
  "runtimes",
  "enabled",
  "__proto__",
  "\u0007",
);
const scalars = fc.oneof(
  words,
  fc.constantFrom("${env:A}", "${B}", "$${", "${env:NOT_SET}", "1s", "", "localhost:1"),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalars,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(words, tie("value"), { maxKeys: 4 }),
  ),
}));
const section = fc.dictionary(words, value, { maxKeys: 3 });

test("any configuration that looks like one is answered in lines with a place", () => {
  const file = fc.record({
    receivers: fc.oneof(section, value),
    processors: section,
    exporters: section,
    service: fc.oneof(value, fc.record({ pipelines: section, telemetry: value })),
  });
  fc.assert(
    fc.property(file, (config) => {
      for (const message of messages(stringify(config))) expect(message).toMatch(oneLine);
    }),
    { numRuns: 500 },
  );
});
