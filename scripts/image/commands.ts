import { spawnSync } from "node:child_process";
import { systemPath } from "../../test/support/machine/machine.ts";

export type RunOptions = {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** After which it is ended, in ms. */
  readonly timeoutMs?: number;
};

/** Runs a program to its end; gives what it wrote to standard output, throws with the last it wrote to standard error. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): string {
  const { cwd, env, timeoutMs = 600_000 } = options;
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, PATH: systemPath, LC_ALL: "C", ...env },
    encoding: "utf8",
    maxBuffer: 1 << 28,
    timeout: timeoutMs,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (result.status === 0) return result.stdout;
  const said = [result.error?.message ?? "", result.stdout ?? "", result.stderr ?? ""].join("\n").trim();
  throw new Error(`Cannot run ${[command, ...args].join(" ")}: it said\n${said.split("\n").slice(-30).join("\n")}`);
}
