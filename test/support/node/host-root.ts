import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A host's file system as podstamp looks at it, made of ordinary files. */
export type HostRoot = {
  readonly path: string;
  /** Makes the cgroup in this hierarchy ("" for version 2 mounted alone), and gives its inode. */
  cgroup(hierarchy: string, path: string): number;
  /** A process with its /proc/PID/cgroup, comm and exe. */
  process(pid: number, cgroup: string, executable?: string): void;
};

/** Lends an empty host for one test; `isUnified` with cgroups of version 2 alone. */
export function lendHostRoot({ isUnified = false } = {}): HostRoot {
  const path = mkdtempSync(join(tmpdir(), "podstamp-host-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  const cgroups = join(path, "sys/fs/cgroup");
  mkdirSync(cgroups, { recursive: true });
  if (isUnified) writeFileSync(join(cgroups, "cgroup.controllers"), "cpu memory\n");
  return {
    path,
    cgroup(hierarchy, below) {
      const folder = join(cgroups, hierarchy, below);
      mkdirSync(folder, { recursive: true });
      return statSync(folder).ino;
    },
    process(pid, cgroup, executable = "app") {
      const folder = join(path, "proc", String(pid));
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "cgroup"), cgroup);
      writeFileSync(join(folder, "comm"), `${executable}\n`);
      symlinkSync(`/usr/bin/${executable}`, join(folder, "exe"));
    },
  };
}
