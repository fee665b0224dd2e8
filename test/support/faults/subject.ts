import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../net/ports.ts";
import { startProcess } from "../machine/processes.ts";
import type { Running } from "../machine/processes.ts";
import { createWorkspace, wipe } from "../machine/workspace.ts";

const checkout = fileURLToPath(new URL("../../../bin/podstamp.mjs", import.meta.url));
const readyMs = 20_000;

/** Parts of a configuration, as YAML in braces. */
export type Wish = {
  /** Where the exporter sends to. */
  readonly backend: string;
  readonly queue?: string;
  readonly retry?: string;
  readonly storage?: string;
  readonly exporter?: string;
  readonly processors?: Readonly<Record<string, string>>;
  readonly service?: string;
};

/** podstamp under test: one that can be killed, frozen and started again on what it left. */
export type Subject = {
  readonly folder: string;
  /** "127.0.0.1:port" of its receiver. */
  readonly address: string;
  readonly pid: () => number;
  /** Writes its configuration, for the next start or reload. */
  configure(wish: Wish): void;
  start(env?: Readonly<Record<string, string>>): Promise<void>;
  /** Ends it with a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  line(pattern: RegExp): Promise<string>;
  output(): string;
  clean(): Promise<void>;
};

export type SubjectOptions = {
  /** Where its queue lies; a folder of its own unless said. */
  readonly stored?: string;
  /** What is started; the checkout unless said. */
  readonly program?: string;
};

/** Makes a podstamp that is not started. */
export async function createSubject(wish: Wish, { stored, program = checkout }: SubjectOptions = {}): Promise<Subject> {
  const folder = createWorkspace();
  const address = `127.0.0.1:${await freePort()}`;
  const file = join(folder, "config.yaml");
  const queues = stored ?? join(folder, "queues");
  if (stored === undefined) mkdirSync(queues);
  let running: Running | undefined;
  let before = "";
  const configure = (wanted: Wish): void => writeFileSync(file, textOf(wanted, { address, queues }));
  configure(wish);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    running?.signal(signal);
    await running?.exited;
  };
  return {
    folder: queues,
    address,
    pid: () => running?.pid ?? -1,
    configure,
    async start(env = {}) {
      before += running?.output() ?? "";
      running = await startProcess({
        name: "podstamp",
        command: process.execPath,
        args: [program, "--config", file],
        env,
      });
      await running.line(/Everything is ready/, readyMs);
    },
    end,
    signal: (signal) => running?.signal(signal),
    line: (pattern) => running?.line(pattern, readyMs) ?? Promise.reject(new Error("podstamp does not run")),
    output: () => before + (running?.output() ?? ""),
    async clean() {
      running?.signal("SIGCONT");
      await end("SIGKILL");
      await wipe(folder);
    },
  };
}

type Places = { readonly address: string; readonly queues: string };

function textOf(wish: Wish, { address, queues }: Places): string {
  const { backend, queue, retry, storage = "{}", exporter = "{}", processors = {}, service = "{}" } = wish;
  return `receivers:
  otlp: {protocols: {grpc: {endpoint: "${address}"}}}
extensions:
  file_storage: ${storage.includes("directory:") ? storage : `{directory: "${queues}"${inside(storage)}}`}
processors: {${Object.entries(processors)
    .map(([name, settings]) => `${name}: ${settings}`)
    .join(", ")}}
exporters:
  otlp_grpc:
    {endpoint: "${backend}", tls: {insecure: true}, timeout: 1s${inside(exporter)},
    sending_queue: ${queue ?? "{storage: file_storage, queue_size: 1000000}"},
    retry_on_failure: ${retry ?? "{initial_interval: 50ms, max_interval: 200ms}"}}
service:
  extensions: [file_storage]
  telemetry: {metrics: {readers: []}}
  pipelines: {traces: {receivers: [otlp], processors: [${Object.keys(processors).join(", ")}], exporters: [otlp_grpc]}}
${service === "{}" ? "" : `  ${service}`}`;
}

/** What stands between the braces, behind a comma. */
function inside(text: string): string {
  const own = text.trim().slice(1, -1).trim();
  return own === "" ? "" : `, ${own}`;
}
