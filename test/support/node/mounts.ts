import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { systemPath } from "../machine/machine.ts";

/** Makes a folder a mount of its own that passes mounts on, as /run is where systemd is; wiping its workspace ends it. */
export function shareFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o711 });
  for (const args of [
    ["--bind", path, path],
    ["--make-shared", path],
  ]) {
    const { status, stderr } = spawnSync("mount", args, {
      encoding: "utf8",
      env: { ...process.env, PATH: systemPath },
    });
    if (status !== 0) throw new Error(`Cannot mount ${path}: ${stderr.trim()}`);
  }
}
