import { type Dirent, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import { expandCgroupsPath, parseCgroup } from "../names/cgroup-path.ts";
import type { Cgroups } from "./entry.ts";

/** A process of the host as /proc shows it. */
export type ProcessFacts = {
  /** The text of /proc/PID/cgroup. */
  readonly cgroup: string;
  /** The last part of the path of what it runs, and the name that it has given itself; empty when they may not be read. */
  readonly executable: string;
  readonly command: string;
};

/** The cgroups and processes of the host. What is not there or may not be read tells nothing. */
export type HostCgroups = {
  /** The names of the hierarchies: `unified` is version 2, others are version 1's, by their folders. */
  hierarchies(): readonly string[];
  /** Where the container's first process is: a path counts only where it names the container or is the one that the runtime tells. */
  ofContainer(
    id: string,
    told: { readonly pid: number | undefined; readonly cgroupsPath: string | undefined },
  ): Cgroups;
  /** A process by its number on the host. */
  process(pid: number): ProcessFacts | undefined;
  /** The path below its hierarchy's root of the cgroup with this inode, in any hierarchy when none is named; undefined when there is not exactly one. */
  pathOf(inode: string, hierarchy: string | undefined): Promise<string | undefined>;
};

/** A look at /proc is believed this long: numbers of processes are used again. */
const processTtlMs = 1000;
const maxProcesses = 4096;

/** All cgroups are looked through for an unknown inode no more often than this, no more than a tenth of the time, and no more of them. */
const walkMs = 1000;
const restAfterWalk = 9;
const maxCgroups = 50_000;
const maxDepth = 32;

type Hierarchy = { readonly name: string; readonly folder: string };

/** The host whose file system begins at `root`. */
export function createHostCgroups(root: string): HostCgroups {
  const proc = join(root, "proc");
  const processes = new LRUCache<number, ProcessFacts>({
    max: maxProcesses,
    ttl: processTtlMs,
    ttlResolution: 0,
    perf: { now: () => performance.now() },
  });
  let found: readonly Hierarchy[] | undefined;
  const hierarchies = () => (found ??= findHierarchies(join(root, "sys/fs/cgroup")));
  const walk = createWalk(hierarchies);

  return {
    hierarchies: () => hierarchies().map(({ name }) => name),
    ofContainer(id, { pid, cgroupsPath }) {
      const told = cgroupsPath === undefined ? undefined : expandCgroupsPath(cgroupsPath);
      const seen = pid === undefined ? [] : linesOf(textOf(join(proc, String(pid), "cgroup")));
      const own = seen.filter(({ path }) => path !== "/" && (path === told || path.includes(id)));
      const places =
        own.length > 0 || told === undefined
          ? own.flatMap(({ path, controllers }) =>
              hierarchies()
                .filter(({ name }) => isOf(name, controllers))
                .map((hierarchy) => ({ path, hierarchy })),
            )
          : hierarchies().map((hierarchy) => ({ path: told, hierarchy }));
      const ids = places.flatMap(({ path, hierarchy }) => {
        // Seen from another namespace of cgroups a path can begin above its root.
        const inode = path.includes("..") ? undefined : inodeOf(join(hierarchy.folder, path));
        return inode === undefined ? [] : [`${hierarchy.name}:${inode}`];
      });
      const paths = [...new Set([...own.map(({ path }) => path), ...(told === undefined ? [] : [told])])];
      // A path that names the container leads to it by its ID.
      return { paths: paths.filter((path) => path !== "/" && parseCgroup(path).containerId !== id), ids };
    },
    process(pid) {
      const known = processes.get(pid);
      if (known !== undefined) return known;
      const cgroup = textOf(join(proc, String(pid), "cgroup"));
      if (cgroup === "") return undefined;
      const facts = {
        cgroup,
        executable: executableOf(proc, pid),
        command: textOf(join(proc, String(pid), "comm")).trim(),
      };
      processes.set(pid, facts);
      return facts;
    },
    pathOf: walk,
  };
}

/** Version 2 alone is mounted at the root; of version 1 and of both together each hierarchy has a folder there. */
function findHierarchies(folder: string): readonly Hierarchy[] {
  const entries = entriesOf(folder);
  if (entries.some(({ name }) => name === "cgroup.controllers")) return [{ name: "unified", folder }];
  // `cpu` may be a link to `cpu,cpuacct`.
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => ({ name, folder: join(folder, name) }));
}

function isOf(name: string, controllers: string): boolean {
  if (controllers === "") return name === "unified";
  return name === controllers || name === controllers.replace(/^name=/, "");
}

type Line = { readonly controllers: string; readonly path: string };

function linesOf(text: string): readonly Line[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    return match?.[1] === undefined || match[2] === undefined ? [] : [{ controllers: match[1], path: match[2] }];
  });
}

/** Looks through all cgroups, and remembers what it saw until it looks again. */
function createWalk(hierarchies: () => readonly Hierarchy[]): HostCgroups["pathOf"] {
  let seen = new Map<string, string>();
  let nextWalk = -Infinity;
  let walking: Promise<void> | undefined;
  const look = async () => {
    const since = performance.now();
    const next = new Map<string, string>();
    for (const hierarchy of hierarchies()) await collect(hierarchy, next);
    seen = next;
    const now = performance.now();
    nextWalk = now + Math.max(walkMs, restAfterWalk * (now - since));
    walking = undefined;
  };
  const find = (inode: string, names: readonly string[]) => [
    ...new Set(names.flatMap((name) => seen.get(`${name}:${inode}`) ?? [])),
  ];
  return async (inode, hierarchy) => {
    const all = hierarchies().map(({ name }) => name);
    const only = () => {
      // A probe in the kernel that names no hierarchy means version 2's.
      const paths = hierarchy === undefined ? find(inode, ["unified"]) : find(inode, [hierarchy]);
      return paths.length > 0 || hierarchy !== undefined ? paths : find(inode, all);
    };
    if (only().length === 0 && performance.now() >= nextWalk) await (walking ??= look());
    const [path, ...others] = only();
    return others.length > 0 ? undefined : path;
  };
}

async function collect({ name, folder }: Hierarchy, into: Map<string, string>): Promise<void> {
  let level = [""];
  for (let depth = 0; level.length > 0 && depth < maxDepth; depth++) {
    const next: string[] = [];
    for (const path of level) {
      if (into.size >= maxCgroups) return;
      // A cgroup may go while it is looked at.
      const inode = await stat(join(folder, path), { bigint: true }).catch(() => undefined);
      if (inode === undefined) continue;
      into.set(`${name}:${inode.ino}`, path === "" ? "/" : path);
      const children = await readdir(join(folder, path), { withFileTypes: true }).catch((): Dirent[] => []);
      for (const child of children) if (child.isDirectory()) next.push(`${path}/${child.name}`);
    }
    level = next;
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // no such hierarchies on this machine
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended, or is none of those that may be looked at
  }
}

function executableOf(proc: string, pid: number): string {
  try {
    return (
      readlinkSync(join(proc, String(pid), "exe"))
        .replace(/ \(deleted\)$/, "")
        .split("/")
        .at(-1) ?? ""
    );
  } catch {
    return ""; // only root and its own user may see what it runs
  }
}

function inodeOf(path: string): string | undefined {
  try {
    return String(statSync(path, { bigint: true }).ino);
  } catch {
    return undefined; // not every hierarchy has every container
  }
}
