import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { TestContext } from "vitest";
import { ok } from "../../../src/net/status.ts";
import type { TransportName } from "../../../src/net/transport.ts";
import { ExportTraceServiceRequest } from "../../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { newId } from "../../support/cri/answers.ts";
import { connecting } from "../../support/grpc/calling.ts";
import { request } from "../../support/grpc/peer.ts";
import { eventually } from "../../support/eventually.ts";
import { folder, serving } from "../../support/grpc/serving.ts";
import { lendRuntime, lendSender, lendSink } from "../../support/lend.ts";
import { findPeer } from "../../support/grpc/peers.ts";
import { startPodstamp } from "../../support/agent/podstamp.ts";
import { freePort } from "../../support/net/ports.ts";
import { traceRequest } from "../../support/otlp/sender.ts";
import { findTool } from "../../support/machine/tools.ts";
import { transports } from "../../support/grpc/transports.ts";
import { lendNginx, lendProcess } from "./peer-programs.ts";

function nginx({ skip }: TestContext): string {
  const found = findPeer("nginx");
  return "path" in found ? found.path : skip(found.why);
}

/** podstamp with this transport on both sides. */
async function lendPodstamp(
  transport: TransportName,
  { runtime, to }: { runtime: string; to: string },
): Promise<string> {
  const address = `127.0.0.1:${await freePort()}`;
  const podstamp = await startPodstamp({
    config: `receivers:
  otlp: {protocols: {grpc: {endpoint: "${address}", transport: ${transport}}}}
processors:
  cri_attributes: {runtimes: [{type: cri, endpoint: "${runtime}"}]}
exporters:
  otlp_grpc: {endpoint: "${to}", tls: {insecure: true}, transport: ${transport}, sending_queue: {enabled: false}}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {receivers: [otlp], processors: [cri_attributes], exporters: [otlp_grpc]}
`,
  });
  onTestFinished(async () => {
    await podstamp.stop();
  });
  return address;
}

describe.each(transports)("podstamp on %s", (transport) => {
  test("stands between two nginx with grpc_pass and loses nothing", async (context) => {
    const container = newId();
    const runtime = await lendRuntime({
      pods: [{ name: "checkout-1", namespace: "pay", containers: [{ id: container, name: "checkout" }] }],
    });
    const sink = await lendSink();
    const behind = await lendNginx(nginx(context), sink.address);
    const podstamp = await lendPodstamp(transport, { runtime: runtime.endpoint, to: behind });
    const sender = lendSender(await lendNginx(nginx(context), podstamp));
    const names = Array.from({ length: 2500 }, (_, i) => `span ${i}`);
    // nginx ends each connection after a thousand requests, on both sides.
    const worker = async (part: number): Promise<void> => {
      for (let i = part; i < names.length; i += 25) await sender.spanOf(container, names[i] ?? "");
    };
    await Promise.all(Array.from({ length: 25 }, (_, part) => worker(part)));
    // The sink is a process of its own, whose last words may still be on their way.
    await eventually(() => sink.received().length >= names.length, { what: "all spans" });
    const received = sink.received();
    expect(new Set(received.map(({ name }) => name))).toEqual(new Set(names));
    expect(received).toHaveLength(names.length);
    expect(received.every(({ resource }) => resource["k8s.pod.name"] === "checkout-1")).toBe(true);
  });

  test("exchanges with grpc-go, which is what the Collector is made of", async ({ skip }) => {
    const program = findTool("otelcol");
    if (program === undefined) return skip("the Collector is not built here: test/tools/build.sh collector");
    const names = new Set<string>();
    const { address, calls } = await serving(transport)(async ({ message }) => {
      const { resourceSpans } = ExportTraceServiceRequest.decode(message);
      for (const { spans } of resourceSpans.flatMap(({ scopeSpans }) => scopeSpans))
        for (const { name } of spans) names.add(name);
      return { status: ok };
    });
    const port = await freePort();
    const config = join(folder(), "collector.yaml");
    writeFileSync(
      config,
      `receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:${port}"}}}}
exporters: {otlp: {endpoint: "${address}", tls: {insecure: true}, compression: gzip, sending_queue: {enabled: false}}}
service:
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], exporters: [otlp]}}
`,
    );
    const collector = await lendProcess(program, ["--config", config], "the Collector");
    await collector.line(/Everything is ready/, 20_000);
    const client = connecting(transport)(`127.0.0.1:${port}`);
    const bundle = (i: number) => ({
      resource: { "service.name": "test" },
      records: Array.from({ length: 1 + ((i * 7) % 300) }, (_, n) => ({ name: `span ${i}.${n}` })),
    });
    const codes = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const bytes = ExportTraceServiceRequest.encode(traceRequest([bundle(i)])).finish();
        return (await client.call(request(bytes))).status.code;
      }),
    );
    expect(codes.every((code) => code === 0)).toBe(true);
    expect(calls).toHaveLength(200);
    const all = Array.from({ length: 200 }, (_, i) => bundle(i).records.map(({ name }) => name)).flat();
    expect(names).toEqual(new Set(all));
  });
});
