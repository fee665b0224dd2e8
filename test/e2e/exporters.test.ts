import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { ServerCredentials } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { ExportTraceServiceRequest } from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { eventually } from "../support/eventually.ts";
import { servePeer } from "../support/grpc/calling.ts";
import { forwardProxy } from "../support/net/forward-proxy.ts";
import { hasOpenssl, makeCertificates } from "../support/net/certificates.ts";
import { httpPeer } from "../support/net/http-peer.ts";
import type { HttpPeer, Posted } from "../support/net/http-peer.ts";
import { lendSender, lendSink } from "../support/lend.ts";
import { startPodstamp } from "../support/agent/podstamp.ts";
import type { Podstamp } from "../support/agent/podstamp.ts";
import { freePort } from "../support/net/ports.ts";
import { startProcess } from "../support/machine/processes.ts";
import { findTool } from "../support/machine/tools.ts";
import { createWorkspace, wipe } from "../support/machine/workspace.ts";

type Pipeline = {
  /** YAML in braces, by the ids of the exporters. */
  readonly exporters: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
};

/** podstamp with these exporters behind one pipeline of traces. */
async function lendPipeline({ exporters, env = {} }: Pipeline): Promise<Podstamp & { readonly grpc: string }> {
  const grpc = `127.0.0.1:${await freePort()}`;
  const config = `receivers:
  otlp: {protocols: {grpc: {endpoint: "${grpc}"}}}
exporters:
${Object.entries(exporters)
  .map(([id, settings]) => `  ${id}: ${settings}\n`)
  .join("")}service:
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {receivers: [otlp], exporters: [${Object.keys(exporters).join(", ")}]}
`;
  const podstamp = await startPodstamp({ config, env });
  onTestFinished(async () => {
    await podstamp.stop();
  });
  return { ...podstamp, grpc };
}

async function lendPeer(...parameters: Parameters<typeof httpPeer>): Promise<HttpPeer> {
  const peer = await httpPeer(...parameters);
  onTestFinished(() => peer.stop());
  return peer;
}

function lendFolder(): string {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  return folder;
}

/** The names of the spans in a line of OTLP's JSON. */
function namesInJson(text: string): string[] {
  type Json = { resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[] };
  return (JSON.parse(text) as Json).resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
  );
}

function namesIn({ headers, body }: Posted): string[] {
  const bytes = headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
  if (headers["content-type"] === "application/json") return namesInJson(bytes.toString());
  return ExportTraceServiceRequest.decode(bytes).resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
  );
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `span-${index}`);

test("a dead backend holds up none of the others, and gets everything when it is up", async () => {
  const folder = lendFolder();
  const file = join(folder, "out/traces.json");
  const [proto, json] = [await lendPeer(), await lendPeer()];
  const port = await freePort();
  const podstamp = await lendPipeline({
    exporters: {
      "otlp_grpc/dead": `{endpoint: "127.0.0.1:${port}", tls: {insecure: true}, retry_on_failure: {initial_interval: 100ms, max_interval: 200ms}}`,
      "otlphttp/proto": `{endpoint: "${proto.url}"}`,
      "otlp_http/json": `{traces_endpoint: "${json.url}/in", encoding: json, compression: none, headers: {x-api-key: tops3cret}}`,
      file: `{path: "${file}", create_directory: true}`,
      nop: "",
    },
  });
  const sender = lendSender(podstamp.grpc);
  for (const name of names(20)) await sender.traces([{ resource: { "service.name": "test" }, records: [{ name }] }]);
  await eventually(() => proto.posted.length === 20 && json.posted.length === 20, {
    what: "20 requests at both peers",
  });
  for (const { posted } of [proto, json]) expect(posted.flatMap(namesIn).toSorted()).toEqual(names(20).toSorted());
  expect(json.posted[0]).toMatchObject({ path: "/in", headers: { "x-api-key": "tops3cret" } });
  expect(proto.posted[0]?.headers["user-agent"]).toMatch(/^podstamp\/\S+ \(linux\/\w+\)$/);
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  expect(lines.flatMap(namesInJson)).toEqual(names(20));

  const risen = await lendSink(port);
  await eventually(() => risen.received().length === 20, {
    what: "20 spans at the backend that is up",
    timeoutMs: 20_000,
  });
  expect(proto.posted).toHaveLength(20);
  expect(podstamp.log()).toMatch(/"otlphttp" alias is deprecated; use "otlp_http" instead/);
  expect(podstamp.log()).not.toContain("tops3cret");
});

