import { createDirectory, type Directory } from "../../containers/directory.ts";
import { createLoader } from "../../ebpf/loader/loader.ts";
import { createReader } from "../../ebpf/reader.ts";
import type { Cgroup } from "../../ebpf/sources.ts";
import type { Outbox } from "../../ebpf/outbox.ts";
import type { Host, Outlets, Receiver } from "../../pipeline/contract.ts";
import type { ReceiverFactory } from "../../pipeline/graph/factory.ts";
import { placesOf } from "../../runtimes/discovery/places.ts";
import type { Counter } from "../../telemetry/metrics.ts";
import { createSending, type Sending } from "./delivery.ts";
import { createIdentities } from "./identities.ts";
import { createProcessNames } from "./process-names.ts";
import { filtersOf, isWatching, loaderSettingsOf, probesOf, readerSettingsOf, unheardOf } from "./probes.ts";
import { type Settings, settings } from "./settings.ts";

/** Watches containers from the kernel: spans and events of programs that nobody instrumented. */
export const ebpfReceiver: ReceiverFactory<Settings> = {
  kind: "receiver",
  type: "ebpf",
  aliases: [],
  signals: ["traces", "logs"],
  stability: "alpha",
  summary:
    "Watches processes, TCP connections and HTTP/1 requests of every container from the kernel, by eBPF probes of podstamp's own.",
  schema: settings,
  create: createEbpfReceiver,
};

/** Requests are made of as many bytes at most, more or less. */
const requestBytes = 512 * 1024;
/** Between two looks for replies that have ended without anybody saying so. */
const sweepMs = 1000;
/** Between two looks whether more is known of containers. */
const reviewMs = 1000;

function createEbpfReceiver(config: Settings, host: Host, outlets: Outlets): Receiver {
  const takes = { traces: outlets.traces !== undefined, logs: outlets.logs !== undefined };
  const stopping = new AbortController();
  const sendings = createSendings(config, host, outlets);
  const probes = probesOf(config, takes);
  const directory = sharedDirectory(config, host);
  const reader = createReader({
    settings: readerSettingsOf(config),
    identify: createIdentities({
      directory,
      include: config.include,
      exclude: config.exclude,
      hostProcesses: config.host_processes,
      waitMs: config.wait,
      signal: stopping.signal,
    }),
    nameOf: createProcessNames(config.host_root),
    takes,
    version: /^[^/]*\/(\S+)/.exec(host.userAgent)?.[1] ?? "",
    onKnown: (cgroup, before) => know(cgroup, before),
    hasRoom: () => host.gate?.isClosed !== true,
    dropped: createDropCounter(host),
  });
  const loader = createLoader({
    path: config.loader,
    settings: loaderSettingsOf(config, probes),
    filters: filtersOf(config),
    log: host.log,
    metrics: host.metrics,
    receiver: host.id,
    onRecord: reader.take,
    onPause: () => pause(),
    onRestart: reader.reset,
  });
  let flushing: NodeJS.Timeout | undefined;
  let sweeping: NodeJS.Timeout | undefined;
  let heardAt = 0;
  let reviewing: NodeJS.Timeout | undefined;
  let reviewedVersion = -1;

  /** Whoever is not wanted is not watched any more: in the kernel that costs least. */
  const know = ({ hierarchy, id: cgroup, status }: Cgroup, before: Cgroup["status"]): void => {
    if (status === "refused") loader.filterCgroup({ hierarchy, cgroup }, []);
    else if (before === "refused") loader.filterCgroup({ hierarchy, cgroup }, undefined);
    armFlush();
  };

  /** A runtime that did not answer when a container began may know it now. */
  const review = (): void => {
    const version = directory.version();
    if (version !== reviewedVersion) reader.review();
    reviewedVersion = version;
  };

  const flush = (): void => {
    clearTimeout(flushing);
    flushing = undefined;
    pass(reader.spans, sendings.traces);
    pass(reader.logs, sendings.logs);
  };

  const armFlush = (): void => {
    if (reader.spans.items + reader.logs.items > 0) flushing ??= setTimeout(flush, config.flush_interval);
  };

  const sweep = (): void => {
    sweeping = undefined;
    reader.sweep(performance.now() - heardAt);
    armFlush();
    armSweep();
  };

  const armSweep = (): void => {
    if (reader.counts().unsettled > 0 && !stopping.signal.aborted) sweeping ??= setTimeout(sweep, sweepMs);
  };

  const pause = (): void => {
    heardAt = performance.now();
    if (reader.spans.length > requestBytes || reader.logs.length > requestBytes) flush();
    armFlush();
    armSweep();
  };

  registerGauges(host, { reader, loader, sendings });
  return {
    async start() {
      for (const { probe, signal } of unheardOf(config, takes))
        host.log.warn({ probe }, `The probe reports nothing: no ${signal} pipeline takes from this receiver`);
      if (!isWatching(probes)) return;
      loader.start();
      reviewing = setInterval(review, reviewMs).unref();
    },
    async stop(signal) {
      await loader.stop(signal);
      // Whoever is still asked for is not waited for any more.
      stopping.abort();
      clearInterval(reviewing);
      clearTimeout(sweeping);
      sweeping = undefined;
      reader.reset();
      await settled();
      flush();
      await Promise.all([sendings.traces?.stop(signal), sendings.logs?.stop(signal)]);
    },
  };
}

