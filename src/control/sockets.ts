import { readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

const rootFolder = "/run/podstamp";

/** Where sockets that no file names are; undefined where there is no place of one's own. */
export function controlFolder(
  env: Readonly<Record<string, string | undefined>>,
  uid: number | undefined,
): string | undefined {
  const runtime = env["XDG_RUNTIME_DIR"] ?? "";
  // A folder of a login session: a service of root's has none, and it goes with the last session.
  if (uid === 0 && /^\/run\/user\/\d+\/?$/.test(runtime)) return rootFolder;
  if (runtime.startsWith("/")) return join(runtime, "podstamp");
  return uid === 0 ? rootFolder : undefined;
}

/** The socket of this process: as the file says, or one of its own in the folder; undefined when there is to be none. */
export function controlPath(setting: string, folder: string | undefined, pid: number): string | undefined {
  if (setting === "") return undefined;
  if (setting !== "auto") return setting;
  return folder === undefined ? undefined : join(folder, `${pid}.sock`);
}

/** The sockets in a folder behind which a podstamp answers; what killed ones left is removed. */
export async function liveSockets(folder: string): Promise<readonly string[]> {
  const live: string[] = [];
  for (const name of namesIn(folder).filter((one) => one.endsWith(".sock"))) {
    const path = join(folder, name);
    if (await isAnswered(path)) live.push(path);
    else remove(path);
  }
  return live;
}

/** Node's promises of files take longer to load than this takes. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // nobody has run here yet, or it is not ours to read
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Not ours to remove.
  }
}

/** Whether somebody listens there, or nobody can tell. */
export function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code !== "ECONNREFUSED" && error.code !== "ENOENT"),
    );
  });
}
