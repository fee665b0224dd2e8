import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { ExportMetricsServiceRequest } from "../../src/proto/opentelemetry/proto/collector/metrics/v1/metrics_service.ts";
import { ExportTraceServiceRequest } from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { hasOpenssl, makeCertificates } from "../support/net/certificates.ts";
import { newId } from "../support/cri/answers.ts";
import { eventually } from "../support/eventually.ts";
import { httpPeer } from "../support/net/http-peer.ts";
import { lendJaeger, lendRuntime, lendSender, lendSink } from "../support/lend.ts";
import { plainAttributes, wireAttributes } from "../support/otlp/plain.ts";
import { freePort } from "../support/net/ports.ts";
import { type Running, startProcess } from "../support/machine/processes.ts";
import { findTool } from "../support/machine/tools.ts";
import { createWorkspace, wipe } from "../support/machine/workspace.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const container = newId();
const pods = [{ name: "checkout-1", namespace: "pay", containers: [{ id: container, name: "checkout" }] }];
const resource = { "service.name": "test", "container.id": container };

function lendWorkspace(): string {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  return folder;
}

async function lendProcess(
  name: string,
  command: string,
  options: { readonly args: readonly string[]; readonly env?: Readonly<Record<string, string>> },
): Promise<Running> {
  const running = await startProcess({ name, command, ...options });
  onTestFinished(async () => {
    await running.stop();
  });
  await running.line(/Everything is ready/, 20_000);
  return running;
}

type Example = { readonly grpc: string; readonly http: string };

/** Runs a file of config/ as it is, with a second file that moves its ports. */
async function lendExample(file: string, env: Readonly<Record<string, string>>): Promise<Example> {
  const runtime = await lendRuntime({ pods });
  const [grpc, http, health] = [
    `127.0.0.1:${await freePort()}`,
    `127.0.0.1:${await freePort()}`,
    `127.0.0.1:${await freePort()}`,
  ];
  const hasHealth = readFileSync(join(root, "config", file), "utf8").includes("health_check");
  const ports = join(lendWorkspace(), "ports.yaml");
  writeFileSync(
    ports,
    `receivers: {otlp: {protocols: {grpc: {endpoint: "${grpc}"}, http: {endpoint: "${http}"}}}}
service: {telemetry: {metrics: {level: none}}}
${hasHealth ? `extensions: {health_check: {endpoint: "${health}"}}` : ""}
`,
  );
  const args = [join(root, "bin/podstamp.mjs"), "--config", join(root, "config", file), "--config", ports];
  await lendProcess("podstamp", process.execPath, {
    args,
    env: { CONTAINER_RUNTIME_ENDPOINT: runtime.endpoint, K8S_NODE_NAME: "node-7", ...env },
  });
  return { grpc, http };
}

function metricsRequest(...names: readonly string[]): Uint8Array {
  const metrics = names.map((name) => ({
    name,
    sum: { dataPoints: [{ asInt: 1n, timeUnixNano: BigInt(Date.now()) * 1_000_000n }] },
  }));
  const request = {
    resourceMetrics: [{ resource: { attributes: wireAttributes(resource) }, scopeMetrics: [{ metrics }] }],
  };
  return ExportMetricsServiceRequest.encode(ExportMetricsServiceRequest.fromPartial(request)).finish();
}

async function post(address: string, path: string, body: Uint8Array): Promise<number> {
  const { status } = await fetch(`http://${address}${path}`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf" },
    body: Buffer.from(body),
  });
  return status;
}

test("config/vendor.yaml sends over HTTP with the API key, hashes who the user is and takes credentials out", async () => {
  const vendor = await httpPeer();
  onTestFinished(() => vendor.stop());
  const { grpc } = await lendExample("vendor.yaml", { OTLP_ENDPOINT: `${vendor.url}/otlp`, OTLP_API_KEY: "k-1" });
  const attributes = {
    "enduser.id": "alice",
    "http.request.header.authorization": "Bearer x",
    "http.request.method": "GET",
  };
  await lendSender(grpc).traces([{ resource, records: [{ name: "charge", attributes }] }]);
  const posted = await eventually(() => vendor.posted[0], { what: "a request at the vendor" });
  expect([posted.path, posted.headers["api-key"]]).toEqual(["/otlp/v1/traces", "k-1"]);
  const [sent] = ExportTraceServiceRequest.decode(
    await unzipped(posted.body, posted.headers["content-encoding"]),
  ).resourceSpans;
  expect(plainAttributes(sent?.resource?.attributes ?? [])).toMatchObject({
    "k8s.pod.name": "checkout-1",
    "k8s.namespace.name": "pay",
  });
  expect(plainAttributes(sent?.scopeSpans[0]?.spans[0]?.attributes ?? [])).toEqual({
    // SHA-256 of "alice".
    "enduser.id": "2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90",
    "http.request.method": "GET",
  });
});

async function unzipped(body: Buffer, encoding: string | undefined): Promise<Uint8Array> {
  expect(encoding).toBe("gzip");
  return new Uint8Array(
    await new Response(
      new Blob([new Uint8Array(body)]).stream().pipeThrough(new DecompressionStream("gzip")),
    ).arrayBuffer(),
  );
}

