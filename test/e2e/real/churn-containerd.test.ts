import { expect, test } from "vitest";
import { lendAgent, lendSender, lendSink } from "../../support/lend.ts";
import { churn, churnSaid } from "../../support/node/real-churn.ts";
import { realNode } from "../../support/node/real-node.ts";

let image = "";
const node = realNode(async ({ push, kubelet }) => {
  const pushed = await push("shop/web", "1.0", "image");
  image = `${pushed.repository}:${pushed.tag}`;
  await kubelet.pull(image);
});

const containers = 60;

test(
  "real containers come and go, many for 50 ms: each span of theirs is stamped right, from the first to the last",
  { timeout: 240_000 },
  async () => {
    const sink = await lendSink();
    const agent = await lendAgent({ runtime: node().containerd.endpoint, sink: sink.address, wait: "10s" });
    const passing = await lendAgent({ runtime: node().containerd.endpoint, sink: sink.address, processors: [] });
    const [sender, control] = [lendSender(agent.grpc), lendSender(passing.grpc)];
    const figures = await churn({ node: node(), agent, sender, control, sink, image, containers });
    process.stdout.write(`churn of ${containers} real containers: ${churnSaid(figures)}\n`);
    expect(figures.tally).toEqual({ right: containers * 3, podOnly: 0, unstamped: 0, wrong: 0, missing: 0 });
  },
);
