import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Resident memory of this process in bytes that no file stands behind; undefined when the kernel does not tell. */
export function anonymousMemory(root = "/"): number | undefined {
  try {
    const kibibytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(join(root, "proc/self/status"), "utf8"))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    // Not every machine has /proc.
    return undefined;
  }
}
