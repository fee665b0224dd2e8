import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { components } from "../../src/components.ts";
import { loadConfig } from "../../src/config/load.ts";
import { problemLine } from "../../src/config/document/problem.ts";
import { findTool } from "../support/machine/tools.ts";

type Parts = { readonly [Name in "receiver" | "processor" | "exporter" | "telemetry" | "names" | "end"]?: string };

function file(parts: Parts): string {
  const { receiver = "otlp: {protocols: {grpc: }}", processor = "batch:", telemetry = "{}" } = parts;
  const { exporter = 'otlp_grpc: {endpoint: "localhost:4317"}', names = "exporters: [otlp_grpc]", end = "" } = parts;
  return `receivers:
  ${receiver}
processors:
  ${processor}
exporters:
  ${exporter}
service:
  telemetry: ${telemetry}
  pipelines:
    traces: {receivers: [otlp], processors: [${processor.replace(/:.*/s, "")}], ${names}}
${end}`;
}

const tls = (settings: string) => file({ exporter: `otlp_grpc: {endpoint: "localhost:4317", tls: {${settings}}}` });
const queue = (settings: string) => file({ exporter: `otlp_grpc: {endpoint: "a:1", sending_queue: {${settings}}}` });
const retry = (settings: string) => file({ exporter: `otlp_grpc: {endpoint: "a:1", retry_on_failure: {${settings}}}` });
const to = (endpoint: string) => file({ exporter: `otlp_grpc: {endpoint: "${endpoint}"}` });
const size = (number: string) => file({ processor: `batch: {send_batch_size: ${number}}` });
const logLevel = (level: string) => file({ telemetry: `{logs: {level: ${level}}}` });

