import { expect, test } from "vitest";
import { ps } from "../../../src/cli/listing/ps.ts";
import { givenIo } from "../../cli/given-cli.ts";
import { givenNative, handedOver, whyNoNative } from "../../support/agent/native.ts";
import { lendRuntime } from "../../support/lend.ts";
import { whereIs } from "../../support/machine/machine.ts";
import { startProcess } from "../../support/machine/processes.ts";

/* The compiled program for lists on a terminal: its tables fit as podstamp's do. */

const script = whereIs("script");
const why = whyNoNative() ?? (script === undefined ? "script (of bsdutils) is not installed" : undefined);

const createdAt = Date.now() - 9e8;
const pods = ["web", "a-name-that-is-rather-long-5f6d8b9c4-hk7wq"].map((name) => ({
  name,
  namespace: `namespace-of-${name}`.slice(0, 40),
  containers: [
    { name: "c", image: "registry.example/some/where/web:1.2", createdAt },
    {
      name: "quite-a-long-name-for-a-container",
      image: "registry.example/very/long/path/of-an/image:1.2.3-alpine",
      createdAt: createdAt + 5000,
    },
  ],
}));

test.skipIf(why !== undefined)(
  `a table is cut as podstamp cuts it, at every width${why === undefined ? "" : ` (skipped: ${why})`}`,
  async () => {
    const server = await lendRuntime({ pods });
    const { program, env: own } = givenNative();
    const onTerminal = async (columns: number, words: readonly string[]) => {
      const args = ["-qec", `stty cols ${columns}; exec ${program} ${words.join(" ")}`, "/dev/null"];
      const env = { ...own, XDG_RUNTIME_DIR: "/no/such" };
      const running = await startProcess({ name: "a terminal", command: script ?? "", args, env });
      await running.exited;
      return running.stdout().replaceAll("\r\n", "\n");
    };
    const words = ["ps", "-r", server.endpoint];
    for (const columns of [0, 60, 61, 70, 80, 90, 100, 120, 140, 150, 160, 170, 180, 190, 200, 300]) {
      const { io, out } = givenIo({ columns });
      await ps(words.slice(1), io);
      expect(await onTerminal(columns, words)).toBe(out());
    }
    // Narrower ones have other columns.
    expect(await onTerminal(59, words)).toBe(handedOver(words));
    const whole = [...words, "--no-trunc"];
    const { io, out } = givenIo({ columns: 40 });
    await ps(whole.slice(1), io);
    expect(await onTerminal(40, whole)).toBe(out());
  },
);
