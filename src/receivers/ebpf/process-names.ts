import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Of a process that began before the probes, the name of its program; undefined where /proc does not tell it, or tells of another. */
export type ProcessName = (pid: number, cgroup: string) => string | undefined;

/**
 * Reads it below the host's /proc. The kernel's own name is that of a thread, which some programs change (Node calls its first
 * one MainThread), and it is cut at 15 bytes. The cgroup must be the same: else the number is one of another PID namespace.
 */
export function createProcessNames(hostRoot: string): ProcessName {
  return (pid, cgroup) => {
    const folder = join(hostRoot, "proc", String(pid));
    try {
      if (!isIn(readFileSync(join(folder, "cgroup"), "utf8"), cgroup)) return undefined;
    } catch {
      return undefined;
    }
    return programOf(folder);
  };
}

/** Lines of /proc/PID/cgroup are `hierarchy:controllers:path`. */
function isIn(lines: string, cgroup: string): boolean {
  return (
    cgroup.length > 1 &&
    lines.split("\n").some((line) => line.slice(line.indexOf(":", line.indexOf(":") + 1) + 1) === cgroup)
  );
}

function programOf(folder: string): string | undefined {
  try {
    const path = readlinkSync(join(folder, "exe")).replace(/ \(deleted\)$/, "");
    return path.slice(path.lastIndexOf("/") + 1) || undefined;
  } catch {
    // Whose process it is may not be ours to look at, or it has ended.
    return undefined;
  }
}
