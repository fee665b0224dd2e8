import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a kubelet sets for the whole machine when it starts. */
const files = ["vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops"].map((name) => `/proc/sys/${name}`);

const prefix = "podstamp-sysctls-";

/**
 * Keeps what a kubelet is about to set, and returns what puts it back: once the last kubelet of any test run has ended.
 * Whoever starts while another one runs takes over what that one has kept, also from one that has crashed.
 */
export function keepSysctls(): () => void {
  const own = join(tmpdir(), `${prefix}${process.pid}.json`);
  const [earlier] = others(own);
  const values = earlier === undefined ? files.map((file) => readFileSync(file, "utf8")) : read(earlier);
  writeFileSync(own, JSON.stringify(values));
  for (const file of others(own)) if (!isAlive(file)) rmSync(file, { force: true });
  return () => {
    rmSync(own, { force: true });
    if (others(own).some(isAlive)) return;
    for (const [i, file] of files.entries()) writeFileSync(file, values[i] ?? "");
  };
}

function others(own: string): readonly string[] {
  return globSync(join(tmpdir(), `${prefix}*.json`)).filter((file) => file !== own);
}

function read(file: string): readonly string[] {
  return JSON.parse(readFileSync(file, "utf8")) as readonly string[];
}

function isAlive(file: string): boolean {
  try {
    process.kill(Number(/(\d+)\.json$/.exec(file)?.[1]), 0);
    return true;
  } catch {
    return false;
  }
}
