import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { startPodstamp } from "../../support/agent/podstamp.ts";
import { eventually } from "../../support/eventually.ts";
import { servePeer } from "../../support/grpc/calling.ts";
import { peer } from "../../support/grpc/serving.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";
import { freePort } from "../../support/net/ports.ts";
import { templateOf } from "../../support/faults/ledger.ts";

/** Whether somebody listens there. */
function isReached(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

test("a receiver whose settings change is reached all the time, also while what it took before is on its way; nobody is refused", async () => {
  const gate = Promise.withResolvers<void>();
  onTestFinished(() => gate.resolve());
  const backend = await servePeer(async () => {
    await gate.promise;
    return {};
  });
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  const [file, port] = [join(folder, "config.yaml"), await freePort()];
  const write = (maxMib: number) =>
    writeFileSync(
      file,
      `receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:${port}", max_recv_msg_size_mib: ${maxMib}}}}}
exporters: {otlp_grpc: {endpoint: "${backend.address}", tls: {insecure: true}, sending_queue: {enabled: false}}}
service: {telemetry: {metrics: {level: none}}, pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc]}}}
`,
    );
  write(4);
  const podstamp = await startPodstamp({ config: { file } });
  onTestFinished(async () => void (await podstamp.stop()));
  const bytes = templateOf().message;
  const before = peer(`127.0.0.1:${port}`).call(bytes);
  await eventually(() => backend.received.length === 1, { what: "what is on its way" });

  write(5);
  podstamp.signal("SIGHUP");
  const reached: boolean[] = [];
  for (let i = 0; i < 50; i++) {
    reached.push(await isReached(port));
    await sleep(20);
  }
  const during = peer(`127.0.0.1:${port}`).call(bytes);
  await sleep(100);
  gate.resolve();
  await podstamp.line(/The new configuration runs/);
  expect(reached.filter((one) => !one)).toEqual([]);
  expect([(await before).code, (await during).code]).toEqual([0, 0]);
  expect(backend.received).toHaveLength(2);
  expect((await peer(`127.0.0.1:${port}`).call(bytes)).code).toBe(0);
});
