import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { systemPath } from "../../test/support/machine/machine.ts";

/** What the kernel says of a program while kernel.bpf_stats_enabled is set. */
type Program = {
  readonly id: number;
  readonly name?: string;
  readonly run_cnt?: number;
  readonly run_time_ns?: number;
};

/** What programs of one name ran while something was watched. */
export type Runs = { readonly name: string; readonly runs: number; readonly nanoseconds: number };

const switchFile = "/proc/sys/kernel/bpf_stats_enabled";

/** Lets the kernel count and time each run of a program, which costs each some 60 ns, until it is disposed of. */
export function countRuns(): Disposable {
  const before = readFileSync(switchFile, "utf8");
  writeFileSync(switchFile, "1");
  return { [Symbol.dispose]: () => writeFileSync(switchFile, before) };
}

/** IDs of all programs that are loaded now, whoever's they are. */
export function programIds(): ReadonlySet<number> {
  return new Set(programs().map(({ id }) => id));
}

/** The programs that are loaded now, without those of others; how often and how long they ran since tells the function that comes back. */
export function watchPrograms(others: ReadonlySet<number>): () => readonly Runs[] {
  const ours = programs().filter(({ id }) => !others.has(id));
  const before = new Map(ours.map((program) => [program.id, program]));
  return () => {
    const sums = new Map<string, Runs>();
    for (const { id, name = "", run_cnt = 0, run_time_ns = 0 } of programs()) {
      const first = before.get(id);
      // One that came or went meanwhile is none of those that are watched.
      if (first === undefined) continue;
      const sum = sums.get(name) ?? { name, runs: 0, nanoseconds: 0 };
      const runs = sum.runs + run_cnt - (first.run_cnt ?? 0);
      sums.set(name, { name, runs, nanoseconds: sum.nanoseconds + run_time_ns - (first.run_time_ns ?? 0) });
    }
    return [...sums.values()].filter(({ runs }) => runs > 0);
  };
}

function programs(): readonly Program[] {
  const told = execFileSync("bpftool", ["prog", "show", "-j"], {
    encoding: "utf8",
    env: { PATH: systemPath },
    maxBuffer: 1 << 26,
  });
  return JSON.parse(told) as readonly Program[];
}
