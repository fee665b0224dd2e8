import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemPath } from "./machine.ts";

/** Every folder of a test or demo begins with this, and everything it starts mentions its folder: so it can be found and ended. */
const prefix = "podstamp-run-";
const ownerFile = "owner.json";
const cgroupFile = "cgroups.txt";

/** What identifies a process for as long as the machine runs: its ID alone is used again. */
type Owner = { readonly pid: number; readonly startedAt: string };

const own = new Set<string>();

/** A folder below the system's temporary folder that belongs to this process; sweep() ends what an earlier owner left. */
export function createWorkspace(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), prefix)));
  const owner: Owner = { pid: process.pid, startedAt: startTime(process.pid) };
  writeFileSync(join(folder, ownerFile), JSON.stringify(owner));
  own.add(folder);
  return folder;
}

/** Wipes every workspace of this process that is still there. */
export async function wipeOwn(): Promise<void> {
  for (const folder of own) await wipe(folder);
}

/** Remembers that the workspace makes this cgroup, a path below the roots of all hierarchies, so that wiping removes it. */
export function rememberCgroup(folder: string, path: string): void {
  appendFileSync(join(folder, cgroupFile), `${path}\n`);
}

/** Ends the processes, mounts, cgroups and shim sockets of a workspace and removes it. Safe twice, and after any failure. */
export async function wipe(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const cgroups = existsSync(join(folder, cgroupFile))
    ? readFileSync(join(folder, cgroupFile), "utf8").split("\n").filter(Boolean)
    : [];
  const shimSockets = globSync("**/io.containerd.runtime.v2.task/*/*/address", { cwd: folder }).map((file) =>
    readFileSync(join(folder, file), "utf8").trim().replace("unix://", ""),
  );
  const killed = [...processesOf(folder), ...cgroups.flatMap(processesIn)];
  for (const pid of killed) kill(pid);
  for (let tries = 0; tries < 100 && killed.some(isAlive); tries++) await sleep(20);
  for (const path of mountsBelow(folder))
    spawnSync("umount", ["-l", path], { env: { ...process.env, PATH: systemPath } });
  for (const path of new Set(cgroups)) await removeCgroup(path);
  for (const socket of shimSockets) rmSync(socket, { force: true });
  for (const empty of ["/run/containerd/s", "/run/containerd/runc/k8s.io", "/run/containerd/runc", "/run/containerd"])
    removeIfEmpty(empty);
  rmSync(folder, { recursive: true, force: true });
  own.delete(folder);
}

/** Wipes workspaces whose owner was killed before it could do so, and returns them. */
export async function sweep(): Promise<readonly string[]> {
  if (process.platform !== "linux") return [];
  const left = readdirSync(tmpdir())
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(realpathSync(tmpdir()), name))
    .filter(isAbandoned);
  for (const folder of left) await wipe(folder);
  return left;
}

function isAbandoned(folder: string): boolean {
  try {
    const owner = JSON.parse(readFileSync(join(folder, ownerFile), "utf8")) as Owner;
    return startTime(owner.pid) !== owner.startedAt;
  } catch {
    // Another process is just making or removing it.
    return false;
  }
}

/** Field 22 of /proc/PID/stat: clock ticks after boot; "" when there is no such process or no /proc. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

/** Daemons and shims have the path of the workspace in their command line. */
function processesOf(folder: string): number[] {
  return allProcesses().filter((pid) => pid !== process.pid && readProc(pid, "cmdline").includes(`${folder}/`));
}

function allProcesses(): number[] {
  return process.platform === "linux" ? readdirSync("/proc").map(Number).filter(Number.isInteger) : [];
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function isAlive(pid: number): boolean {
  const stat = readProc(pid, "stat");
  return stat !== "" && !stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
}

/** Mount points below the folder, deepest first. */
function mountsBelow(folder: string): string[] {
  return mounts()
    .map((mount) => mount.point)
    .filter((point) => point.startsWith(`${folder}/`))
    .toReversed();
}

function mounts(): { readonly point: string; readonly type: string }[] {
  if (process.platform !== "linux") return [];
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .flatMap((line) => {
      const [before, after] = line.split(" - ");
      const point = before?.split(" ")[4];
      const type = after?.split(" ")[0];
      return point === undefined || type === undefined ? [] : [{ point: point.replaceAll("\\040", " "), type }];
    });
}

/** Where the hierarchies of cgroups are mounted, of version 1 and 2. */
export function cgroupMounts(): string[] {
  return mounts()
    .filter((mount) => mount.type === "cgroup" || mount.type === "cgroup2")
    .map((mount) => mount.point);
}

/** The folders that a cgroup path has: one in each hierarchy. */
export function cgroupFolders(path: string): string[] {
  return cgroupMounts()
    .map((mount) => join(mount, path))
    .filter((folder) => existsSync(folder));
}

function processesIn(path: string): number[] {
  return cgroupFolders(path).flatMap((folder) =>
    globSync("**/cgroup.procs", { cwd: folder }).flatMap((file) =>
      readFileSync(join(folder, file), "utf8").split("\n").filter(Boolean).map(Number),
    ),
  );
}

/** Removes a cgroup with all below it, and its parents as long as they are empty and no kubelet keeps them. */
async function removeCgroup(path: string): Promise<void> {
  for (const folder of cgroupFolders(path)) {
    const inside = globSync("**/", { cwd: folder }).map((name) => join(folder, name));
    for (const each of [...inside, folder].toSorted((a, b) => b.length - a.length)) {
      for (let tries = 0; tries < 50 && !removeIfEmpty(each); tries++) await sleep(20);
    }
    // A kubelet makes this one as it starts; we never do.
    if (existsSync(join(folder, "../../burstable"))) continue;
    let parent = dirname(folder);
    for (let steps = path.split("/").length - 2; steps > 0; steps--, parent = dirname(parent)) removeIfEmpty(parent);
  }
}

/** Removes a cgroup that others may use too, once nothing is in it any more: soon, or never. */
export async function removeEmptyCgroup(path: string): Promise<void> {
  for (const folder of cgroupFolders(path)) {
    for (let tries = 0; tries < 50 && !removeIfEmpty(folder); tries++) await sleep(20);
  }
}

/** True when it is gone. rmdir refuses a folder that holds anything. */
function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return !existsSync(folder);
  }
}
