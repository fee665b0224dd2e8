import type { Config } from "./config/config.ts";
import type { MemoryUse } from "./pipeline/contract.ts";
import { buildGraph } from "./pipeline/graph/graph.ts";
import type { Graph, PipelineConfig, Replaced } from "./pipeline/graph/graph.ts";
import { afterReload } from "./restart-settings.ts";
import { createSelfTelemetry } from "./self-telemetry.ts";
import type { RootLogger } from "./telemetry/log.ts";
import { createRegistry } from "./telemetry/registry.ts";
import type { Registry } from "./telemetry/registry.ts";
import { ownResource } from "./telemetry/resource.ts";
import { longestTimerMs } from "./longest-timer.ts";

/** What the process is using now. */
export type ProcessStats = {
  readonly uptimeSeconds: () => number;
  readonly cpuSeconds: () => number;
  readonly memory: () => MemoryUse;
};

type ServiceOptions = {
  readonly log: RootLogger;
  readonly version: string;
  /** "linux/x64", for the User-Agent header. */
  readonly platform: string;
  readonly instanceId: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stats: ProcessStats;
  /** Aborted when the service is to drain and stop. */
  readonly stop: AbortSignal;
  /** Aborted when it is to stop without draining. */
  readonly cut: AbortSignal;
  /** Called once when everything runs. */
  readonly ready?: (facts: { readonly metrics: string | undefined }) => void;
  /** Told, when everything runs, how to put another configuration in the place of this one. */
  readonly useReload?: (reload: (config: PipelineConfig) => Promise<Replaced>) => void;
  /** Told then, too, how to find the components that answer an order. */
  readonly useAnswerers?: (find: Graph["answerers"]) => void;
};

/**
 * Runs a configuration until `stop`: builds the pipelines, starts them, drains them within service::shutdown_timeout.
 * Throws when something cannot start, after stopping what was started; false when it was cut before all was delivered.
 */
export async function runService(config: PipelineConfig, options: ServiceOptions): Promise<boolean> {
  const { log, version, platform, stop, cut } = options;
  const settings = config.service.telemetry;
  const resource = ownResource(options, settings.resource);
  const registry = createRegistry({ level: metricLevel(config), version, resource });
  observeProcess(registry, options.stats);
  log.info({ version, pipelines: config.pipelines.map((pipeline) => pipeline.id).join(",") }, "Starting podstamp");
  const telemetry = await createSelfTelemetry(settings, { log, version, resource });
  const graph = buildGraph(config, {
    log,
    spans: telemetry.spans,
    metrics: registry,
    userAgent: `podstamp/${version} (${platform})`,
    environment: options.env,
    memory: options.stats.memory,
  });
  try {
    const address = await telemetry.start(registry);
    await graph.start();
    log.info({}, "Everything is ready. Begin running and processing data.");
    options.ready?.({ metrics: address });
    const reloading = createReloading(graph, config);
    options.useReload?.(reloading.reload);
    options.useAnswerers?.(graph.answerers);
    // Node ends when all that is left is a promise: whoever waits for a signal stays, also when nothing listens.
    const staying = setInterval(() => {}, longestTimerMs);
    const broken = await Promise.race([aborted(stop), reloading.broken]);
    clearInterval(staying);
    // What still runs has data too.
    const drained = await drain(graph, { config: reloading.config(), registry, log, cut });
    if (broken !== undefined) throw broken;
    return drained;
  } finally {
    await telemetry.stop();
  }
}

/** Reloads of a graph; `broken` tells why neither the new configuration nor the old one runs. */
function createReloading(graph: Graph, first: PipelineConfig) {
  const broken = Promise.withResolvers<Error>();
  let config = first;
  const reload = async (next: PipelineConfig): Promise<Replaced> => {
    try {
      const outcome = await graph.reload(next);
      if (outcome.status !== "replaced") return outcome;
      const { forRestart, running } = afterReload(config, next);
      config = running;
      return { ...outcome, forRestart };
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      broken.resolve(cause);
      return { status: "broken", problem: cause.message };
    }
  };
  return { reload, broken: broken.promise, config: () => config };
}

type DrainOptions = {
  readonly config: PipelineConfig;
  readonly registry: Registry;
  readonly log: RootLogger;
  readonly cut: AbortSignal;
};

async function drain(
  graph: { stop(signal: AbortSignal): Promise<void> },
  { config, registry, log, cut }: DrainOptions,
): Promise<boolean> {
  const limitMs = config.service.shutdown_timeout;
  const before = registry.total("podstamp_dropped_items");
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limitMs);
  log.info({ limit_ms: limitMs }, "Stopping: taking no more, delivering what is held");
  try {
    await graph.stop(AbortSignal.any([limit.signal, cut]));
  } finally {
    clearTimeout(timer);
  }
  const lost = registry.total("podstamp_dropped_items") - before;
  if (lost > 0) log.error({ lost_items: lost }, "Stopped. Some of what was held could not be delivered");
  else log.info({}, `Stopped. Everything that was taken was delivered${keepsOnDisk(config) ? " or is on disk" : ""}`);
  return !cut.aborted;
}

function keepsOnDisk({ extensions }: PipelineConfig): boolean {
  return [...extensions.values()].some(({ type }) => type.isStorage === true);
}

function metricLevel({ service }: Config): "basic" | "normal" | "detailed" {
  const { level } = service.telemetry.metrics;
  return level === "none" ? "basic" : level;
}

function observeProcess(registry: Registry, { uptimeSeconds, cpuSeconds, memory }: ProcessStats): void {
  registry.observe("otelcol_process_uptime", uptimeSeconds);
  registry.observe("otelcol_process_cpu_seconds", cpuSeconds);
  registry.observe("otelcol_process_memory_rss", () => memory().rss);
  registry.observe("otelcol_process_runtime_heap_alloc_bytes", () => memory().heapUsed + memory().external);
  registry.observe("otelcol_process_runtime_total_sys_memory_bytes", () => memory().heapTotal + memory().external);
}

function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(undefined), { once: true }));
}
