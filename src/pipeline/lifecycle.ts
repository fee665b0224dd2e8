import type { Logger } from "../telemetry/log.ts";
import type { Component, ServiceStatus } from "./contract.ts";

/** A component with the path that names it in messages, "receivers::otlp". */
export type Named = { readonly name: string; readonly component: Component };

/** What is started and stopped together. */
export type Lifecycle = {
  /** Starts what others stand on first. When one cannot start, those already started are stopped and the error names it. */
  start(): Promise<void>;
  /** Stops in the order of the flow, so that each drains into the next; never rejects. Once `signal` is aborted all that is left is cut. */
  stop(signal: AbortSignal): Promise<void>;
  status(): ServiceStatus;
};

type LifecycleOptions = {
  readonly extensions: readonly Named[];
  readonly shared: readonly Named[];
  readonly exporters: readonly Named[];
  /** The processors of each pipeline, in the order of the flow. */
  readonly chains: readonly (readonly Named[])[];
  readonly receivers: readonly Named[];
  readonly log: Logger;
};

/** How long a component may take to free what it has after it was told to cut. */
const graceMs = 500;

/** Start: extensions, shared, exporters, processors, receivers; stop: the other way. */
export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { extensions, shared, exporters, chains, receivers, log } = options;
  const pipelines = [...exporters, ...chains.flatMap((chain) => chain.toReversed()), ...receivers];
  const startOrder = [...extensions, ...shared, ...pipelines];
  let since: number | undefined;
  let stopping: Promise<void> | undefined;

  async function start(): Promise<void> {
    for (const { name, component } of startOrder) {
      try {
        await component.start();
      } catch (cause) {
        await stop(AbortSignal.abort());
        throw new Error(`Cannot start ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
      }
    }
    since = Date.now();
  }

  function status(): ServiceStatus {
    if (stopping !== undefined) return { phase: "stopping" };
    if (since === undefined) return { phase: "starting" };
    const waitingFor = startOrder.filter(({ component }) => component.isReady?.() === false).map(({ name }) => name);
    return { phase: "running", since, waitingFor };
  }

  function stop(signal: AbortSignal): Promise<void> {
    stopping ??= stopAll(signal);
    return stopping;
  }

  async function stopAll(signal: AbortSignal): Promise<void> {
    const one = (named: Named) => stopOne(named, { signal, log });
    await Promise.all(receivers.map(one));
    await Promise.all(
      chains.map(async (chain) => {
        for (const processor of chain) await one(processor);
      }),
    );
    await Promise.all(exporters.map(one));
    await Promise.all(shared.map(one));
    for (const extension of extensions.toReversed()) await one(extension);
  }

  return { start, stop, status };
}

type StopOptions = { readonly signal: AbortSignal; readonly log: Logger };

async function stopOne({ name, component }: Named, { signal, log }: StopOptions): Promise<void> {
  const late = Promise.withResolvers<"late">();
  let timer: NodeJS.Timeout | undefined;
  const cut = () => {
    timer = setTimeout(() => late.resolve("late"), graceMs);
  };
  if (signal.aborted) cut();
  else signal.addEventListener("abort", cut, { once: true });
  try {
    const ended = await Promise.race([component.stop(signal).then(() => "stopped" as const), late.promise]);
    if (ended === "late") log.warn({ component: name }, "Stopped waiting for a component that does not stop");
  } catch (error) {
    log.error({ component: name, error }, "A component failed while it was stopped");
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", cut);
  }
}
