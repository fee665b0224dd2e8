import { checkConfig } from "../../config/check.ts";
import { expandTree } from "../../config/document/expand.ts";
import { pathText, type Problem, sortProblems } from "../../config/document/problem.ts";
import type { Env } from "../../config/document/reference.ts";
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

/** The same, where what is only wrong as long as variables and files are not there stops nobody: they are where podstamp runs. */
export function withoutEnvironment(problems: readonly Problem[]): readonly Problem[] {
  const reasons = new Map(
    problems.flatMap(({ because, path }) =>
      because === "environment" || because === "file" ? [[textOf(path), absent[because]]] : [],
    ),
  );
  return problems.map((problem) => {
    const reason = problem.path === undefined ? undefined : reasons.get(textOf(problem.path));
    return problem.severity === "error" && reason !== undefined
      ? { ...problem, severity: "warning", message: `${problem.message}; ${reason}` }
      : problem;
  });
}

const absent = { environment: "its variable is not set here", file: "its file is read where podstamp runs" };

function textOf(path: Problem["path"]): string {
  return pathText(path ?? []);
}
