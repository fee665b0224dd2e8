import { checkConfig } from "./check.ts";
import type { Checked } from "./check.ts";
import type { ComponentType } from "./component-type.ts";
import type { Config, Types } from "./config.ts";
import { expandTree } from "./document/expand.ts";
import type { Env } from "./document/reference.ts";
import { sortProblems } from "./document/problem.ts";
import type { Problem } from "./document/problem.ts";
import { mergeTrees, parseTree } from "./document/tree.ts";
import type { Tree } from "./document/tree.ts";
import { readSource } from "./source.ts";

type LoadOptions<R extends ComponentType, P extends ComponentType, E extends ComponentType, X extends ComponentType> = {
  readonly types: Types<R, P, E, X>;
  readonly env: Env;
};

/** Reads one or more files (or what else readSource() takes), each merged over those before it, and checks the whole. Never throws for what they hold. */
export async function loadConfig<
  R extends ComponentType,
  P extends ComponentType,
  E extends ComponentType,
  X extends ComponentType,
>(uris: readonly string[], { types, env }: LoadOptions<R, P, E, X>): Promise<Checked<Config<R, P, E, X>>> {
  const problems: Problem[] = [];
  const files: string[] = [];
  let merged: Tree | undefined;
  for (const uri of uris) {
    const source = await readSource(uri, env);
    files.push(source.name);
    if ("problem" in source) {
      problems.push(source.problem);
      continue;
    }
    const parsed = parseTree(source.name, source.text);
    problems.push(...parsed.problems);
    if (parsed.tree !== undefined) merged = merged === undefined ? parsed.tree : mergeTrees(merged, parsed.tree);
  }
  if (merged === undefined || problems.length > 0)
    return { config: undefined, problems: sortProblems(problems, files) };
  const expanded = expandTree(merged, env);
  const checked = checkConfig(expanded.tree, types, env);
  const all = sortProblems([...expanded.problems, ...checked.problems], files);
  return { config: all.some((problem) => problem.severity === "error") ? undefined : checked.config, problems: all };
}
