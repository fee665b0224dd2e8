import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./commands.ts";

/** As images name it. */
export type Architecture = "amd64" | "arm64";

/** Debian's packages of an architecture, of the release that this machine runs. */
export type Packages = {
  /** Changes with any version of these packages. */
  fingerprint(names: readonly string[]): string;
  /** Unpacks them into a folder as distroless images have them: no script of theirs is run, what is there is told in status.d. */
  unpack(names: readonly string[], to: string): void;
  /** The one that has the licences of GCC's libraries, as this release calls it: gcc-12-base. */
  readonly gccBase: string;
};

/** Asks this machine's sources of packages; for another architecture with lists of its own below `cache`, so that the machine's stay as they are. */
export function debianPackages(architecture: Architecture, cache: string): Packages {
  const isForeign = architecture !== run("dpkg", ["--print-architecture"]).trim();
  const env = isForeign ? { APT_CONFIG: foreignLists(architecture, cache) } : {};
  const download = (args: readonly string[], cwd: string) =>
    run("apt-get", ["-q", "-o", "APT::Sandbox::User=root", "download", ...args], { cwd, env });
  const retried = (args: readonly string[], cwd: string) => {
    try {
      return download(args, cwd);
    } catch {
      // The lists are missing or older than what the mirror has.
      run("apt-get", ["-q", "-o", "APT::Sandbox::User=root", "update"], { env });
      return download(args, cwd);
    }
  };
  retried(["--print-uris", "libgcc-s1"], cache);
  const [gccBase] =
    /\bgcc-\d+-base\b/.exec(run("apt-cache", ["show", "--no-all-versions", "libgcc-s1"], { env })) ?? [];
  if (gccBase === undefined) throw new Error("Cannot make an image: apt-cache does not know what libgcc-s1 depends on");
  return {
    gccBase,
    fingerprint: (names) =>
      createHash("sha256")
        .update(retried(["--print-uris", ...names], cache))
        .digest("hex")
        .slice(0, 12),
    unpack(names, to) {
      const folder = mkdtempSync(join(cache, "packages-"));
      try {
        retried(names, folder);
        mkdirSync(join(to, "var/lib/dpkg/status.d"), { recursive: true });
        for (const file of readdirSync(folder).filter((name) => name.endsWith(".deb"))) {
          run("dpkg-deb", ["--extract", join(folder, file), to]);
          const name = run("dpkg-deb", ["--field", join(folder, file), "Package"]).trim();
          const control = run("dpkg-deb", ["--field", join(folder, file)]);
          writeFileSync(join(to, "var/lib/dpkg/status.d", name), control);
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** A configuration for apt with which it knows only that architecture, and nothing as installed. */
function foreignLists(architecture: Architecture, cache: string): string {
  const home = join(cache, `apt-${architecture}`);
  for (const folder of ["state/lists/partial", "cache/archives/partial"])
    mkdirSync(join(home, folder), { recursive: true });
  const status = join(home, "state/status");
  if (!existsSync(status)) writeFileSync(status, "");
  const file = join(home, "apt.conf");
  writeFileSync(
    file,
    `APT::Architecture "${architecture}";
APT::Architectures { "${architecture}"; };
Dir::State "${home}/state";
Dir::State::status "${status}";
Dir::Cache "${home}/cache";
`,
  );
  return file;
}
