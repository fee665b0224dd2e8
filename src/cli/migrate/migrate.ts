import { readFile } from "node:fs/promises";
import { checkConfig } from "../../config/check.ts";
import { expandTree } from "../../config/document/expand.ts";
import { problemLine, sortProblems } from "../../config/document/problem.ts";
import { limits, parseTree } from "../../config/document/tree.ts";
import type { Factories } from "../../pipeline/graph/factory.ts";
import { readArgs } from "../terminal/args.ts";
import { migrate as migrateText } from "./migration.ts";
import { clean, CommandError, exitCode, type Io } from "../terminal/output.ts";
import { shapes } from "../terminal/shapes.ts";

/** `podstamp migrate FILE`: a Collector's configuration as podstamp's on standard output, what was done and what is left on the other. */
export async function migrate(argv: readonly string[], io: Io, components: Factories): Promise<number> {
  const [file = ""] = readArgs(argv, shapes.migrate).positionals;
  const { text, notes } = await readMigrated(file, components);
  io.out(text);
  for (const { line, kind, text: what } of notes) io.err(`${clean(file)}:${line}: ${kind}: ${clean(what)}\n`);
  const problems = check(text, components, io.env);
  if (problems.length > 0) io.err("What was written says:\n");
  for (const problem of problems) io.err(`${problem}\n`);
  const isValid = !problems.some((line) => !line.includes(": warning: "));
  io.err(isValid ? "The configuration is valid\n" : "The configuration is not valid yet\n");
  return isValid ? exitCode.ok : exitCode.failed;
}

async function readMigrated(file: string, components: Factories) {
  const source = await readFile(file, "utf8").catch((error: unknown) => {
    throw new CommandError(`Cannot read ${clean(file)}: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (Buffer.byteLength(source) > limits.bytes)
    throw new CommandError(`Cannot read ${clean(file)}: must be at most ${limits.bytes} bytes`);
  try {
    return migrateText(source, components);
  } catch (error) {
    throw new CommandError(`${clean(file)}:${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What podstamp says of the new file, by its lines. */
function check(text: string, components: Factories, env: Io["env"]): readonly string[] {
  const name = "migrated.yaml";
  const { tree, problems } = parseTree(name, text);
  if (tree === undefined) return problems.map(problemLine);
  const expanded = expandTree(tree, env);
  const all = [...problems, ...expanded.problems, ...checkConfig(expanded.tree, components, env).problems];
  return sortProblems(all, [name]).map(problemLine);
}
