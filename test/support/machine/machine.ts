import { spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A program that tests need, and the package of Debian that has it. */
export type Need = {
  readonly program: string;
  readonly package: string;
  /** Whether it is there, for what is no program on the PATH. */
  readonly isThere?: () => boolean;
};

const needs: readonly Need[] = [
  { program: "containerd", package: "containerd" },
  { program: "runc", package: "runc" },
  { program: "busybox", package: "busybox-static" },
  { program: "docker-registry", package: "docker-registry" },
];

/** Where Debian has the plugins that give pods a network. */
export const cniFolder = "/usr/lib/cni";

/** What the tests of other runtimes, and of pods with networks of their own, need besides. */
const engines: readonly Need[] = [
  { program: "ptp", package: "containernetworking-plugins", isThere: () => isExecutable(join(cniFolder, "ptp")) },
  { program: "dockerd", package: "docker.io" },
  { program: "podman", package: "podman" },
  { program: "systemctl", package: "systemd" },
];

const aptTimeoutMs = 300_000;

/** Bit of CAP_SYS_ADMIN in the capability sets of /proc/self/status. */
const capSysAdmin = 1n << 21n;

/** The PATH for programs of the system: root's shell does not always have the sbin folders, where Debian puts runc. */
export const systemPath = [process.env["PATH"] ?? "", "/usr/local/sbin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].join(
  delimiter,
);

/** Full path of an installed program, or undefined; of busybox only a static one, since images hold nothing else. */
export function whereIs(program: string): string | undefined {
  const found = systemPath
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(isExecutable);
  return found !== undefined && program === "busybox" && !isStatic(found) ? undefined : found;
}

function isStatic(path: string): boolean {
  return !readFileSync(path).includes("/ld-linux");
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Why this machine cannot run containers of its own, in words; undefined when it can. `besides` names an engine that is needed too. */
export function whyNoContainers(besides?: "dockerd" | "podman"): string | undefined {
  const why = whyNoMounts("containers need");
  if (why !== undefined) return why;
  const needed = [...needs, ...engines.filter(({ program }) => program === besides)];
  const missing = needed.filter((need) => whereIs(need.program) === undefined);
  if (missing.length === 0) return undefined;
  const names = missing.map((need) => need.program).join(", ");
  // On Debian as root what is missing is a mistake to be seen, not a reason to skip: `npm test` installs it.
  return isDebian() ? undefined : `${names} not installed, and only Debian's packages are installed by themselves`;
}

/** Why nobody can make mounts and namespaces here, in words that begin with who needs them; undefined when this process can. */
export function whyNoMounts(whoNeeds: string): string | undefined {
  if (process.platform !== "linux") return `${whoNeeds} Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return `${whoNeeds} root, and this is not root`;
  return hasSysAdmin() ? undefined : `${whoNeeds} to mount, and this root has no CAP_SYS_ADMIN (a container?)`;
}

function hasSysAdmin(): boolean {
  const found = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"));
  return found?.[1] !== undefined && (BigInt(`0x${found[1]}`) & capSysAdmin) !== 0n;
}

function isDebian(): boolean {
  try {
    return /^ID(?:_LIKE)?=.*\bdebian\b/m.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}

/**
 * Installs what real containers need and this machine lacks, and says each step.
 * Returns why containers cannot run here, or undefined; throws when a package cannot be installed.
 */
export function setUpContainers(say: (line: string) => void): string | undefined {
  const why = whyNoContainers();
  if (why !== undefined) return why;
  const wanted = isDebian() ? [...needs, ...engines] : needs;
  if (installMissing(wanted, say) === 0) say(`${wanted.map(({ program }) => program).join(", ")} are installed`);
  return undefined;
}

/** Why nothing can be installed here, in words; undefined when Debian's packages can. */
export function whyNotInstalling(): string | undefined {
  if (process.platform !== "linux" || !isDebian()) return "only Debian's packages are installed by themselves";
  return process.getuid?.() === 0 ? undefined : "only root can install packages, and this is not root";
}

/** Installs the packages of the programs that this machine lacks, and says so; throws when one cannot be. Returns how many. */
export function installMissing(wanted: readonly Need[], say: (line: string) => void): number {
  const missing = wanted.filter(isMissing);
  if (missing.length === 0) return 0;
  const packages = [...new Set(missing.map((need) => need.package))];
  say(`installing from Debian: ${packages.join(", ")}`);
  if (!aptInstall(packages).ok) {
    say("their package lists are missing or old: apt-get update");
    apt(["update"]);
    const again = aptInstall(packages);
    if (!again.ok) throw new Error(`Cannot install ${packages.join(", ")}: apt-get said\n${again.output}`);
  }
  const still = missing.filter(isMissing);
  if (still.length > 0)
    throw new Error(`Cannot use ${still.map((need) => need.program).join(", ")}: installed, but not in ${systemPath}`);
  return missing.length;
}

function isMissing({ program, isThere }: Need): boolean {
  return !(isThere?.() ?? whereIs(program) !== undefined);
}

function aptInstall(packages: readonly string[]): { ok: boolean; output: string } {
  return apt(["install", "-y", "--no-install-recommends", ...packages]);
}

function apt(args: readonly string[]): { ok: boolean; output: string } {
  const environment = { ...process.env, PATH: systemPath, DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_SUSPEND: "1" };
  const result = spawnSync("apt-get", ["-q", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=120", ...args], {
    env: environment,
    encoding: "utf8",
    timeout: aptTimeoutMs,
  });
  return {
    ok: result.status === 0,
    output: `${result.stdout ?? ""}${result.stderr ?? ""}`.trim().split("\n").slice(-15).join("\n"),
  };
}
