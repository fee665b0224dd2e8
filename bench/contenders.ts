import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Signal, signals } from "../src/otlp/signals.ts";
import { startCriServer } from "../test/support/cri-server.ts";
import { freePort } from "../test/support/ports.ts";
import { type Running, startProcess } from "../test/support/processes.ts";
import { createWorkspace, wipe } from "../test/support/workspace.ts";
import { plainGrpc, type Wire } from "./wire.ts";

/** A process that passes telemetry on and whose CPU time is taken. */
export type Contender = {
  readonly name: string;
  readonly port: number;
  /** How requests come to it; plain OTLP/gRPC unless said otherwise. */
  readonly wire?: Wire;
  /** Passes bytes and stamps nothing. */
  readonly isForwarder: boolean;
  cpuSeconds(): number;
};

type Counts = { readonly requests: number; readonly items: number; readonly stamped: number };
type Sent = { readonly requests: number; readonly failed: number; readonly seconds: number };

/** How often which request is sent. */
export type Load = {
  readonly file: string;
  readonly count: number;
  readonly signal: Signal;
  readonly wire?: Wire | undefined;
};

/** Everything that runs during a benchmark. */
export type Stage = AsyncDisposable & {
  readonly contenders: readonly Contender[];
  /** podstamp once for each way in which requests may come. */
  readonly wires: readonly Contender[];
  readonly hasNginx: boolean;
  readonly folder: string;
  readonly containerIds: readonly string[];
  /** CPU seconds of the forwarder by request size, to divide by. */
  readonly floor: Map<number, number>;
  /** What has arrived at the sink since the last call. */
  sinkCounts(): Promise<Counts>;
  load(port: number, load: Load): Promise<Sent>;
};

const here = import.meta.dirname;
const containers = 20;

/** Starts a sink, a runtime of our own with 20 containers, podstamp, the forwarder, and nginx where it is installed. */
export async function contenders(): Promise<Stage> {
  const folder = createWorkspace();
  const runtime = await startCriServer();
  const containerIds = Array.from({ length: containers }, (_, index) => {
    const podId = runtime.addPod({
      name: `pod-${index}`,
      namespace: "shop",
      uid: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    });
    return runtime.add(podId, { name: "app" });
  });
  const started: Running[] = [];
  const start = async (name: string, command: string, args: readonly string[]) => {
    const process = await startProcess({ name, command, args });
    started.push(process);
    return process;
  };

  const [sinkPort, forwardPort, podstampPort, httpPort, nginxPort] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  const sink = startSink(sinkPort);
  await sink.ready;
  const forward = await start("the node:http2 forwarder", process.execPath, [
    join(here, "forward.ts"),
    String(forwardPort),
    String(sinkPort),
  ]);
  await forward.line(/^ready$/, 10_000);
  const config = join(folder, "podstamp.yaml");
  writeFileSync(config, podstampConfig({ port: podstampPort, httpPort, sinkPort, endpoint: runtime.endpoint }));
  const podstamp = await start("podstamp", process.execPath, [join(here, "../bin/podstamp.mjs"), "--config", config]);
  await podstamp.line(/Everything is ready/, 10_000);
  const nginx = isInstalled("nginx") ? await startNginx(folder, { start, port: nginxPort, sinkPort }) : undefined;

  const wires = allWires.map((wire) => ({
    name: `${wire.transport === "grpc" ? "gRPC" : "HTTP"} ${wire.format} ${wire.compression}`,
    port: wire.transport === "grpc" ? podstampPort : httpPort,
    wire,
    isForwarder: false,
    cpuSeconds: () => cpuSeconds(podstamp.pid),
  }));

  return {
    wires,
    contenders: [
      { name: "node:http2 forwarder", port: forwardPort, isForwarder: true, cpuSeconds: () => cpuSeconds(forward.pid) },
      ...(nginx === undefined
        ? []
        : [{ name: "nginx grpc_pass", port: nginxPort, isForwarder: true, cpuSeconds: () => cpuSeconds(nginx.pid) }]),
      { name: "podstamp", port: podstampPort, isForwarder: false, cpuSeconds: () => cpuSeconds(podstamp.pid) },
    ],
    hasNginx: nginx !== undefined,
    folder,
    containerIds,
    floor: new Map(),
    sinkCounts: sink.counts,
    load: async (port, load) => JSON.parse(execLoad(port, load)) as Sent,
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((one) => one.stop()));
      sink.stop();
      await runtime.close();
      await wipe(folder);
    },
  };
}

