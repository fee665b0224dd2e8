import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startProcess } from "../support/processes.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

async function run(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const running = await startProcess({ name: "node", command: process.execPath, args });
  const { code } = await running.exited;
  return { code, output: running.output() };
}

test("podstamp runs from a package in node_modules, where Node strips no types", async () => {
  const home = mkdtempSync(join(tmpdir(), "podstamp-package-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const modules = join(home, "node_modules");
  const installed = join(modules, "podstamp");
  mkdirSync(installed, { recursive: true });
  expect(await run([join(root, "scripts/build.ts"), join(installed, "dist")])).toEqual({ code: 0, output: "" });
  for (const file of ["bin", "config", "package.json"])
    cpSync(join(root, file), join(installed, file), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules")))
    symlinkSync(join(root, "node_modules", name), join(modules, name));

  const program = join(installed, "bin/podstamp.mjs");
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const told = await run([program, "--version"]);
  expect(told.output).toContain(version);
  expect(told.code).toBe(0);
  expect(await run([program, "validate", "--config", join(installed, "config/demo.yaml")])).toMatchObject({ code: 0 });

  // The thread of the disk is a file of its own.
  const config = join(home, "config.yaml");
  writeFileSync(
    config,
    `receivers: {nop: }
extensions: {file_storage: {directory: "${join(home, "queues")}", create_directory: true}}
exporters: {otlp_grpc: {endpoint: "127.0.0.1:1", tls: {insecure: true}, sending_queue: {storage: file_storage}}}
service:
  extensions: [file_storage]
  telemetry: {metrics: {readers: []}}
  pipelines: {traces: {receivers: [nop], exporters: [otlp_grpc]}}
`,
  );
  const running = await startProcess({
    name: "podstamp",
    command: process.execPath,
    args: [program, "--config", config],
  });
  await running.line(/Everything is ready/, 20_000);
  expect(await running.stop()).toEqual({ code: 0, signal: null });
  expect(running.output()).not.toMatch(/experimental/i);
});