const folder = mkdtempSync(join(tmpdir(), "podstamp-verdicts-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The path of a file that references name. */
function given(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** What both take. */
const taken: Readonly<Record<string, string>> = {
  "keys with :: in a processor": file({ processor: "k8s_attributes: {extract::metadata: [k8s.pod.name]}" }),
  "keys with :: beside others of the same map": file({
    processor: "k8s_attributes: {extract::metadata: [k8s.pod.name], extract: {otel_annotations: true}}",
  }),
  "keys with :: from the top": `receivers::otlp::protocols::grpc:
exporters::otlp_grpc::endpoint: "localhost:4317"
service::pipelines::traces: {receivers: [otlp], exporters: [otlp_grpc]}
`,
  "1_000": size("1_000"),
  "0b11": size("0b11"),
  "0X1f": size("0X1f"),
  "0o17": size("0o17"),
  "017": size("017"),
  "a queue that is off, with consumers that there cannot be": queue("enabled: false, num_consumers: 0, queue_size: -5"),
  "retries that are off, with a multiplier that there cannot be": retry("enabled: false, multiplier: 0.5"),
  "an exporter that is listed twice": file({ names: "exporters: [otlp_grpc, otlp_grpc]" }),
  "verbosity: Detailed": file({ exporter: "debug: {verbosity: Detailed}", names: "exporters: [debug]" }),
  "level: Info": logLevel("Info"),
  "level: WARNING": logLevel("WARNING"),
  "level: fatal": logLevel("fatal"),
  "metrics level: Detailed": file({ telemetry: "{metrics: {level: Detailed}}" }),
  "max_request_body_size: -1": file({ receiver: "otlp: {protocols: {http: {max_request_body_size: -1}}}" }),
  "--- at the end": file({ end: "---\n# nothing more\n" }),
  "a number from a file": size(`"\${file:${given("size", "7\n")}}"`),
  "a section from a file, with a reference in it": file({
    exporter: `otlp_grpc: "\${file:${given("exporter.yaml", 'endpoint: "${env:PS_NOT_SET:-localhost}:4317"\n')}}"`,
  }),
};

const circle = given("circle.yaml", `wait_for_ready: "\${file:${join(folder, "circle.yaml")}}"`);

/** What neither takes, and podstamp's reason. */
const refused: Readonly<Record<string, readonly [source: string, reason: string]>> = {
  "keys with :: in a list": [
    file({ processor: 'k8s_attributes: {extract: {labels: [{"a::tag_name": x, key: k}]}}' }),
    "Cannot use processors::k8s_attributes::extract::labels::0::a::tag_name: unknown key",
  ],
  "0b2": [size("0b2"), 'must be an integer from 0 to 10000000, is "0b2"'],
  "a mistaken key in a queue that is off": [
    queue("enabled: false, num_consumer: 1"),
    "Cannot use exporters::otlp_grpc::sending_queue::num_consumer: unknown key; did you mean num_consumers?",
  ],
  "a processor that is listed twice": [
    file({ names: "exporters: [otlp_grpc]" }).replace("[batch]", "[batch, batch]"),
    'references processor "batch" multiple times',
  ],
  "level: loud": [logLevel("loud"), 'must be one of debug, info, warn, error, is "loud"'],
  "a certificate without its key": [
    tls("cert_file: /a.pem"),
    "tls::key_file: must be set beside a certificate, or key_pem, is not set",
  ],
  "a key without its certificate": [
    tls("key_file: /a.pem"),
    "tls::cert_file: must be set beside a key, or cert_pem, is not set",
  ],
  "a file and its text": [
    tls('ca_file: /a.pem, ca_pem: "-"'),
    "tls::ca_pem: must not stand beside ca_file, is [REDACTED]",
  ],
  "versions of TLS that cannot be": [
    tls('min_version: "1.3", max_version: "1.2"'),
    'tls::max_version: must not be older than min_version (1.3), is "1.2"',
  ],
  "a server without a certificate": [
    file({ receiver: "otlp: {protocols: {grpc: {tls: {}}}}" }),
    "tls::cert_file: must be set, or cert_pem: a server needs a certificate and its key, is not set",
  ],
  "an end of retries before the first one": [
    retry("initial_interval: 10s, max_elapsed_time: 5s"),
    'max_elapsed_time: must be 0 or at least initial_interval, or nothing is sent again, is "5s"',
  ],
  "a file that is not there": [
    size('"${file:/nowhere/at/all}"'),
    'cannot read "/nowhere/at/all": there is no such file',
  ],
  "a folder for a file": [size('"${file:/}"'), 'cannot read "/": it is a folder'],
  "a default behind a file": [size('"${file:/nowhere:-7}"'), "a file has no default"],
  "no name of a file": [size('"${file:}"'), "must name a file behind file:"],
  "a file that refers to itself": [
    file({ exporter: `otlp_grpc: "\${file:${circle}}"` }),
    "wait_for_ready: must not refer to a file that it stands in",
  ],
  "a path behind an endpoint of gRPC": [
    to("http://localhost:4317/v1/traces"),
    'endpoint: must be host:port without a path, is "http://localhost:4317/v1/traces"',
  ],
};

async function problemsOf(source: string): Promise<readonly string[]> {
  const { config, problems } = await loadConfig([written(source)], { types: components, env: {} });
  expect(config === undefined).toBe(problems.some(({ severity }) => severity === "error"));
  return problems.map(problemLine);
}

function written(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), "podstamp-verdicts-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "collector.yaml");
  writeFileSync(path, source);
  return path;
}

test.each(Object.entries(taken))("a file of the Collector's with %s is taken", async (_, source) => {
  expect((await problemsOf(source)).filter((line) => !line.includes("warning: "))).toEqual([]);
});

test.each(Object.entries(refused))("a file with %s is refused", async (_, [source, reason]) => {
  expect((await problemsOf(source)).join("\n")).toContain(reason);
});

test("the Collector takes and refuses the same", { timeout: 120_000 }, ({ skip }) => {
  const program = findTool("otelcol");
  if (program === undefined) return skip("the Collector is not built here: test/tools/build.sh collector");
  const takes = (source: string) => {
    try {
      execFileSync(program, ["validate", "--config", written(source)], { stdio: "pipe" });
      return true;
    } catch {
      return false;
    }
  };
  expect(Object.keys(taken).filter((name) => !takes(taken[name] ?? ""))).toEqual([]);
  expect(
    Object.entries(refused)
      .filter(([, [source]]) => takes(source))
      .map(([name]) => name),
  ).toEqual([]);
});
