import type { Machine } from "./machine.ts";

type Attribute = {
  /** Whether it is written when the file says nothing, as in the Collector. */
  readonly enabled: boolean;
  readonly sentence: string;
};

/** What the detector can find, by the names of the semantic conventions. */
export const systemAttributes = {
  "host.name": { enabled: true, sentence: "The name of this machine." },
  "os.type": { enabled: true, sentence: "`linux`, `darwin` or `windows`." },
  "host.id": { enabled: false, sentence: "The machine ID." },
  "host.arch": { enabled: false, sentence: "The processor's architecture, as `amd64` or `arm64`." },
  "host.ip": { enabled: false, sentence: "Addresses of this machine, without loopback." },
  "host.mac": { enabled: false, sentence: "Hardware addresses of this machine, as `AC-DE-48-23-45-67`." },
  "os.description": { enabled: false, sentence: "The operating system's version in words." },
} satisfies Record<string, Attribute>;

/** The name of something that the detector can find. */
export type SystemAttribute = keyof typeof systemAttributes;

type Finder = (machine: Machine) => Promise<string | readonly string[] | undefined>;

/** Where the name of the machine comes from. */
export type HostnameSource = "os" | "dns" | "cname" | "lookup";

/** What is to be found, and how long DNS may take for it. */
export type SystemOptions = {
  readonly names: readonly SystemAttribute[];
  readonly sources: readonly HostnameSource[];
  readonly dnsLimitMs: number;
};

/** Finds the attributes in `names`; what this machine does not tell is left out. */
export async function detectSystem(
  machine: Machine,
  { names, sources, dnsLimitMs }: SystemOptions,
): Promise<ReadonlyMap<string, string | readonly string[]>> {
  const finders: Readonly<Record<SystemAttribute, Finder>> = {
    "host.name": (asked) => hostName(asked, sources, dnsLimitMs),
    "os.type": async ({ platform }) => osTypes[platform] ?? platform,
    "host.id": hostId,
    "host.arch": async ({ arch }) => architectures[arch] ?? arch,
    "host.ip": async ({ addresses }) => addresses().map(({ ip }) => ip),
    "host.mac": async ({ addresses }) => [
      ...new Set(addresses().map(({ mac }) => mac.toUpperCase().replaceAll(":", "-"))),
    ],
    "os.description": async ({ osVersion }) => osVersion,
  };
  const found = await Promise.all(names.map(async (name) => [name, await finders[name](machine)] as const));
  return new Map(
    found.flatMap(([name, value]) => (value === undefined || value.length === 0 ? [] : [[name, value] as const])),
  );
}

async function hostName(
  machine: Machine,
  sources: readonly HostnameSource[],
  limitMs: number,
): Promise<string | undefined> {
  for (const source of sources) {
    const name = source === "os" ? machine.hostname : await machine.fullName(limitMs);
    if (name !== undefined && name !== "") return name;
  }
  return undefined;
}

async function hostId(machine: Machine): Promise<string | undefined> {
  for (const path of ["/etc/machine-id", "/var/lib/dbus/machine-id"]) {
    const text = (await machine.readText(path))?.trim();
    if (text !== undefined && text !== "") return text;
  }
  return undefined;
}

const osTypes: Readonly<Record<string, string>> = { win32: "windows", sunos: "solaris" };
const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "x86", arm: "arm32", ppc: "ppc32" };
