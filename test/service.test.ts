import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { tracesPath } from "./support/grpc/peer.ts";
import { runPodstamp, startPodstamp } from "./support/agent/podstamp.ts";
import type { Podstamp } from "./support/agent/podstamp.ts";
import { freePort } from "./support/net/ports.ts";
import { createSender } from "./support/otlp/sender.ts";

const running: Podstamp[] = [];

afterEach(async () => {
  for (const podstamp of running.splice(0)) await podstamp.stop();
});

type Started = { readonly podstamp: Podstamp; readonly grpc: string; readonly metrics: string };

/** podstamp between a receiver and a backend that is not there. */
async function startWithoutBackend(shutdownTimeout: string): Promise<Started> {
  const [grpcPort, deadPort, metricsPort] = [await freePort(), await freePort(), await freePort()];
  const podstamp = await startPodstamp({ config: configOf({ grpcPort, deadPort, metricsPort, shutdownTimeout }) });
  running.push(podstamp);
  return { podstamp, grpc: `127.0.0.1:${grpcPort}`, metrics: `http://127.0.0.1:${metricsPort}/metrics` };
}

type Ports = {
  readonly grpcPort: number;
  readonly deadPort: number;
  readonly metricsPort: number;
  readonly shutdownTimeout: string;
};

function configOf({ grpcPort, deadPort, metricsPort, shutdownTimeout }: Ports): string {
  return `receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:${grpcPort}"}}}}
exporters: {otlp_grpc: {endpoint: "127.0.0.1:${deadPort}", tls: {insecure: true}}}
service:
  shutdown_timeout: ${shutdownTimeout}
  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metricsPort}}}}}]}}
  pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc]}}
`;
}

async function sendOne(grpc: string): Promise<void> {
  const sender = createSender(grpc);
  await sender.spanOf("0123456789abcdef", "lost");
  sender.close();
}

describe("a process that is told to stop", () => {
  test("SIGTERM ends it with 0 when everything was delivered", async () => {
    const { podstamp } = await startWithoutBackend("5s");
    podstamp.signal("SIGTERM");
    expect(await podstamp.exited).toEqual({ code: 0, signal: null });
    expect(podstamp.log()).toContain("Stopped. Everything that was taken was delivered");
  });

  test("what could not be delivered within the limit is counted and said", async () => {
    const { podstamp, grpc } = await startWithoutBackend("300ms");
    await sendOne(grpc);
    podstamp.signal("SIGTERM");
    expect(await podstamp.exited).toEqual({ code: 0, signal: null });
    expect(podstamp.log()).toMatch(/ error Stopped\. Some of what was held could not be delivered lost_items=1\n/);
  });

  test("a second signal stops it at once, with 1", async () => {
    const { podstamp, grpc } = await startWithoutBackend("1h");
    // A call that does not end holds up the stop.
    await openCall(grpc);
    podstamp.signal("SIGINT");
    await podstamp.line(/Stopping: taking no more/);
    podstamp.signal("SIGTERM");
    expect((await podstamp.exited).code).toBe(1);
  });
});

describe("what it says about itself", () => {
  test("metrics have the Collector's names", async () => {
    const { grpc, metrics } = await startWithoutBackend("1s");
    await sendOne(grpc);
    const text = await (await fetch(metrics)).text();
    expect(text).toContain('otelcol_receiver_accepted_spans{receiver="otlp",transport="grpc"} 1');
    expect(text).toMatch(/^otelcol_process_uptime \d/m);
    expect(text).toMatch(/^otelcol_exporter_queue_capacity\{exporter="otlp_grpc",data_type="traces"\} 1000$/m);
    expect(text).not.toMatch(/^[a-z_]+_total[ {]/m);
  });

  test("a port for metrics that is taken ends it with 1 and names the setting", async () => {
    const { metrics } = await startWithoutBackend("1s");
    const port = new URL(metrics).port;
    const folder = await mkdtemp(join(tmpdir(), "podstamp-service-"));
    const file = join(folder, "taken.yaml");
    await writeFile(
      file,
      configOf({ grpcPort: await freePort(), deadPort: 1, metricsPort: Number(port), shutdownTimeout: "1s" }),
    );
    const other = await runPodstamp(["--config", file]);
    await rm(folder, { recursive: true });
    expect(other.code).toBe(1);
    expect(other.output).toContain(
      `error Cannot listen on 127.0.0.1:${port} for service::telemetry::metrics::readers: somebody else listens there`,
    );
  });
});

/** A call over HTTP/2 whose message never comes, by a client that hears no goodbye; resolves when the server has it. */
async function openCall(address: string): Promise<void> {
  const [host = "", port = ""] = address.split(":");
  const socket = connect(Number(port), host);
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  const text = (value: string) => [value.length, ...Buffer.from(value)];
  const literals = [
    [0x04, ...text(tracesPath)],
    [0x01, ...text(address)],
    [0x0f, 0x10, ...text("application/grpc")],
    [0x00, ...text("te"), ...text("trailers")],
  ];
  // :method POST and :scheme http are in the static table.
  const block = Buffer.from([0x83, 0x86, ...literals.flat()]);
  const frame = (type: number, flags: number, stream: number, payload: Buffer) =>
    Buffer.concat([Buffer.from([0, payload.length >> 8, payload.length & 255, type, flags, 0, 0, 0, stream]), payload]);
  socket.write(Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  socket.write(
    Buffer.concat([frame(4, 0, 0, Buffer.alloc(0)), frame(1, 4, 1, block), frame(6, 0, 0, Buffer.from("received"))]),
  );
  let said = Buffer.alloc(0);
  await new Promise<void>((resolve) => {
    socket.on("data", (chunk) => {
      said = Buffer.concat([said, chunk]);
      if (said.includes("received")) resolve();
    });
  });
}
