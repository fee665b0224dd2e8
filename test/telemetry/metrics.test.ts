import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, test } from "vitest";
import { listen } from "../../src/net/socket/listen.ts";
import { createMetricsEndpoint } from "../../src/telemetry/exporting/endpoint.ts";
import type { MetricsEndpoint } from "../../src/telemetry/exporting/endpoint.ts";
import { metricShapes } from "../../src/telemetry/names.ts";
import { createRegistry } from "../../src/telemetry/registry.ts";
import { ownResource } from "../../src/telemetry/resource.ts";
import type { Registry } from "../../src/telemetry/registry.ts";

const started: MetricsEndpoint[] = [];
const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));

afterEach(async () => {
  for (const endpoint of started.splice(0)) await endpoint.stop();
});

function registryAt(level: "basic" | "normal" | "detailed"): Registry {
  return createRegistry({ level, version: "1.2.3", resource: ownResource({ version: "1.2.3", instanceId: "an-id" }) });
}

function endpointAt(host: string, { port = 0, registry = registryAt("basic") } = {}): MetricsEndpoint {
  const endpoint = createMetricsEndpoint(registry, {
    host,
    port,
    listen: (at, make) => listen({ kind: "tcp", scheme: undefined, ...at }, make),
  });
  started.push(endpoint);
  return endpoint;
}

async function serve(registry: Registry): Promise<string> {
  return `http://${await endpointAt("127.0.0.1", { registry }).start()}`;
}

async function scrape(registry: Registry): Promise<string> {
  return (await fetch(`${await serve(registry)}/metrics`)).text();
}

