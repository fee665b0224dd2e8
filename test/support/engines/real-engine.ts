import { afterAll, beforeEach, onTestFinished } from "vitest";
import type { Runtime } from "../../../src/runtimes/facts.ts";
import { whyNoContainers } from "../machine/machine.ts";
import type { Node } from "../node/cluster.ts";
import { type OtherRuntime, realNode } from "../node/real-node.ts";
import { connected } from "../runtimes/connected.ts";

/** What every engine of the tests can do; `S` is what it makes a container of. */
type Engine<S> = {
  readonly endpoint: string;
  run(spec: S): Promise<string>;
  remove(container: string): Promise<void>;
  stop(): Promise<void>;
};

export type RealEngine<S, E> = {
  readonly node: () => Node;
  readonly engine: () => E;
  /** Runs a container for one test. */
  readonly lend: (spec: S) => Promise<string>;
  /** Lends podstamp's connection to the engine. */
  readonly using: <T>(use: (runtime: Runtime) => Promise<T>) => Promise<T>;
};

const types = { dockerd: "docker", podman: "podman" } as const;

/** A real engine beside a real containerd for the tests of a file; where one of them cannot run, each test is skipped with the reason. */
export function realEngine<S, E extends Engine<S>>(
  program: keyof typeof types,
  start: (node: Node) => Promise<E & Engine<S>>,
  other?: OtherRuntime,
): RealEngine<S, E> {
  const why = whyNoContainers(program) ?? other?.why;
  let started: E | undefined;
  beforeEach(({ skip }) => skip(why !== undefined, why));
  const node = realNode(async (under) => {
    if (why === undefined) started = await start(under);
  }, other);
  // Before the node, which was asked to end first.
  afterAll(async () => started?.stop());
  const engine = () => {
    if (started === undefined) throw new Error(`Cannot use ${program}: it must be started first`);
    return started;
  };
  return {
    node,
    engine,
    async lend(spec) {
      const id = await engine().run(spec);
      onTestFinished(() =>
        engine()
          .remove(id)
          .catch(() => {}),
      );
      return id;
    },
    using: (use) => connected({ type: types[program], endpoint: engine().endpoint }, use),
  };
}
