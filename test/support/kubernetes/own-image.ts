import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { systemPath } from "../machine/machine.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const timeoutMs = 280_000;

/** podstamp's own image as an archive. */
export type OwnImage = { readonly archive: string; readonly name: string };

/**
 * Builds the image of the Dockerfile as `npm run image` does, and writes its archive into the folder. With the probes it is
 * podstamp-ebpf, which stands for both: it has a file more.
 */
export async function buildOwnImage(
  folder: string,
  { withProbes }: { readonly withProbes: boolean },
): Promise<OwnImage> {
  const target = withProbes ? "podstamp-ebpf" : "podstamp";
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
  await run(process.execPath, join(root, "scripts/image.ts"), "--target", target, "--to", folder);
  return { archive: join(folder, `${target}-image.tar`), name: `localhost/${target}:${version}` };
}

/** Gives it to the pods of a containerd, under both names. */
export async function giveToContainerd({ archive, name }: OwnImage, socket: string): Promise<void> {
  const ctr = ["-a", socket, "-n", "k8s.io", "image"];
  await run("ctr", ...ctr, "import", archive);
  await run("ctr", ...ctr, "tag", "--force", name, name.replace("-ebpf", ""));
}

/** Gives it to the pods of a CRI-O with this home, under both names. */
export async function giveToCrio({ archive, name }: OwnImage, home: string): Promise<void> {
  const podman = ["--root", join(home, "root"), "--runroot", join(home, "run"), "--storage-driver", "overlay"];
  await run("podman", ...podman, "load", "--quiet", "--input", archive);
  await run("podman", ...podman, "tag", name, name.replace("-ebpf", ""));
}

async function run(command: string, ...args: readonly string[]): Promise<void> {
  await promisify(execFile)(command, args, {
    cwd: root,
    timeout: timeoutMs,
    env: { ...process.env, PATH: systemPath },
  });
}