describe("what Prometheus reads", () => {
  test.each(["0.0.0.0", "localhost"])("can be read over IPv4 and IPv6 where the host is %s", async (at) => {
    const port = (await endpointAt(at).start()).split(":").at(-1);
    const hosts = hasIpv6 ? ["127.0.0.1", "[::1]"] : ["127.0.0.1"];
    for (const host of hosts) expect((await fetch(`http://${host}:${port}/metrics`)).status).toBe(200);
  });

  test("names stand as the Collector has them: no _total, no unit, no scope, but target_info", async () => {
    const registry = registryAt("normal");
    registry.counter("otelcol_receiver_accepted_spans", { receiver: "otlp", transport: "grpc" }).add(3);
    registry.gauge("otelcol_exporter_queue_size", { exporter: "otlp_grpc", data_type: "traces" }, () => 7);
    expect((await scrape(registry)).trim().split("\n")).toEqual([
      "# HELP target_info Target metadata",
      "# TYPE target_info gauge",
      'target_info{service_name="podstamp",service_version="1.2.3",service_instance_id="an-id"} 1',
      "# HELP otelcol_receiver_accepted_spans Spans that the pipeline took from a receiver",
      "# TYPE otelcol_receiver_accepted_spans counter",
      'otelcol_receiver_accepted_spans{receiver="otlp",transport="grpc"} 3',
      "# HELP otelcol_exporter_queue_size What is in the sending queue now, in the unit of its sizer",
      "# TYPE otelcol_exporter_queue_size gauge",
      'otelcol_exporter_queue_size{exporter="otlp_grpc",data_type="traces"} 7',
    ]);
  });

  test("histograms have the Collector's names, labels and bounds, in its spelling", async () => {
    const registry = registryAt("detailed");
    const labels = { processor: "batch" };
    // As a Collector 0.158 was told while it said what is in the fixture.
    for (const items of [10, 7]) registry.histogram("otelcol_processor_batch_batch_send_size", labels).record(items);
    for (const bytes of [1602, 468])
      registry.histogram("otelcol_processor_batch_batch_send_size_bytes", labels).record(bytes);
    const fixture = new URL("../fixtures/telemetry/collector-batch-sizes.txt", import.meta.url);
    const lines = (await scrape(registry)).split("\n");
    const series = lines.filter((line) => line.startsWith("otelcol_processor_batch"));
    expect(series.toSorted()).toEqual(readFileSync(fixture, "utf8").trim().split("\n").toSorted());
    expect(lines).toContain("# TYPE otelcol_processor_batch_batch_send_size histogram");
  });

  test("the bytes of batches are shown at the level detailed alone, as by the Collector", async () => {
    for (const level of ["basic", "normal"] as const) {
      const registry = registryAt(level);
      registry.histogram("otelcol_processor_batch_batch_send_size").record(1);
      registry.histogram("otelcol_processor_batch_batch_send_size_bytes").record(1);
      const text = await scrape(registry);
      expect(text).not.toContain("send_size_bytes");
      expect(text.includes("send_size_count 1")).toBe(level === "normal");
    }
  });

  test("a histogram goes on counting, and its series have an end", async () => {
    const registry = registryAt("normal");
    const name = "otelcol_processor_batch_batch_send_size";
    for (let n = 0; n < 1500; n++) registry.histogram(name, { processor: `p${n % 1200}` }).record(1);
    const counts = (await scrape(registry)).split("\n").filter((line) => line.startsWith(`${name}_count{`));
    expect(counts).toHaveLength(1001);
    expect(counts).toContain(`${name}_count{processor="p299"} 2`);
    expect(counts).toContain(`${name}_count{otel_metric_overflow="true"} 200`);
  });

  test("a counter goes on counting between scrapes, and asking twice gives the same series", async () => {
    const registry = registryAt("basic");
    registry.counter("podstamp_lookups", { result: "hit" }).add(1);
    const url = await serve(registry);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('podstamp_lookups{result="hit"} 1');
    registry.counter("podstamp_lookups", { result: "hit" }).add(2);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('podstamp_lookups{result="hit"} 3');
    expect(registry.total("podstamp_lookups")).toBe(3);
  });

  test("the order of labels does not make another series", () => {
    const registry = registryAt("basic");
    registry.counter("podstamp_runtime_calls", { runtime: "r", method: "m", result: "ok" }).add(1);
    registry.counter("podstamp_runtime_calls", { result: "ok", method: "m", runtime: "r" }).add(1);
    expect(registry.total("podstamp_runtime_calls")).toBe(2);
  });

  test("a second gauge of the same name and labels replaces the first", async () => {
    const registry = registryAt("basic");
    registry.gauge("podstamp_waiting_bytes", {}, () => 1);
    registry.gauge("podstamp_waiting_bytes", {}, () => 2);
    expect(await scrape(registry)).toContain("\npodstamp_waiting_bytes 2\n");
  });

  test("metrics above the level are counted and not shown", async () => {
    const registry = registryAt("basic");
    registry.counter("otelcol_processor_batch_timeout_trigger_send", { processor: "batch" }).add(1);
    expect(await scrape(registry)).not.toContain("otelcol_processor_batch");
    expect(registry.total("otelcol_processor_batch_timeout_trigger_send")).toBe(1);
  });

  test("series without end are gathered in one", async () => {
    const registry = registryAt("basic");
    for (let n = 0; n < 1500; n++) registry.counter("podstamp_lookups", { result: `r${n}` }).add(1);
    const series = (await scrape(registry)).split("\n").filter((line) => line.startsWith("podstamp_lookups{"));
    expect(series).toHaveLength(1001);
    expect(series).toContain('podstamp_lookups{otel_metric_overflow="true"} 500');
  });

  test("no name of ours ends in _total and each has a description", () => {
    for (const [name, { description }] of Object.entries(metricShapes)) {
      expect(name).toMatch(/^(?:otelcol|podstamp)_[a-z0-9_]+$/);
      expect(name).not.toMatch(/_total$/);
      expect(description).toMatch(/^[A-Z1].*[^.]$/);
    }
  });
});

describe("the place where it is served", () => {
  test("only GET /metrics is answered", async () => {
    const url = await serve(registryAt("basic"));
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/metrics/..`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: "POST", body: "x" })).status).toBe(405);
    expect((await fetch(`${url}/metrics?a=b`)).status).toBe(200);
  });

  test("headers that are too large are refused", async () => {
    const url = new URL(await serve(registryAt("basic")));
    const answer = await new Promise<string>((resolve) => {
      let text = "";
      const socket = connect(Number(url.port), "127.0.0.1", () =>
        socket.write(`GET /metrics HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(20_000)}\r\n\r\n`),
      );
      socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
      socket.on("error", () => resolve(text)).on("close", () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  test("a port that is taken is told with the setting", async () => {
    const url = new URL(await serve(registryAt("basic")));
    const second = endpointAt("127.0.0.1", { port: Number(url.port) });
    await expect(second.start()).rejects.toThrow(
      `Cannot listen on 127.0.0.1:${url.port} for service::telemetry::metrics::readers: somebody else listens there`,
    );
    await second.stop();
  });
});
