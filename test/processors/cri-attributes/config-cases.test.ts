import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseDocument, stringify } from "yaml";
import { components } from "../../../src/components.ts";
import { checkConfig } from "../../../src/config/check.ts";
import { expandTree } from "../../../src/config/document/expand.ts";
import { problemLine, type Problem } from "../../../src/config/document/problem.ts";
import { parseTree } from "../../../src/config/document/tree.ts";

/** A block of the Collector's processor with what the Collector says of it and, where it stands, what podstamp has to say. */
type Case = {
  readonly name: string;
  readonly component: string;
  readonly yaml: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly verdict: Verdict;
  readonly podstamp?: Verdict;
};

type Verdict = "valid" | "invalid" | "warns";

const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL("../../fixtures/k8s-attributes-config.json", import.meta.url), "utf8"),
);

/** What is said of a file that has the block in a pipeline. */
function check(component: string, block: string, env: Readonly<Record<string, string>> = {}): readonly Problem[] {
  const file = parseDocument(
    stringify({
      receivers: { nop: null },
      processors: { [component]: null },
      exporters: { nop: null },
      service: { pipelines: { traces: { receivers: ["nop"], processors: [component], exporters: ["nop"] } } },
    }),
  );
  file.setIn(["processors", component], parseDocument(block).contents);
  const { tree, problems } = parseTree("a.yaml", file.toString());
  if (tree === undefined) return problems;
  const expanded = expandTree(tree, env);
  return [...problems, ...expanded.problems, ...checkConfig(expanded.tree, components, env).problems];
}

function verdictOf(problems: readonly Problem[]): Verdict {
  if (problems.some(({ severity }) => severity === "error")) return "invalid";
  return problems.length > 0 ? "warns" : "valid";
}

/** More of what a Collector 0.158 said, asked of its `validate`. */
const more: readonly (readonly [yaml: string, verdict: Verdict])[] = [
  ['extract: {labels: [{key: a, from: ""}], annotations: [{key: a, from: ""}]}', "valid"],
  ['filter: {labels: [{key: a, op: ""}], fields: [{key: metadata.name, op: ""}]}', "valid"],
  ["kube_api_burst: 1.5", "warns"],
  ["kube_api_burst: -1", "invalid"],
  ["pod_delete_grace_period: 8760h\nwatch_sync_period: 2562047h\nwait_for_metadata_timeout: 1000h", "valid"],
  ["pod_delete_grace_period: 2562048h", "invalid"],
  ['extract: {metadata: "k8s.pod.name, k8s.pod.uid"}', "invalid"],
  ['extract: {metadata: ""}', "valid"],
  ["filter: {labels: [{key: a.b-c/d, op: exists}]}", "valid"],
  ["filter: {labels: [{key: a..b/c, op: exists}]}", "invalid"],
  ["filter: {labels: [{key: a.-b/c, op: exists}]}", "invalid"],
];

test.each(more)("%s is %s", (yaml, verdict) => {
  expect(verdictOf(check("k8s_attributes", yaml))).toBe(verdict);
});

describe("each block of the Collector's processor has its verdict", () => {
  test.each(cases.map((one) => [one.name, one] as const))("%s", (_, { component, yaml, env, verdict, podstamp }) => {
    const problems = check(component, yaml, env);
    const found = verdictOf(problems);
    // A block that is right can still have a setting that does nothing here, of which a word is said.
    const is = (podstamp ?? verdict) === "valid" && found === "warns" ? "valid" : found;
    expect(is, problems.map(problemLine).join("\n")).toBe(podstamp ?? verdict);
    for (const problem of problems) expect(problemLine(problem)).toMatch(/^a\.yaml:\d+:\d+: (?:warning: )?[A-Za-z]/);
  });
});
