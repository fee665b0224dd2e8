import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Arrived } from "./arriving.ts";

/** The sink as a process of its own. */
export type Sink = {
  /** What has arrived since the last call. */
  arrived(): Promise<Arrived>;
  stop(): void;
};

/** Starts bench/sink/sink.ts with these arguments. */
export async function startSink(args: readonly string[]): Promise<Sink> {
  const script = join(import.meta.dirname, "sink.ts");
  const child = spawn(process.execPath, [script, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value ?? "";
  await next();
  return {
    async arrived() {
      child.stdin.write("\n");
      return JSON.parse(await next()) as Arrived;
    },
    stop: () => void child.kill(),
  };
}
