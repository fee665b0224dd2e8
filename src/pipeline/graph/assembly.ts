import { sectionOf } from "../../config/component-type.ts";
import type { ComponentKind } from "../../config/component-type.ts";
import type { Configured, Pipeline } from "../../config/config.ts";
import { signals } from "../../otlp/signals.ts";
import type { Signal } from "../../otlp/signals.ts";
import type { RootLogger } from "../../telemetry/log.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import type { Component, Consumer, Exporter, Extension, Host, Outlets, Processor, ServiceStatus } from "../contract.ts";
import type { ExporterFactory, ProcessorFactory } from "./factory.ts";
import { fanOut } from "./fan-out.ts";
import type { Gate } from "../gate.ts";
import { counted } from "./observe.ts";
import type { Assembly, Kept, Named, Piece, PipelineConfig } from "./pieces.ts";
import { createSwitch } from "./switch.ts";
import type { Switch } from "./switch.ts";
import { traced } from "../traced.ts";

/** What all configurations that run one after the other have in common. */
export type World = {
  readonly log: RootLogger;
  readonly metrics: Metrics;
  readonly userAgent: string;
  readonly environment: Host["environment"];
  readonly memory: Host["memory"];
  readonly spans?: Host["spans"];
  readonly gate: Gate;
  status(): ServiceStatus;
};

/**
 * Makes every component of a configuration and wires them: one extension, receiver and exporter for each id, one processor for
 * each id and pipeline, a fan-out where data goes to more than one place. Those whose block is the same as before, and what they
 * share, are taken from `kept`. Nothing is started.
 */
export function assemble(config: PipelineConfig, world: World, kept: Kept): Assembly {
  const shared = new Map<string, Component>();
  const { extensions, exporters, hostOf } = assembleAround(config, { world, kept, shared });
  const chains = config.pipelines.map((pipeline) => buildChain(pipeline, { config, exporters, hostOf, world }));
  const receivers = [...config.receivers].map(([id, configured]) => {
    const taken = signalsOf(id, chains);
    const before = sameAs(kept.receivers, configured);
    if (before !== undefined && sameSignals(before.switches, taken)) return keep(before, { kept, shared });
    const switches = new Map(taken.map((signal) => [signal, createSwitch()]));
    const outlets: Outlets = Object.fromEntries(switches);
    const { host, keys } = hostOf("receiver", id);
    return {
      ...piece("receiver", configured, {
        keys,
        component: made("receiver", id, () =>
          configured.type.create(configured.settings, { ...host, status: world.status }, outlets),
        ),
      }),
      switches,
    };
  });
  return {
    config,
    extensions,
    shared,
    exporters: [...exporters.values()],
    chains: chains.map((chain) => chain.processors),
    receivers,
    connect() {
      for (const { id, switches } of receivers)
        for (const [signal, door] of switches) door.lead(entryOf(id, signal, { chains, spans: world.spans }));
    },
  };
}

type Making = { readonly world: World; readonly kept: Kept; readonly shared: Map<string, Component> };
type HostOf = (kind: ComponentKind, id: string) => { readonly host: Host; readonly keys: Set<string> };

/** Extensions and exporters, and what makes hosts for the rest. */
function assembleAround(config: PipelineConfig, making: Making) {
  const extensions: Piece<Extension>[] = [];
  const hostOf = createHosts(making, extensions);
  for (const [id, configured] of config.extensions) {
    const before = sameAs(making.kept.extensions, configured);
    if (before !== undefined) {
      extensions.push(keep(before, making));
      continue;
    }
    const { host, keys } = hostOf("extension", id);
    const component = made("extension", id, () =>
      configured.type.create(configured.settings, { ...host, status: making.world.status }),
    );
    extensions.push(piece("extension", configured, { keys, component }));
  }
  const exporters = new Map<string, Piece<Exporter>>();
  for (const [id, configured] of config.exporters) {
    const before = sameAs(making.kept.exporters, configured);
    if (before !== undefined && keepsItsStorages(configured, { extensions, kept: making.kept })) {
      exporters.set(id, keep(before, making));
      continue;
    }
    const { host, keys } = hostOf("exporter", id);
    const storages = storagesOf(configured);
    const component = made("exporter", id, () => configured.type.create(configured.settings, host));
    exporters.set(id, piece("exporter", configured, { keys, component, storages }));
  }
  return { extensions, exporters, hostOf };
}

function keepsItsStorages(
  exporter: Configured<ExporterFactory<unknown>>,
  { extensions, kept }: { readonly extensions: readonly Piece[]; readonly kept: Kept },
): boolean {
  return storagesOf(exporter).every((id) => {
    const now = extensions.find((one) => one.id === id)?.component;
    return kept.extensions.some(({ component }) => component === now);
  });
}