function pass(outbox: Outbox, sending: Sending | undefined): void {
  const outgoing = outbox.take();
  if (outgoing !== undefined) sending?.send(outgoing);
}

type Sendings = { readonly traces: Sending | undefined; readonly logs: Sending | undefined };

function createSendings(config: Settings, host: Host, { traces, logs }: Outlets): Sendings {
  const maxBytes = config.max_held_mib;
  return {
    traces: traces && createSending({ host, signal: "traces", consumer: traces, maxBytes }),
    logs: logs && createSending({ host, signal: "logs", consumer: logs, maxBytes }),
  };
}

/** Counting makes no object either. */
function createDropCounter({ id, metrics }: Host): (reason: string, count: number) => void {
  const counters = new Map<string, Counter>();
  return (reason, count) => {
    let counter = counters.get(reason);
    if (counter === undefined) {
      counter = metrics.counter("podstamp_ebpf_dropped", { receiver: id, reason });
      counters.set(reason, counter);
    }
    counter.add(count);
  };
}

type Watched = {
  readonly reader: ReturnType<typeof createReader>;
  readonly loader: ReturnType<typeof createLoader>;
  readonly sendings: Sendings;
};

function registerGauges({ id, metrics }: Host, { reader, loader, sendings }: Watched): void {
  const receiver = id;
  metrics.gauge("podstamp_ebpf_connections", { receiver }, () => reader.counts().connections);
  metrics.gauge("podstamp_ebpf_cgroups", { receiver, state: "waiting" }, () => reader.counts().waiting);
  metrics.gauge(
    "podstamp_ebpf_cgroups",
    { receiver, state: "known" },
    () => reader.counts().cgroups - reader.counts().waiting,
  );
  metrics.gauge(
    "podstamp_ebpf_held_bytes",
    { receiver },
    () => reader.spans.length + reader.logs.length + (sendings.traces?.bytes() ?? 0) + (sendings.logs?.bytes() ?? 0),
  );
  metrics.gauge("podstamp_ebpf_probes_attached", { receiver }, () =>
    loader.state().status === "running"
      ? [...loader.probes().values()].filter(({ status }) => status === "attached").length
      : 0,
  );
}

/** Between two lists while events tell of changes, and while none do. */
const relistMs = 300_000;
const relistWithoutEventsMs = 10_000;

/** The same directory as that of every processor with the same runtimes, so that one list serves all. */
function sharedDirectory({ runtimes, host_root: hostRoot }: Settings, host: Host): Directory {
  return host.share(`directory ${JSON.stringify([runtimes, hostRoot])}`, () =>
    createDirectory({
      places: placesOf(runtimes, hostRoot, host),
      hostRoot,
      relistMs,
      relistWithoutEventsMs,
      limits: { maxEntries: 50_000, tombstoneMs: 300_000, maxTombstones: 4096 },
      log: host.log,
      metrics: host.metrics,
    }),
  );
}

/** Lets all promises that can go on do so. */
function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
