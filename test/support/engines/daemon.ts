import { eventually } from "../eventually.ts";
import { type ProcessOptions, type Running, startProcess } from "../machine/processes.ts";
import type { EngineApi } from "./api.ts";

/** An engine's process, which a test may crash and start again. */
export type EngineDaemon = {
  readonly version: string;
  log(): string;
  /** As a crash: its containers go on running. */
  crash(): Promise<void>;
  start(): Promise<void>;
  end(timeoutMs: number): Promise<void>;
};

const startTimeoutMs = 30_000;

/** Starts it and waits until it answers. */
export async function startEngineDaemon(api: EngineApi, options: ProcessOptions): Promise<EngineDaemon> {
  const { name } = options;
  let running: Running | undefined;
  const start = async () => {
    running = await startProcess(options);
    try {
      return await eventually(() => api.call({ path: "/version" }) as Promise<{ Version: string }>, {
        what: `an answer of ${name}`,
        timeoutMs: startTimeoutMs,
        everyMs: 100,
      });
    } catch (error) {
      await running.stop(0);
      throw new Error(`Cannot use ${name}: it wrote\n${running.output().slice(-3000)}`, { cause: error });
    }
  };
  const { Version: version } = await start();
  return {
    version,
    log: () => running?.output() ?? "",
    async crash() {
      running?.signal("SIGKILL");
      await running?.exited;
    },
    async start() {
      await start();
    },
    async end(timeoutMs) {
      await running?.stop(timeoutMs);
    },
  };
}
