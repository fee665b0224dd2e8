// Builds the image of the Dockerfile where no image registry can be reached: its bases are made of Debian's packages and of Node from npm.
// Writes TARGET-image.tar (TARGET-image-ARCH.tar for another architecture), which docker, podman and ctr load, and its bill of materials beside it into build/, and prints the sizes.
// Usage: npm run image [-- --target podstamp-ebpf] [--arch arm64] [--to FOLDER]
import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { installMissing, whyNotInstalling } from "../test/support/machine/machine.ts";
import { readOptions } from "./arguments.ts";
import { readArchive, readFromArchive } from "./image/archive.ts";
import { buildImage, type Target, targets } from "./image/build.ts";
import type { Architecture } from "./image/debian.ts";
import { ownPodman } from "./image/podman.ts";
import { maxBesidesNode, sizesOf } from "./image/sizes.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const values = readOptions(
  {
    target: { type: "string", default: "podstamp" },
    arch: { type: "string", default: ownArchitecture() },
    to: { type: "string", default: "build" },
  },
  "Usage: npm run image -- [--target podstamp-ebpf] [--arch arm64] [--to FOLDER]",
);

try {
  process.exitCode = main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

function main(): number {
  const target = chosen<Target>("--target", values.target, targets);
  const architecture = chosen<Architecture>("--arch", values.arch, ["amd64", "arm64"]);
  const why = whyNotInstalling();
  if (why !== undefined)
    throw new Error(`Cannot make the bases here: ${why}; \`docker build .\` takes them from an image registry`);
  const say = (line: string) => console.log(line);
  installMissing(
    [
      { program: "podman", package: "podman" },
      { program: "setcap", package: "libcap2-bin" },
    ],
    say,
  );
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "podstamp", "image");
  const folder = resolve(root, values.to);
  for (const each of [cache, folder]) mkdirSync(each, { recursive: true });
  const own = chosen<Architecture>("this machine", ownArchitecture(), ["amd64", "arm64"]);
  const mark = architecture === own ? "" : `-${architecture}`;
  const archive = join(folder, `${target}-image${mark}.tar`);
  const options = { root, cache, podman: ownPodman(cache), say, target, architecture, own, archive };
  const name = buildImage(options);
  const bill = join(folder, `${target}${mark}.spdx.json`);
  writeFileSync(bill, readFromArchive(archive, "usr/share/doc/podstamp/podstamp.spdx.json"));

  const { text, besidesNode } = sizesOf(readArchive(archive));
  const files = [archive, bill].map((file) => (relative(root, file).startsWith("..") ? file : relative(root, file)));
  console.log(`\n${name}\n${text}\n\n${files.join(", ")}`);
  if (besidesNode <= maxBesidesNode) return 0;
  console.error(`The image is too large: beside Node must be at most ${maxBesidesNode} bytes, are ${besidesNode}`);
  return 1;
}

function ownArchitecture(): string {
  return process.arch === "x64" ? "amd64" : process.arch;
}

function chosen<T extends string>(what: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new Error(`Cannot use ${what}: must be ${known.join(" or ")}, is "${value}"`);
  return found;
}
