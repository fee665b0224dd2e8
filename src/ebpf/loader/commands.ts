import { probeId } from "../abi.ts";
import type { ProbeName } from "./reports.ts";

/** What is fixed when a loader starts. */
export type LoaderSettings = {
  readonly probes: readonly ProbeName[];
  /** A power of 2. */
  readonly ringBytes: number;
  /** Connections that are known at a time. */
  readonly connections: number;
  /** Bytes of arguments that EV_EXEC has, up to 1024. */
  readonly argsMax: number;
  /** Bytes of heads that EV_HTTP has, up to 4096. */
  readonly requestMax: number;
  readonly responseMax: number;
  /** Numbers of the signals that are reported, 1 to 63. */
  readonly signals: readonly number[];
  readonly backend: "auto" | "socket" | "syscall";
  /** How long the loader gathers records after the first, in ms. */
  readonly latencyMs?: number;
  /** As if the kernel had none of these; for tests. */
  readonly without?: readonly ("btf" | "sock_length" | "sys_exit")[];
};

/** What of the kernel's filters does not change while a receiver runs; each may be left out. */
export type Filters = {
  /** Connections to these ports only, unless empty. */
  readonly includedPorts?: readonly number[];
  readonly excludedPorts?: readonly number[];
  /** Processes never traced, as the root PID namespace numbers them; the loader and its parent are anyway. */
  readonly ignoredPids?: readonly number[];
  /** The part of the connections that is reported, 0 to 1. */
  readonly httpSampling?: number;
  readonly tcpSampling?: number;
  /** HTTP requests of a cgroup a second, and as many as may come at once; a rate of 0 is no limit. */
  readonly rate?: number;
  readonly burst?: number;
  /** Of cgroups that have no filter of their own; all probes unless said. */
  readonly probes?: readonly ProbeName[];
};

/** Which probes a cgroup has. */
export type CgroupFilter = {
  readonly hierarchy: number;
  readonly cgroup: number;
  readonly probes: readonly ProbeName[];
};

const most = 2 ** 32 - 1;

/** The lines that make a loader load; the filters come next. */
export function loadCommands(settings: LoaderSettings): string {
  return [
    `set ring_bytes ${settings.ringBytes}`,
    `set wake_bytes ${Math.max(4096, Math.floor(settings.ringBytes / 32))}`,
    `set latency_ms ${settings.latencyMs ?? 20}`,
    `set connections ${settings.connections}`,
    `set args_max ${settings.argsMax}`,
    `set request_max ${settings.requestMax}`,
    `set response_max ${settings.responseMax}`,
    `set signals 0x${settings.signals.reduce((mask, signal) => mask | (1n << BigInt(signal)), 0n).toString(16)}`,
    `set backend ${settings.backend}`,
    ...(settings.without ?? []).map((feature) => `set without ${feature}`),
    ...settings.probes.map((probe) => `probe ${probe} on`),
    "load\n",
  ].join("\n");
}

/** The lines that set these filters. */
export function filterCommands(filters: Filters): string {
  const included = filters.includedPorts ?? [];
  const lines = [
    ...included.map((port) => `port ${port} include`),
    ...(filters.excludedPorts ?? []).map((port) => `port ${port} exclude`),
    ...(included.length > 0 ? ["ports included"] : []),
    ...(filters.ignoredPids ?? []).map((pid) => `ignore ${pid}`),
    ...(filters.httpSampling === undefined ? [] : [`sample http ${Math.floor(filters.httpSampling * most)}`]),
    ...(filters.tcpSampling === undefined ? [] : [`sample tcp ${Math.floor(filters.tcpSampling * most)}`]),
    ...(filters.rate === undefined ? [] : [`rate ${filters.rate} ${filters.burst ?? filters.rate}`]),
    ...(filters.probes === undefined ? [] : [`probes ${maskOf(filters.probes)}`]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** The line that asks for a probe once more. */
export function switchCommand(probe: ProbeName): string {
  return `probe ${probe} on\n`;
}

/** The line that sets a cgroup's filter. */
export function cgroupCommand({ hierarchy, cgroup, probes }: CgroupFilter): string {
  return `cgroup ${hierarchy} ${cgroup} ${maskOf(probes)}\n`;
}

/** The line that takes it away. */
export function forgetCommand({ hierarchy, cgroup }: Omit<CgroupFilter, "probes">): string {
  return `cgroup ${hierarchy} ${cgroup} forget\n`;
}

/** The mask of some probes: bits 1 << probeId. */
export function maskOf(probes: readonly ProbeName[]): number {
  return probes.reduce((mask, probe) => mask | (1 << probeId[probe]), 0);
}
