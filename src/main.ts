import { addAbortSignal } from "node:stream";
import { builtVersion } from "./built.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { exitCode } from "./cli/terminal/output.ts";
import type { Io } from "./cli/terminal/output.ts";
import { readVersion } from "./cli/version.ts";
import type { ProcessStats } from "./service.ts";
import type { RootLogger } from "./telemetry/log.ts";

/* The one file that touches the process: its arguments, environment, streams, signals and exit code. */

/** How long cutting may take before the process ends whatever still runs. */
const cutLimitMs = 3000;

const stop = new AbortController();
const cut = new AbortController();
let log: RootLogger | undefined;

const words = process.argv.slice(2);
let reload: (() => void) | undefined;
let isReloadWanted = false;

// Whoever runs for long is asked to reload at any time, also while it still starts; a command ends with its terminal.
if (words[0]?.startsWith("-") === true && words.some((word) => /^--config(?:=|$)/.test(word))) hearReloads();

function hearReloads(): void {
  process.on("SIGHUP", () => (reload === undefined ? (isReloadWanted = true) : reload()));
  // Node would open its debugger, which lets everybody on this machine in.
  process.on("SIGUSR1", () => log?.warn({ signal: "SIGUSR1" }, "Received a signal that means nothing here"));
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    log?.info({ signal }, stop.signal.aborted ? "Received a second signal, stopping at once" : "Received a signal");
    if (!stop.signal.aborted) return stop.abort();
    cut.abort();
    endWithin(cutLimitMs);
  });
}

for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    if (log === undefined) stderr().write(`Stopped by an error that was not expected: ${message}\n`);
    else
      log.error(
        { error: message, stack: error instanceof Error ? error.stack : undefined },
        "Stopped by an error that was not expected",
      );
    process.exit(exitCode.failed);
  });
}

// A reader that goes away (`podstamp ps | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitCode.ok);
  stderr().write(`Cannot write to standard output: ${error.message}\n`);
  process.exit(exitCode.failed);
});

/** Made when something is to be said: that takes as long as a short command's work. */
function stderr(): NodeJS.WriteStream {
  // Nobody reads the log any more: that is no reason to stop passing data on.
  if (process.stderr.listenerCount("error") === 0) process.stderr.on("error", () => {});
  return process.stderr;
}

let lastRss = 0;

const stats: ProcessStats = {
  uptimeSeconds: () => process.uptime(),
  cpuSeconds: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
  memory() {
    try {
      const use = process.memoryUsage();
      lastRss = use.rss;
      return use;
    } catch {
      // The kernel tells by a file, and at the limit of open files there is none. V8 knows the rest.
      const heap = process.getBuiltinModule("node:v8").getHeapStatistics();
      const { used_heap_size: heapUsed, total_heap_size: heapTotal, external_memory: external } = heap;
      return { rss: lastRss, heapUsed, heapTotal, external };
    }
  },
};

const io: Io = {
  out: (text) => process.stdout.write(text),
  flush: () => new Promise((resolve) => void process.stdout.write("", () => resolve())),
  err: (text) => stderr().write(text),
  input(signal) {
    // Node takes a folder for an input that is empty.
    const { createReadStream, fstatSync } = process.getBuiltinModule("node:fs");
    const isFolder = fstatSync(0).isDirectory();
    return addAbortSignal(signal, isFolder ? createReadStream("", { fd: 0 }) : process.stdin);
  },
  env: process.env,
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
  color: process.stdout.isTTY && (process.env["NO_COLOR"] ?? "") === "" && process.env["TERM"] !== "dumb",
  signal: stop.signal,
};

void main(); // what it rejects with is told above

async function main(): Promise<void> {
  process.exitCode = await runCommandLine(words, io, {
    async loadComponents(isLasting) {
      // Before what fills the heap; commands that end soon need not watch theirs.
      if (isLasting === true) await import("./heap.ts");
      return (await import("./components.ts")).components;
    },
    version: builtVersion ?? readVersion(new URL("../package.json", import.meta.url)),
    platform: `${process.platform}/${process.arch}`,
    get instanceId() {
      return crypto.randomUUID();
    },
    stats,
    cut: cut.signal,
    useLogger: (made) => {
      log = made;
    },
    useReload: (how) => {
      reload = how;
      if (process.listenerCount("SIGHUP") === 0) hearReloads();
      if (isReloadWanted) how();
    },
    pid: process.pid,
    uid: process.getuid?.(),
  });
  // Whoever interrupts does not wait for a reader who takes nothing.
  if (!stop.signal.aborted) await io.flush();
  // All is said: what was left open, and taking the whole heap apart, would only take time.
  process.exit();
}

function endWithin(ms: number): void {
  setTimeout(() => process.exit(process.exitCode ?? exitCode.failed), ms).unref();
}
