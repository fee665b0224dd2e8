import { readArgs } from "../terminal/args.ts";
import { exitCode, type Io } from "../terminal/output.ts";
import { shapes } from "../terminal/shapes.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { words } from "./words.ts";
import { zshScript } from "./zsh.ts";

const scripts: Readonly<Record<string, typeof bashScript>> = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** `podstamp completion SHELL`: a script that lets the shell complete podstamp's command line. */
export function completion(argv: readonly string[], io: Io): number {
  const [shell = ""] = readArgs(argv, shapes.completion).positionals;
  io.out(scripts[shell]?.(words) ?? "");
  return exitCode.ok;
}
