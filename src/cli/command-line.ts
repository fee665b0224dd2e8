import { nearest } from "../config/nearest.ts";
import { listComponents } from "./components.ts";
import { helpTexts } from "./help.ts";
import type { Command } from "./help.ts";
import { inspect } from "./inspect.ts";
import { migrate } from "./migrate.ts";
import { clean, CommandError, exitCode, UsageError } from "./output.ts";
import type { Io } from "./output.ts";
import { ps } from "./ps.ts";
import { reload } from "./reload.ts";
import { replay } from "./replay.ts";
import { run } from "./run.ts";
import type { RunOptions } from "./run.ts";
import { runtimes } from "./runtimes.ts";
import { validate } from "./validate.ts";

/** Runs the command line; gives the exit code. What the user did wrong is said in words, never thrown. */
export async function runCommandLine(argv: readonly string[], io: Io, options: RunOptions): Promise<number> {
  try {
    return await route(argv, io, options);
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`${clean(error.message)}\nTry podstamp --help\n`);
      return exitCode.usage;
    }
    if (error instanceof CommandError) {
      io.err(`${clean(error.message)}\n`);
      return exitCode.failed;
    }
    throw error;
  }
}

async function route(argv: readonly string[], io: Io, options: RunOptions): Promise<number> {
  const [first = "", ...rest] = argv;
  if (first === "help" || first === "--help" || first === "-h") return help(rest[0] ?? "", io);
  if (first === "--version" || first === "-v" || first === "version") {
    io.out(`podstamp ${options.version}\n`);
    return exitCode.ok;
  }
  const command = first.startsWith("-") ? "" : commandOf(first);
  const args = command === "" ? argv : rest;
  if (args.includes("--help") || args.includes("-h")) return help(command, io);
  switch (command) {
    case "":
      if (argv.length === 0) throw new UsageError("At least one --config FILE must be given");
      return run(args, io, options);
    case "validate":
      return validate(args, io, options.components);
    case "components":
      return listComponents(args, io, options);
    case "runtimes":
      return runtimes(args, io);
    case "ps":
      return ps(args, io);
    case "inspect":
      return inspect(args, io);
    case "migrate":
      return migrate(args, io, options.components);
    case "reload":
      return reload(args, io, options.uid);
    case "replay":
      return replay(args, io, options);
  }
}

function help(word: string, io: Io): number {
  io.out(helpTexts[commandOf(word)]);
  return exitCode.ok;
}

function commandOf(word: string): Command {
  const commands = Object.keys(helpTexts).filter((name): name is Command => Object.hasOwn(helpTexts, name));
  const known = commands.find((name) => name === word);
  if (known !== undefined) return known;
  const like = nearest(word, commands);
  throw new UsageError(
    `Unknown command "${word}"${like === undefined || like === "" ? "" : `: did you mean ${like}?`}`,
  );
}
