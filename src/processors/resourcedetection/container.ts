import { parseCgroup } from "../../containers/names/cgroup-path.ts";
import type { Machine } from "./machine.ts";

/**
 * Finds the container that podstamp itself runs in: by its cgroup, else, where the cgroup is hidden from it, by the files
 * that Docker mounts into each container. The same files of a pod lie under its sandbox, which is another container: they say nothing.
 */
export async function detectContainer(machine: Machine): Promise<string | undefined> {
  const own = parseCgroup((await machine.readText("/proc/self/cgroup")) ?? "").containerId;
  if (own !== undefined) return own;
  const mounts = (await machine.readText("/proc/self/mountinfo")) ?? "";
  for (const line of mounts.split("\n")) {
    // "36 35 98:0 /root /mount/point options … - type source super": https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
    const [, , , root = "", point = ""] = line.split(" ");
    const isCgroup = / - cgroup2? /.test(line);
    const found = isCgroup ? parseCgroup(root).containerId : dockerFile.exec(`${root} ${point}`)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

const dockerFile =
  /\/containers\/([0-9a-f]{64})\/(?:hostname|hosts|resolv\.conf) \/etc\/(?:hostname|hosts|resolv\.conf)$/;
