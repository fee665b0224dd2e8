import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "./commands.ts";

/** A Podman whose storage lies in a folder of ours: the machine's own images are not touched. */
export type Podman = {
  run(args: readonly string[]): string;
  hasImage(name: string): boolean;
};

/** Gives a Podman on the storage below `home`. */
export function ownPodman(home: string): Podman {
  mkdirSync(home, { recursive: true });
  const storage = ["--root", join(home, "storage"), "--runroot", join(home, "run"), "--tmpdir", join(home, "tmp")];
  const manner = ["--storage-driver", "overlay", "--cgroup-manager", "cgroupfs", "--events-backend", "none"];
  const podman = (args: readonly string[]) => run("podman", [...storage, ...manner, ...args]);
  return {
    run: podman,
    hasImage: (name) => podman(["images", "--quiet", "--filter", `reference=${name}`]).trim() !== "",
  };
}
