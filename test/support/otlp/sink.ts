import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { eventually } from "../eventually.ts";
import type { FromSink, Received, SinkFault, ToSink } from "./sink-messages.ts";

export type { Received } from "./sink-messages.ts";

/** An OTLP backend in a process of its own. */
export type Sink = {
  readonly port: number;
  /** "127.0.0.1:port", as an exporter's endpoint wants it. */
  readonly address: string;
  /** All that was accepted so far. */
  received(): readonly Received[];
  /** Codes of the requests that it refused, as told. */
  refused(): readonly number[];
  /** User agents of the requests that it accepted. */
  userAgents(): ReadonlySet<string>;
  /** Waits for the first record that fits. */
  waitFor(fits: (record: Received) => boolean, what: string, timeoutMs?: number): Promise<Received>;
  fail(fault: SinkFault): Promise<void>;
  delay(ms: number): Promise<void>;
  heal(): Promise<void>;
  /** Ends the process: connections break, the port is free. */
  stop(): Promise<void>;
};

const script = fileURLToPath(new URL("sink-process.ts", import.meta.url));
const startTimeoutMs = 20_000;

/**
 * Starts a backend on this port of loopback, or on any; `host` 0.0.0.0 for pods with a network of their own; `network` is the file of
 * another network namespace that it shall be in.
 */
export async function startSink(port = 0, host = "127.0.0.1", network?: string): Promise<Sink> {
  const child = fork(script, [String(port), host], {
    ...(network === undefined
      ? { execPath: process.execPath, execArgv: [] }
      : { execPath: "nsenter", execArgv: [`--net=${network}`, process.execPath] }),
    serialization: "advanced",
    detached: true,
  });
  const exited = once(child, "exit");
  const received: Received[] = [];
  const refused: number[] = [];
  const userAgents = new Set<string>();
  const waiting: (() => void)[] = [];
  let bound = 0;
  child.on("message", (raw) => {
    const message = raw as FromSink;
    if (message.kind === "listening") bound = message.port;
    else if (message.kind === "refused") refused.push(message.code);
    else if (message.kind === "done") waiting.shift()?.();
    else {
      received.push(...message.records);
      userAgents.add(message.userAgent);
    }
  });
  const tell = (message: ToSink) =>
    new Promise<void>((resolve) => {
      waiting.push(resolve);
      child.send(message);
    });
  const stop = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  try {
    await eventually(() => bound !== 0 || child.exitCode !== null, {
      what: "the sink's port",
      timeoutMs: startTimeoutMs,
    });
    if (bound === 0)
      throw new Error(`Cannot start a sink on port ${port}: its process ended with code ${child.exitCode}`);
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    port: bound,
    address: `127.0.0.1:${bound}`,
    received: () => received,
    refused: () => refused,
    userAgents: () => userAgents,
    waitFor: (fits, what, timeoutMs = 15_000) =>
      eventually(() => received.find(fits), { what: `${what} at the sink`, timeoutMs }),
    fail: (fault) => tell({ kind: "fail", fault }),
    delay: (ms) => tell({ kind: "delay", ms }),
    heal: () => tell({ kind: "heal" }),
    stop,
  };
}
