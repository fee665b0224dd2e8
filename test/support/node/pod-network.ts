import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cniFolder, systemPath } from "../machine/machine.ts";

/** The addresses that pods get, the host's on their network first. */
export type PodNetwork = { readonly host: readonly [string, string]; readonly pod: readonly [string, string] };

/** One address of each version: whoever comes next gets the same. */
export const podNetwork: PodNetwork = {
  host: ["10.213.7.1", "fd00:213:7::1"],
  pod: ["10.213.7.10", "fd00:213:7::10"],
};

/** Prepares the CNI folders of a containerd that is to be started in `folder`, or of the runtime with this home there. */
export function layPodNetwork(folder: string, home = "containerd"): void {
  const cni = join(folder, home, "cni");
  mkdirSync(join(cni, "conf"), { recursive: true });
  symlinkSync(cniFolder, join(cni, "bin"));
  const [host4, host6] = podNetwork.host;
  const [pod4, pod6] = podNetwork.pod;
  const range = (subnet: string, address: string, gateway: string) => [
    { subnet, rangeStart: address, rangeEnd: address, gateway },
  ];
  const ipam = {
    type: "host-local",
    dataDir: join(cni, "ipam"),
    ranges: [range("10.213.7.0/24", pod4, host4), range("fd00:213:7::/64", pod6, host6)],
    routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }],
  };
  writeFileSync(
    join(cni, "conf", "10-podstamp.conflist"),
    JSON.stringify({
      cniVersion: "0.4.0",
      name: "podstamp",
      plugins: [{ type: "ptp", ipMasq: false, ipam }],
    }),
  );
}

/** Why pods cannot have networks of their own here, in words; undefined when they can. */
export function whyNoPodNetwork(): string | undefined {
  if (!existsSync(join(cniFolder, "ptp"))) return undefined; // On Debian that is a mistake to be seen.
  const env = { ...process.env, PATH: systemPath };
  const made = spawnSync(
    "unshare",
    ["--net", "ip", "link", "add", "name", "ps0", "type", "veth", "peer", "name", "ps1"],
    { env },
  );
  if (made.error !== undefined || made.status === 0) return undefined;
  return `this kernel makes no pair of virtual interfaces: ${String(made.stderr).trim()}`;
}

const switches = ["/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding"];

/** The plugins switch forwarding on; gives what puts it back as it was. */
export function rememberForwarding(): () => void {
  const before = switches.filter(existsSync).map((path) => [path, readFileSync(path, "utf8")] as const);
  return () => {
    // Who is not root has changed nothing, and may not.
    for (const [path, value] of before) if (readFileSync(path, "utf8") !== value) writeFileSync(path, value);
  };
}
