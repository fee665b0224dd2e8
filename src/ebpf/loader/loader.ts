import type { Logger } from "../../telemetry/log.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import {
  type CgroupFilter,
  cgroupCommand,
  filterCommands,
  type Filters,
  forgetCommand,
  loadCommands,
  type LoaderSettings,
  switchCommand,
} from "./commands.ts";
import { findLoader } from "./path.ts";
import { type Exit, type LoaderProcess, startLoader } from "./process.ts";
import { createRetries } from "./probe-retries.ts";
import type { ProbeName, ProbeReport, Ready, Totals } from "./reports.ts";

export type LoaderOptions = {
  /** Path of the program; empty: where podstamp's own is. */
  readonly path: string;
  readonly settings: LoaderSettings;
  readonly filters: Filters;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The receiver that it loads for: a label of its metrics. */
  readonly receiver: string;
  /** A record of the kernel, or the clock, at bytes[at]; the bytes may be used again behind the call. */
  onRecord(bytes: Buffer, at: number): void;
  /** All records that came together have been handed on. */
  onPause(): void;
  /** The records to come are of a new loader: numbers of connections begin anew, cgroups are announced again. */
  onRestart(): void;
  /** How long to wait before the next try, in ms, for the nth failure in a row, from 1: of the loader, or of one of its probes. */
  backoffMs?(failures: number): number;
};

/** Where the loader stands. */
export type LoaderState =
  | { readonly status: "stopped" }
  | { readonly status: "starting" }
  | { readonly status: "running"; readonly ready: Ready; readonly pid: number | undefined }
  | { readonly status: "waiting"; readonly why: string };

/** Keeps a loader running: starts it again with the same filters when it has died, or when none of its probes could be attached. */
export type Loader = {
  start(): void;
  /** Ends it; what it still has comes before this returns, unless the signal is aborted. */
  stop(signal: AbortSignal): Promise<void>;
  /** Which probes a cgroup has from now on; undefined: those of all others. */
  filterCgroup(cgroup: Omit<CgroupFilter, "probes">, probes: readonly ProbeName[] | undefined): void;
  state(): LoaderState;
  /** What became of each probe, the last that was said. */
  probes(): ReadonlyMap<ProbeName, ProbeReport>;
};

/** As many as the kernel's map has room for. */
const maxCgroupFilters = 16_384;
const stopTimeoutMs = 2000;
/** Who has run so long has not failed for the same reason. */
const steadyMs = 60_000;
const maxBackoffMs = 60_000;

const lostReasons = {
  lost: "ring_full",
  lostCgroup: "cgroup_unknown",
  muted: "rate_limited",
  unread: "unreadable",
  tableFull: "connections_full",
  malformed: "malformed",
} as const;

