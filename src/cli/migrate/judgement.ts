import { checkConfig } from "../../config/check.ts";
import { type Env, expandTree } from "../../config/document/expand.ts";
import { pathText, type Problem, sortProblems } from "../../config/document/problem.ts";
import { parseTree } from "../../config/document/tree.ts";
import type { Factories } from "../../pipeline/graph/factory.ts";

/** How what is written is called in what is said of it. */
const name = "migrated.yaml";

/** What podstamp says of the new file, by its lines. */
export function problemsOf(text: string, components: Factories, env: Env): readonly Problem[] {
  const { tree, problems } = parseTree(name, text);
  if (tree === undefined) return problems;
  const expanded = expandTree(tree, env);
  const all = [...problems, ...expanded.problems, ...checkConfig(expanded.tree, components, env).problems];
  return sortProblems(all, [name]);
}

/** The same, where what is only wrong as long as variables are not set stops nobody: they are set where podstamp runs. */
export function withoutEnvironment(problems: readonly Problem[]): readonly Problem[] {
  const unset = new Set(problems.flatMap(({ because, path }) => (because === "environment" ? [textOf(path)] : [])));
  return problems.map((problem) =>
    problem.severity === "error" && unset.has(textOf(problem.path)) && problem.path !== undefined
      ? { ...problem, severity: "warning", message: `${problem.message}; its variable is not set here` }
      : problem,
  );
}

function textOf(path: Problem["path"]): string {
  return pathText(path ?? []);
}
