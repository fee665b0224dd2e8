import { execFile, spawnSync } from "node:child_process";
import http from "node:http";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { TracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace";
import { expect, onTestFinished, test } from "vitest";
import { newId } from "../support/cri/answers.ts";
import { lendAgent, lendRuntime, lendSender, lendSink } from "../support/lend.ts";
import { startPodstamp } from "../support/agent/podstamp.ts";
import type { Podstamp } from "../support/agent/podstamp.ts";
import type { Sink } from "../support/otlp/sink.ts";

const run = promisify(execFile);
const container = newId();
const pods = [{ name: "web-1", namespace: "shop", containers: [{ id: container, name: "web" }] }];
const resource = resourceFromAttributes({ "service.name": "shop", "container.id": container });

/** A request of one span, as somebody writes it by hand. */
const spanNamed = (name: string): string =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: "container.id", value: { stringValue: container } }] },
        scopeSpans: [{ spans: [{ traceId: "5B8EFFF798038103D269B633813FC60C", spanId: "EEE19B7EC3C1B174", name }] }],
      },
    ],
  });

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "podstamp-http-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

type Answered = { readonly status: string; readonly body: string };

/** curl, which is not ours: posts a file. */
async function curl(url: string, body: Uint8Array, options: readonly string[] = []): Promise<Answered> {
  const file = join(folder(), "body");
  writeFileSync(file, body);
  const args = ["-sS", "-w", "\n%{http_code} %{content_type}", "-H", "content-type: application/json", ...options];
  const { stdout } = await run("curl", [...args, "--data-binary", `@${file}`, url]);
  const end = stdout.lastIndexOf("\n");
  return { status: stdout.slice(end + 1), body: stdout.slice(0, end) };
}

/** Posts JSON to a unix socket. */
function postAt(socketPath: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const request = http.request({ socketPath, path: "/v1/traces", method: "POST", headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve(`${response.statusCode} ${text}`));
    });
    request.on("error", reject).end(body);
  });
}

async function podOf(sink: Sink, name: string): Promise<unknown> {
  const { resource: attributes } = await sink.waitFor((record) => record.name === name, name);
  return attributes["k8s.pod.name"];
}

const hasCurl = spawnSync("curl", ["--version"]).status === 0;

test.skipIf(!hasCurl)(
  "curl sends JSON, plain and compressed, and is told what is wrong with it (skipped without curl)",
  async () => {
    const [runtime, sink] = [await lendRuntime({ pods }), await lendSink()];
    const agent = await lendAgent({ runtime: runtime.endpoint, sink: sink.address });
    const url = `http://${agent.http}/v1/traces`;
    const taken = { status: "200 application/json", body: "{}" };
    expect(await curl(url, Buffer.from(spanNamed("plain")))).toEqual(taken);
    expect(await curl(url, gzipSync(spanNamed("gzip")), ["-H", "content-encoding: gzip"])).toEqual(taken);
    expect(await curl(url, zstdCompressSync(spanNamed("zstd")), ["-H", "content-encoding: zstd"])).toEqual(taken);
    for (const name of ["plain", "gzip", "zstd"]) expect(await podOf(sink, name)).toBe("web-1");
    const { status, body } = await curl(url, Buffer.from('{"resourceSpans": [{"schemaUrl": 1}]}'));
    expect({ status, ...(JSON.parse(body) as object) }).toEqual({
      status: "400 application/json",
      code: 3,
      message: "Cannot read resourceSpans[0].schemaUrl: must be a string, is 1 (byte 33)",
    });
    const wrongPort = await curl(`http://${agent.grpc}/v1/traces`, Buffer.from("{}"));
    expect(wrongPort.body).toBe(`This is the port of OTLP/gRPC; OTLP/HTTP is on ${agent.http}\n`);
    await agent.line(/A client speaks HTTP\/1\.1 to the gRPC port; OTLP\/HTTP is on 127\.0\.0\.1:\d+/);
  },
);

test("the SDK's exporters of JSON and of protobuf over HTTP are understood", async () => {
  const [runtime, sink] = [await lendRuntime({ pods }), await lendSink()];
  const agent = await lendAgent({ runtime: runtime.endpoint, sink: sink.address });
  const url = `http://${agent.http}/v1/traces`;
  const exporters = { json: new JsonExporter({ url }), protobuf: new ProtobufExporter({ url }) };
  for (const [name, exporter] of Object.entries(exporters)) {
    const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter })] });
    provider
      .getTracer("test")
      .startSpan(name, { attributes: { big: 2 ** 53, list: ["a", "ü"], half: 0.5 } })
      .end();
    await provider.forceFlush();
    expect(await podOf(sink, name)).toBe("web-1");
    await provider.shutdown();
  }
  const received = sink.received().map(({ name, attributes }) => [name, attributes]);
  expect(received[0]?.[1]).toEqual(received[1]?.[1]);

  const logs = new LoggerProvider({
    resource,
    processors: [
      new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter({ url: `http://${agent.http}/v1/logs` }) }),
    ],
  });
  logs.getLogger("test").emit({ body: "a log in JSON" });
  await logs.forceFlush();
  expect(await podOf(sink, "a log in JSON")).toBe("web-1");
  await logs.shutdown();
});

/** podstamp with both protocols on unix sockets and nowhere else. */
async function lendSidecar(runtime: string, sink: string, paths: { grpc: string; http: string }): Promise<Podstamp> {
  const podstamp = await startPodstamp({
    config: `receivers:
  otlp:
    protocols:
      grpc: {transport: unix, endpoint: ${paths.grpc}, mode: "0660"}
      http: {transport: unix, endpoint: ${paths.http}, mode: "0666"}
processors:
  cri_attributes: {runtimes: [{type: cri, endpoint: "${runtime}"}], node_name: here}
exporters:
  otlp_grpc: {endpoint: "${sink}", tls: {insecure: true}}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {receivers: [otlp], processors: [cri_attributes], exporters: [otlp_grpc]}
`,
  });
  onTestFinished(async () => void (await podstamp.stop()));
  return podstamp;
}

test("both protocols on unix sockets take what comes, again after a kill, and leave nothing behind", async () => {
  const [runtime, sink] = [await lendRuntime({ pods }), await lendSink()];
  const where = folder();
  const paths = { grpc: join(where, "grpc.sock"), http: join(where, "http.sock") };
  const first = await lendSidecar(runtime.endpoint, sink.address, paths);
  first.signal("SIGKILL");
  await first.exited;
  expect(statSync(paths.grpc).isSocket()).toBe(true);
  const second = await lendSidecar(runtime.endpoint, sink.address, paths);
  expect([paths.grpc, paths.http].map((path) => statSync(path).mode & 0o777)).toEqual([0o660, 0o666]);
  await lendSender(`unix:${paths.grpc}`).spanOf(container, "grpc");
  expect(await postAt(paths.http, spanNamed("http"))).toBe("200 {}");
  for (const name of ["grpc", "http"]) expect(await podOf(sink, name)).toBe("web-1");
  second.signal("SIGTERM");
  expect(await second.exited).toEqual({ code: 0, signal: null });
  expect([paths.grpc, paths.http].map((path) => statSync(path, { throwIfNoEntry: false }))).toEqual([
    undefined,
    undefined,
  ]);
});
