import type { ServiceSettings } from "./config/service.ts";
import type { OtlpSettings } from "./config/fields/telemetry-fields.ts";
import { listen } from "./net/socket/listen.ts";
import { createMetricsEndpoint } from "./telemetry/exporting/endpoint.ts";
import type { Logger } from "./telemetry/log.ts";
import type { OtlpTarget } from "./telemetry/exporting/otlp-target.ts";
import type { Registry } from "./telemetry/registry.ts";
import type { OwnResource } from "./telemetry/resource.ts";
import type { Spans } from "./telemetry/spans.ts";
import type { SpanSending } from "./telemetry/exporting/tracing.ts";

type Settings = ServiceSettings["telemetry"];

/** What podstamp says of itself to others, beside its log. */
export type SelfTelemetry = {
  /** Undefined while traces are off. */
  readonly spans: Spans | undefined;
  /** Opens the doors of Prometheus and begins to send; gives the address of the first door. */
  start(registry: Registry): Promise<string | undefined>;
  /** Sends what is left, for a moment at most. */
  stop(): Promise<void>;
};

type Options = { readonly log: Logger; readonly version: string; readonly resource: OwnResource };

type Stoppable = { stop(): Promise<void> };

/** How long the last of our own telemetry may take to go out: it shall not hold up the end. */
const flushMs = 2000;

/** Makes it as service::telemetry says; what is switched off is not even loaded. */
export async function createSelfTelemetry(settings: Settings, options: Options): Promise<SelfTelemetry> {
  const started: Stoppable[] = [];
  const isSending = sendsSpans(settings) || settings.metrics.readers.some(({ periodic }) => periodic !== undefined);
  const diagnostics = isSending ? await import("./telemetry/diagnostics.ts") : undefined;
  diagnostics?.logDiagnostics(options.log);
  const tracing = sendsSpans(settings) ? await openTracing(settings.traces, options) : undefined;
  return {
    spans: tracing?.spans,
    start: (registry) => startReaders(settings.metrics, { registry, started, log: options.log }),
    async stop() {
      await Promise.all([...started.splice(0), ...(tracing === undefined ? [] : [tracing])].map(stopInTime));
      diagnostics?.endDiagnostics();
    },
  };
}

function sendsSpans({ traces }: Settings): boolean {
  return traces.level !== "none" && traces.processors.length > 0;
}

async function openTracing(settings: Settings["traces"], { resource, version }: Options) {
  const { startTracing } = await import("./telemetry/exporting/tracing.ts");
  return startTracing({
    resource,
    version,
    ratio: ratioOf(settings.sampler),
    sending: settings.processors.flatMap(sendingOf),
  });
}

function sendingOf({ batch, simple }: Settings["traces"]["processors"][number]): readonly SpanSending[] {
  if (simple !== undefined) return [{ kind: "simple", target: targetOf(simple.exporter.otlp) }];
  if (batch === undefined) return [];
  return [
    {
      kind: "batch",
      target: targetOf(batch.exporter.otlp),
      delayMs: batch.schedule_delay,
      timeoutMs: batch.export_timeout,
      maxQueue: batch.max_queue_size,
      maxBatch: batch.max_export_batch_size,
    },
  ];
}

function ratioOf(sampler: Settings["traces"]["sampler"]): number {
  if (sampler?.always_off !== undefined) return 0;
  return sampler?.trace_id_ratio_based?.ratio ?? 1;
}

type ReaderOptions = { readonly registry: Registry; readonly started: Stoppable[]; readonly log: Logger };

async function startReaders(
  { level, readers }: Settings["metrics"],
  { registry, started, log }: ReaderOptions,
): Promise<string | undefined> {
  let first: string | undefined;
  if (level === "none") return undefined;
  for (const { pull, periodic } of readers) {
    if (pull !== undefined) {
      const { host, port } = pull.exporter.prometheus;
      const endpoint = createMetricsEndpoint(registry, {
        host,
        port,
        listen: (at, make) => listen({ kind: "tcp", scheme: undefined, ...at }, make),
      });
      const address = await endpoint.start();
      started.push(endpoint);
      first ??= address;
      log.info({ address: `http://${address}/metrics` }, "Serving our own metrics");
    } else if (periodic !== undefined) {
      const { startMetricsPush } = await import("./telemetry/exporting/push.ts");
      const { otlp } = periodic.exporter;
      started.push(
        startMetricsPush(registry, {
          target: targetOf(otlp),
          intervalMs: periodic.interval,
          timeoutMs: periodic.timeout,
          temporality: otlp.temporality_preference,
        }),
      );
      log.info({ endpoint: otlp.endpoint, every_ms: periodic.interval }, "Sending our own metrics");
    }
  }
  return first;
}

function targetOf(otlp: OtlpSettings): OtlpTarget {
  return {
    protocol: otlp.protocol,
    endpoint: otlp.endpoint,
    insecure: otlp.insecure,
    headers: Object.fromEntries([...otlp.headers].map(([name, secret]) => [name, secret.reveal()])),
    compression: otlp.compression,
    timeoutMs: otlp.timeout,
    certificate: otlp.certificate,
    clientCertificate: otlp.client_certificate,
    clientKey: otlp.client_key,
  };
}

async function stopInTime(one: Stoppable): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(() => late.resolve(), flushMs);
  // A backend that is not there is told by the diagnostics.
  await Promise.race([one.stop().catch(() => {}), late.promise]);
  clearTimeout(timer);
}
