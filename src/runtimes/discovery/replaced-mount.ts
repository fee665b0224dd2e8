import { readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Whether what was mounted at this path, or at a folder above it, does not exist any more where it came from: a mount stays with
 * the file that it was made of, so that who makes a new socket in its place is never seen here.
 */
export function isReplacedMount(path: string): boolean {
  try {
    const real = join(realpathSync(dirname(path)), basename(path));
    return isOfDeleted(readFileSync("/proc/self/mountinfo", "utf8"), real);
  } catch {
    return false; // no such folder, or no Linux
  }
}

/** The same by the lines of mountinfo: "36 35 98:0 /root /mount/point options … - type source super", proc_pid_mountinfo(5). */
export function isOfDeleted(mountinfo: string, path: string): boolean {
  let nearest = { root: "", point: "" };
  for (const line of mountinfo.split("\n")) {
    const [, , , root = "", point = ""] = line.split(" ").map(unescaped);
    // Of two at the same place the later one covers the other.
    if ((path === point || path.startsWith(`${point}/`)) && point.length >= nearest.point.length)
      nearest = { root, point };
  }
  return nearest.root.endsWith("//deleted");
}

/** Spaces, tabs, line ends and backslashes are written in octal. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
