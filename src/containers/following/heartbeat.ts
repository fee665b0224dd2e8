import type { Runtime, RuntimeSource } from "../../runtimes/facts.ts";
import { pause } from "./wait.ts";

export type HeartbeatOptions = { readonly source: RuntimeSource; readonly signal: AbortSignal };

/** Finds out that a runtime does not answer any more, or that another one stands in its place, while nothing is asked of it. */
export type Heartbeat = {
  /** What is wrong, once something is; anything once it was ended. */
  stopped(): Promise<Error>;
  /** Asks at once, by a call of the runtime's API. */
  doubt(): void;
};

/** Between two signs of life: an open stream of events says nothing, a frozen process keeps it open too. */
const beatMs = 5000;

export function createHeartbeat(runtime: Runtime, { source, signal }: HeartbeatOptions): Heartbeat {
  const { endpoint, instance } = runtime.identity;
  let isDoubted = false;
  let waking = new AbortController();
  const onEnd = () => waking.abort();

  const problem = async (): Promise<Error | undefined> => {
    const now = source.instance();
    // A socket that is gone while its runtime still answers is no reason to let go of it.
    if (now !== "" && now !== instance) return new Error(`Cannot follow ${endpoint}: another socket is in its place`);
    const ask = isDoubted ? (runtime.check ?? runtime.probe) : runtime.probe;
    isDoubted = false;
    try {
      await ask?.(signal);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  };

  return {
    async stopped() {
      signal.addEventListener("abort", onEnd, { once: true });
      while (!signal.aborted) {
        if (!isDoubted) {
          waking = new AbortController();
          await pause(beatMs, waking.signal);
        }
        const found = signal.aborted ? undefined : await problem();
        if (found !== undefined) return found;
      }
      return new Error(`Cannot follow ${endpoint}: it was ended`);
    },
    doubt() {
      if (isDoubted) return;
      isDoubted = true;
      waking.abort();
    },
  };
}
