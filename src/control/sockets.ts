import { readdir, rm } from "node:fs/promises";
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
  for (const name of (await readdir(folder).catch(() => [])).filter((one) => one.endsWith(".sock"))) {
    const path = join(folder, name);
    if (await isAnswered(path)) live.push(path);
    else await rm(path, { force: true }).catch(() => {});
  }
  return live;
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
