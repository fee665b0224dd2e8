import { readdirSync, readlinkSync } from "node:fs";
import { textOf } from "./self.ts";

/** The process that listens at a port. */
export type Holder = { readonly pid: number; readonly name: string; readonly isPodstamp: boolean };

const listening = "0A";

/** Who listens at a TCP port; undefined where nobody does, or it is another user's process. */
export function holderOf(port: number): Holder | undefined {
  const inodes = new Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => inodesAt(textOf(file), port)));
  if (inodes.size === 0) return undefined;
  const pid = filesOf("/proc")
    .filter((name) => /^\d+$/.test(name))
    .find((each) =>
      filesOf(`/proc/${each}/fd`).some((fd) => {
        const inode = /^socket:\[(\d+)\]$/.exec(linkAt(`/proc/${each}/fd/${fd}`))?.[1];
        return inode !== undefined && inodes.has(inode);
      }),
    );
  if (pid === undefined) return undefined;
  return { pid: Number(pid), name: textOf(`/proc/${pid}/comm`).trim(), isPodstamp: isPodstamp(Number(pid)) };
}

/** Whether a process was started as podstamp is. */
export function isPodstamp(pid: number): boolean {
  // Node, and options of its own, may stand before it.
  const words = textOf(`/proc/${pid}/cmdline`).split("\0").slice(0, 4);
  return words.some((word) => /(?:^|\/)podstamp(?:\.mjs)?$/.test(word));
}

/** The sockets that listen at a port, by lines such as "0: 0100007F:1F90 00000000:0000 0A … inode". */
function inodesAt(table: string, port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) === true && state === listening)
    .flatMap((fields) => fields[9] ?? []);
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // another user's, or it has ended
  }
}

function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
