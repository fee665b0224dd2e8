import { readArgs } from "./terminal/args.ts";
import { clean, CommandError, exitCode } from "./terminal/output.ts";
import type { Io } from "./terminal/output.ts";
import { findRunning, order } from "./running/running.ts";
import { shapes } from "./terminal/shapes.ts";

/** `podstamp reload`: lets the running podstamp take its files anew; says what it says. */
export async function reload(argv: readonly string[], io: Io, uid: number | undefined): Promise<number> {
  const args = readArgs(argv, shapes.reload);
  const found = await findRunning(args, { io, uid });
  if (found.status === "none") throw new CommandError(`Cannot reload: ${found.problem}, or send it SIGHUP`);
  if (found.status === "several") throw new CommandError(`Cannot reload: ${found.problem}`);
  const { ok, lines } = await order(found.path, { signal: io.signal, failing: "Cannot reload" }, { order: "reload" });
  for (const line of lines) (ok ? io.out : io.err)(`${clean(line)}\n`);
  return ok ? exitCode.ok : exitCode.failed;
}
