import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { traceRequest } from "../../support/otlp/sender.ts";
import { ExportTraceServiceRequest } from "../../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { eventually } from "../../support/eventually.ts";
import { grpcClient, grpcServer } from "../../support/grpc/peer.ts";
import { makeMemoryCgroup } from "../../support/machine/memory-cgroup.ts";
import { buildProgram } from "../../support/agent/packed.ts";
import { freePort } from "../../support/net/ports.ts";
import { startProcess } from "../../support/machine/processes.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";

const mebibyte = 1024 * 1024;
let program = "";

beforeAll(async () => {
  const built = await buildProgram();
  program = built.program;
  return () => built.remove();
});

const bytesPerSecond = 100 * mebibyte;
const floodMs = 6000;
const unavailable = 14;

const probe = makeMemoryCgroup(128 * mebibyte);
const why = typeof probe === "string" ? probe : undefined;
if (typeof probe !== "string") probe.remove();

const idBytes = 16;

/** One span of this size, and where its trace ID stands: behind key and length of Span.trace_id, the first field of a span. */
function templateOf(bytes: number): { readonly template: Buffer; readonly at: number } {
  const text = randomBytes(bytes / 2).toString("hex");
  const request = traceRequest([{ records: [{ name: "big", attributes: { text } }] }]);
  const template = Buffer.from(ExportTraceServiceRequest.encode(request).finish());
  return { template, at: template.indexOf(Buffer.of(0x0a, idBytes)) + 2 };
}

/** The trace IDs of a request, which may be merged of many. */
function idsOf(message: Buffer): readonly string[] {
  return ExportTraceServiceRequest.decode(message).resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ traceId }) => traceId.toString("hex"))),
  );
}

type Flood = {
  readonly requestBytes: number;
  readonly connections: number;
  readonly inFlight: number;
  readonly processors: string;
};

const configOf = (port: number, backend: string, processors: string): string => `receivers:
  otlp: {protocols: {grpc: {endpoint: "127.0.0.1:${port}"}}}
processors:
  memory_limiter: {check_interval: 1s, limit_percentage: 80, spike_limit_percentage: 20}
  batch:
exporters:
  otlp_grpc:
    endpoint: "${backend}"
    tls: {insecure: true}
    sending_queue: {queue_size: 1000000}
    retry_on_failure: {initial_interval: 100ms, max_interval: 300ms, max_elapsed_time: 0s}
service:
  telemetry: {metrics: {readers: []}}
  pipelines: {traces: {receivers: [otlp], processors: [${processors}], exporters: [otlp_grpc]}}
`;

/** podstamp in a cgroup of 128 MiB. */
async function given(flood: Flood) {
  const cgroup = makeMemoryCgroup(128 * mebibyte);
  if (typeof cgroup === "string") throw new Error(cgroup);
  const folder = createWorkspace();
  const port = await freePort();
  // Dead until the test says: at an address of its own, where nobody else happens to listen meanwhile.
  const backend = `127.0.0.2:${await freePort()}`;
  const config = join(folder, "config.yaml");
  writeFileSync(config, configOf(port, backend, flood.processors));
  // The shell goes into the cgroup and becomes podstamp.
  const args = ["-c", 'echo $$ > "$0" && exec "$@"', cgroup.procs, process.execPath, program, "--config", config];
  const podstamp = await startProcess({ name: "podstamp", command: "/bin/sh", args });
  onTestFinished(async () => {
    await podstamp.stop();
    await eventually(() => (cgroup.remove(), true), { what: "an empty cgroup" });
    await wipe(folder);
  });
  await podstamp.line(/Everything is ready/, 20_000);
  return { cgroup, podstamp, backend, flood: flooder(port, flood) };
}

/** Sends requests without end, at a rate, and knows which were acknowledged. */
function flooder(port: number, { requestBytes, connections, inFlight: maxInFlight }: Flood) {
  const { template, at } = templateOf(requestBytes);
  const channel = { "grpc.use_local_subchannel_pool": 1, "grpc.initial_reconnect_backoff_ms": 50 };
  const clients = Array.from({ length: connections }, () => grpcClient(`127.0.0.1:${port}`, { channel }));
  onTestFinished(() => clients.forEach((client) => client.close()));
  const acknowledged = new Set<string>();
  const refusals = new Map<string, number>();
  let sent = 0;
  let inFlight = 0;
  const one = async (): Promise<void> => {
    const message = Buffer.from(template);
    const id = randomBytes(idBytes);
    id.copy(message, at);
    inFlight++;
    const outcome = await clients[sent++ % clients.length]?.call(message);
    inFlight--;
    if (outcome?.code === 0) acknowledged.add(id.toString("hex"));
    else {
      const said = `${outcome?.code} ${outcome?.details}`;
      refusals.set(said, (refusals.get(said) ?? 0) + 1);
    }
  };
  const during = async (ms: number): Promise<void> => {
    const started = performance.now();
    const before = sent;
    const due = () => ((performance.now() - started) / 1000) * bytesPerSecond;
    while (performance.now() - started < ms) {
      while ((sent - before) * requestBytes < due() && inFlight < maxInFlight) void one();
      await sleep(2);
    }
    await eventually(() => inFlight === 0, { what: "an answer to every request" });
  };
  return { one, during, acknowledged, refusals, sent: () => sent };
}

test.skipIf(why !== undefined).each<Flood>([
  { requestBytes: 256 * 1024, connections: 4, inFlight: 64, processors: "memory_limiter" },
  { requestBytes: mebibyte, connections: 16, inFlight: 256, processors: "memory_limiter, batch" },
])(
  `a process of 128 MiB that gets 100 MiB/s and has no backend lives on, refuses, and loses nothing: %o${why === undefined ? "" : ` (skipped: ${why})`}`,
  async (kind) => {
    const { cgroup, podstamp, backend, flood } = await given(kind);
    await flood.during(floodMs);
    expect(podstamp.hasExited()).toBe(false);
    expect(cgroup.kills() ?? 0).toBe(0);
    // More than the whole cgroup, on however slow a machine.
    expect(flood.sent() * kind.requestBytes).toBeGreaterThan(256 * mebibyte);
    expect([...flood.refusals.keys()].filter((said) => !said.startsWith(`${unavailable} `))).toEqual([]);
    expect([...flood.refusals.keys()]).toContain(`${unavailable} data refused due to high memory usage`);
    expect(flood.acknowledged.size).toBeGreaterThan(10);

    const before = flood.acknowledged.size;
    const arrived = new Set<string>();
    const server = await grpcServer((message) => (idsOf(message).forEach((id) => arrived.add(id)), {}), {
      address: backend,
    });
    onTestFinished(() => server.stop());
    await eventually(async () => (await flood.one(), flood.acknowledged.size > before), {
      what: "an acknowledgement after the backend is back",
      timeoutMs: 30_000,
      everyMs: 100,
    });
    await eventually(() => [...flood.acknowledged].every((id) => arrived.has(id)), {
      what: "every request that was acknowledged at the backend",
      timeoutMs: 30_000,
      everyMs: 200,
    });
    expect(podstamp.output()).toContain("Memory usage back within limits. Resuming normal operation.");
    expect(cgroup.kills() ?? 0).toBe(0);
  },
);
