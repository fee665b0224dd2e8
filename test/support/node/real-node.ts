import { afterAll, beforeAll, beforeEach } from "vitest";
import { type Node, startNode, type StartRuntime } from "./cluster.ts";
import { whyNoContainers } from "../machine/machine.ts";

/** Another runtime than Debian's containerd, and why it cannot be had here. */
export type OtherRuntime = { readonly start: StartRuntime; readonly why: string | undefined };

/** One real containerd, or another runtime, for the tests of a file; where none can run, each of them is skipped with the reason. */
export function realNode(prepare: (node: Node) => Promise<void> = async () => {}, other?: OtherRuntime): () => Node {
  const why = whyNoContainers() ?? other?.why;
  let node: Node | undefined;
  beforeEach(({ skip }) => skip(why !== undefined, why));
  beforeAll(async () => {
    if (why !== undefined) return;
    node = await startNode(() => {}, other?.start);
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
