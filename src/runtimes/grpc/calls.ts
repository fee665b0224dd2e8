import {
  type CallOptions,
  Channel,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import type { Metrics } from "../../telemetry/metrics.ts";
import { socketAdvice } from "../socket-advice.ts";
import { createSlots } from "../slots.ts";

/** How calls to one runtime are made: never more than `concurrency` at once, none longer than `timeoutMs`. */
export type CallerOptions = {
  readonly endpoint: string;
  readonly timeoutMs: number;
  readonly concurrency: number;
  readonly metrics: Metrics;
};

/** An answer larger than this is refused: 20,000 containers with long labels are a quarter of it. */
const maxAnswerBytes = 128 * 1024 * 1024;

/** One channel to a runtime's socket, on which all its services are called. */
export function openChannel(endpoint: string): Channel {
  return new Channel(endpoint, credentials.createInsecure(), {
    "grpc.max_receive_message_length": maxAnswerBytes,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 1000,
    "grpc.enable_retries": 0,
  });
}

/** What a generated client's method takes behind its request. */
type Call<R> = [
  metadata: Metadata,
  options: Partial<CallOptions>,
  done: (error: ServiceError | null, response: R) => void,
];
type Cancellable = { cancel(): void };

export type Caller = {
  /** Makes one unary call: `make` starts it with what it is given behind its request. Rejects with the endpoint, the method and what to do. */
  unary<R>(method: string, make: (...call: Call<R>) => Cancellable, signal: AbortSignal): Promise<R>;
  /** Makes one call whose answer comes in pieces, and reads them to the end; an `onMessage` that throws ends it. Rejects as unary does. */
  gather<R>(
    method: string,
    open: (metadata: Metadata, options: Partial<CallOptions>) => ClientReadableStream<R>,
    options: { signal: AbortSignal; onMessage: (message: R) => void },
  ): Promise<void>;
  /** Reads a stream until it ends or breaks (rejects) or `signal` is aborted (resolves). Always drained: a runtime waits for slow readers. */
  drain<R>(
    method: string,
    stream: ClientReadableStream<R>,
    options: { signal: AbortSignal; onMessage: (message: R) => void },
  ): Promise<void>;
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
      return await ask();
    } finally {
      release();
    }
  };

  return {
    unary: (method, make, signal) =>
      inTurn(
        method,
        signal,
        () =>
          new Promise((resolve, reject) => {
            const onAbort = () => call.cancel();
            const call = make(new Metadata(), { deadline: Date.now() + timeoutMs }, (error, response) => {
              signal.removeEventListener("abort", onAbort);
              count(method, error === null ? "ok" : (status[error.code] ?? "UNKNOWN"));
              if (error === null) resolve(response);
              else reject(explain(error, endpoint, method));
            });
            signal.addEventListener("abort", onAbort, { once: true });
          }),
      ),
    gather: (method, open, { signal, onMessage }) =>
      inTurn(method, signal, async () => {
        const stream = open(new Metadata(), { deadline: Date.now() + timeoutMs });
        const onAbort = () => stream.cancel();
        signal.addEventListener("abort", onAbort, { once: true });
        let result = "ok";
        try {
          for await (const message of stream) onMessage(message);
        } catch (error) {
          result = isServiceError(error) ? (status[error.code] ?? "UNKNOWN") : "REFUSED";
          throw isServiceError(error) ? explain(error, endpoint, method) : error;
        } finally {
          count(method, result);
          signal.removeEventListener("abort", onAbort);
          stream.cancel();
        }
      }),
    drain(method, stream, { signal, onMessage }) {
      return new Promise((resolve, reject) => {
        const onAbort = () => stream.cancel();
        let isEnded = false;
        // A broken stream says so first and then that it has ended.
        const end = (error?: Error) => {
          if (isEnded) return;
          isEnded = true;
          signal.removeEventListener("abort", onAbort);
          count(method, signal.aborted ? "ended" : "broken");
          if (signal.aborted) resolve();
          else reject(error ?? new Error(`Cannot follow ${endpoint}: ${method} ended`));
        };
        stream.on("data", onMessage);
        stream.on("error", (error: ServiceError) => end(explain(error, endpoint, method)));
        stream.on("end", () => end());
        if (signal.aborted) onAbort();
        else signal.addEventListener("abort", onAbort, { once: true });
      });
    },
  };
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && typeof error.code === "number";
}

/** Says of a failed call where, what, and what to do where that is known. */
function explain(error: ServiceError, endpoint: string, method: string): Error {
  const text = `Cannot ask ${endpoint} (${method}): ${advice(error)}`;
  return new Error(text, { cause: error });
}

function advice(error: ServiceError): string {
  if (error.code === status.DEADLINE_EXCEEDED) return "no answer in time";
  if (error.code === status.UNIMPLEMENTED) return `it does not speak this part of CRI v1 (${error.details})`;
  return socketAdvice(error.details) ?? (error.details === "" ? error.message : error.details);
}
