import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildBpf, buildNeeds, missingNeeds, outputs } from "../../../scripts/bpf/compile.ts";
import { installMissing, whyNotInstalling } from "../machine/machine.ts";
import type { Need } from "../machine/machine.ts";

/** The repository's folder. */
export const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The built loader's path. */
export const loaderPath = join(root, outputs.loader);

const python = "/usr/bin/python3";

/** What building the probes takes. */
const forBuild: readonly Need[] = buildNeeds.map(({ program, file, package: name }) =>
  file === undefined
    ? { program: program ?? name, package: name }
    : { program: name, package: name, isThere: () => globSync(file).length > 0 },
);

/** What their tests take besides. */
const forTests: readonly Need[] = [
  { program: "clang-format", package: "clang-format" },
  { program: "setcap", package: "libcap2-bin" },
  { program: "python3", package: "python3", isThere: () => existsSync(python) },
  { program: "nginx", package: "nginx-light" },
  { program: "curl", package: "curl" },
];

/** CAP_BPF and CAP_PERFMON, bits of CapEff. */
const capabilities = 3n << 38n;

/** Why the probes cannot run here, in words; undefined when they can, or when that they cannot is a mistake to be seen. */
export function whyNoProbes(): string | undefined {
  if (process.platform !== "linux") return `eBPF probes need Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return "eBPF probes need root, and this is not root";
  const held = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  if ((BigInt(`0x${held}`) & capabilities) !== capabilities)
    return "eBPF probes need CAP_BPF and CAP_PERFMON, which this root has not (a container?)";
  if (!existsSync("/sys/kernel/btf/vmlinux")) return "eBPF probes need a kernel with BTF";
  if (existsSync(loaderPath)) return undefined;
  const why = whyNotInstalling();
  return why === undefined ? undefined : `bpf/build has no loader, and ${why}`;
}

/**
 * Installs what building the probes takes and this machine lacks, for tests also what these take; builds the probes, and says both.
 * Returns why they cannot run here; throws when they cannot be built.
 */
export function setUpProbes(say: (line: string) => void, whatFor: "tests" | "demo" = "tests"): string | undefined {
  const why = whyNoProbes();
  if (why !== undefined) return why;
  if (whyNotInstalling() === undefined) {
    installMissing(whatFor === "tests" ? [...forBuild, ...forTests] : forBuild, say);
  } else if (existsSync(loaderPath) && missingNeeds().length > 0) {
    say(`${loaderPath} is taken as it is, since it cannot be built here`);
    return undefined;
  }
  const { status, loader } = buildBpf(root);
  say(status === "built" ? `built ${loader}` : `${loader} is current`);
  return undefined;
}