test("config/sidecar.yaml takes spans on a unix socket and adds what the environment says where the application is silent", async () => {
  const sink = await lendSink();
  const socket = join(lendWorkspace(), "otlp.sock");
  const runtime = await lendRuntime({ pods });
  const env = {
    CONTAINER_RUNTIME_ENDPOINT: runtime.endpoint,
    PODSTAMP_SOCKET: socket,
    COLLECTOR_ENDPOINT: sink.address,
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=prod,service.name=other",
  };
  await lendProcess("podstamp", process.execPath, {
    args: [join(root, "bin/podstamp.mjs"), "--config", join(root, "config/sidecar.yaml")],
    env,
  });
  await lendSender(`unix://${socket}`).traces([{ resource, records: [{ name: "charge" }] }]);
  const received = await sink.waitFor(({ name }) => name === "charge", "the span");
  expect(received.resource).toMatchObject({
    "k8s.pod.name": "checkout-1",
    "service.name": "test",
    "deployment.environment.name": "prod",
  });
});

test("config/jaeger.yaml: Jaeger finds the trace by the name of the pod", { timeout: 60_000 }, async ({ skip }) => {
  const program = findTool("jaeger");
  if (program === undefined) return skip("Jaeger is not built here: test/tools/build.sh jaeger");
  const jaeger = await lendJaeger(program);
  const { grpc } = await lendExample("jaeger.yaml", { JAEGER_ENDPOINT: jaeger.otlp });
  await lendSender(grpc).spanOf(container, "charge");
  const tags = encodeURIComponent(JSON.stringify({ "k8s.pod.name": "checkout-1" }));
  await eventually(
    async () =>
      (await (await fetch(`http://${jaeger.query}/api/traces?service=test&tags=${tags}`)).text()).includes('"charge"'),
    { what: "the trace in Jaeger" },
  );
});

/** The Collector with a file whose exporters are replaced by one that shows what came. */
async function lendCollector(program: string, text: string, env: Readonly<Record<string, string>>): Promise<Running> {
  const file = join(lendWorkspace(), "collector.yaml");
  writeFileSync(file, text);
  return lendProcess("the Collector", program, { args: ["--config", file], env });
}

test("config/prometheus sends metrics with the pod's name to the Collector that writes to Prometheus", async ({
  skip,
}) => {
  const program = findTool("otelcol");
  if (program === undefined) return skip("the Collector is not built here: test/tools/build.sh collector");
  const listen = `127.0.0.1:${await freePort()}`;
  // The Collector that is built here has no exporter for Prometheus.
  const text = readFileSync(join(root, "config/prometheus/collector.yaml"), "utf8")
    .replace(/^ {2}prometheusremotewrite:\n(?: {4}.*\n)+/m, "  debug: {verbosity: detailed}\n")
    .replace("[prometheusremotewrite]", "[debug]");
  const collector = await lendCollector(program, text, { COLLECTOR_LISTEN: listen });
  const { http } = await lendExample("prometheus/podstamp.yaml", { COLLECTOR_ENDPOINT: listen });
  expect(await post(http, "/v1/metrics", metricsRequest("requests", "debug.requests"))).toBe(200);
  await collector.line(/-> Name: requests/, 10_000);
  expect(collector.output()).toContain("k8s.pod.name: Str(checkout-1)");
  expect(collector.output()).not.toContain("debug.requests");
});

test("config/collector.yaml sends all signals over TLS with the names of pod, node and cluster", async ({ skip }) => {
  const program = findTool("otelcol");
  if (program === undefined) return skip("the Collector is not built here: test/tools/build.sh collector");
  if (!hasOpenssl) return skip("no openssl here, which makes the certificate");
  const { caFile, cert, key, remove } = makeCertificates();
  onTestFinished(remove);
  const folder = lendWorkspace();
  writeFileSync(join(folder, "cert.pem"), cert);
  writeFileSync(join(folder, "key.pem"), key);
  const port = await freePort();
  const text = `receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:${port}", tls: {cert_file: ${folder}/cert.pem, key_file: ${folder}/key.pem}}}}}
exporters: {debug: {verbosity: detailed}}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {receivers: [otlp], exporters: [debug]}
    metrics: {receivers: [otlp], exporters: [debug]}
    logs: {receivers: [otlp], exporters: [debug]}
`;
  const collector = await lendCollector(program, text, {});
  const { grpc, http } = await lendExample("collector.yaml", {
    COLLECTOR_ENDPOINT: `localhost:${port}`,
    COLLECTOR_CA: caFile,
    CLUSTER_NAME: "blue",
  });
  const sender = lendSender(grpc);
  await sender.traces([{ resource, records: [{ name: "charge" }] }]);
  await sender.logs([{ resource, records: [{ name: "charged" }] }]);
  expect(await post(http, "/v1/metrics", metricsRequest("requests"))).toBe(200);
  await Promise.all(
    [/ Name +: charge$/, /Body: Str\(charged\)/, /-> Name: requests/].map((line) => collector.line(line, 10_000)),
  );
  for (const attribute of [
    "k8s.pod.name: Str(checkout-1)",
    "k8s.node.name: Str(node-7)",
    "k8s.cluster.name: Str(blue)",
  ])
    expect(collector.output().split(attribute).length - 1, attribute).toBe(3);
});
