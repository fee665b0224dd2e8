import type { ProbeName, ProbeReport } from "./reports.ts";

export type RetriesOptions = {
  /** How long to wait before a probe is asked for again, in ms, after its nth failure in a row, from 1. */
  backoffMs(failures: number): number;
  /** Asks the loader for it. */
  ask(probe: ProbeName): void;
};

/** Probes that could not be attached and may yet be. */
export type Retries = {
  /** Takes what has become of a probe. */
  take(report: ProbeReport): void;
  /** Asks for none of them any more. */
  clear(): void;
};

/** Reasons that may pass while the kernel is the same: memory that others give back, a profile that is mended. */
const passing: ReadonlySet<ProbeReport["reason"]> = new Set(["noMemory", "refused", "other"]);

/** Asks for failed probes again, each on its own, while the others run. */
export function createRetries({ backoffMs, ask }: RetriesOptions): Retries {
  const failures = new Map<ProbeName, number>();
  const timers = new Map<ProbeName, NodeJS.Timeout>();

  const stop = (probe: ProbeName): void => {
    clearTimeout(timers.get(probe));
    timers.delete(probe);
  };

  return {
    take({ probe, status, reason }) {
      stop(probe);
      if (status !== "failed") {
        failures.delete(probe);
        return;
      }
      if (!passing.has(reason)) return;
      const count = (failures.get(probe) ?? 0) + 1;
      failures.set(probe, count);
      const timer = setTimeout(() => ask(probe), backoffMs(count));
      timer.unref();
      timers.set(probe, timer);
    },
    clear() {
      for (const probe of timers.keys()) stop(probe);
      failures.clear();
    },
  };
}
