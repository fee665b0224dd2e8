import type { Logger } from "../../telemetry/log.ts";
import type { Batch, Component, Consumer, Exporter } from "../contract.ts";
import type { HandOver } from "./hand-over.ts";
import { inTime, startAll, startUpToReceivers, stopOne } from "./lifecycle.ts";
import type { Assembly, Kept, Named, Piece, ReceiverPiece } from "./pieces.ts";
import { unwanted } from "./switch.ts";

/** What of an assembly runs. */
export function keptOf({ extensions, shared, exporters, receivers }: Assembly, running: ReadonlySet<Component>): Kept {
  const runs = ({ component }: Named) => running.has(component);
  return {
    extensions: extensions.filter(runs),
    shared: new Map([...shared].filter(([, component]) => running.has(component))),
    exporters: exporters.filter(runs),
    receivers: receivers.filter(runs),
  };
}

type Tools = { readonly running: Set<Component>; readonly handOver: HandOver; readonly log: Logger };

/** How long data that is on its way may hold up the change; what was not answered by then is sent again by its sender. */
const holdMs = 3000;

/**
 * Makes `next` run: ends what runs of those before and is not in it, in the order of the flow, starts what does not run yet,
 * and leads the receivers that stay into the new pipelines. What comes in between waits at the receivers' doors; those that
 * listen and have a successor keep their clients until it takes their place.
 * Rejects when something cannot start; what runs then is in `running`.
 */
export async function replace(
  before: readonly Assembly[],
  next: Assembly,
  { running, handOver, log }: Tools,
): Promise<void> {
  const wanted = new Set(componentsOf(next));
  const isOut = ({ component }: Named) => running.has(component) && !wanted.has(component);
  const limit = AbortSignal.timeout(holdMs);
  const stop = async (named: Named): Promise<void> => {
    running.delete(named.component);
    await stopOne(named, { signal: limit, log });
  };

  const out = before.flatMap(({ receivers }) => receivers.filter(isOut));
  const staying = out.filter(
    ({ id, component: { listens } }) => listens && next.receivers.some((one) => one.id === id),
  );
  // Who goes away is answered by the pipelines that are still there.
  await Promise.all(out.filter((one) => !staying.includes(one)).map(stop));
  const doors = before.flatMap(({ receivers }) => receivers.filter(({ component }) => running.has(component)));
  await Promise.all(doors.flatMap(({ switches }) => [...switches.values()].map((door) => door.hold(limit))));
  for (const { chains } of before)
    await Promise.all(
      chains.map(async (chain) => {
        for (const processor of chain.filter(isOut)) await stop(processor);
      }),
    );
  for (const exporter of before.flatMap(({ exporters }) => exporters.filter(isOut))) {
    running.delete(exporter.component);
    const isReplaced = next.exporters.some(({ id }) => id === exporter.id);
    if (isReplaced) {
      const onTheWay = await handOver.takeBack(exporter.id);
      const held = await release(exporter, { signal: limit, log });
      handOver.keep(exporter.id, [...held, ...onTheWay]);
    }
    // What is on disk stays there; its storage may be about to end.
    else if (exporter.storages.length > 0) await stopOne(exporter, { signal: limit, log });
    else handOver.retire(exporter, next.config.service.shutdown_timeout);
  }
  for (const { shared } of before)
    await Promise.all(
      [...shared]
        .map(([name, component]) => ({ name, component }))
        .filter(isOut)
        .map(stop),
    );
  for (const { extensions } of before) for (const one of extensions.filter(isOut).toReversed()) await stop(one);

  await startUpToReceivers(next, running);
  handOver.giveTo(next.exporters);
  next.connect();
  const ending = staying.map((one) => {
    leadInto(next, one);
    running.delete(one.component);
    return stopOne(one, { signal: AbortSignal.timeout(holdMs), log });
  });
  const [started] = await Promise.allSettled([startAll(next.receivers, running), ...ending]);
  if (started.status === "rejected") throw started.reason;
}

/** What waits at the doors of a receiver, or comes while it stops, goes the way of its successor's. */
function leadInto({ receivers }: Assembly, { id, switches }: ReceiverPiece): void {
  const successor = receivers.find((one) => one.id === id);
  for (const [signal, door] of switches) door.lead(successor?.switches.get(signal) ?? nobody);
}

/** Ends the receivers that run still when no pipeline can: who waits at their doors is told to come again, and holds up no end. */
export async function closeDoors(assemblies: readonly Assembly[], { running, log }: Tools): Promise<void> {
  // One that was kept is in several.
  const left = new Set(
    assemblies.flatMap(({ receivers }) => receivers.filter(({ component }) => running.has(component))),
  );
  const ending = { signal: AbortSignal.timeout(holdMs), log };
  await Promise.all(
    [...left].map((one) => {
      for (const door of one.switches.values()) door.lead(nobody);
      running.delete(one.component);
      return stopOne(one, ending);
    }),
  );
}

/** Where telemetry goes that no pipeline takes any more. */
const nobody: Consumer = { consume: () => Promise.resolve(unwanted), whenIdle: () => undefined };

type Ending = { readonly signal: AbortSignal; readonly log: Logger };

async function release({ name, component }: Piece<Exporter>, ending: Ending): Promise<readonly Batch[]> {
  if (component.release === undefined) {
    await stopOne({ name, component }, ending);
    return [];
  }
  return (await inTime(name, ending, async (signal) => component.release?.(signal))) ?? [];
}

function componentsOf({ extensions, shared, exporters, chains, receivers }: Assembly): readonly Component[] {
  return [...extensions, ...exporters, ...chains.flat(), ...receivers]
    .map(({ component }) => component)
    .concat([...shared.values()]);
}
