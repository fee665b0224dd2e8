import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { readAbi } from "./abi.ts";

/** What the build needs: a program or a file, and the package of Debian that has it. */
export type BuildNeed = { readonly program?: string; readonly file?: string; readonly package: string };

/** All that the build needs beside Node. */
export const buildNeeds: readonly BuildNeed[] = [
  { program: "clang", package: "clang" },
  { program: "bpftool", package: "bpftool" },
  { program: "gcc", package: "gcc" },
  { file: "/usr/lib/*/libc.a", package: "libc6-dev" },
  { file: "/usr/lib/*/libbpf.a", package: "libbpf-dev" },
  { file: "/usr/lib/*/libelf.a", package: "libelf-dev" },
  { file: "/usr/lib/*/libz.a", package: "zlib1g-dev" },
];

/** Where a build puts what it makes, below the repository's folder. */
export const outputs = { folder: "bpf/build", loader: "bpf/build/podstamp-probes", abi: "src/ebpf/abi.ts" } as const;

const probes = ["process", "tcp", "http", "oom", "signal", "self"];
const warnings = ["-Wall", "-Wextra", "-Werror"];
const bpfFlags = ["-target", "bpf", "-O2", "-g", ...warnings];
const architectures: Readonly<Record<string, string>> = { x64: "x86", arm64: "arm64" };

/** Debian has bpftool in an sbin folder, which not every PATH names. */
const path = [process.env["PATH"] ?? "", "/usr/local/sbin", "/usr/sbin", "/sbin"].join(delimiter);

/** What is missing of the needs. */
export function missingNeeds(): readonly BuildNeed[] {
  return buildNeeds.filter(({ program, file }) =>
    program === undefined ? globSync(file ?? "").length === 0 : !isProgram(program),
  );
}

function isProgram(name: string): boolean {
  return path.split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, name)));
}

/** What a build did. */
export type Built = { readonly status: "current" | "built"; readonly loader: string };

/** Builds the probes and the loader where a source or a tool has changed since; throws with the compiler's words. */
export function buildBpf(root: string): Built {
  const missing = missingNeeds();
  if (missing.length > 0) throw new Error(whatIsMissing(missing));
  const loader = join(root, outputs.loader);
  const stampFile = join(root, outputs.folder, "stamp");
  const stamp = stampOf(root);
  if (existsSync(loader) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp)
    return { status: "current", loader };
  mkdirSync(join(root, outputs.folder), { recursive: true });
  const abi = compileAbi(root);
  writeIfChanged(join(root, outputs.abi), abi.source);
  for (const probe of probes) compileProbe(root, probe);
  linkLoader(root, abi.layoutHash, loader);
  writeFileSync(stampFile, stamp);
  return { status: "built", loader };
}

/** The records' layout as the C header has it now. */
export function compileAbi(root: string): { readonly source: string; readonly layoutHash: number } {
  const object = join(root, outputs.folder, `abi-${process.pid}.o`);
  mkdirSync(join(root, outputs.folder), { recursive: true });
  run(root, "clang", [...bpfFlags, "-c", "bpf/abi.c", "-o", object]);
  const abi = readAbi(object, { ...process.env, PATH: path });
  run(root, "rm", [object]);
  return abi;
}

/** Compiles one probe for an architecture (x86, arm64) into `to`, as an object with BTF and without debugging data. */
export function compileProbeFor(root: string, probe: string, options: { architecture: string; to: string }): void {
  const { architecture, to } = options;
  run(root, "clang", [
    ...bpfFlags,
    "-mcpu=v3",
    `-D__TARGET_ARCH_${architecture}`,
    // BPF_PROG() declares a context that the programs do not use.
    "-Wno-unused-parameter",
    "-c",
    `bpf/${probe}.bpf.c`,
    "-o",
    `${to}.full`,
  ]);
  run(root, "bpftool", ["gen", "object", to, `${to}.full`]);
}

function compileProbe(root: string, probe: string): void {
  const architecture = architectures[process.arch];
  if (architecture === undefined) throw new Error(`Cannot build the probes: must be x64 or arm64, is ${process.arch}`);
  const object = join(root, outputs.folder, `${probe}.bpf.o`);
  compileProbeFor(root, probe, { architecture, to: object });
  const skeleton = run(root, "bpftool", ["gen", "skeleton", object, "name", `${probe}_bpf`]);
  writeFileSync(join(root, outputs.folder, `${probe}.skel.h`), skeleton);
}

/** Links the loader, with the probes that were compiled before, into `to`. */
export function linkLoader(root: string, layoutHash: number, to: string): void {
  // Newer versions of libelf want it; where it is not used it takes nothing.
  const zstd = globSync("/usr/lib/*/libzstd.a").length > 0 ? ["-lzstd"] : [];
  run(root, "gcc", [
    "-std=gnu11",
    "-O2",
    "-static",
    ...warnings,
    `-DLAYOUT_HASH=${layoutHash}u`,
    `-I${outputs.folder}`,
    ...globSync("bpf/loader/*.c", { cwd: root }).toSorted(),
    "-o",
    `${to}.new`,
    "-lbpf",
    "-lelf",
    "-lz",
    ...zstd,
  ]);
  // In one step, since the one before may be running.
  renameSync(`${to}.new`, to);
}

/** A fingerprint of all that the result depends on. */
function stampOf(root: string): string {
  const sources = globSync(["bpf/**/*.{c,h}", "scripts/bpf/*.ts"], {
    cwd: root,
    exclude: (name) => name === "build",
  }).toSorted();
  const hash = createHash("sha256");
  for (const source of sources) hash.update(`${source}\n`).update(readFileSync(join(root, source)));
  for (const tool of ["clang", "gcc"]) hash.update(run(root, tool, ["--version"]));
  return hash.update(run(root, "bpftool", ["version"])).digest("hex");
}

function writeIfChanged(file: string, text: string): void {
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
}

function run(root: string, command: string, args: readonly string[]): string {
  const result = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, PATH: path },
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (result.status === 0) return result.stdout;
  const said = result.error?.message ?? `${result.stderr ?? ""}`.trim();
  throw new Error(`Cannot build the probes: ${[command, ...args].join(" ")}\n${said}`);
}

function whatIsMissing(missing: readonly BuildNeed[]): string {
  const names = missing.map((need) => need.program ?? need.file).join(", ");
  const packages = missing.map((need) => need.package).join(" ");
  return `Cannot build the probes: must have ${names}, has not. On Debian: apt-get install ${packages}`;
}
