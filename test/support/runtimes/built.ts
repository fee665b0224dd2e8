import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** What test/runtimes/build.sh builds: runtimes, and what podstamp is compared with. */
export type Built = "crictl" | "containerd-1.7" | "containerd-2.3" | "crio" | "cri-dockerd" | "dockerd" | "kubelet";

/** Where the program of a built runtime lies, whether it is there or not. */
export function builtProgram(name: Built, program: string): string {
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(process.env["PODSTAMP_RUNTIMES"] ?? join(cache, "podstamp", "runtimes"), name, program);
}

/** How to get those of these that were not built, in words; undefined when all are there. */
export function whyNotBuilt(...all: readonly Built[]): string | undefined {
  const missing = all.filter((name) => !isExecutable(builtProgram(name, name.replace(/-\d.*$/, ""))));
  return missing.length === 0 ? undefined : `not built here; test/runtimes/build.sh ${missing.join(" ")} does it`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
