import { ask } from "../../control/client.ts";
import { controlFolder, liveSockets } from "../../control/sockets.ts";
import type { Ended, Question } from "../../telemetry/answers.ts";
import type { Args } from "../terminal/args.ts";
import { CommandError, type Io } from "../terminal/output.ts";
import { codeOf } from "../../error-code.ts";

/** The control socket of the podstamp that is meant, or in words why it is not clear which. */
export type RunningOne =
  | { readonly status: "one"; readonly path: string }
  | { readonly status: "none"; readonly problem: string }
  | { readonly status: "several"; readonly problem: string };

type Finding = { readonly io: Io; readonly uid: number | undefined };

/** Looks for the podstamp that --socket or --pid name, else for the only one of this user's. */
export async function findRunning(args: Pick<Args, "text">, { io, uid }: Finding): Promise<RunningOne> {
  const socket = args.text("socket");
  if (socket !== undefined) return { status: "one", path: socket };
  const pid = args.text("pid");
  const folder = controlFolder(io.env, uid);
  const where = folder ?? "a folder of this user's own ($XDG_RUNTIME_DIR is not set)";
  const live = folder === undefined ? [] : await liveSockets(folder);
  const meant = pid === undefined ? live : live.filter((path) => path.endsWith(`/${pid}.sock`));
  const [path] = meant;
  if (path === undefined)
    return {
      status: "none",
      problem: `must find a running podstamp${pid === undefined ? "" : ` with process ID ${pid}`}, there is none in ${where}; name its service::control_socket with --socket`,
    };
  if (meant.length === 1) return { status: "one", path };
  const pids = meant.map((each) => /(\d+)\.sock$/.exec(each)?.[1] ?? each);
  return {
    status: "several",
    problem: `must know which of the running ones is meant, name one with --pid: ${pids.join(", ")}`,
  };
}

export type Order = {
  readonly order: string;
  readonly question?: Question;
  readonly onItem?: (item: unknown) => void;
  readonly onLost?: (count: number) => void;
  readonly keepUp?: () => Promise<void>;
};

/** Gives a running podstamp an order; throws a CommandError that begins with `failing` ("Cannot reload") when nobody answers. */
export async function order(
  path: string,
  { signal, failing }: { readonly signal: AbortSignal; readonly failing: string },
  what: Order,
): Promise<Ended> {
  try {
    return await ask({ path, signal, ...what });
  } catch (error) {
    if (codeOf(error) === "EACCES")
      throw new CommandError(
        `${failing}: permission denied at ${path}: only the user of a podstamp may ask it, and root`,
      );
    throw new CommandError(
      `${failing}: nobody answers at ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
