import { afterAll, beforeEach } from "vitest";
import type { Node } from "../node/cluster.ts";
import { whyNoContainers } from "../machine/machine.ts";
import { type OtherRuntime, realNode } from "../node/real-node.ts";

/** A real engine beside a real containerd for the tests of a file; where one of them cannot run, each test is skipped with the reason. */
export function realEngine<E extends { stop(): Promise<void> }>(
  program: "dockerd" | "podman",
  start: (node: Node) => Promise<E>,
  other?: OtherRuntime,
): { readonly node: () => Node; readonly engine: () => E } {
  const why = whyNoContainers(program) ?? other?.why;
  let engine: E | undefined;
  beforeEach(({ skip }) => skip(why !== undefined, why));
  const node = realNode(async (started) => {
    if (why === undefined) engine = await start(started);
  }, other);
  // Before the node, which was asked to end first.
  afterAll(async () => engine?.stop());
  return {
    node,
    engine() {
      if (engine === undefined) throw new Error(`Cannot use ${program}: it must be started first`);
      return engine;
    },
  };
}
