import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, renameSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { knownSockets } from "../../src/runtimes/discovery/known-sockets.ts";

/** A machine that the program can be compiled for: as `uname -m`, Node and Debian call it. */
export type Machine = { readonly name: string; readonly arch: string; readonly debian: string };

export const machines: readonly Machine[] = [
  { name: "x86_64", arch: "x64", debian: "amd64" },
  { name: "aarch64", arch: "arm64", debian: "arm64" },
];

/** Where the program of a machine is, below the repository's folder. */
export function outputOf({ name }: Machine): string {
  return `native/build/podstamp-${name}`;
}

export type CompileOptions = {
  /** More for the compiler, as for a build that watches itself. */
  readonly flags?: readonly string[];
  /** The file to write instead of the usual one. */
  readonly to?: string;
};

/** Compiles the program for a machine; gives, in words, why it cannot. */
export function compileNative(
  root: string,
  machine: Machine,
  { flags = usual, to }: CompileOptions = {},
): string | undefined {
  const file = resolve(root, to ?? outputOf(machine));
  mkdirSync(dirname(file), { recursive: true });
  const compiler = machine.arch === process.arch ? "gcc" : `${machine.name}-linux-gnu-gcc`;
  const sources = globSync("native/*.c", { cwd: root }).toSorted();
  const own = machine.arch === "x64" ? ["-fcf-protection"] : ["-mbranch-protection=standard"];
  const args = [...warnings, knownPlaces(), ...flags, ...own, ...sources, "-o", `${file}.${process.pid}`];
  const { status, error, stderr } = spawnSync(compiler, args, { cwd: root, encoding: "utf8" });
  if (error !== undefined) return `${compiler} is not here (on Debian: apt-get install ${packagesOf(machine)})`;
  if (status !== 0) return `${compiler} ${args.join(" ")}\n${stderr.trim()}`;
  // In one step, since the one before may be running.
  renameSync(`${file}.${process.pid}`, file);
  return undefined;
}

function packagesOf({ name, arch, debian }: Machine): string {
  if (arch === process.arch) return "gcc libc6-dev";
  return `gcc-${name.replace("_", "-")}-linux-gnu libc6-dev-${debian}-cross`;
}

/** Where runtimes listen is told in one place. */
function knownPlaces(): string {
  const places = knownSockets.map(
    ({ type, path }) => `{${JSON.stringify(path)},${type !== "docker" && type !== "podman"}}`,
  );
  return `-DKNOWN_SOCKETS=${places.join(",")}`;
}

const warnings = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wconversion"];

/** Static, so that it runs on every Linux; what it reads comes from others, so whatever the compiler can watch over it watches over. */
const usual = [
  "-O2",
  "-D_FORTIFY_SOURCE=2",
  "-fstack-protector-strong",
  "-fstack-clash-protection",
  "-fPIE",
  "-static-pie",
  "-Wl,-z,relro,-z,now,-z,noexecstack",
  "-s",
];
