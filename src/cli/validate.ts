import { loadConfig } from "../config/load.ts";
import { sourceOfSet } from "../config/source.ts";
import { problemLine } from "../config/document/problem.ts";
import type { Problem } from "../config/document/problem.ts";
import type { Factories } from "../pipeline/graph/factory.ts";
import type { PipelineConfig } from "../pipeline/graph/graph.ts";
import { readArgs } from "./terminal/args.ts";
import { exitCode, UsageError } from "./terminal/output.ts";
import type { Io } from "./terminal/output.ts";
import { shapes } from "./terminal/shapes.ts";

/** `podstamp validate`: every problem of a configuration, or a word that there is none. */
export async function validate(argv: readonly string[], io: Io, components: Factories): Promise<number> {
  const files = configFiles(argv);
  const { config, problems } = await loadConfig(files, { types: components, env: io.env });
  for (const problem of problems) io.err(`${problemLine(problem)}\n`);
  for (const ignored of ignoredOptions(argv)) io.err(`${ignored}\n`);
  if (config === undefined) {
    io.err(`${closing(problems)}\n`);
    return exitCode.failed;
  }
  io.out(`The configuration is valid: ${config.pipelines.map(({ id }) => id).join(", ")}${warningCount(problems)}\n`);
  return exitCode.ok;
}

/** Loads a configuration to run it; prints every problem and gives undefined when it is not valid. */
export async function loadToRun(
  argv: readonly string[],
  io: Io,
  components: Factories,
): Promise<{ config: PipelineConfig; warnings: readonly Problem[] } | undefined> {
  const { config, problems } = await loadConfig(configFiles(argv), { types: components, env: io.env });
  if (config !== undefined) return { config, warnings: problems };
  for (const problem of problems) io.err(`${problemLine(problem)}\n`);
  io.err(`${closing(problems)}\n`);
  return undefined;
}

/** What the configuration is made of: what `--config` names, at least one, and over that what `--set` says. */
export function configFiles(argv: readonly string[]): readonly string[] {
  const args = readArgs(argv, shapes.validate);
  const files = args.texts("config");
  if (files.length === 0) throw new UsageError("At least one --config FILE must be given");
  const sets = args.texts("set").map((text) => {
    const source = sourceOfSet(text);
    if (source === undefined)
      throw new UsageError("Option --set must be KEY=VALUE, such as processors.batch.timeout=2s");
    return source;
  });
  return [...files, ...sets];
}

/** Options that manifests made for the Collector have and that do nothing here, each with a word. */
export function ignoredOptions(argv: readonly string[]): readonly string[] {
  return readArgs(argv, shapes.validate).texts("feature-gates").length === 0
    ? []
    : ["Ignoring --feature-gates: podstamp has none; by which names k8s_attributes writes is its setting semconv"];
}

function closing(problems: readonly Problem[]): string {
  const errors = problems.filter((problem) => problem.severity === "error").length;
  return `The configuration is not valid: ${errors} ${errors === 1 ? "error" : "errors"}${warningCount(problems)}`;
}

function warningCount(problems: readonly Problem[]): string {
  const warnings = problems.filter((problem) => problem.severity === "warning").length;
  return warnings === 0 ? "" : `, ${warnings} ${warnings === 1 ? "warning" : "warnings"}`;
}
