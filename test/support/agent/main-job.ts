import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { newId } from "../cri/answers.ts";
import { eventually } from "../eventually.ts";
import { lendRuntime, lendSender, lendSink } from "../lend.ts";
import { lendOwnBackend } from "../otlp/own-backend.ts";
import { freePort } from "../net/ports.ts";
import { type Running, startProcess } from "../machine/processes.ts";

/** How a podstamp that was installed somewhere is started. */
export type Installed = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** An empty folder for its files. */
  readonly folder: string;
};

/** A podstamp at its main job. */
export type AtWork = {
  readonly running: Running;
  readonly config: string;
  /** Sends a span of a container over OTLP and waits until it comes out stamped by what the runtime tells. */
  works(name: string): Promise<void>;
};

/**
 * Starts it between a sender, a runtime and a backend, with what else is loaded only when used: a queue on the disk, metrics
 * read and pushed, spans of its own over HTTP. `receivers` are more lines of that section.
 */
export async function startMainJob({ command, args, env, folder }: Installed, receivers = ""): Promise<AtWork> {
  const container = newId();
  const pods = [{ name: "checkout-1", namespace: "pay", containers: [{ id: container, name: "checkout" }] }];
  const [runtime, sink, own] = [await lendRuntime({ pods }), await lendSink(), await lendOwnBackend()];
  const [port, metricsPort] = [await freePort(), await freePort()];
  const overGrpc = `{otlp: {protocol: grpc, endpoint: "http://${own.grpc}"}}`;
  const overHttp = `{otlp: {protocol: http/protobuf, endpoint: "${own.http}/v1/traces"}}`;
  const config = join(folder, "podstamp.yaml");
  writeFileSync(
    config,
    `receivers:
  otlp: {protocols: {grpc: {endpoint: "127.0.0.1:${port}"}}}
${receivers}processors:
  cri_attributes: {runtimes: [{type: cri, endpoint: "${runtime.endpoint}"}]}
  attributes: {actions: [{action: delete, pattern: "^secret"}]}
extensions:
  file_storage: {directory: "${join(folder, "queues")}", create_directory: true}
exporters:
  otlp_grpc: {endpoint: "${sink.address}", tls: {insecure: true}, sending_queue: {storage: file_storage}}
service:
  extensions: [file_storage]
  telemetry:
    metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metricsPort}}}}}, {periodic: {interval: 200, exporter: ${overGrpc}}}]}
    traces: {processors: [{simple: {exporter: ${overHttp}}}]}
  pipelines:
    traces: {receivers: [otlp${receivers === "" ? "" : ", ebpf"}], processors: [cri_attributes, attributes], exporters: [otlp_grpc]}
`,
  );
  const running = await startProcess({
    name: "podstamp",
    command,
    args: [...args, "--config", config],
    cwd: folder,
    env: { XDG_RUNTIME_DIR: folder, ...env },
  });
  onTestFinished(async () => {
    await running.stop();
  });
  await running.line(/Everything is ready/, 20_000);
  const sender = lendSender(`127.0.0.1:${port}`);
  return {
    running,
    config,
    async works(name) {
      await sender.spanOf(container, name);
      const { resource } = await sink.waitFor((record) => record.name === name, "the span");
      expect(resource).toMatchObject({
        "container.id": container,
        "k8s.namespace.name": "pay",
        "k8s.pod.name": "checkout-1",
        "k8s.container.name": "checkout",
      });
      await eventually(() => own.metric("podstamp_stamped_items"), { what: "a metric of its own" });
      await eventually(() => own.spans().some((span) => span.name === "receive otlp"), { what: "a span of its own" });
      const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      expect(metrics).toMatch(/^podstamp_stamped_items\{processor="cri_attributes"\} \d+$/m);
    },
  };
}
