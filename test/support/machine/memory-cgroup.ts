import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A control group with a limit on memory, made for one test. */
export type MemoryCgroup = {
  readonly version: 1 | 2;
  /** Of its file that takes the pids of its processes. */
  readonly procs: string;
  /** How often the kernel ended one of its processes for want of memory; undefined when it does not tell. */
  kills(): number | undefined;
  /** Bytes in use now, without what the kernel could give back at once. */
  used(): number;
  remove(): void;
};

const root = "/sys/fs/cgroup";
let made = 0;

/** Makes one; a sentence that says why not when this machine or this user cannot. */
export function makeMemoryCgroup(bytes: number): MemoryCgroup | string {
  const version = existsSync(join(root, "memory/memory.limit_in_bytes")) ? 1 : 2;
  const folder = join(root, version === 1 ? "memory" : "", `podstamp-test-${process.pid}-${++made}`);
  const file = (name: string): string => readFileSync(join(folder, name), "utf8");
  const limit = version === 1 ? "memory.limit_in_bytes" : "memory.max";
  try {
    mkdirSync(folder);
  } catch (error) {
    return `no memory cgroup can be made here: ${String(error)}`;
  }
  const remove = () => rmdirSync(folder);
  try {
    writeFileSync(join(folder, limit), String(bytes));
    if (existsSync(join(folder, "memory.swap.max"))) writeFileSync(join(folder, "memory.swap.max"), "0");
  } catch (error) {
    remove();
    return `no memory cgroup can be limited here: ${String(error)}`;
  }
  const kills = version === 1 ? "memory.oom_control" : "memory.events";
  const current = version === 1 ? "memory.usage_in_bytes" : "memory.current";
  return {
    version,
    procs: join(folder, "cgroup.procs"),
    kills: () => {
      const count = /^oom_kill (\d+)$/m.exec(file(kills))?.[1];
      return count === undefined ? undefined : Number(count);
    },
    used: () => Number(file(current)) - Number(/^(?:total_)?inactive_file (\d+)$/m.exec(file("memory.stat"))?.[1] ?? 0),
    remove,
  };
}
