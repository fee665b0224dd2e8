import { existsSync } from "node:fs";
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

/** Looks until the process has its socket, or has ended, or is none of podstamp's. */
async function lookWhileStarting(
  pid: number,
  look: () => Promise<RunningOne>,
  signal: AbortSignal,
): Promise<RunningOne> {
  const until = performance.now() + startMs;
  for (;;) {
    const found = await look();
    if (found.status !== "none" || signal.aborted || performance.now() >= until || !existsSync(`/proc/${pid}`))
      return found;
    await sleep(lookMs);
  }
}
