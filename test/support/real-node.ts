import { afterAll, beforeAll, beforeEach } from "vitest";
import { type Node, startNode } from "./cluster.ts";
import { whyNoContainers } from "./machine.ts";

/** One real containerd for the tests of a file; where none can run, each of them is skipped with the reason. */
export function realNode(prepare: (node: Node) => Promise<void> = async () => {}): () => Node {
  const why = whyNoContainers();
  let node: Node | undefined;
  beforeEach(({ skip }) => skip(why !== undefined, why));
  beforeAll(async () => {
    if (why !== undefined) return;
    node = await startNode();
    await prepare(node);
  });
  afterAll(async () => {
    await node?.stop();
  });
  return () => {
    if (node === undefined) throw new Error("Cannot use the node: it must be started first");
    return node;
  };
}
