import { assemble } from "./assembly.ts";
import type { World } from "./assembly.ts";
import type { Answer } from "../../telemetry/answers.ts";
import type { Component } from "../contract.ts";
import { createGate } from "../gate.ts";
import { createHandOver } from "./hand-over.ts";
import { startInOrder, stopAssembly } from "./lifecycle.ts";
import { closeDoors, keptOf, replace } from "./replacing.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { nothing } from "./pieces.ts";
import type { PipelineConfig } from "./pieces.ts";

export type { PipelineConfig } from "./pieces.ts";

type GraphOptions = Omit<World, "gate" | "status">;

/** What became of a new configuration; `problem` says why the old one runs on, or why that cannot either. */
export type Replaced =
  /** `forRestart`: settings that have changed and count only with the next start. */
  | { readonly status: "replaced"; readonly forRestart?: readonly string[] }
  | { readonly status: "refused" | "broken"; readonly problem: string };

/** The components of a configuration, which another one can take the place of while they run. */
export type Graph = Lifecycle & {
  /**
   * Puts another configuration in the place of the one that runs: components whose block is the same go on as they are, pipelines
   * are made anew behind the receivers, and what comes meanwhile waits. When something of it cannot start the old one is put back;
   * rejects when that cannot start either: then only stop is left.
   */
  reload(config: PipelineConfig): Promise<Replaced>;
  /** The components that answer an order now, by the paths that name them; a processor as often as pipelines have it. */
  answerers(order: string): readonly { readonly name: string; readonly answer: Answer }[];
};

/** Makes and wires the components of a configuration. Nothing is started yet. */
export function buildGraph(config: PipelineConfig, options: GraphOptions): Graph {
  const running = new Set<Component>();
  const world: World = { ...options, gate: createGate(), status };
  const handOver = createHandOver(options);
  const tools = { running, handOver, log: options.log };
  let current = assemble(config, world, nothing);
  current.connect();
  let since: number | undefined;
  let stopping: Promise<void> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function start(): Promise<void> {
    try {
      await startInOrder(current, running);
    } catch (error) {
      await stop(AbortSignal.abort());
      throw error;
    }
    since = Date.now();
  }

  function status(): ReturnType<Lifecycle["status"]> {
    if (stopping !== undefined) return { phase: "stopping" };
    if (since === undefined) return { phase: "starting" };
    const waitingFor = everyOne()
      .filter(({ component }) => component.isReady?.() === false)
      .map(({ name }) => name);
    return { phase: "running", since, waitingFor };
  }

  function everyOne() {
    const { extensions, shared, exporters, chains, receivers } = current;
    return [...extensions, ...named(shared), ...exporters, ...chains.flat(), ...receivers];
  }

  function stop(signal: AbortSignal): Promise<void> {
    stopping ??= last.then(async () => {
      await handOver.end(signal);
      await stopAssembly(current, { signal, log: options.log });
      running.clear();
    });
    return stopping;
  }

  async function reloadNow(wanted: PipelineConfig): Promise<Replaced> {
    if (stopping !== undefined) return { status: "refused", problem: "podstamp is stopping" };
    const before = current;
    let next;
    try {
      next = assemble(wanted, world, keptOf(before, running));
    } catch (error) {
      return { status: "refused", problem: messageOf(error) };
    }
    try {
      await replace([before], next, tools);
      current = next;
      return { status: "replaced" };
    } catch (error) {
      // When the old one cannot run either, what runs of the last one is what there is to be stopped.
      current = next;
      try {
        current = assemble(before.config, world, keptOf(before, running));
        await replace([next, before], current, tools);
      } catch (cause) {
        await closeDoors([next, before, current], tools);
        throw cause;
      }
      return { status: "refused", problem: messageOf(error) };
    }
  }

  return {
    start,
    stop,
    status,
    answerers: (order) =>
      everyOne().flatMap(({ name, component: { answers } }) => {
        const answer = answers !== undefined && Object.hasOwn(answers, order) ? answers[order] : undefined;
        return answer === undefined ? [] : [{ name, answer }];
      }),
    reload(wanted) {
      // One after the other.
      const mine = last.then(() => reloadNow(wanted));
      last = mine.catch(() => {});
      return mine;
    },
  };
}

function named(shared: ReadonlyMap<string, Component>) {
  return [...shared].map(([name, component]) => ({ name, component }));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
