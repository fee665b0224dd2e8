import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { ps } from "../../../src/cli/listing/ps.ts";
import { givenIo } from "../../cli/given-cli.ts";
import { givenNative, handedOver, whyNoNative } from "../../support/agent/native.ts";
import { realNode } from "../../support/node/real-node.ts";
import { whyNotBuilt } from "../../support/runtimes/built.ts";
import { type DaemonOptions, startContainerd } from "../../support/runtimes/containerd.ts";
import { startCrio } from "../../support/runtimes/crio.ts";
import { ctr } from "../../support/runtimes/ctr.ts";

/* The compiled program for lists at real runtimes. */

const runtimes = [
  { name: "Debian's containerd", start: (options: DaemonOptions) => startContainerd(options), whyNot: undefined },
  ...(["containerd-1.7", "containerd-2.3"] as const).map((built) => ({
    name: built,
    start: (options: DaemonOptions) => startContainerd(options, built),
    whyNot: whyNotBuilt(built),
  })),
  {
    name: "CRI-O",
    start: (options: DaemonOptions) => startCrio(options, { hasEvents: false }),
    whyNot: whyNotBuilt("crio"),
  },
];

describe.each(runtimes)("at $name", ({ name, start, whyNot }) => {
  let clear = (): Promise<void> => Promise.resolve();
  const node = realNode(
    async ({ push, kubelet }) => {
      for (const path of ["shop/web", "batch/job"]) {
        const { repository } = await push(path, "1.2", "image");
        await kubelet.pull(`${repository}:1.2`);
        const pod = await kubelet.runPod({ name: path.replace("/", "-"), namespace: path.replace(/\/.*/, "") });
        for (const each of ["one", "two"]) await kubelet.run(pod, { name: each, image: `${repository}:1.2` });
      }
    },
    { start, why: whyNoNative() ?? whyNot },
  );
  afterAll(() => clear());
  beforeEach(({ skip }) => skip(whyNoNative() !== undefined, whyNoNative()));

  /** What it prints, and what podstamp prints before and after it. */
  async function compare(...words: readonly string[]) {
    const all = [...words, "-r", node().containerd.endpoint];
    const byNode = async () => {
      const { io, out } = givenIo();
      await ps(all, io);
      return out();
    };
    const before = await byNode();
    const { output } = await givenNative().run(["ps", ...all], { XDG_RUNTIME_DIR: "" });
    return { output, expected: output === before ? before : await byNode(), all };
  }

  test("it prints what podstamp prints", async () => {
    for (const words of [[], ["-a"], ["-q"], ["--no-trunc"]]) {
      const { output, expected } = await compare(...words);
      expect(output.split("\n").length).toBeGreaterThan(4);
      expect(output).toBe(expected);
    }
  });

  // The others have none.
  if (name.includes("containerd"))
    test("a container of another namespace is podstamp's to list", async () => {
      const { containerd, folder, registry } = node();
      const client = ctr(containerd.socket, "default", folder);
      clear = () => client.removeAll();
      await client.pull(`${registry.host}/shop/web:1.2`);
      expect((await compare()).output).toMatch(/^CONTAINER /);
      await client.run({ id: "by-ctr", image: `${registry.host}/shop/web:1.2` });
      const { output, expected, all } = await compare();
      expect(output).toBe(handedOver(["ps", ...all]));
      expect(expected).toContain("by-ctr");
    });
});
