import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, rmdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { systemPath, whereIs } from "../machine/machine.ts";
import { cgroupFolders, rememberCgroup } from "../machine/workspace.ts";

export type RuncSpec = {
  readonly id: string;
  /** From the root of the hierarchies on. */
  readonly cgroup: string;
  readonly command: readonly string[];
};

/** Runs containers with runc alone, on a root file system of busybox. */
export type Runc = {
  /** Resolves when it has ended, with its exit code; its cgroup and the one above it, which must be its own, are gone then. */
  run(spec: RuncSpec): Promise<number>;
};

/** Keeps all that it makes below the folder of a workspace. */
export function createRunc(folder: string): Runc {
  const rootfs = join(folder, "rootfs");
  for (const name of ["bin", "proc", "dev", "sys"]) mkdirSync(join(rootfs, name), { recursive: true });
  copyFileSync(whereIs("busybox") ?? "busybox", join(rootfs, "bin/busybox"));
  for (const name of ["sh", "true", "false", "sleep"]) symlinkSync("busybox", join(rootfs, "bin", name));

  return {
    run({ id, cgroup, command }) {
      const bundle = join(folder, "bundles", id);
      mkdirSync(bundle, { recursive: true });
      writeFileSync(join(bundle, "config.json"), JSON.stringify(configOf(rootfs, cgroup, command)));
      rememberCgroup(folder, cgroup);
      const args = ["--root", join(folder, "runc"), "run", "--bundle", bundle, id];
      const child = spawn("runc", args, { env: { PATH: systemPath }, stdio: ["ignore", "ignore", "pipe"] });
      let said = "";
      child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
      return new Promise((resolve, reject) => {
        child.once("error", reject);
        child.once("close", (code) => {
          // runc removes the container's and leaves the pod's, as a kubelet would have made it.
          for (const pod of cgroupFolders(dirname(cgroup))) rmdirSync(pod);
          if (said === "") resolve(code ?? -1);
          else reject(new Error(`runc said: ${said}`));
        });
      });
    },
  };
}

function configOf(rootfs: string, cgroup: string, command: readonly string[]): object {
  return {
    ociVersion: "1.0.2",
    process: { user: { uid: 0, gid: 0 }, args: command, env: ["PATH=/bin"], cwd: "/" },
    root: { path: rootfs, readonly: true },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      { destination: "/dev", type: "tmpfs", source: "tmpfs" },
    ],
    linux: { cgroupsPath: cgroup, namespaces: ["pid", "ipc", "uts", "mount"].map((type) => ({ type })) },
  };
}
