import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { components } from "../../../src/components.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { problemLine } from "../../../src/config/document/problem.ts";
import { runService } from "../../../src/service.ts";
import { createLogger } from "../../../src/telemetry/log.ts";

/** podstamp in the process of the test. */
export type InProcess = { log(): string; readonly metrics: string | undefined; stop(): Promise<void> };

/** Runs a configuration until the test ends or stop(); rejects when it is wrong or cannot start. */
export async function runInProcess(config: string): Promise<InProcess> {
  const folder = await mkdtemp(join(tmpdir(), "podstamp-in-process-"));
  const file = join(folder, "config.yaml");
  await writeFile(file, config);
  const loaded = await loadConfig([file], { types: components, env: {} });
  await rm(folder, { recursive: true });
  if (loaded.config === undefined) throw new Error(loaded.problems.map(problemLine).join("\n"));
  let text = "";
  const stopping = new AbortController();
  const ready = Promise.withResolvers<{ readonly metrics: string | undefined }>();
  const running = runService(loaded.config, {
    log: createLogger({ level: "info", encoding: "console", write: (line) => (text += line) }),
    version: "1.2.3",
    platform: "linux/x64",
    instanceId: "an-id",
    env: {},
    stats: {
      uptimeSeconds: () => process.uptime(),
      cpuSeconds: () => 1,
      memory: () => process.memoryUsage(),
    },
    stop: stopping.signal,
    cut: new AbortController().signal,
    ready: ready.resolve,
  });
  running.catch(ready.reject);
  const stop = async () => {
    stopping.abort();
    await running;
  };
  const { metrics } = await ready.promise;
  onTestFinished(stop);
  return { log: () => text, metrics, stop };
}
