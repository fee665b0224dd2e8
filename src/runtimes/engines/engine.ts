import { Agent, type IncomingMessage, request } from "node:http";
import type { Metrics } from "../../telemetry/metrics.ts";
import { socketAdvice } from "../discovery/socket-advice.ts";
import { createSlots } from "../slots.ts";

export type EngineOptions = {
  /** For messages and metrics. */
  readonly endpoint: string;
  /** Of the unix socket. */
  readonly path: string;
  readonly timeoutMs: number;
  readonly concurrency: number;
  readonly metrics: Metrics;
};

/** What is asked: the name under which the call is counted, and the path with its query. */
export type Question = { readonly name: string; readonly path: string };

export type FollowOptions = { readonly signal: AbortSignal; readonly onMessage: (message: unknown) => void };

/** HTTP/1.1 on the unix socket of a container engine. There is one way to ask, and it is GET: nothing can be changed through it. */
export type Engine = {
  /** The JSON of the answer, within the timeout. Rejects with the endpoint, the call and what to do. */
  get(question: Question, signal: AbortSignal): Promise<unknown>;
  /** Reads one JSON text a line until the stream ends or breaks (rejects) or `signal` is aborted (resolves). */
  follow(question: Question, options: FollowOptions): Promise<void>;
  close(): void;
};

/** A larger answer is refused: 20,000 containers with long labels are a half of it. */
const maxAnswerBytes = 64 * 1024 * 1024;

/** A longer event is refused: its labels are the longest that is in it. */
const maxLineLength = 4 * 1024 * 1024;

/** Of what the engine says about an error. */
const maxMessageLength = 300;

/** Connects with the first question; a status that is no success is a rejection with the engine's own words. */
export function createEngine(options: EngineOptions): Engine {
  const { endpoint, timeoutMs, metrics } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: options.concurrency });
  const slots = createSlots(options.concurrency, timeoutMs);
  const closing = new AbortController();
  const count = (name: string, result: string) =>
    metrics.counter("podstamp_runtime_calls", { runtime: endpoint, method: name, result }).add(1);
  const failed = (name: string, error: unknown, { isLate }: Ending) => {
    const text = error instanceof Error ? error.message : String(error);
    const why = isLate() ? "no answer in time" : (socketAdvice(text) ?? text);
    return new Error(`Cannot ask ${endpoint} (${name}): ${why}`, { cause: error });
  };

  /** The answer's head; the one place where a request is made. */
  const ask = (path: string, signal: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const headers = { host: "localhost", accept: "application/json" };
      const sent = request({ method: "GET", socketPath: options.path, path, headers, agent, signal });
      sent.once("response", resolve);
      sent.once("error", (error: NodeJS.ErrnoException) => {
        // A kept connection that the engine was just closing has asked nothing yet.
        const wasStale = sent.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
        if (wasStale && !signal.aborted) resolve(ask(path, signal));
        else reject(error);
      });
      sent.end();
    });

  return {
    async get({ name, path }, signal) {
      const release = await slots.take(signal);
      if (release === undefined) {
        signal.throwIfAborted();
        count(name, "NOT_SENT");
        throw new Error(`Cannot ask ${endpoint} (${name}): no answer in time to the calls before it`);
      }
      const ending = endOf([signal, closing.signal], timeoutMs);
      try {
        const answer = await ask(path, ending.signal);
        const body = await readBody(answer);
        const value = parse(body, answer.statusCode ?? 0);
        count(name, "ok");
        return value;
      } catch (error) {
        const kind = ending.isLate() ? "DEADLINE_EXCEEDED" : "UNAVAILABLE";
        count(name, error instanceof StatusError ? String(error.status) : kind);
        signal.throwIfAborted();
        throw failed(name, error, ending);
      } finally {
        ending.clear();
        release();
      }
    },
    async follow({ name, path }, { signal, onMessage }) {
      const ending = endOf([signal, closing.signal], timeoutMs);
      try {
        const answer = await ask(path, ending.signal);
        ending.untimed();
        if (answer.statusCode !== 200) parse(await readBody(answer), answer.statusCode ?? 0);
        await readLines(answer, onMessage);
        throw new Error("its events ended");
      } catch (error) {
        count(name, signal.aborted ? "ended" : "broken");
        if (!signal.aborted) throw failed(name, error, ending);
      } finally {
        ending.clear();
      }
    },
    close() {
      closing.abort();
      agent.destroy();
    },
  };
}

/** The end of one call. */
type Ending = {
  readonly signal: AbortSignal;
  /** Whether it took too long. */
  isLate(): boolean;
  /** From now on it may take any time. */
  untimed(): void;
  clear(): void;
};

/** A signal that is aborted when one of these is, or after the time. */
function endOf(signals: readonly AbortSignal[], timeoutMs: number): Ending {
  const ending = new AbortController();
  let isLate = false;
  const end = () => ending.abort();
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, timeoutMs);
  for (const signal of signals) {
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  }
  return {
    signal: ending.signal,
    isLate: () => isLate,
    untimed: () => clearTimeout(timer),
    clear() {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener("abort", end);
    },
  };
}

/** The engine's answer had a status that is no success. */
class StatusError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function readBody(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxAnswerBytes) throw new Error(`its answer is larger than ${maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(body: string, status: number): unknown {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    if (status === 200) throw new Error("its answer is no JSON");
  }
  if (status === 200) return value;
  const said = typeof value === "object" && value !== null ? String(Reflect.get(value, "message") ?? "") : "";
  throw new StatusError(status, `it answered ${status}${said === "" ? "" : `: ${said.slice(0, maxMessageLength)}`}`);
}

async function readLines(answer: IncomingMessage, onMessage: (message: unknown) => void): Promise<void> {
  answer.setEncoding("utf8");
  let rest = "";
  for await (const chunk of answer as AsyncIterable<string>) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > maxLineLength) throw new Error(`an event is longer than ${maxLineLength} characters`);
    for (const line of lines) if (line.trim() !== "") onMessage(parseLine(line));
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error("an event is no JSON");
  }
}
