import { readFileSync, readlinkSync } from "node:fs";

/** What this process is to the kernel. */
export type Self = {
  readonly uid: number;
  readonly groups: readonly number[];
  /** The mask of its effective capabilities. */
  readonly capabilities: bigint;
  /** Whether it has the namespaces of the machine itself, not those of a container. */
  readonly hasHostPids: boolean;
  readonly hasHostCgroups: boolean;
  readonly hasHostUsers: boolean;
  readonly isInContainer: boolean;
  /** Whether its network is that of its container or pod alone, as far as that can be seen. */
  readonly hasOwnNetwork: boolean;
  readonly isInKubernetes: boolean;
};

/** The inodes of the first namespaces, which are constants of the kernel (include/linux/proc_ns.h). */
const first = { pid: "pid:[4026531836]", cgroup: "cgroup:[4026531835]", user: "user:[4026531837]" } as const;

/** Reads it of /proc. */
export function readSelf(env: Readonly<Record<string, string | undefined>>): Self {
  const status = textOf("/proc/self/status");
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1]?.trim() ?? "";
  const numbers = (name: string) =>
    field(name)
      .split(/\s+/)
      .filter((word) => word !== "")
      .map(Number);
  // A kubelet gives it to every container.
  const isInKubernetes = env["KUBERNETES_SERVICE_HOST"] !== undefined;
  // Where an init runs it is a machine, whatever is around it: LXC, WSL, a node of kind.
  const [hasHostPids, hasHostCgroups] = [isFirst("pid"), isFirst("cgroup")];
  const isInContainer = isInKubernetes || (!hasHostPids && !/^(?:systemd\n|init)/.test(textOf("/proc/1/comm")));
  return {
    uid: numbers("Uid")[1] ?? 0,
    groups: [...numbers("Gid").slice(1, 2), ...numbers("Groups")],
    capabilities: BigInt(`0x${field("CapEff") || "0"}`),
    hasHostPids,
    hasHostCgroups,
    hasHostUsers: isFirst("user"),
    isInContainer,
    hasOwnNetwork: isInContainer && interfaces().every((name) => name === "lo" || leadsOut(name)),
    isInKubernetes,
  };
}

function interfaces(): readonly string[] {
  return [...textOf("/proc/self/net/dev").matchAll(/^\s*([^\s:|]+):/gm)].map(([, name = ""]) => name);
}

/** Whether the other end of an interface is in another network, as that of a container's is; a machine's own has none. */
function leadsOut(name: string): boolean {
  const number = (file: string) => textOf(`/sys/class/net/${name}/${file}`).trim();
  return number("iflink") !== number("ifindex");
}

function isFirst(name: keyof typeof first): boolean {
  try {
    return readlinkSync(`/proc/self/ns/${name}`) === first[name];
  } catch {
    return true; // a kernel without such namespaces has only the first one
  }
}

/** A file's text; empty when it cannot be read. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // what is not there tells nothing
  }
}
