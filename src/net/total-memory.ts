import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** No cgroup has a limit above this: version 1 writes "no limit" as a number near 2^63. */
const noLimit = 2 ** 60;

/**
 * The memory in bytes that this process may take: the least limit of its cgroup (version 2 or 1) and of those above it,
 * else what the machine has; undefined when nobody tells. `root` stands before every path.
 */
export function totalMemory(root = "/"): number | undefined {
  const limits = groupsOf(text(join(root, "proc/self/cgroup")))
    .flatMap(({ mount, file, path }) => upwards(path).map((group) => join(root, mount, group, file)))
    .map((path) => Number(text(path)?.trim()))
    .filter((bytes) => bytes > 0 && bytes < noLimit);
  const machine = Number(/^MemTotal:\s+(\d+) kB$/m.exec(text(join(root, "proc/meminfo")) ?? "")?.[1]) * 1024;
  const known = [...limits, machine].filter((bytes) => bytes > 0);
  return known.length === 0 ? undefined : Math.min(...known);
}

const mebibyte = 1024 * 1024;

/** What a server may hold of requests that are not answered when nobody says: a sixteenth of the memory, within these. */
const leastInFlight = 4 * mebibyte;
const mostInFlight = 256 * mebibyte;

/** Bytes of requests that a server may hold unanswered: what the file says, or for 0 what suits the memory that there is. */
export function bytesInFlight(written: number, total: () => number | undefined = totalMemory): number {
  if (written > 0) return written;
  return Math.min(mostInFlight, Math.max(leastInFlight, Math.floor((total() ?? Infinity) / 16)));
}

type Group = { readonly mount: string; readonly file: string; readonly path: string };

/** The lines of /proc/self/cgroup that are about memory: "0::/path" of version 2, "7:memory:/path" of version 1. */
function groupsOf(lines: string | undefined): readonly Group[] {
  return (lines ?? "").split("\n").flatMap((line): readonly Group[] => {
    const [, controllers, path = "/"] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === "") return [{ mount: "sys/fs/cgroup", file: "memory.max", path }];
    return controllers?.split(",").includes("memory") === true
      ? [{ mount: "sys/fs/cgroup/memory", file: "memory.limit_in_bytes", path }]
      : [];
  });
}

/** The path and all above it; in a container the mount may begin at the container's own group, which is then "/". */
function upwards(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [path, ...upwards(parent)];
}

function text(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Not every machine has every file; what is missing tells nothing.
    return undefined;
  }
}
