import { sectionOf } from "../config/component-type.ts";
import type { ComponentKind } from "../config/component-type.ts";
import type { Config, Configured, Pipeline } from "../config/config.ts";
import { signals } from "../otlp/signals.ts";
import type { Signal } from "../otlp/signals.ts";
import type { RootLogger } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Component, Consumer, Exporter, Host, Outlets, Processor, ServiceStatus } from "./contract.ts";
import type { ExporterFactory, ExtensionFactory, ProcessorFactory, ReceiverFactory } from "./factory.ts";
import { fanOut } from "./fan-out.ts";
import { createGate } from "./gate.ts";
import { createLifecycle } from "./lifecycle.ts";
import type { Lifecycle, Named } from "./lifecycle.ts";
import { counted } from "./observe.ts";
import type { Storage } from "./storage.ts";
import { traced } from "./traced.ts";

/** A checked configuration whose components can be made. */
export type PipelineConfig = Config<
  ReceiverFactory<unknown>,
  ProcessorFactory<unknown>,
  ExporterFactory<unknown>,
  ExtensionFactory<unknown>
>;

type GraphOptions = {
  readonly log: RootLogger;
  readonly metrics: Metrics;
  readonly userAgent: string;
  readonly environment: Host["environment"];
  readonly memory: Host["memory"];
  readonly spans?: Host["spans"];
};

/**
 * Makes every component of a configuration and wires them: one extension, receiver and one exporter for each id, one processor for
 * each id and pipeline, a fan-out where data goes to more than one place. Nothing is started yet.
 */
export function buildGraph(config: PipelineConfig, options: GraphOptions): Lifecycle {
  const shared = new Map<string, Component>();
  const storages = new Map<string, Storage>();
  const hostOf = createHosts(options, shared, storages);
  const status = (): ServiceStatus => lifecycle.status();

  const extensions: Named[] = [];
  for (const [id, { type, settings }] of config.extensions) {
    const extension = type.create(settings, { ...hostOf("extension", id), status });
    extensions.push(named("extension", id, extension));
    if (extension.storage !== undefined) storages.set(id, extension.storage);
  }

  const exporters = new Map<string, Exporter>();
  for (const [id, { type, settings }] of config.exporters)
    exporters.set(id, type.create(settings, hostOf("exporter", id)));

  const chains = config.pipelines.map((pipeline) =>
    buildChain(pipeline, { config, exporters, hostOf, metrics: options.metrics, spans: options.spans }),
  );

  const receivers = [...config.receivers].map(([id, { type, settings }]) =>
    named(
      "receiver",
      id,
      type.create(settings, { ...hostOf("receiver", id), status }, outletsOf(id, chains, options.spans)),
    ),
  );

  const lifecycle = createLifecycle({
    extensions,
    shared: [...shared].map(([key, component]) => ({ name: key, component })),
    exporters: [...exporters].map(([id, exporter]) => named("exporter", id, exporter)),
    chains: chains.map((chain) => chain.processors),
    receivers,
    log: options.log,
  });
  return lifecycle;
}

type HostOf = (kind: ComponentKind, id: string) => Host;

function createHosts(
  options: GraphOptions,
  shared: Map<string, Component>,
  storages: ReadonlyMap<string, Storage>,
): HostOf {
  const { log, metrics, userAgent, environment, memory, spans } = options;
  const gate = createGate();
  return (kind, id) => ({
    id,
    log: log.child({ "otelcol.component.id": id, "otelcol.component.kind": kind }),
    metrics,
    userAgent,
    environment,
    memory,
    spans,
    gate,
    storage: (extension) => present(storages, extension),
    share: <T extends Component>(key: string, create: () => T): T => {
      const made = shared.get(key) ?? create();
      shared.set(key, made);
      // Whoever asks with a key knows what it made under it.
      return made as T;
    },
  });
}

/** The processors of one pipeline in the order of the flow, and what stands before the first of them. */
type Chain = {
  readonly pipeline: Pipeline;
  readonly signal: Signal;
  readonly processors: readonly Named[];
  readonly entry: Consumer;
};

type ChainOptions = {
  readonly config: PipelineConfig;
  readonly exporters: ReadonlyMap<string, Exporter>;
  readonly hostOf: HostOf;
  readonly metrics: Metrics;
  readonly spans: Host["spans"];
};

function buildChain(pipeline: Pipeline, { config, exporters, hostOf, metrics, spans }: ChainOptions): Chain {
  const signal = signalOf(pipeline);
  const step = (verb: string, id: string) => ({ name: `${verb} ${id}`, kind: "internal" as const, id });
  let next = fanOut(pipeline.exporters.map((id) => traced(present(exporters, id), spans, step("export", id))));
  const processors: Named[] = [];
  for (const id of pipeline.processors.toReversed()) {
    const { type, settings }: Configured<ProcessorFactory<unknown>> = present(config.processors, id);
    const labels = { processor: id, otel_signal: signal };
    const outgoing = counted(next, metrics.counter("otelcol_processor_outgoing_items", labels));
    const processor: Processor = type.create(settings, hostOf("processor", id), outgoing);
    processors.unshift(named("processor", id, processor));
    next = counted(
      traced(processor, spans, step("process", id)),
      metrics.counter("otelcol_processor_incoming_items", labels),
    );
  }
  return { pipeline, signal, processors, entry: next };
}

function outletsOf(receiver: string, chains: readonly Chain[], spans: Host["spans"]): Outlets {
  const outlets: { [S in Signal]?: Consumer } = {};
  for (const signal of signals) {
    const entries = chains
      .filter((chain) => chain.signal === signal && chain.pipeline.receivers.includes(receiver))
      .map((chain) => chain.entry);
    if (entries.length === 0) continue;
    const step = { name: `receive ${receiver}`, kind: "server" as const, id: receiver };
    outlets[signal] = traced(fanOut(entries), spans, step);
  }
  return outlets;
}

function signalOf(pipeline: Pipeline): Signal {
  const signal = signals.find((known) => known === pipeline.signal);
  if (signal === undefined) throw new Error(`Cannot build pipeline ${pipeline.id}: must be checked before`);
  return signal;
}

function present<T>(map: ReadonlyMap<string, T>, id: string): T {
  const found = map.get(id);
  if (found === undefined) throw new Error(`Cannot build a pipeline with ${id}: must be checked before`);
  return found;
}

function named(kind: ComponentKind, id: string, component: Component): Named {
  return { name: `${sectionOf[kind]}::${id}`, component };
}
