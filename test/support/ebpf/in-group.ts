import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { systemPath } from "../machine/machine.ts";
import type { Group } from "./groups.ts";

/** Starts a program in a group, from its first instruction on; the shell that enters the group becomes the program. */
export function spawnIn(group: Group, command: readonly string[], stdio: StdioOptions = "ignore"): ChildProcess {
  const script = 'echo 0 > "$0" && exec "$@"';
  return spawn("/bin/sh", ["-c", script, `${group.folder}/cgroup.procs`, ...command], {
    stdio,
    env: { PATH: systemPath },
  });
}

/** Runs a program in a group to its end: its exit code, or the signal that ended it. */
export function runIn(group: Group, command: readonly string[]): Promise<number | NodeJS.Signals> {
  const child = spawnIn(group, command);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? -1));
  });
}