const compressions = ["none", "gzip", "zstd"] as const;
const allWires: readonly Wire[] = [
  ...compressions.map((compression) => ({ ...plainGrpc, compression })),
  ...(["protobuf", "json"] as const).flatMap((format) =>
    compressions.map((compression) => ({ transport: "http" as const, format, compression })),
  ),
];

/** In a process of its own, so that its work is nobody else's. */
function execLoad(port: number, { file, count, signal, wire = plainGrpc }: Load): string {
  const how = wire.transport === "grpc" ? [wire.compression] : [wire.format, wire.compression];
  const script = join(here, wire.transport === "grpc" ? "load.ts" : "load-http.ts");
  return execFileSync(process.execPath, [script, String(port), file, String(count), signal, ...how], {
    encoding: "utf8",
  });
}

function startSink(port: number) {
  const child = spawn(process.execPath, [join(here, "sink.ts"), String(port)], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value ?? "";
  return {
    ready: next(),
    async counts(): Promise<Counts> {
      child.stdin.write("\n");
      return JSON.parse(await next()) as Counts;
    },
    stop: () => void child.kill(),
  };
}

type Ports = { readonly port: number; readonly httpPort: number; readonly sinkPort: number };

/** Queue, batch and compression off: what is measured is the way through. */
function podstampConfig({ port, httpPort, sinkPort, endpoint }: Ports & { endpoint: string }): string {
  const protocols = { grpc: { endpoint: `127.0.0.1:${port}` }, http: { endpoint: `127.0.0.1:${httpPort}` } };
  return JSON.stringify({
    receivers: { otlp: { protocols } },
    processors: { cri_attributes: { runtimes: [{ type: "cri", endpoint }], node_name: "node-1" } },
    exporters: {
      otlp_grpc: {
        endpoint: `127.0.0.1:${sinkPort}`,
        tls: { insecure: true },
        compression: "none",
        sending_queue: { enabled: false },
        retry_on_failure: { enabled: false },
      },
    },
    service: {
      telemetry: { metrics: { level: "none" } },
      pipelines: Object.fromEntries(
        signals.map((signal) => [
          signal,
          { receivers: ["otlp"], processors: ["cri_attributes"], exporters: ["otlp_grpc"] },
        ]),
      ),
    },
  });
}

type NginxOptions = {
  readonly start: (name: string, command: string, args: readonly string[]) => Promise<Running>;
  readonly port: number;
  readonly sinkPort: number;
};

async function startNginx(folder: string, { start, port, sinkPort }: NginxOptions): Promise<Running> {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${folder}/nginx-${kind};`)
    .join(" ");
  writeFileSync(
    join(folder, "nginx.conf"),
    `worker_processes 1; daemon off; error_log stderr; pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http { access_log off; http2_recv_buffer_size 1m; client_max_body_size 64m; client_body_buffer_size 4m; ${temporary}
  upstream sink { server 127.0.0.1:${sinkPort}; keepalive 16; }
  server { listen 127.0.0.1:${port} http2; http2_max_concurrent_streams 512; keepalive_requests 10000000; location / { grpc_pass grpc://sink; grpc_buffer_size 1m; } } }
`,
  );
  const nginx = await start("nginx", "nginx", ["-c", join(folder, "nginx.conf")]);
  await new Promise((resolve) => setTimeout(resolve, 500));
  return nginx;
}

function isInstalled(command: string): boolean {
  return ["/usr/sbin", "/usr/bin"].some((folder) => readdirSync(folder).includes(command));
}

/** User and system time of a process and its children (nginx works in one), in seconds; the kernel counts in hundredths. */
function cpuSeconds(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  return [String(pid), ...children].reduce((sum, one) => sum + ticks(one) / 100, 0);
}

function ticks(pid: string): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return Number(fields[11]) + Number(fields[12]);
}
