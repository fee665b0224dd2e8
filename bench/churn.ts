// node bench/churn.ts [--containers N]: real containers come and go by the hundred in a containerd of our own; how many of their spans are
// stamped right, and what that costs the spans of a container that was there all the time. As root on Debian, after `npm test`.
import { parseArgs } from "node:util";
import { startNode } from "../test/support/node/cluster.ts";
import { whyNoContainers } from "../test/support/machine/machine.ts";
import { startAgent } from "../test/support/agent/podstamp.ts";
import { churn, churnSaid } from "../test/support/node/real-churn.ts";
import { createSender } from "../test/support/otlp/sender.ts";
import { startSink } from "../test/support/otlp/sink.ts";

/** What may be added to the p99 of a known container's spans, in ms. */
const maxAdded = 5;

const { values } = parseArgs({ options: { containers: { type: "string", default: "300" } } });
const containers = Number(values.containers);
const why = whyNoContainers();
if (why !== undefined) throw new Error(`Cannot measure: ${why}`);

const node = await startNode();
const sink = await startSink();
const agent = await startAgent({ runtime: node.containerd.endpoint, sink: sink.address, wait: "10s" });
const passing = await startAgent({ runtime: node.containerd.endpoint, sink: sink.address, processors: [] });
const sender = createSender(agent.grpc);
const control = createSender(passing.grpc);
try {
  const { repository, tag } = await node.push("shop/web", "1.0", "image");
  const image = `${repository}:${tag}`;
  await node.kubelet.pull(image);
  const figures = await churn({ node, agent, sender, control, sink, image, containers });
  const added = figures.known.p99 - figures.passed.p99;
  process.stdout.write(`${containers} real containers: ${churnSaid(figures)}; p99 added ${added.toFixed(1)} ms\n`);
  const { right, wrong } = figures.tally;
  if (wrong > 0 || right < containers * 3) throw new Error("Cannot accept: every span must be stamped right");
  if (added > maxAdded)
    throw new Error(`Cannot accept: at most ${maxAdded} ms may be added, are ${added.toFixed(1)} ms`);
} finally {
  sender.close();
  control.close();
  await agent.stop();
  await passing.stop();
  await sink.stop();
  await node.stop();
}
