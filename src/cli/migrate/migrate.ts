import { readFile } from "node:fs/promises";
import { problemLine } from "../../config/document/problem.ts";
import { limits } from "../../config/document/tree.ts";
import type { Factories } from "../../pipeline/graph/factory.ts";
import { readArgs } from "../terminal/args.ts";
import { problemsOf, withoutEnvironment } from "./judgement.ts";
import { migrate as migrateText } from "./migration.ts";
import { clean, CommandError, exitCode, type Io } from "../terminal/output.ts";
import { shapes } from "../terminal/shapes.ts";

/** `podstamp migrate FILE`: a Collector's configuration as podstamp's on standard output, what was done and what is left on the other. */
export async function migrate(argv: readonly string[], io: Io, components: Factories): Promise<number> {
  const args = readArgs(argv, shapes.migrate);
  const [file = ""] = args.positionals;
  const { text, notes } = await readMigrated(file, components, args.text("which"));
  io.out(text);
  for (const { line, kind, text: what } of notes) io.err(`${clean(file)}:${line}: ${kind}: ${clean(what)}\n`);
  const problems = withoutEnvironment(problemsOf(text, components, io.env));
  if (problems.length > 0) io.err("What was written says:\n");
  for (const problem of problems) io.err(`${problemLine(problem)}\n`);
  const isValid = problems.every(({ severity }) => severity === "warning");
  io.err(isValid ? "The configuration is valid\n" : "The configuration is not valid yet\n");
  return isValid ? exitCode.ok : exitCode.failed;
}

async function readMigrated(file: string, components: Factories, which: string | undefined) {
  const source = await readFile(file, "utf8").catch((error: unknown) => {
    throw new CommandError(`Cannot read ${clean(file)}: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (Buffer.byteLength(source) > limits.bytes)
    throw new CommandError(`Cannot read ${clean(file)}: must be at most ${limits.bytes} bytes`);
  try {
    return migrateText(source, components, which);
  } catch (error) {
    throw new CommandError(`${clean(file)}:${error instanceof Error ? error.message : String(error)}`);
  }
}