test("SIGTERM writes and sends what was acknowledged, then ends with 0", async () => {
  const folder = lendFolder();
  const slow = await lendPeer(async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    return {};
  });
  const file = join(folder, "traces.proto");
  const podstamp = await lendPipeline({
    exporters: { otlp_http: `{endpoint: "${slow.url}"}`, file: `{path: "${file}", format: proto}` },
  });
  const sender = lendSender(podstamp.grpc);
  await Promise.all(names(30).map((name) => sender.traces([{ records: [{ name }] }])));
  podstamp.signal("SIGTERM");
  expect(await podstamp.exited).toEqual({ code: 0, signal: null });
  expect(slow.posted.flatMap(namesIn).toSorted()).toEqual(names(30).toSorted());
  const written: string[] = [];
  const bytes = readFileSync(file);
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) {
    const body = bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at));
    written.push(...namesIn({ method: "", path: "", headers: {}, body }));
  }
  expect(written.toSorted()).toEqual(names(30).toSorted());
});

test("the proxies of the environment are used for gRPC and HTTP", async () => {
  const peer = await lendPeer();
  const sink = await lendSink();
  const proxy = await forwardProxy({
    names: {
      "http.test": { host: "127.0.0.1", port: peer.port },
      "grpc.test": { host: "127.0.0.1", port: sink.port },
    },
  });
  onTestFinished(() => proxy.stop());
  const podstamp = await lendPipeline({
    exporters: {
      otlp_http: '{endpoint: "http://http.test:4318"}',
      otlp_grpc: '{endpoint: "grpc.test:4317", tls: {insecure: true}}',
    },
    env: { HTTP_PROXY: `http://me:tops3cret@${proxy.address}`, https_proxy: `http://${proxy.address}` },
  });
  await lendSender(podstamp.grpc).traces([{ records: [{ name: "through" }] }]);
  await sink.waitFor(({ name }) => name === "through", "the span");
  await eventually(() => peer.posted.flatMap(namesIn).includes("through"), { what: "the span over HTTP" });
  expect(proxy.asked.map(({ line }) => line).toSorted()).toEqual([
    "CONNECT grpc.test:4317",
    "POST http://http.test:4318/v1/traces",
  ]);
  expect(podstamp.log()).not.toContain("tops3cret");
});

test.for([
  ["proto", "gzip"],
  ["proto", "zstd"],
  ["json", "gzip"],
  ["json", "deflate"],
] as const)("a real Collector understands %s with %s", async ([encoding, compression], { skip }) => {
  const program = findTool("otelcol");
  if (program === undefined) return skip("the Collector is not built here: test/tools/build.sh collector");
  const folder = lendFolder();
  const port = await freePort();
  writeFileSync(
    join(folder, "collector.yaml"),
    `receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:${port}"}}}}
exporters: {debug: {verbosity: detailed}}
service:
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], exporters: [debug]}}
`,
  );
  const collector = await startProcess({
    name: "the Collector",
    command: program,
    args: ["--config", join(folder, "collector.yaml")],
  });
  onTestFinished(async () => {
    await collector.stop();
  });
  await collector.line(/Everything is ready/, 20_000);
  const podstamp = await lendPipeline({
    exporters: {
      otlp_http: `{endpoint: "http://127.0.0.1:${port}", encoding: ${encoding}, compression: ${compression}}`,
    },
  });
  await lendSender(podstamp.grpc).traces([{ resource: { "service.name": "shop" }, records: [{ name: "charge" }] }]);
  expect(await collector.line(/service\.name: Str/, 10_000)).toContain("service.name: Str(shop)");
});

test("an authority that the machine trusts counts without a setting, over gRPC and HTTP", async ({ skip }) => {
  if (!hasOpenssl) return skip("no openssl here, which makes the certificates");
  const { caFile, cert, key, remove } = makeCertificates();
  onTestFinished(remove);
  const peer = await lendPeer(undefined, { tls: { cert, key } });
  const sink = await servePeer(undefined, {
    credentials: ServerCredentials.createSsl(null, [{ cert_chain: cert, private_key: key }]),
  });
  const podstamp = await lendPipeline({
    exporters: { otlp_http: `{endpoint: "${peer.url}"}`, otlp_grpc: `{endpoint: "${sink.address}"}` },
    // As a file of the machine's list, which OpenSSL and Go's programs read there.
    env: { SSL_CERT_FILE: caFile },
  });
  await lendSender(podstamp.grpc).traces([{ records: [{ name: "charge" }] }]);
  await eventually(() => peer.posted.length === 1 && sink.received.length === 1, { what: "a request at both peers" });
});
