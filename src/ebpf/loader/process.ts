import { spawn } from "node:child_process";
import { headerAt, layoutHash, recordType } from "../abi.ts";
import { createFraming } from "./framing.ts";
import { type ProbeReport, readHello, readProbe, readReady, readTotals, type Ready, type Totals } from "./reports.ts";

/** "PODS" */
const magic = 0x53444f50;
const maxStderrLine = 4096;

/**
 * It tells the time each ten seconds, if nothing else: who is silent for so many looks of as long was stopped, or hangs. Looks are counted
 * and not the time, in which this process may have heard nothing itself.
 */
const lookMs = 10_000;
const maxSilentLooks = 4;

/** How a loader ended. */
export type Exit = {
  /** refused: it is none of ours. malformed: its output cannot be records. died: by itself or by a signal. silent: it was there and said nothing. */
  readonly reason: "refused" | "malformed" | "died" | "silent" | "cannot_start";
  /** In words. */
  readonly text: string;
};

export type LoaderProcessOptions = {
  readonly path: string;
  /** Lines for stdin, written once the loader has said that it has our layout. */
  readonly commands: string;
  /** A record of the kernel, or the clock, at bytes[at]; the bytes may be used again behind the call. */
  onRecord(bytes: Buffer, at: number): void;
  /** All records that came together have been handed on. */
  onPause(): void;
  onProbe(report: ProbeReport): void;
  onReady(ready: Ready): void;
  onTotals(totals: Totals): void;
  /** A line of the loader's for the operator. */
  onComplaint(line: string): void;
  /** Once; nothing else is called behind it. */
  onExit(exit: Exit): void;
};

/** One running loader. */
export type LoaderProcess = {
  readonly pid: number | undefined;
  /** Writes command lines; without effect once it has ended. */
  command(lines: string): void;
  /** Closes its stdin, upon which it writes what it has and ends. */
  close(): void;
  kill(): void;
};

/** Starts a loader and checks that it has the same layout of records as we have. */
export function startLoader(options: LoaderProcessOptions): LoaderProcess {
  const child = spawn(options.path, [], { stdio: ["pipe", "pipe", "pipe"], env: {} });
  let isOurs = false;
  let isOver = false;
  let lastComplaint = "";
  // Nothing is said to a stranger.
  let waiting = options.commands;

  /** Undefined while it loads, which takes the time that the kernel takes. */
  let silentLooks: number | undefined;
  const listening = setInterval(() => {
    if (silentLooks === undefined || ++silentLooks < maxSilentLooks) return;
    const seconds = (maxSilentLooks * lookMs) / 1000;
    end({ reason: "silent", text: `The loader ${options.path} was ended: it had said nothing for ${seconds} s` });
  }, lookMs).unref();

  const end = (exit: Exit): void => {
    if (isOver) return;
    isOver = true;
    clearInterval(listening);
    child.kill("SIGKILL");
    options.onExit(exit);
  };
  const command = (lines: string): void => {
    if (!isOurs) waiting += lines;
    else if (!isOver && child.stdin.writable) child.stdin.write(lines);
  };

  const greet = (bytes: Buffer, at: number): void => {
    const why = whyNotOurs(bytes, at);
    if (why !== undefined) return end({ reason: "refused", text: `Cannot use the loader ${options.path}: ${why}` });
    isOurs = true;
    command(waiting);
    waiting = "";
  };
  const take = (bytes: Buffer, at: number): void => {
    if (isOver) return;
    if (!isOurs) return greet(bytes, at);
    const type = bytes.readUInt16LE(at + headerAt.type);
    if (type > recordType.ready || type === recordType.clock) return options.onRecord(bytes, at);
    if (type === recordType.stats) return options.onTotals(readTotals(bytes, at));
    if (type === recordType.ready) {
      silentLooks = 0;
      return options.onReady(readReady(bytes, at));
    }
    const report = type === recordType.probe ? readProbe(bytes, at) : undefined;
    if (report !== undefined) options.onProbe(report);
  };

  const framing = createFraming(take);
  child.stdout.on("data", (chunk: Buffer) => {
    if (isOver) return;
    silentLooks &&= 0;
    try {
      framing.push(chunk);
    } catch (cause) {
      end({ reason: "malformed", text: String(cause instanceof Error ? cause.message : cause) });
    }
    if (!isOver) options.onPause();
  });
  onLines(child.stderr, (line) => {
    lastComplaint = line;
    if (!isOver) options.onComplaint(line);
  });
  // It has gone, which "close" tells.
  child.stdin.on("error", () => undefined);
  child.on("error", (cause) => end({ reason: "cannot_start", text: `Cannot start ${options.path}: ${cause.message}` }));
  // Not "exit": what it wrote last is still to be read.
  child.on("close", (code, signal) => {
    const how = signal === null ? `with status ${code}` : `by ${signal}`;
    const said = lastComplaint === "" ? "" : `; it said: ${lastComplaint}`;
    end({ reason: "died", text: `The loader ${options.path} ended ${how}${said}` });
  });

  return { pid: child.pid, command, close: () => void child.stdin.end(), kill: () => void child.kill("SIGKILL") };
}

function whyNotOurs(bytes: Buffer, at: number): string | undefined {
  const hello = readHello(bytes, at);
  if (bytes.readUInt16LE(at + headerAt.type) !== recordType.hello || hello.magic !== magic)
    return "must be podstamp-probes, is something else";
  if (hello.layoutHash === layoutHash) return undefined;
  const [ours, theirs] = [layoutHash, hello.layoutHash].map((hash) => hash.toString(16).padStart(8, "0"));
  return `must have the layout of records ${ours}, has ${theirs}: it is of another version; npm run build:bpf builds this one's`;
}

function onLines(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const lines = `${rest}${chunk.toString()}`.split("\n");
    rest = (lines.pop() ?? "").slice(0, maxStderrLine);
    for (const line of lines) if (line !== "") take(line.slice(0, maxStderrLine));
  });
}