function storagesOf({ type, settings }: Configured<ExporterFactory<unknown>>): readonly string[] {
  return (type.storagesOf?.(settings) ?? []).map(({ id }) => id);
}

/** The piece whose block said the same. */
function sameAs<P extends Piece>(pieces: readonly P[], { id, fingerprint }: Configured): P | undefined {
  return fingerprint === undefined ? undefined : pieces.find((one) => one.id === id && one.fingerprint === fingerprint);
}

/** Takes a piece over, with what it shares. */
function keep<P extends Piece>(before: P, { kept, shared }: Pick<Making, "kept" | "shared">): P {
  for (const key of before.keys) {
    const component = kept.shared.get(key);
    if (component !== undefined) shared.set(key, component);
  }
  return before;
}

/** Makes a component; the error of one that cannot be made names it, as that of one that cannot start. */
function made<C>(kind: ComponentKind, id: string, make: () => C): C {
  try {
    return make();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot start ${sectionOf[kind]}::${id}: ${why}`, { cause });
  }
}

type Made<C extends Component> = {
  readonly component: C;
  readonly keys: ReadonlySet<string>;
  readonly storages?: readonly string[];
};

function piece<C extends Component>(kind: ComponentKind, { id, fingerprint }: Configured, made: Made<C>): Piece<C> {
  return { name: `${sectionOf[kind]}::${id}`, id, fingerprint, storages: [], ...made };
}

function createHosts({ world, kept, shared }: Making, extensions: readonly Piece<Extension>[]): HostOf {
  const { log, metrics, userAgent, environment, memory, spans, gate } = world;
  return (kind, id) => {
    const keys = new Set<string>();
    const host: Host = {
      id,
      log: log.child({ "otelcol.component.id": id, "otelcol.component.kind": kind }),
      metrics,
      userAgent,
      environment,
      memory,
      spans,
      gate,
      storage(wanted) {
        const storage = extensions.find((one) => one.id === wanted)?.component.storage;
        if (storage === undefined) throw new Error(`Cannot use the storage ${wanted}: must be checked before`);
        return storage;
      },
      share: <T extends Component>(key: string, create: () => T): T => {
        const made = shared.get(key) ?? kept.shared.get(key) ?? create();
        shared.set(key, made);
        keys.add(key);
        // Whoever asks with a key knows what it made under it.
        return made as T;
      },
    };
    return { host, keys };
  };
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
  readonly exporters: ReadonlyMap<string, Piece<Exporter>>;
  readonly hostOf: HostOf;
  readonly world: World;
};

function buildChain(pipeline: Pipeline, { config, exporters, hostOf, world }: ChainOptions): Chain {
  const signal = signalOf(pipeline);
  const { spans, metrics } = world;
  const step = (verb: string, id: string) => ({ name: `${verb} ${id}`, kind: "internal" as const, id });
  let next = fanOut(
    pipeline.exporters.map((id) => traced(present(exporters, id).component, spans, step("export", id))),
  );
  const processors: Named[] = [];
  for (const id of pipeline.processors.toReversed()) {
    const { type, settings }: Configured<ProcessorFactory<unknown>> = present(config.processors, id);
    const labels = { processor: id, otel_signal: signal };
    const outgoing = counted(next, metrics.counter("otelcol_processor_outgoing_items", labels));
    const processor: Processor = type.create(settings, hostOf("processor", id).host, outgoing);
    processors.unshift({ name: `processors::${id}`, component: processor });
    next = counted(
      traced(processor, spans, step("process", id)),
      metrics.counter("otelcol_processor_incoming_items", labels),
    );
  }
  return { pipeline, signal, processors, entry: next };
}

function signalsOf(receiver: string, chains: readonly Chain[]): readonly Signal[] {
  return signals.filter((signal) => entriesOf(receiver, signal, chains).length > 0);
}

function entriesOf(receiver: string, signal: Signal, chains: readonly Chain[]): readonly Consumer[] {
  return chains
    .filter((chain) => chain.signal === signal && chain.pipeline.receivers.includes(receiver))
    .map((chain) => chain.entry);
}

function sameSignals(switches: ReadonlyMap<Signal, Switch>, taken: readonly Signal[]): boolean {
  return switches.size === taken.length && taken.every((signal) => switches.has(signal));
}

type Entries = { readonly chains: readonly Chain[]; readonly spans: Host["spans"] };

function entryOf(receiver: string, signal: Signal, { chains, spans }: Entries): Consumer {
  const step = { name: `receive ${receiver}`, kind: "server" as const, id: receiver };
  return traced(fanOut(entriesOf(receiver, signal, chains)), spans, step);
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
