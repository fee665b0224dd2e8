import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** What a process and its children (nginx works in one) cost. */
export type Usage = {
  /** User and system time of all threads so far, in seconds. */
  cpuSeconds(): number;
  /** Begins to take the peak of its memory anew. */
  resetPeak(): void;
  /** Most resident memory since then, in MiB. */
  peakMiB(): number;
};

/** Reads it from /proc; "alone" is without the children. */
export function usageOf(pid: number, whose: "all" | "alone" = "all"): Usage {
  const all = () => (whose === "alone" ? [pid] : [pid, ...childrenOf(pid)]);
  return {
    cpuSeconds: () => all().reduce((sum, one) => sum + cpuOf(one), 0),
    resetPeak: () => all().forEach((one) => writeFileSync(`/proc/${one}/clear_refs`, "5")),
    peakMiB: () => all().reduce((sum, one) => sum + peakOf(one), 0),
  };
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
}

/** The scheduler's own count of each thread, in nanoseconds; the clock ticks of stat are hundredths of a second. */
function cpuOf(pid: number): number {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9;
}

function peakOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN) / 1024;
}
