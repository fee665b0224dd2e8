import { expect, test } from "vitest";
import { components } from "../../src/components.ts";
import { loadConfig } from "../../src/config/load.ts";

type Wiring = {
  /** Of the receiver's protocols, in YAML. */
  readonly protocols?: string;
  /** The exporters, in YAML. */
  readonly exporters: string;
  readonly pipelines?: string;
};

const both = "{traces: {receivers: [otlp], exporters: [out]}, logs: {receivers: [otlp], exporters: [out]}}";

/** What is warned of a configuration with the given receiver and exporters, of which "out" is the one in its pipelines. */
async function warned({ protocols = "{grpc: {}, http: {}}", exporters, pipelines = both }: Wiring) {
  const text = `{receivers: {otlp: {protocols: ${protocols}}, otlp/other: {protocols: {grpc: {endpoint: "localhost:5317"}}}}, exporters: ${exporters}, service: {pipelines: ${pipelines}}}`;
  const { config, problems } = await loadConfig([`yaml:${text}`], { types: components, env: {} });
  expect(config).toBeDefined();
  return problems.map(({ message }) => message).filter((message) => message.includes("sends to"));
}

const grpc = (endpoint: string) => `{otlp_grpc/out: {endpoint: "${endpoint}", tls: {insecure: true}}}`;
const http = (settings: string) => `{otlp_http/out: {${settings}}}`;
const named = (type: string) => both.replaceAll("out", `${type}/out`);

test("an exporter that sends to a receiver of its own pipeline is told, once", async () => {
  expect(await warned({ exporters: grpc("localhost:4317"), pipelines: named("otlp_grpc") })).toEqual([
    "exporters::otlp_grpc/out sends to localhost:4317, where receivers::otlp of the same pipeline (traces) listens: it comes back again and again",
  ]);
});

test.each([
  ["{grpc: {}}", "127.0.0.1:4317"],
  ["{grpc: {}}", "[::1]:4317"],
  ["{grpc: {}}", "http://localhost:4317"],
  ['{grpc: {endpoint: "0.0.0.0:4317"}}', "localhost:4317"],
  ['{grpc: {endpoint: "[::]:4317"}}', "127.0.0.2:4317"],
  ['{grpc: {endpoint: ":4317"}}', "0.0.0.0:4317"],
  ['{grpc: {endpoint: "10.0.0.7:4317"}}', "10.0.0.7:4317"],
])("over gRPC, listening with %s, at %s", async (protocols, endpoint) => {
  expect(await warned({ protocols, exporters: grpc(endpoint), pipelines: named("otlp_grpc") })).toHaveLength(1);
});

test.each([
  ['{http: {endpoint: "0.0.0.0:4318"}}', 'endpoint: "http://localhost:4318"'],
  ['{http: {endpoint: "[::1]:80"}}', 'endpoint: "http://[::1]"'],
  [
    "{http: {}}",
    'endpoint: "http://tempo:4318", logs_endpoint: "http://loki:3100/otlp/v1/logs", traces_endpoint: "http://127.0.0.1:4318/v1/traces"',
  ],
])("over HTTP, listening with %s, with %s", async (protocols, settings) => {
  expect(await warned({ protocols, exporters: http(settings), pipelines: named("otlp_http") })).toHaveLength(1);
});

test.each([
  ["{grpc: {}}", "localhost:4318"],
  ["{grpc: {}}", "tempo:4317"],
  ['{grpc: {endpoint: "0.0.0.0:4317"}}', "10.0.0.7:4317"],
  // A backend beside it in its pod.
  ['{grpc: {endpoint: "10.0.0.7:4317"}}', "localhost:4317"],
  ['{grpc: {endpoint: "127.0.0.1:4317"}}', "[::1]:4317"],
  ["{grpc: {endpoint: /run/o.sock, transport: unix}}", "unix:///run/o.sock"],
  // Another pipeline's.
  ["{grpc: {}}", "localhost:5317"],
])("nothing is said of one that listens with %s and an exporter at %s", async (protocols, endpoint) => {
  expect(await warned({ protocols, exporters: grpc(endpoint), pipelines: named("otlp_grpc") })).toEqual([]);
});

test("nothing is said of a path that no receiver has", async () => {
  const settings = 'endpoint: "http://localhost:4318/otlp"';
  expect(await warned({ exporters: http(settings), pipelines: named("otlp_http") })).toEqual([]);
});
