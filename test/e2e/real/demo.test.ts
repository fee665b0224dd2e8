import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { whyNoProbes } from "../../support/ebpf/set-up.ts";
import { whyNoContainers } from "../../support/machine/machine.ts";
import { type Running, startProcess } from "../../support/machine/processes.ts";
import { cgroupFolders } from "../../support/machine/workspace.ts";

const script = fileURLToPath(new URL("../../../scripts/demo.ts", import.meta.url));

/** Runs the demo with a temporary folder of its own, so that what it leaves behind can be told from what others do. */
async function startDemo(
  args: readonly string[],
): Promise<{ demo: Running; left: () => string[]; cgroups: () => string[] }> {
  const folder = mkdtempSync(join(tmpdir(), "podstamp-demo-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const demo = await startProcess({
    name: "demo",
    command: process.execPath,
    args: [script, ...args],
    env: { TMPDIR: folder },
  });
  onTestFinished(async () => {
    await demo.stop();
  });
  const cgroups = () =>
    globSync("*/cgroups.txt", { cwd: folder }).flatMap((file) =>
      readFileSync(join(folder, file), "utf8").trim().split("\n"),
    );
  return { demo, left: () => readdirSync(folder), cgroups };
}

test("the demo on a recording shows its table and ends with 0", async () => {
  const { demo, left } = await startDemo(["--recorded"]);
  expect(await demo.exited).toEqual({ code: 0, signal: null });
  expect(demo.output()).toContain("No real containers: you asked for the recording");
  expect(demo.output()).toMatch(/^\+ k8s\.pod\.name +- +frontend-7d9f6c5b8d-x2x9z$/m);
  // Root or not, with or without a kernel that has probes: the receiver reads what one told.
  expect(demo.output()).toContain("No real probes: with the recorded containers goes what a real kernel told of them");
  expect(demo.output()).toContain("one trace of two spans, from a recording of the kernel alone");
  expect(demo.output()).toMatch(/^ +span +GET \(client\) +GET \(server\)$/m);
  expect(demo.output()).toMatch(/^ +k8s\.container\.name +frontend +checkout$/m);
  expect(demo.output()).toContain("Done: every value is as creation and the registry answered");
  expect(left()).toEqual([]);
});

test("the demo with real containers ends with 0 and leaves nothing behind", async ({ skip }) => {
  const why = whyNoContainers();
  skip(why !== undefined, why);
  const { demo, left } = await startDemo([]);
  expect(await demo.exited).toEqual({ code: 0, signal: null });
  // The half that the kernel tells, or why it cannot be shown here.
  expect(demo.output()).toContain(whyNoProbes() ?? "one trace of two spans, from the kernel alone");
  expect(left()).toEqual([]);
});

test.for(["SIGINT", "SIGTERM"] as const)(
  "%s in the middle of the demo leaves no process, mount, cgroup or file behind",
  async (signal, { skip }) => {
    const why = whyNoContainers();
    skip(why !== undefined, why);
    const { demo, left, cgroups } = await startDemo([]);
    await demo.line(/container [0-9a-f]{12} runs/, 30_000);
    const made = cgroups();
    expect(made.flatMap(cgroupFolders)).not.toEqual([]);
    demo.signal(signal);
    expect((await demo.exited).code).toBe(signal === "SIGINT" ? 130 : 143);
    expect(left()).toEqual([]);
    expect(made.flatMap(cgroupFolders)).toEqual([]);
  },
);
