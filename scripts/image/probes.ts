import { run } from "./commands.ts";
import { ownPart, parseDebian } from "./parts.ts";
import { spdx } from "./sbom.ts";

/** What brings the static libraries that scripts/bpf/compile.ts links into the loader. */
const linked = ["libbpf-dev", "libc6-dev", "libelf-dev", "zlib1g-dev"];

/** The bill of materials of the loader that was built on this machine; `created` in seconds since the epoch. */
export function billOfProbes(root: string, created: number): string {
  const { version, license } = ownPart(root);
  const whole = { name: "podstamp-probes", version, license, purl: `pkg:generic/podstamp-probes@${version}` };
  const told = run("dpkg-query", ["--status", ...linked]);
  return spdx({ whole, relations: [[whole, "CONTAINS", parseDebian(told)]], created });
}
