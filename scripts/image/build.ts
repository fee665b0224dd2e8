import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildBpf } from "../bpf/compile.ts";
import { compileNative, machines } from "../native/compile.ts";
import { type BaseOptions, makeBase, makeBuilder, makeCarrier, makeNode } from "./bases.ts";
import { run } from "./commands.ts";
import type { Architecture } from "./debian.ts";
import { ownPart } from "./parts.ts";
import { billOfProbes } from "./probes.ts";

/** The images that the Dockerfile makes. */
export const targets = ["podstamp", "podstamp-ebpf"] as const;
export type Target = (typeof targets)[number];

export type BuildOptions = BaseOptions & {
  readonly target: Target;
  readonly architecture: Architecture;
  /** Of this machine. */
  readonly own: Architecture;
  /** The file that the image goes to. */
  readonly archive: string;
};

/** Builds an image with bases of Debian's packages and writes it to the archive; gives its name. */
export function buildImage(options: BuildOptions): string {
  const { root, podman, target, architecture, own, archive, say } = options;
  const { version } = ownPart(root);
  const { revision, seconds } = commitOf(root);
  const base = makeBase(architecture, options);
  const builder = makeBuilder(own, options);
  const bases = {
    BASE_IMAGE: base,
    NODE_IMAGE: architecture === own ? builder : makeNode(architecture, options),
    BUILD_IMAGE: builder,
    // The name must be one that is here, also where the target does not need it.
    DEBIAN_IMAGE: target === "podstamp-ebpf" ? makeProbes(options) : base,
  };
  const facts = {
    VERSION: version,
    REVISION: revision,
    CREATED: new Date(seconds * 1000).toISOString(),
    SOURCE_DATE_EPOCH: String(seconds),
    NPM_CONFIG_CACHE: "/npm",
    NPM_CONFIG_OFFLINE: "true",
  };
  compileForLists(options);
  const idFile = `${archive}.id`;
  const npm = fillNpmCache(options);
  say(`building ${target} for ${architecture}`);
  // A HEALTHCHECK is of Docker's format; layers of their own tell their sizes. No network is needed: all is there.
  const manner = ["--format", "docker", "--layers", "--isolation", "chroot", "--pull=never", "--volume", `${npm}:/npm`];
  manner.push(...lowLimits());
  const what = ["--target", target, "--timestamp", String(seconds)];
  const given = Object.entries({ ...bases, ...facts }).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]);
  podman.run(["build", ...manner, ...what, ...given, "--iidfile", idFile, root]);
  const id = readFileSync(idFile, "utf8").trim();
  const name = `localhost/${target}:${version}`;
  rmSync(idFile);
  rmSync(archive, { force: true });
  podman.run(["push", "--quiet", id, `docker-archive:${archive}:${name}`]);
  forgetOld(options);
  return name;
}

/** For the architecture of the image; without a compiler for it lists take longer. */
function compileForLists({ root, architecture, say }: BuildOptions): void {
  for (const machine of machines.filter(({ debian }) => debian === architecture)) {
    const why = compileNative(root, machine);
    if (why !== undefined) say(`without the program that makes lists quick: ${why}`);
  }
}

/**
 * Options for limits that any root may set: they are no higher than this process's. Podman 5 would raise them, which one without
 * CAP_SYS_RESOURCE may not, and Podman 4 has lowered some of its own before.
 */
function lowLimits(): readonly string[] {
  const all = readFileSync("/proc/self/limits", "utf8");
  return (
    [
      ["nofile", "open files", 16_384],
      ["nproc", "processes", 4096],
    ] as const
  ).flatMap(([name, text, enough]) => {
    const hard = Number(new RegExp(`^Max ${text} +\\S+ +(\\d+)`, "m").exec(all)?.[1] ?? enough);
    const limit = Math.min(hard, enough);
    return ["--ulimit", `${name}=${limit}:${limit}`];
  });
}

/** What was built long ago, the bases too; what is younger serves as a cache. */
function forgetOld({ podman }: BuildOptions): void {
  podman.run(["image", "prune", "--all", "--force", "--filter", "until=168h"]);
}

function commitOf(root: string): { readonly revision: string; readonly seconds: number } {
  const git = (args: readonly string[]) => run("git", ["-C", root, ...args]).trim();
  try {
    const isChanged = git(["status", "--porcelain"]) !== "";
    return {
      revision: `${git(["rev-parse", "HEAD"])}${isChanged ? "-changed" : ""}`,
      seconds: Number(git(["log", "-1", "--format=%ct"])),
    };
  } catch {
    // A folder without git: nothing that could be told.
    return { revision: "unknown", seconds: 0 };
  }
}

/** Gets all that package-lock.json names into a cache of npm, so that the build needs no network; gives its folder. */
function fillNpmCache({ root, cache, say }: BuildOptions): string {
  const folder = join(cache, "npm");
  const lock = readFileSync(join(root, "package-lock.json"));
  const mark = join(folder, `filled-${createHash("sha256").update(lock).digest("hex").slice(0, 16)}`);
  if (existsSync(mark)) return folder;
  say("getting the packages of package-lock.json from npm");
  const trial = mkdtempSync(join(cache, "npm-ci-"));
  try {
    for (const name of ["package.json", "package-lock.json", ".npmrc"]) cpSync(join(root, name), join(trial, name));
    run("npm", ["ci", "--prefer-offline", "--cache", folder], { cwd: trial });
    writeFileSync(mark, "");
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
  return folder;
}

/** An image that brings the loader of the probes, built on this machine; its capabilities are on the file. */
function makeProbes(options: BuildOptions): string {
  const { root, architecture, own } = options;
  if (architecture !== own)
    throw new Error(`Cannot build podstamp-ebpf for ${architecture}: must be built on such a machine, this is ${own}`);
  const { loader } = buildBpf(root);
  return makeCarrier(options, loader, (file) => {
    run("setcap", ["cap_bpf,cap_perfmon+ep", file]);
    writeFileSync(`${file}.spdx.json`, billOfProbes(root, 0));
  });
}