/** A supervisor for one receiver. */
export function createLoader(options: LoaderOptions): Loader {
  const { log, metrics, receiver } = options;
  const cgroups = new Map<string, CgroupFilter>();
  const reports = new Map<ProbeName, ProbeReport>();
  const said = new Set<string>();
  const passed = metrics.counter("podstamp_ebpf_records", { receiver });
  const backoff = options.backoffMs ?? backoffOf;
  const retries = createRetries({ backoffMs: backoff, ask: (probe) => running?.command(switchCommand(probe)) });
  let state: LoaderState = { status: "stopped" };
  let running: LoaderProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let deaths = 0;
  let startedAt = 0;
  let ended = Promise.resolve();

  /** A problem that stays is said once. */
  const complain = (fields: object, text: string): void => {
    if (said.has(text)) return log.debug(fields, text);
    if (said.size < 100) said.add(text);
    log.error(fields, text);
  };

  const countTotals = (before: Totals | undefined, totals: Totals): void => {
    passed.add(totals.written - (before?.written ?? 0));
    for (const [name, reason] of Object.entries(lostReasons)) {
      const key = name as keyof typeof lostReasons;
      const count = totals[key] - (before?.[key] ?? 0);
      if (count > 0) metrics.counter("podstamp_ebpf_lost_records", { receiver, reason }).add(count);
    }
  };

  const onProbe = (report: ProbeReport): void => {
    reports.set(report.probe, report);
    retries.take(report);
    if (report.status === "attached" && state.status === "running")
      log.info({ probe: report.probe }, "eBPF probe attached after all");
    if (report.status !== "failed") return;
    metrics.counter("podstamp_ebpf_probe_failures", { receiver, probe: report.probe, reason: report.reason }).add(1);
    complain({ probe: report.probe, reason: report.reason }, report.text);
  };

  const onReady = (ready: Ready): void => {
    const attached = [...reports.values()].filter((report) => report.status === "attached").map(({ probe }) => probe);
    if (attached.length === 0) {
      // Another loader asks anew, and with the capabilities that its file may have been given meanwhile.
      state = { status: "waiting", why: [...reports.values()][0]?.text ?? "" };
      running?.close();
      return;
    }
    state = { status: "running", ready, pid: running?.pid };
    log.info({ probes: attached.join(","), load_ms: ready.loadMs }, "eBPF probes attached");
  };

  const tryAgain = (why: string): void => {
    if (performance.now() - startedAt > steadyMs) deaths = 0;
    deaths += 1;
    state = { status: "waiting", why };
    timer = setTimeout(run, backoff(deaths));
    timer.unref();
  };

  const onExit = (exit: Exit): void => {
    running = undefined;
    retries.clear();
    if (state.status === "stopped") return;
    if (state.status === "waiting") return tryAgain(state.why);
    metrics.counter("podstamp_ebpf_loader_exits", { receiver, reason: exit.reason }).add(1);
    complain({ reason: exit.reason }, exit.text);
    tryAgain(exit.text);
  };

  const run = (): void => {
    timer = undefined;
    startedAt = performance.now();
    const found = findLoader(options.path);
    if ("why" in found) {
      complain({}, found.why);
      tryAgain(found.why);
      return;
    }
    state = { status: "starting" };
    reports.clear();
    options.onRestart();
    const filters = [filterCommands(options.filters), ...[...cgroups.values()].map(cgroupCommand)].join("");
    let totals: Totals | undefined;
    ended = new Promise((resolve) => {
      running = startLoader({
        path: found.path,
        commands: `${loadCommands(options.settings)}${filters}start\n`,
        onRecord: options.onRecord,
        onPause: options.onPause,
        onProbe,
        onReady,
        onTotals: (next) => {
          countTotals(totals, next);
          totals = next;
        },
        onComplaint: (line) => log.warn({}, line),
        onExit: (exit) => {
          onExit(exit);
          resolve();
        },
      });
    });
  };

  return {
    start() {
      if (state.status === "stopped") run();
    },

    async stop(signal) {
      state = { status: "stopped" };
      clearTimeout(timer);
      timer = undefined;
      const process = running;
      if (process === undefined) return;
      process.close();
      const kill = () => process.kill();
      const limit = setTimeout(kill, stopTimeoutMs);
      if (signal.aborted) kill();
      signal.addEventListener("abort", kill);
      await ended;
      clearTimeout(limit);
      signal.removeEventListener("abort", kill);
    },

    filterCgroup(cgroup, probes) {
      const key = `${cgroup.hierarchy}:${cgroup.cgroup}`;
      cgroups.delete(key);
      if (probes === undefined) return running?.command(forgetCommand(cgroup));
      const [oldest] = cgroups.size < maxCgroupFilters ? [] : cgroups;
      if (oldest !== undefined) {
        cgroups.delete(oldest[0]);
        running?.command(forgetCommand(oldest[1]));
      }
      const filter = { ...cgroup, probes };
      cgroups.set(key, filter);
      running?.command(cgroupCommand(filter));
    },

    state: () => state,
    probes: () => reports,
  };
}

function backoffOf(deaths: number): number {
  return Math.min(maxBackoffMs, 1000 * 2 ** Math.min(deaths - 1, 16));
}
