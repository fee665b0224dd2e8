import { readFile, chmod, chown, lstat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { dirname } from "node:path";
import type { SocketAccess } from "./endpoint.ts";
import { codeOf } from "../../error-code.ts";

/** Who may connect once the socket file is there: whoever may write to it. Throws in words when it cannot be arranged. */
export async function giveAccess(path: string, access: SocketAccess | undefined): Promise<void> {
  if (access?.group !== undefined) await giveToGroup(path, access.group);
  if (access?.mode === undefined) return;
  try {
    await chmod(path, access.mode);
  } catch (error) {
    throw failure(`Cannot set the mode of ${path}`, error);
  }
}

/** Removes the socket file of a process that is gone. Throws when something else is at its place, or somebody answers there. */
export async function clearStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error(`Cannot listen on ${path}: must be a socket or nothing yet, is another file`);
  if (await isAnswered(path)) return;
  try {
    await unlink(path);
  } catch (error) {
    throw failure(`Cannot remove ${path}, which a process that is gone has left`, error);
  }
}

/** Why a socket cannot be made there, when the system's own word does not say it. */
export async function unixReason(path: string, code: string | undefined): Promise<string | undefined> {
  if (code === "EADDRINUSE") return "another process listens there";
  if (code !== "ENOENT" && code !== "ENOTDIR" && code !== "EACCES") return undefined;
  const folder = dirname(path);
  const found = await lstat(folder).catch(() => undefined);
  if (found === undefined) return `the folder ${folder} is not there`;
  return code === "EACCES" ? `permission denied: must be allowed to write to the folder ${folder}` : undefined;
}

async function giveToGroup(path: string, group: string): Promise<void> {
  const gid = /^\d+$/.test(group) ? Number(group) : await groupId(group);
  if (gid === undefined)
    throw new Error(`Cannot give ${path} to the group ${group}: must be a group of /etc/group or a number`);
  try {
    await chown(path, -1, gid);
  } catch (error) {
    throw failure(
      `Cannot give ${path} to the group ${group}`,
      error,
      "must be one of the process's own groups, or it be root",
    );
  }
}

/** The number of a group, from /etc/group: "name:password:number:members". */
async function groupId(name: string): Promise<number | undefined> {
  const file = await readFile("/etc/group", "utf8").catch(() => "");
  const line = file.split("\n").find((each) => each.startsWith(`${name}:`));
  const id = line?.split(":")[2];
  return id !== undefined && /^\d+$/.test(id) ? Number(id) : undefined;
}

/** Whether somebody listens on the socket. What cannot be told counts as yes. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error) => resolve(codeOf(error) !== "ECONNREFUSED"));
  });
}

function failure(what: string, error: unknown, rule?: string): Error {
  const code = codeOf(error);
  const denied = `permission denied${rule === undefined ? "" : `: ${rule}`}`;
  const why = code === "EPERM" || code === "EACCES" ? denied : error instanceof Error ? error.message : String(error);
  return new Error(`${what}: ${why}`, { cause: error });
}
