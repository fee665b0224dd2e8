import { expect, onTestFinished, test } from "vitest";
import { criSource } from "../../../src/runtimes/discovery/discovery.ts";
import { directoryOf } from "../../containers/given-directory.ts";
import { testHost } from "../../support/agent/host.ts";
import { eventually } from "../../support/eventually.ts";
import { realNode } from "../../support/node/real-node.ts";
import { startContainerdWithoutCri } from "../../support/runtimes/containerd.ts";
import { ctr, type Ctr } from "../../support/runtimes/ctr.ts";

let image = "";

const node = realNode(async ({ push }) => {
  const pushed = await push("shop/cart", "1.2", "index");
  image = `${pushed.repository}:${pushed.tag}`;
});

/** A name is in one namespace, then in two, then in the other one, and so on; lists come too seldom to help. */
async function passOn(socket: string): Promise<readonly (string | undefined)[]> {
  const host = testHost("directory");
  const source = criSource(`unix://${socket}`, { timeoutMs: 10_000, metrics: host.metrics });
  const { resolve, directory } = await directoryOf([source], host, {});
  const [here, there] = [ctr(socket, "default", node().folder), ctr(socket, "shop", node().folder)];
  for (const one of [here, there]) {
    onTestFinished(() => one.removeAll());
    await one.pull(image);
  }
  const run = (one: Ctr, turn: string) => one.run({ id: "web", image, labels: { turn } });
  const turnNow = async () => {
    const { found } = await resolve("web", 0);
    return found.status === "found" && found.entry.kind === "container" ? found.entry.facts.labels["turn"] : "nobody";
  };
  const heard: string[] = [];
  const hear = async (turn: string) => {
    await eventually(async () => (await turnNow()) === turn, { what: `that it is ${turn}`, timeoutMs: 5000 });
    heard.push(turn);
  };
  await eventually(() => directory.runtimes().every((one) => one.status === "following" && one.hasEvents), {
    what: "that events are followed",
  });
  await run(here, "first");
  await hear("first");
  await run(there, "second");
  await hear("nobody");
  await here.remove("web");
  await hear("second");
  await there.remove("web");
  await run(here, "third");
  await hear("third");
  return heard;
}

const heard = ["first", "nobody", "second", "third"];

test("a name that goes from namespace to namespace is always of who has it, and nobody's while two do", async () => {
  expect(await passOn(node().containerd.socket)).toEqual(heard);
});

test("so it is with a containerd whose CRI is switched off", async () => {
  const plain = await startContainerdWithoutCri(node().folder);
  onTestFinished(() => plain.stop());
  expect(await passOn(plain.socket)).toEqual(heard);
});
