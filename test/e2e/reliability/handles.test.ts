import { connect } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { lendSender, lendSink } from "../../support/lend.ts";
import { startProcess } from "../../support/machine/processes.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";
import { freePort } from "../../support/net/ports.ts";

const program = fileURLToPath(new URL("../../../bin/podstamp.mjs", import.meta.url));
const openFiles = 80;

test("whoever takes all of its open files with connections neither ends it nor stops those who are connected", async () => {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  const [port, metrics, sink] = [await freePort(), await freePort(), await lendSink()];
  const file = join(folder, "config.yaml");
  writeFileSync(
    file,
    `receivers:
  otlp: {protocols: {grpc: {endpoint: "127.0.0.1:${port}"}}}
processors:
  memory_limiter: {check_interval: 50ms, limit_mib: 1000}
exporters:
  otlp_grpc: {endpoint: "${sink.address}", tls: {insecure: true}, sending_queue: {enabled: false}}
service:
  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metrics}}}}}]}}
  pipelines: {traces: {receivers: [otlp], processors: [memory_limiter], exporters: [otlp_grpc]}}
`,
  );
  const run = `ulimit -n ${openFiles} && exec "$0" "$@"`;
  const running = await startProcess({
    name: "podstamp",
    command: "/bin/sh",
    args: ["-c", run, process.execPath, program, "--config", file],
  });
  onTestFinished(async () => {
    running.signal("SIGKILL");
    await running.exited;
  });
  await running.line(/Everything is ready/, 20_000);
  const sender = lendSender(`127.0.0.1:${port}`);
  await sender.traces([{ records: [{ name: "before" }] }]);
  const sockets = Array.from({ length: 2 * openFiles }, () => connect(port, "127.0.0.1").on("error", () => {}));
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  await sleep(1000);
  await sender.traces([{ records: [{ name: "meanwhile" }] }]);
  for (const socket of sockets) socket.destroy();
  await sleep(500);
  const after = lendSender(`127.0.0.1:${port}`);
  await after.traces([{ records: [{ name: "after" }] }]);
  const scraped = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
  expect(scraped).toMatch(/^otelcol_exporter_sent_spans\S* 3$/m);
  expect(running.output()).not.toContain("not expected");
});
