import { type ChildProcess, spawn } from "node:child_process";
import { systemPath } from "./machine.ts";

/** How a process ended. */
export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type ProcessOptions = {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
};

/** A process that someone started and must end. */
export type Running = {
  readonly name: string;
  readonly pid: number;
  /** What it wrote so far, newest 1 MiB: both streams as they came, or standard output alone. */
  output(): string;
  stdout(): string;
  readonly exited: Promise<Exit>;
  hasExited(): boolean;
  /** Resolves with the first line that matches; rejects with the output when the process ends or the time is up. */
  line(pattern: RegExp, timeoutMs: number): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL when it has not ended in time. */
  stop(timeoutMs?: number): Promise<Exit>;
};

const keptCharacters = 1024 * 1024;

let isEnding = false;

/** From now on startProcess() refuses: who cleans up shall not be overtaken by who still starts. */
export function startNothingMore(): void {
  isEnding = true;
}

/** Starts a process in a group of its own, so that Ctrl-C reaches only the one who cleans up. */
export function startProcess(options: ProcessOptions): Promise<Running> {
  if (isEnding) return Promise.reject(new Error(`Cannot start ${options.name}: everything is being ended`));
  const env = { ...process.env, PATH: systemPath, ...options.env };
  const child = spawn(options.command, options.args, {
    env,
    cwd: options.cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Promise((resolve, reject) => {
    child.once("error", (error) =>
      reject(new Error(`Cannot start ${options.name}: ${error.message}`, { cause: error })),
    );
    child.once("spawn", () => resolve(watch(child, options.name)));
  });
}

function watch(child: ChildProcess, name: string): Running {
  let all = "";
  let out = "";
  let ended: Exit | undefined;
  const listeners = new Set<() => void>();
  const notify = () => {
    for (const listener of listeners) listener();
  };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    out = (out + text).slice(-keptCharacters);
    all = (all + text).slice(-keptCharacters);
    notify();
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    all = (all + text).slice(-keptCharacters);
    notify();
  });
  const exited = new Promise<Exit>((resolve) => {
    // "close" comes when both streams have been read to their end too.
    child.once("close", (code, signal) => {
      ended = { code, signal };
      notify();
      resolve(ended);
    });
  });
  const signal = (which: NodeJS.Signals) => {
    if (ended === undefined) child.kill(which);
  };

  return {
    name,
    pid: child.pid ?? -1,
    output: () => all,
    stdout: () => out,
    exited,
    hasExited: () => ended !== undefined,
    line: (pattern, timeoutMs) =>
      new Promise((resolve, reject) => {
        const fail = (why: string) =>
          finish(() => reject(new Error(`Cannot use ${name}: ${why}; it wrote:\n${all.slice(-4000)}`)));
        const timer = setTimeout(() => fail(`did not write ${String(pattern)} within ${timeoutMs} ms`), timeoutMs);
        const finish = (how: () => void) => {
          clearTimeout(timer);
          listeners.delete(look);
          how();
        };
        const look = () => {
          const found = all.split("\n").find((line) => pattern.test(line));
          if (found !== undefined) finish(() => resolve(found));
          else if (ended !== undefined) fail(`ended with ${ended.code === null ? ended.signal : `code ${ended.code}`}`);
        };
        listeners.add(look);
        look();
      }),
    signal,
    async stop(timeoutMs = 10_000) {
      signal("SIGTERM");
      const timer = setTimeout(() => signal("SIGKILL"), timeoutMs);
      const exit = await exited;
      clearTimeout(timer);
      return exit;
    },
  };
}
