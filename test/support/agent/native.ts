import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, onTestFinished } from "vitest";
import { compileNative, machines, outputOf } from "../../../scripts/native/compile.ts";
import { systemPath } from "../machine/machine.ts";
import { type Exit, startProcess } from "../machine/processes.ts";
import { createWorkspace, wipe } from "../machine/workspace.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const machine = machines.find(({ arch }) => arch === process.arch);

/** A build that ends at the first byte it reads or writes where it must not. */
const watched = ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

const folder = createWorkspace();
afterAll(() => wipe(folder));
const built = join(folder, "podstamp");
const why = compile();

function compile(): string | undefined {
  if (machine === undefined || process.platform !== "linux")
    return `there is none for ${process.platform}/${process.arch}`;
  // Some compilers come without what such a build needs, or what a static one does.
  for (const flags of [watched, ["-O2", "-static"]]) {
    const said = compileNative(root, machine, { flags, to: built });
    if (said?.includes("\n") !== true) return said;
  }
  return compileNative(root, machine, { flags: ["-O2"], to: built });
}

/** Why the compiled program for lists cannot be tried here, in words; undefined when it can. What does not compile is no reason. */
export function whyNoNative(): string | undefined {
  if (why?.includes("\n") === true) throw new Error(`Cannot compile the program for lists: ${why}`);
  return why;
}

/** What the program prints when it leaves the work to podstamp, for which a `node` stands here that says with which words. */
export const handedOver = (words: readonly string[]): string => words.map((word) => `[${word}]`).join("");

export type Native = {
  /** Its file, and what it must be given of the environment. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  run(
    words: readonly string[],
    env?: Readonly<Record<string, string | undefined>>,
  ): Promise<Exit & { stdout: string; output: string }>;
};

/** The compiled program in a package without podstamp, where it is seen what it does by itself. */
export function givenNative(): Native {
  const home = createWorkspace();
  onTestFinished(() => wipe(home));
  const program = join(home, machine === undefined ? "" : outputOf(machine));
  mkdirSync(join(home, "native/build"), { recursive: true });
  mkdirSync(join(home, "path"));
  copyFileSync(built, program);
  const node = `#!/bin/sh\n[ "$1" = "${home}/bin/podstamp.mjs" ] || exit 1\nshift\nfor word in "$@"; do printf '[%s]' "$word"; done\n`;
  writeFileSync(join(home, "path/node"), node, { mode: 0o755 });
  // What it holds when it ends is nobody's loss.
  const own = { PATH: `${join(home, "path")}:${systemPath}`, ASAN_OPTIONS: "detect_leaks=0" };
  const run: Native["run"] = async (args, env = {}) => {
    const running = await startProcess({
      name: "the program for lists",
      command: program,
      args,
      env: { ...own, ...env },
    });
    const exit = await running.exited;
    return { ...exit, stdout: running.stdout(), output: running.output() };
  };
  return { program, env: own, run };
}
