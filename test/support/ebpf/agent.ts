import { onTestFinished } from "vitest";
import { eventually } from "../eventually.ts";
import { lendSink } from "../lend.ts";
import { type Podstamp, startPodstamp } from "../agent/podstamp.ts";
import { freePort } from "../net/ports.ts";
import type { Received, Sink } from "../otlp/sink.ts";

export type WatcherOptions = {
  /** unix:///… of a CRI runtime, or several of any kind. */
  readonly runtime: string | readonly { readonly type: string; readonly endpoint: string }[];
  /** More settings of the receiver, as YAML in braces without them. */
  readonly settings?: string;
  /** Of the probe http, as YAML. */
  readonly http?: string;
  /** Whether it is enough that podstamp runs. */
  readonly mayBeWithoutProbes?: boolean;
};

/** podstamp with its probes attached, between containers and a sink. */
export type Watcher = {
  readonly podstamp: Podstamp;
  readonly sink: Sink;
  /** Spans of HTTP so far. */
  requests(): readonly Received[];
  /** Waits for a record. */
  waitFor(what: string, fits: (record: Received) => boolean): Promise<Received>;
  metric(name: string, labels?: string): Promise<number>;
};

/** Starts one for a test; what is watched is what `settings` say, with HTTP on. */
export async function lendWatcher({
  runtime,
  settings = "",
  http = "{}",
  mayBeWithoutProbes,
}: WatcherOptions): Promise<Watcher> {
  const sink = await lendSink();
  const metricsPort = await freePort();
  const endpoint = JSON.stringify(typeof runtime === "string" ? [{ type: "cri", endpoint: runtime }] : runtime);
  const podstamp = await startPodstamp({
    config: `receivers:
  ebpf: {probes: {http: ${http}}, runtimes: ${endpoint}, wait: 10s${settings === "" ? "" : `, ${settings}`}}
processors:
  cri_attributes: {runtimes: ${endpoint}, node_name: test-node, wait: 10s}
exporters:
  otlp_grpc: {endpoint: "${sink.address}", tls: {insecure: true}}
service:
  telemetry:
    metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metricsPort}}}}}]}
  pipelines:
    traces: {receivers: [ebpf], processors: [cri_attributes], exporters: [otlp_grpc]}
    logs: {receivers: [ebpf], processors: [cri_attributes], exporters: [otlp_grpc]}
`,
  });
  onTestFinished(async () => {
    await podstamp.stop();
  });
  if (mayBeWithoutProbes !== true) await podstamp.line(/eBPF probes attached/, 60_000);
  return {
    podstamp,
    sink,
    requests: () => sink.received().filter(({ attributes }) => attributes["http.request.method"] !== undefined),
    waitFor: (what, fits) => eventually(() => sink.received().find(fits), { what, timeoutMs: 30_000 }),
    async metric(name, labels = "") {
      const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      return text
        .split("\n")
        .filter((line) => line.startsWith(`${name}{`) && line.includes(labels))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
    },
  };
}
