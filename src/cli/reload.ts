import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { readArgs } from "./terminal/args.ts";
import { clean, CommandError, exitCode } from "./terminal/output.ts";
import type { Io } from "./terminal/output.ts";
import { findRunning, order, type RunningOne } from "./running/running.ts";
import { shapes } from "./terminal/shapes.ts";

/** A service manager counts a process as started before it has its socket, and may ask for a reload at once. */
const startMs = 5000;
const lookMs = 50;

/** `podstamp reload`: lets the running podstamp take its files anew; says what it says. */
export async function reload(argv: readonly string[], io: Io, uid: number | undefined): Promise<number> {
  const args = readArgs(argv, shapes.reload);
  const pid = Number(args.text("pid") ?? "0");
  const look = () => findRunning(args, { io, uid });
  const found = pid > 0 ? await lookWhileStarting(pid, look, io.signal) : await look();
  if (found.status === "none") throw new CommandError(`Cannot reload: ${found.problem}, or send it SIGHUP`);
  if (found.status === "several") throw new CommandError(`Cannot reload: ${found.problem}`);
  const { ok, lines } = await order(found.path, { signal: io.signal, failing: "Cannot reload" }, { order: "reload" });
  for (const line of lines) (ok ? io.out : io.err)(`${clean(line)}\n`);
  return ok ? exitCode.ok : exitCode.failed;
}

/** Looks until the process has its socket, has ended, or has run for so long that it will have none. */
async function lookWhileStarting(
  pid: number,
  look: () => Promise<RunningOne>,
  signal: AbortSignal,
): Promise<RunningOne> {
  const until = performance.now() + startMs;
  for (;;) {
    const found = await look();
    if (found.status !== "none" || signal.aborted || performance.now() >= until || !isStarting(pid)) return found;
    await sleep(lookMs);
  }
}

/** Linux counts times of processes in hundredths of a second. */
const ticksPerSecond = 100;

/** Whether the process was started a moment ago. */
function isStarting(pid: number): boolean {
  try {
    // The name, in brackets, may have spaces and brackets in it; the 20th field behind it is when it was started.
    const ticks = Number(
      readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")[19],
    );
    const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
    return !(uptime - ticks / ticksPerSecond > startMs / 1000);
  } catch {
    return false; // it has ended
  }
}
