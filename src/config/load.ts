import { open } from "node:fs/promises";
import { checkConfig } from "./check.ts";
import type { Checked } from "./check.ts";
import type { ComponentType } from "./component-type.ts";
import type { Config, Types } from "./config.ts";
import { expandTree } from "./document/expand.ts";
import { whyUnreadable } from "./document/file-text.ts";
import type { Env } from "./document/reference.ts";
import { shown, sortProblems } from "./document/problem.ts";
import type { Problem } from "./document/problem.ts";
import { limits, mergeTrees, parseTree } from "./document/tree.ts";
import type { Tree } from "./document/tree.ts";

type LoadOptions<R extends ComponentType, P extends ComponentType, E extends ComponentType, X extends ComponentType> = {
  readonly types: Types<R, P, E, X>;
  readonly env: Env;
};

/** Reads one or more files, each merged over those before it, and checks the whole. Never throws for what a file holds. */
export async function loadConfig<
  R extends ComponentType,
  P extends ComponentType,
  E extends ComponentType,
  X extends ComponentType,
>(files: readonly string[], { types, env }: LoadOptions<R, P, E, X>): Promise<Checked<Config<R, P, E, X>>> {
  const problems: Problem[] = [];
  let merged: Tree | undefined;
  for (const file of files) {
    const source = await readBounded(file);
    if (typeof source !== "string") {
      problems.push(source);
      continue;
    }
    const parsed = parseTree(file, source);
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

async function readBounded(file: string): Promise<string | Problem> {
  try {
    await using handle = await open(file);
    const buffer = Buffer.alloc(limits.bytes + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) break;
    }
    return length > limits.bytes
      ? problem(file, `must be at most ${limits.bytes} bytes`)
      : buffer.toString("utf8", 0, length);
  } catch (cause) {
    return problem(file, whyUnreadable(cause));
  }
}

function problem(file: string, rule: string): Problem {
  return { severity: "error", at: { file, line: 1, column: 1 }, message: `Cannot read ${shown(file)}: ${rule}` };
}
