import type { Filters, LoaderSettings } from "../../ebpf/loader/commands.ts";
import type { ReaderSettings } from "../../ebpf/reader.ts";
import type { ProbeName } from "../../ebpf/loader/reports.ts";
import type { Settings } from "./settings.ts";

/** Signals that some pipeline takes. */
export type Takes = { readonly traces: boolean; readonly logs: boolean };

/** A probe that is on, with the signals of which something would be made. */
type Wanted = { readonly probe: ProbeName; readonly traces: boolean; readonly logs: boolean };

function wantedOf({ probes: { process, tcp, http, oom, signals } }: Settings): readonly Wanted[] {
  return [
    ...(process === undefined ? [] : [{ probe: "process" as const, traces: process.spans, logs: process.events }]),
    ...(tcp === undefined ? [] : [{ probe: "tcp" as const, traces: true, logs: false }]),
    ...(http === undefined ? [] : [{ probe: "http" as const, traces: true, logs: false }]),
    ...(oom === undefined ? [] : [{ probe: "oom" as const, traces: false, logs: true }]),
    ...(signals === undefined ? [] : [{ probe: "signal" as const, traces: false, logs: true }]),
  ];
}

/** The probes that are loaded: those that are on and of which somebody takes something. */
export function probesOf(config: Settings, takes: Takes): readonly ProbeName[] {
  return wantedOf(config)
    .filter((wanted) => (wanted.traces && takes.traces) || (wanted.logs && takes.logs))
    .map(({ probe }) => probe);
}

/** Probes that are on and of which nobody takes anything, with the signal that it would take. */
export function unheardOf(config: Settings, takes: Takes): readonly { probe: ProbeName; signal: "traces" | "logs" }[] {
  const loaded = probesOf(config, takes);
  return wantedOf(config)
    .filter(({ probe }) => !loaded.includes(probe))
    .map(({ probe, traces }) => ({ probe, signal: traces ? ("traces" as const) : ("logs" as const) }));
}

/** Whether there is anything to load. */
export function isWatching(probes: readonly ProbeName[]): boolean {
  return probes.length > 0;
}

const maxArgumentBytes = 1024;

/** What the loader is told when it starts. */
export function loaderSettingsOf(config: Settings, probes: readonly ProbeName[]): LoaderSettings {
  const { process, http, signals } = config.probes;
  return {
    probes,
    ringBytes: config.ring_mib,
    connections: config.max_connections,
    argsMax: process?.arguments === true ? maxArgumentBytes : 0,
    requestMax: http?.request_capture ?? 0,
    responseMax: http?.response_capture ?? 0,
    signals: signals?.names ?? [],
    backend: config.backend,
  };
}

/** What the kernel leaves out by itself. */
export function filtersOf({
  probes: { tcp, http },
  include,
  exclude,
  rate_limit,
  rate_limit_burst,
}: Settings): Filters {
  return {
    includedPorts: include.ports,
    excludedPorts: exclude.ports,
    httpSampling: http?.sampling ?? 1,
    tcpSampling: tcp?.sampling ?? 1,
    rate: rate_limit,
    burst: rate_limit_burst,
  };
}

/** What is made of the records. */
export function readerSettingsOf(config: Settings): ReaderSettings {
  const { process, http } = config.probes;
  return {
    process: {
      spans: process?.spans ?? false,
      logs: process?.events ?? false,
      withArguments: process?.arguments ?? false,
    },
    http: {
      excludedPaths: http?.exclude_paths ?? [],
      knownMethods: http?.known_methods ?? [],
      withQuery: http?.query ?? false,
      requestHeaders: http?.request_headers ?? [],
      responseHeaders: http?.response_headers ?? [],
      link: http?.link ?? true,
      respectsSampling: http?.respect_sampling ?? true,
      maxConnections: config.max_connections,
    },
    rate: config.rate_limit,
    burst: config.rate_limit_burst,
    maxHeldBytes: config.max_held_mib,
  };
}
