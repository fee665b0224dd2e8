import type { Logger } from "../../telemetry/log.ts";
import type { Assembly, Named } from "./pieces.ts";
import type { Component, ServiceStatus } from "../contract.ts";

/** What is started and stopped together. */
export type Lifecycle = {
  /** Starts what others stand on first. When one cannot start, those already started are stopped and the error names it. */
  start(): Promise<void>;
  /** Stops in the order of the flow, so that each drains into the next; never rejects. Once `signal` is aborted all that is left is cut. */
  stop(signal: AbortSignal): Promise<void>;
  status(): ServiceStatus;
};

/** How long a component may take to free what it has after it was told to cut. */
const graceMs = 500;

/** Starts what does not run yet, what others stand on first; the error of one that cannot start names it. */
export async function startInOrder(assembly: Assembly, running: Set<Component>): Promise<void> {
  await startUpToReceivers(assembly, running);
  await startAll(assembly.receivers, running);
}

/** Extensions, shared, exporters, processors. */
export async function startUpToReceivers(assembly: Assembly, running: Set<Component>): Promise<void> {
  const { extensions, shared, exporters, chains } = assembly;
  await startAll(extensions, running);
  await startAll(
    [...shared].map(([name, component]) => ({ name, component })),
    running,
  );
  await startAll(exporters, running);
  for (const chain of chains) await startAll(chain.toReversed(), running);
}

/** Starts those that do not run yet, in this order. */
export async function startAll(list: readonly Named[], running: Set<Component>): Promise<void> {
  for (const { name, component } of list) {
    if (running.has(component)) continue;
    // One that fails has perhaps opened something: it is among those that are stopped.
    running.add(component);
    try {
      await component.start();
    } catch (cause) {
      throw new Error(`Cannot start ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
}

type StopOptions = { readonly signal: AbortSignal; readonly log: Logger };

/** Receivers, processors, exporters, shared, extensions. */
export async function stopAssembly(assembly: Assembly, options: StopOptions): Promise<void> {
  const { extensions, shared, exporters, chains, receivers } = assembly;
  const one = (named: Named) => stopOne(named, options);
  await Promise.all(receivers.map(one));
  await Promise.all(
    chains.map(async (chain) => {
      for (const processor of chain) await one(processor);
    }),
  );
  await Promise.all(exporters.map(one));
  await Promise.all([...shared].map(([name, component]) => one({ name, component })));
  for (const extension of extensions.toReversed()) await one(extension);
}

/** Stops one; it is left behind when it does not stop soon after `signal` was aborted. Never rejects. */
export function stopOne({ name, component }: Named, options: StopOptions): Promise<void> {
  return inTime(name, options, (signal) => component.stop(signal)).then(() => {});
}

/** What ending a component gave; undefined when it failed or was left behind. Never rejects. */
export async function inTime<T>(
  name: string,
  { signal, log }: StopOptions,
  end: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const late = Promise.withResolvers<"late">();
  let timer: NodeJS.Timeout | undefined;
  const cut = () => {
    timer = setTimeout(() => late.resolve("late"), graceMs);
  };
  if (signal.aborted) cut();
  else signal.addEventListener("abort", cut, { once: true });
  try {
    const ended = await Promise.race([end(signal).then((value) => ({ value })), late.promise]);
    if (ended !== "late") return ended.value;
    log.warn({ component: name }, "Stopped waiting for a component that does not stop");
  } catch (error) {
    log.error({ component: name, error }, "A component failed while it was stopped");
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", cut);
  }
  return undefined;
}
