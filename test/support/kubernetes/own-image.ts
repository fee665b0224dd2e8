import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { systemPath } from "../machine.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const timeoutMs = 280_000;

export type Import = {
  /** Without them there is no podstamp-ebpf. */
  readonly withProbes: boolean;
  /** Where its archive goes. */
  readonly folder: string;
  readonly socket: string;
};

/**
 * Builds the image of the Dockerfile as `npm run image` does, and gives it to a containerd's pods under the registry `localhost`.
 * With the probes it is also `podstamp`: of the two, one has a file more.
 */
export async function importOwnImage({ withProbes, folder, socket }: Import): Promise<void> {
  const target = withProbes ? "podstamp-ebpf" : "podstamp";
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
  await run(process.execPath, join(root, "scripts/image.ts"), "--target", target, "--to", folder);
  const ctr = ["-a", socket, "-n", "k8s.io", "image"];
  await run("ctr", ...ctr, "import", join(folder, `${target}-image.tar`));
  if (withProbes) await run("ctr", ...ctr, "tag", `localhost/${target}:${version}`, `localhost/podstamp:${version}`);
}

async function run(command: string, ...args: readonly string[]): Promise<void> {
  await promisify(execFile)(command, args, {
    cwd: root,
    timeout: timeoutMs,
    env: { ...process.env, PATH: systemPath },
  });
}
