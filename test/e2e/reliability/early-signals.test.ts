import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { startProcess } from "../../support/machine/processes.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";

const program = fileURLToPath(new URL("../../../bin/podstamp.mjs", import.meta.url));
const config = `receivers: {nop: {}}
exporters: {nop: {}}
service: {telemetry: {metrics: {readers: []}}, pipelines: {traces: {receivers: [nop], exporters: [nop]}}}
`;
const [hangUp, user1] = [1, 10];

async function starting(prepare: (file: string) => void) {
  const folder = createWorkspace();
  const file = join(folder, "config.yaml");
  prepare(file);
  const running = await startProcess({
    name: "podstamp",
    command: process.execPath,
    args: [program, "--config", file],
    env: { XDG_RUNTIME_DIR: folder },
  });
  onTestFinished(async () => {
    running.signal("SIGKILL");
    await running.exited;
    await wipe(folder);
  });
  return { running, file };
}

/** Whether a process has a handler for a signal. */
function catches(pid: number, signal: number): boolean {
  const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
  return ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

test.skipIf(process.platform !== "linux")(
  "a reload that is asked for before the configuration is read comes when it runs (skipped without /proc)",
  async () => {
    // It waits at a pipe for its configuration; the reload finds a file.
    const { running, file } = await starting((path) => void spawnSync("mkfifo", [path]));
    await eventually(() => catches(running.pid, hangUp), { what: "a handler" });
    running.signal("SIGHUP");
    const pipe = openSync(file, "w");
    rmSync(file);
    writeFileSync(file, config);
    writeSync(pipe, config);
    closeSync(pipe);
    await running.line(/The new configuration runs/, 20_000);
  },
);

test.skipIf(process.platform !== "linux")("SIGUSR1 opens no debugger (skipped without /proc)", async () => {
  const { running } = await starting((file) => writeFileSync(file, config));
  await running.line(/Everything is ready/, 20_000);
  expect([hangUp, user1].map((signal) => catches(running.pid, signal))).toEqual([true, true]);
  running.signal("SIGUSR1");
  await running.line(/Received a signal that means nothing here/, 20_000);
  expect(running.output()).not.toMatch(/[Dd]ebugger/);
});

test.skipIf(process.platform !== "linux")(
  "reloads that find a pipe which nobody writes to are refused, however many they are, and hold up nothing (skipped without mkfifo)",
  async () => {
    const { running, file } = await starting((path) => writeFileSync(path, config));
    await running.line(/Everything is ready/, 20_000);
    rmSync(file);
    spawnSync("mkfifo", [file]);
    // More than Node has threads for files.
    for (let reloads = 0; reloads < 6; reloads++) {
      running.signal("SIGHUP");
      await sleep(50);
    }
    await running.line(
      /The new configuration is not valid, the old one runs on.*it is a pipe that nobody writes to/,
      20_000,
    );
    rmSync(file);
    writeFileSync(file, config);
    running.signal("SIGHUP");
    await running.line(/The new configuration runs/, 20_000);
  },
  60_000,
);
