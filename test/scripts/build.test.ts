import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startProcess } from "../support/machine/processes.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

test("what was built loads of Node what it uses, and neither fetch nor WebSocket, which take 8 MB", async () => {
  const home = mkdtempSync(join(tmpdir(), "podstamp-built-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  cpSync(join(root, "package.json"), join(home, "package.json"));
  const build = await startProcess({
    name: "build",
    command: process.execPath,
    args: [join(root, "scripts/build.ts"), join(home, "dist")],
  });
  expect(await build.exited).toEqual({ code: 0, signal: null });

  const told = join(home, "loaded.json");
  const telling = join(home, "telling.cjs");
  writeFileSync(
    telling,
    `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(told)}, JSON.stringify(process.moduleLoadList)));`,
  );
  const config = join(home, "config.yaml");
  writeFileSync(
    config,
    `receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:0"}, http: {endpoint: "127.0.0.1:0"}}}}
processors: {cri_attributes: {runtimes: [{type: auto, endpoint: "unix:///no/such.sock"}]}, batch: }
exporters: {otlp_grpc: {endpoint: "127.0.0.1:1", tls: {insecure: true}}, otlp_http: {endpoint: "http://127.0.0.1:1"}}
extensions: {health_check: {endpoint: "127.0.0.1:0"}}
service:
  extensions: [health_check]
  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: 0}}}}]}}
  pipelines: {traces: {receivers: [otlp], processors: [cri_attributes, batch], exporters: [otlp_grpc, otlp_http]}}
`,
  );
  const running = await startProcess({
    name: "podstamp",
    command: process.execPath,
    args: ["--require", telling, join(home, "dist/main.cjs"), "--config", config],
  });
  await running.line(/Everything is ready/, 15_000);
  expect(await running.stop()).toEqual({ code: 0, signal: null });
  const loaded = JSON.parse(readFileSync(told, "utf8")) as string[];
  expect(loaded).toContain("NativeModule http");
  expect(loaded.filter((name) => /undici/.test(name))).toEqual([]);
});
