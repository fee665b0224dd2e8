import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../net/ports.ts";
import { type Exit, type Running, startProcess } from "../machine/processes.ts";
import { createWorkspace, wipe } from "../machine/workspace.ts";

const program = fileURLToPath(new URL("../../../bin/podstamp.mjs", import.meta.url));
const ready = /Everything is ready\. Begin running and processing data\./;
const readyTimeoutMs = 20_000;

export type PodstampOptions = {
  /** Text of the configuration, or the path of a file of the repository. */
  readonly config: string | { readonly file: string };
  readonly env?: Readonly<Record<string, string>>;
};

/** podstamp as a process of its own. */
export type Podstamp = {
  readonly pid: number;
  log(): string;
  hasExited(): boolean;
  readonly exited: Promise<Exit>;
  /** Resolves with the first line of its log that matches. */
  line(pattern: RegExp, timeoutMs?: number): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL; removes its folder. */
  stop(): Promise<Exit>;
};

/** Starts podstamp and waits until it says that it is ready; rejects with its log when it ends or is silent. */
export async function startPodstamp({ config, env = {} }: PodstampOptions): Promise<Podstamp> {
  const folder = createWorkspace();
  const file = typeof config === "string" ? join(folder, "config.yaml") : config.file;
  if (typeof config === "string") writeFileSync(file, config);
  const running = await startProcess({
    name: "podstamp",
    command: process.execPath,
    args: [program, "--config", file],
    env,
  });
  const stop = async () => {
    const exit = await running.stop();
    await wipe(folder);
    return exit;
  };
  try {
    await running.line(ready, readyTimeoutMs);
  } catch (error) {
    await stop();
    throw error;
  }
  return handle(running, stop);
}

function handle(running: Running, stop: () => Promise<Exit>): Podstamp {
  return {
    pid: running.pid,
    log: () => running.output(),
    hasExited: () => running.hasExited(),
    exited: running.exited,
    line: (pattern, timeoutMs = 10_000) => running.line(pattern, timeoutMs),
    signal: (signal) => running.signal(signal),
    stop,
  };
}

/** Runs podstamp with other arguments until it ends: what it wrote and how it ended. */
export async function runPodstamp(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Exit & { output: string; stdout: string }> {
  const running = await startProcess({ name: "podstamp", command: process.execPath, args: [program, ...args], env });
  const timer = setTimeout(() => running.signal("SIGKILL"), readyTimeoutMs);
  const exit = await running.exited;
  clearTimeout(timer);
  return { ...exit, output: running.output(), stdout: running.stdout() };
}

export type AgentOptions = {
  /** unix:///… of the runtime, or several of them with their types. */
  readonly runtime: string | readonly { readonly type: string; readonly endpoint: string }[];
  /** "host:port" of the backend. */
  readonly sink: string;
  /** How long records of unknown containers wait. */
  readonly wait?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** How long a call to the runtime may take. */
  readonly timeout?: string;
  readonly nodeName?: string;
  /** More settings of otlp_grpc, as YAML in braces. */
  readonly queue?: string;
  readonly retry?: string;
  readonly processors?: readonly string[];
  /** More settings of cri_attributes. */
  readonly attributes?: object;
};

/** An agent for tests: podstamp with all its doors on loopback. */
export type Agent = Podstamp & {
  /** "127.0.0.1:port" of OTLP/gRPC. */
  readonly grpc: string;
  /** "127.0.0.1:port" of OTLP/HTTP. */
  readonly http: string;
  /** The sum of all series of a metric whose labels hold these. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
};

/** Starts podstamp between a receiver on free ports and a sink. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const [grpcPort, httpPort, metricsPort] = [await freePort(), await freePort(), await freePort()];
  const grpc = `127.0.0.1:${grpcPort}`;
  const http = `127.0.0.1:${httpPort}`;
  const podstamp = await startPodstamp({
    config: agentConfig({ ...options, grpc, http, metricsPort }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  return {
    ...podstamp,
    grpc,
    http,
    async metric(name, labels = {}) {
      const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      return sumOf(text, name, labels);
    },
  };
}

function agentConfig(options: AgentOptions & { grpc: string; http: string; metricsPort: number }): string {
  const {
    wait = "2s",
    timeout = "2s",
    nodeName = "test-node",
    queue = "{}",
    retry = "{}",
    processors = ["cri_attributes"],
  } = options;
  return `receivers:
  otlp:
    protocols:
      grpc: {endpoint: "${options.grpc}"}
      http: {endpoint: "${options.http}"}
processors:
  cri_attributes:
    runtimes: ${JSON.stringify(typeof options.runtime === "string" ? [{ type: "cri", endpoint: options.runtime, timeout }] : options.runtime)}
    node_name: ${nodeName}
    wait: ${wait}${Object.entries(options.attributes ?? {})
      .map(([key, value]) => `\n    ${key}: ${JSON.stringify(value)}`)
      .join("")}
  batch:
exporters:
  otlp_grpc:
    endpoint: "${options.sink}"
    tls: {insecure: true}
    sending_queue: ${queue}
    retry_on_failure: ${retry}
service:
  telemetry:
    metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${options.metricsPort}}}}}]}
  pipelines:
${["traces", "metrics", "logs", "profiles"].map((signal) => `    ${signal}: {receivers: [otlp], processors: [${processors.join(", ")}], exporters: [otlp_grpc]}`).join("\n")}
`;
}

/** Adds up the series of Prometheus' text format; 0 when there is none. */
function sumOf(text: string, name: string, labels: Readonly<Record<string, string>>): number {
  return text
    .split("\n")
    .map((line) => /^(\w+)(\{.*\})? (\S+)/.exec(line))
    .filter((found) => found?.[1] === name)
    .filter((found) => Object.entries(labels).every(([key, value]) => found?.[2]?.includes(`${key}="${value}"`)))
    .reduce((sum, found) => sum + Number(found?.[3]), 0);
}
