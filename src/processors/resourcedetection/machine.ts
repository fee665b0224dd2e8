import { lookup, lookupService } from "node:dns/promises";
import { open } from "node:fs/promises";
import { arch, hostname, networkInterfaces, platform, version } from "node:os";

/** What the detectors ask of the machine that they run on. */
export type Machine = {
  readonly hostname: string;
  /** As Node names them: "linux", "x64". */
  readonly platform: string;
  readonly arch: string;
  readonly osVersion: string;
  /** Addresses without loopback. */
  addresses(): readonly { readonly ip: string; readonly mac: string }[];
  /** The host's name with its domain, as /etc/hosts or DNS has it; undefined when they have none, or none within the limit. */
  fullName(limitMs: number): Promise<string | undefined>;
  /** The beginning of a file; undefined when it cannot be read. */
  readText(path: string): Promise<string | undefined>;
};

/** The most that is read of one file. */
const maxTextBytes = 1024 * 1024;

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  const name = hostname();
  return {
    hostname: name,
    platform: platform(),
    arch: arch(),
    osVersion: version(),
    addresses: () =>
      Object.values(networkInterfaces()).flatMap((all = []) =>
        all.filter(({ internal }) => !internal).map(({ address, mac }) => ({ ip: address, mac })),
      ),
    fullName: (limitMs) => within(limitMs, fullName(name)),
    readText,
  };
}

async function fullName(name: string): Promise<string | undefined> {
  if (name.includes(".")) return name;
  try {
    const { address } = await lookup(name);
    const found = (await lookupService(address, 0)).hostname.replace(/\.$/, "");
    return found.startsWith(`${name}.`) ? found : undefined;
  } catch {
    // A name that nobody knows is the common case: then there is none.
    return undefined;
  }
}

/** What the promise gives; undefined when that takes longer. */
export async function within<T>(limitMs: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(maxTextBytes), length: maxTextBytes });
    return buffer.subarray(0, bytesRead).toString();
  } catch {
    // Not there, or not ours to read: the same to a detector.
    return undefined;
  }
}
