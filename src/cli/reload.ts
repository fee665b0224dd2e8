import { readArgs } from "./args.ts";
import { controlFolder, liveSockets, orderReload } from "./control.ts";
import type { ControlReply } from "./control.ts";
import { clean, CommandError, exitCode } from "./output.ts";
import type { Io } from "./output.ts";
import { shapes } from "./shapes.ts";

/** `podstamp reload`: lets the running podstamp take its files anew; says what it says. */
export async function reload(argv: readonly string[], io: Io, uid: number | undefined): Promise<number> {
  const args = readArgs(argv, shapes.reload);
  const path = args.text("socket") ?? (await findSocket(controlFolder(io.env, uid), args.text("pid")));
  const reply = await ordered(path, io.signal);
  for (const line of reply.lines) (reply.ok ? io.out : io.err)(`${clean(line)}\n`);
  return reply.ok ? exitCode.ok : exitCode.failed;
}

async function ordered(path: string, signal: AbortSignal): Promise<ControlReply> {
  try {
    return await orderReload(path, signal);
  } catch (error) {
    throw new CommandError(
      `Cannot reload: nobody answers at ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function findSocket(folder: string | undefined, pid: string | undefined): Promise<string> {
  const where = folder ?? "a folder of this user's own ($XDG_RUNTIME_DIR is not set)";
  const live = folder === undefined ? [] : await liveSockets(folder);
  const meant = pid === undefined ? live : live.filter((path) => path.endsWith(`/${pid}.sock`));
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only;
  if (only === undefined)
    throw new CommandError(
      `Cannot reload: must find a running podstamp${pid === undefined ? "" : ` with process ID ${pid}`}, there is none in ${where}; name its service::control_socket with --socket, or send it SIGHUP`,
    );
  const pids = meant.map((path) => /(\d+)\.sock$/.exec(path)?.[1] ?? path);
  throw new CommandError(
    `Cannot reload: must know which of the running ones is meant, name one with --pid: ${pids.join(", ")}`,
  );
}
