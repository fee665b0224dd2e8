import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { systemPath } from "../machine/machine.ts";

/** Makes a folder a mount of its own that passes mounts on, as /run is where systemd is; wiping its workspace ends it. */
export function shareFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o711 });
  mountAt(path, path);
  mount("--make-shared", path);
}

/** Mounts a file or folder over another one that is there, as a container has what is the host's; wiping its workspace ends it. */
export function mountAt(from: string, to: string): void {
  mount("--bind", from, to);
}

/** Makes a folder a mount of its own to which nobody may write, as the root of a container is; wiping its workspace ends it. */
export function mountReadOnly(path: string): void {
  mount("--bind", path, path);
  mount("-o", "remount,bind,ro", path);
}

function mount(...args: readonly string[]): void {
  const { status, stderr } = spawnSync("mount", args, {
    encoding: "utf8",
    env: { ...process.env, PATH: systemPath },
  });
  if (status !== 0) throw new Error(`Cannot mount ${args.at(-1)}: ${stderr.trim()}`);
}
