import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A control group as a runtime makes one for a container. */
export type Group = {
  /** From the root of its hierarchy on. */
  readonly path: string;
  readonly folder: string;
  /** As records name it. */
  readonly hierarchy: number;
  readonly cgroup: number;
  /** Sets a file of its, such as memory.max. */
  set(file: string, value: string): void;
  /** Removes it, and its parents as far as nothing else is in them, once its processes have gone. */
  remove(): Promise<void>;
};

const root = "/sys/fs/cgroup";

/** The version 1 hierarchy of the memory controller is where containers are, if there is one. */
const isVersion1 = existsSync(join(root, "memory/cgroup.procs"));
const base = isVersion1 ? join(root, "memory") : root;

/** Makes a group at this path below the root of the hierarchy that containers are in. */
export function makeGroup(path: string): Group {
  return groupAt(base, path, isVersion1 ? memoryHierarchy() : 0);
}

function groupAt(hierarchyFolder: string, path: string, hierarchy: number): Group {
  const folder = join(hierarchyFolder, path);
  mkdirSync(folder, { recursive: true });
  return {
    path: `/${path}`,
    folder,
    hierarchy,
    cgroup: statSync(folder).ino,
    set: (file, value) => writeFileSync(join(folder, file), value),
    async remove() {
      for (let tries = 0; tries < 250 && !isRemoved(folder); tries++) await sleep(20);
      for (let parent = dirname(folder); parent.length > hierarchyFolder.length && isRemoved(parent);)
        parent = dirname(parent);
    },
  };
}

/**
 * Makes one in version 2 where containers are in version 1: a process that enters it is in the root of version 1's.
 * Undefined where there is only one version.
 */
export function makeUnifiedGroup(path: string): Group | undefined {
  const unified = join(root, "unified");
  if (!isVersion1 || !existsSync(join(unified, "cgroup.procs"))) return undefined;
  return groupAt(unified, path, 0);
}

/** Limits its memory, without swap. */
export function limitMemory(group: Group, bytes: number): void {
  group.set(isVersion1 ? "memory.limit_in_bytes" : "memory.max", String(bytes));
  if (existsSync(join(group.folder, "memory.swap.max"))) group.set("memory.swap.max", "0");
}

function memoryHierarchy(): number {
  const line = /^(\d+):(?:[\w,]+,)?memory(?:,[\w,]+)?:/m.exec(readFileSync("/proc/self/cgroup", "utf8"));
  return Number(line?.[1] ?? 0);
}

function isRemoved(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return !existsSync(folder);
  }
}
