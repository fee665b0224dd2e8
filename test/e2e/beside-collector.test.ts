import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { newId } from "../support/cri/answers.ts";
import { lendRuntime, lendSender } from "../support/lend.ts";
import { startPodstamp } from "../support/agent/podstamp.ts";
import { startProcess } from "../support/machine/processes.ts";
import { findTool } from "../support/machine/tools.ts";
import { createWorkspace, wipe } from "../support/machine/workspace.ts";

const folder = fileURLToPath(new URL("../../config/beside-collector/", import.meta.url));

/** The two files have the ports that people have. */
const ports = [4317, 4318, 8888, 8889, 14317, 14318];

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

test(
  "podstamp and an existing Collector run side by side with the two files of config/beside-collector",
  { timeout: 60_000 },
  async ({ skip }) => {
    const program = findTool("otelcol");
    if (program === undefined) return skip("the Collector is not built here: test/tools/build.sh collector");
    for (const port of ports) if (!(await isFree(port))) return skip(`port ${port} is taken on this machine`);

    const workspace = createWorkspace();
    onTestFinished(() => wipe(workspace));
    // What the Collector receives is to be seen.
    writeFileSync(
      join(workspace, "collector.yaml"),
      readFileSync(join(folder, "collector.yaml"), "utf8").replace(/^ {2}debug:$/m, "  debug: {verbosity: detailed}"),
    );
    const collector = await startProcess({
      name: "the Collector",
      command: program,
      args: ["--config", join(workspace, "collector.yaml")],
    });
    onTestFinished(async () => {
      await collector.stop();
    });
    await collector.line(/Everything is ready/, 20_000);

    const container = newId();
    const runtime = await lendRuntime({
      pods: [{ name: "checkout-1", namespace: "pay", containers: [{ id: container, name: "checkout" }] }],
    });
    const podstamp = await startPodstamp({
      config: { file: join(folder, "podstamp.yaml") },
      env: { CONTAINER_RUNTIME_ENDPOINT: runtime.endpoint },
    });
    onTestFinished(async () => {
      await podstamp.stop();
    });
    await lendSender("127.0.0.1:4317").spanOf(container, "charge");
    expect(await collector.line(/k8s\.pod\.name: Str/, 10_000)).toContain("k8s.pod.name: Str(checkout-1)");

    const ours = await (await fetch("http://127.0.0.1:8889/metrics")).text();
    const theirs = await (await fetch("http://127.0.0.1:8888/metrics")).text();
    expect(ours).toMatch(/^otelcol_exporter_sent_spans\{exporter="otlp_grpc\/collector"[^}]*\} 1$/m);
    expect(theirs).toMatch(/^otelcol_receiver_accepted_spans\{[^}]*\} 1$/m);
  },
);
