import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startCriServer } from "../../test/support/cri/server.ts";
import { startProcess } from "../../test/support/machine/processes.ts";
import { createWorkspace, wipe } from "../../test/support/machine/workspace.ts";
import { built } from "../contenders/podstamp.ts";
import { median } from "../tables/table.ts";
import { usageOf } from "../stage/usage.ts";
import { atMost, type Section } from "./section.ts";

const pods = 110;

/** How long podstamp takes from exec to ready on a node of 110 pods, and what it needs then. */
export const startSection: Section = async ({ rounds, say }) => {
  const folder = createWorkspace();
  const runtime = await startCriServer();
  for (let index = 0; index < pods; index++) {
    const uid = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
    runtime.add(runtime.addPod({ name: `pod-${index}`, namespace: "shop", uid }), { name: "app" });
  }
  const file = join(folder, "start.json");
  writeFileSync(file, JSON.stringify(config(runtime.endpoint)));
  const took: number[] = [];
  const memory: number[] = [];
  try {
    for (let round = 0; round <= rounds * 2; round++) {
      const began = performance.now();
      const running = await startProcess({
        name: "podstamp",
        command: process.execPath,
        args: [built, "--config", file],
      });
      await running.line(/Everything is ready/, 20_000);
      if (round > 0) took.push(performance.now() - began);
      await sleep(1000);
      if (round > 0) memory.push(usageOf(running.pid).peakMiB());
      await running.stop();
    }
  } finally {
    await runtime.close();
    await wipe(folder);
  }
  say(`start: ${took.map((ms) => ms.toFixed(0)).join(", ")} ms`);
  return {
    tables: [
      {
        title: "Start",
        about: `From exec to "Everything is ready" with ${pods} pods, and the most memory a second later.`,
        columns: ["process", "ms", "peak RSS MiB"],
        rows: [["podstamp", median(took).toFixed(0), median(memory).toFixed(0)]],
      },
    ],
    verdicts: [atMost(`exec to ready with ${pods} pods in ms`, median(took), 300)],
  };
};

function config(endpoint: string): unknown {
  return {
    receivers: { otlp: { protocols: { grpc: { endpoint: "127.0.0.1:0" } } } },
    processors: { cri_attributes: { runtimes: [{ type: "cri", endpoint }], node_name: "node-1" } },
    exporters: { otlp_grpc: { endpoint: "127.0.0.1:1", tls: { insecure: true } } },
    service: {
      telemetry: { metrics: { level: "none" } },
      pipelines: { traces: { receivers: ["otlp"], processors: ["cri_attributes"], exporters: ["otlp_grpc"] } },
    },
  };
}
