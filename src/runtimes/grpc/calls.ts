import { Code, codeName } from "../../net/status.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import { socketAdvice } from "../discovery/socket-advice.ts";
import { createSlots } from "../slots.ts";
import { CallError, type StreamOptions, type UnaryOptions } from "./channel.ts";

/** How calls to one runtime are made: never more than `concurrency` at once, none longer than `timeoutMs`. */
export type CallerOptions = {
  readonly endpoint: string;
  readonly timeoutMs: number;
  readonly concurrency: number;
  readonly metrics: Metrics;
};

/** Who reads a stream. */
type Reader<R> = Pick<StreamOptions<R>, "signal" | "onMessage">;

export type Caller = {
  /** Makes one unary call: `make` starts it with what it is given. Rejects with the endpoint, the method and what to do. */
  unary<R>(method: string, make: (options: UnaryOptions) => Promise<R>, signal: AbortSignal): Promise<R>;
  /** Makes one call whose answer comes in pieces, and reads them to the end; an `onMessage` that throws ends it. Rejects as unary does. */
  gather<R>(method: string, open: (options: StreamOptions<R>) => Promise<void>, reader: Reader<R>): Promise<void>;
  /** Reads a stream until it ends or breaks (rejects) or `signal` is aborted (resolves). Always drained: a runtime waits for slow readers. */
  drain<R>(method: string, open: (options: StreamOptions<R>) => Promise<void>, reader: Reader<R>): Promise<void>;
};

/** Bounds, times and counts the calls to one runtime. */
export function createCaller(options: CallerOptions): Caller {
  const { endpoint, timeoutMs, metrics } = options;
  const slots = createSlots(options.concurrency, timeoutMs);
  const count = (method: string, result: string) =>
    metrics.counter("podstamp_runtime_calls", { runtime: endpoint, method, result }).add(1);

  /** Within one of the slots. */
  const inTurn = async <T>(method: string, signal: AbortSignal, ask: () => Promise<T>): Promise<T> => {
    const release = await slots.take(signal);
    if (release === undefined) {
      signal.throwIfAborted();
      count(method, "NOT_SENT");
      throw new Error(`Cannot ask ${endpoint} (${method}): no answer in time to the calls before it`);
    }
    try {
      signal.throwIfAborted();
      const answer = await ask();
      count(method, "ok");
      return answer;
    } catch (error) {
      if (!(error instanceof CallError)) {
        if (!signal.aborted) count(method, "REFUSED");
        throw error;
      }
      count(method, codeName(error.code));
      throw explain(error, endpoint, method);
    } finally {
      release();
    }
  };

  return {
    unary: (method, make, signal) => inTurn(method, signal, () => make({ metadata: new Map(), timeoutMs, signal })),
    gather: (method, open, { signal, onMessage }) =>
      inTurn(method, signal, () => open({ metadata: new Map(), timeoutMs, signal, onMessage })),
    async drain(method, open, { signal, onMessage }) {
      let problem: unknown = new Error(`Cannot follow ${endpoint}: ${method} ended`);
      try {
        await open({ metadata: new Map(), signal, onMessage });
      } catch (error) {
        problem = error instanceof CallError ? explain(error, endpoint, method) : error;
      }
      count(method, signal.aborted ? "ended" : "broken");
      if (!signal.aborted) throw problem;
    },
  };
}

/** Says of a failed call where, what, and what to do where that is known. */
function explain(error: CallError, endpoint: string, method: string): Error {
  return new Error(`Cannot ask ${endpoint} (${method}): ${advice(error)}`, { cause: error });
}

function advice({ code, details }: CallError): string {
  if (code === Code.DEADLINE_EXCEEDED) return "no answer in time";
  if (code === Code.UNIMPLEMENTED) return `it does not speak this part of CRI v1 (${details})`;
  return socketAdvice(details) ?? (details === "" ? codeName(code) : details);
}
