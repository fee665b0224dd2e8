import { describe, expect, test } from "vitest";
import { Span_SpanKind } from "../src/proto/opentelemetry/proto/trace/v1/trace.ts";
import { eventually } from "./support/eventually.ts";
import { runInProcess } from "./support/agent/in-process.ts";
import { lendSender } from "./support/lend.ts";
import { lendOwnBackend } from "./support/otlp/own-backend.ts";
import { plainAttributes } from "./support/otlp/plain.ts";
import { freePort } from "./support/net/ports.ts";

const span = (name: string) => [{ resource: { "service.name": "test" }, records: [{ name }] }];

/** podstamp from a receiver through batch to the destination, with its own telemetry as given. */
async function given(telemetry: string, destination: string) {
  const port = await freePort();
  const running = await runInProcess(`receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:${port}"}}}}
processors: {batch: {}}
exporters: {otlp_grpc: {endpoint: "${destination}", tls: {insecure: true}, retry_on_failure: {enabled: false}}}
service:
  telemetry: ${telemetry}
  pipelines: {traces: {receivers: [otlp], processors: [batch], exporters: [otlp_grpc]}}
`);
  return { running, sender: lendSender(`127.0.0.1:${port}`) };
}

describe("metrics that are pushed", () => {
  test.each(["grpc", "http/protobuf"] as const)("arrive over %s with names, labels and resource", async (protocol) => {
    const backend = await lendOwnBackend();
    const endpoint = protocol === "grpc" ? `http://${backend.grpc}` : backend.http;
    const { running, sender } = await given(
      `{metrics: {readers: [{periodic: {interval: 200, exporter: {otlp: {protocol: ${protocol}, endpoint: "${endpoint}", compression: gzip, headers: [{name: X-Key, value: k1}]}}}}]}, resource: {service.name: agent, service.instance.id: null, deployment.environment.name: test}}`,
      backend.grpc,
    );
    await sender.traces(span("a"));
    const metric = await eventually(() => backend.metric("otelcol_receiver_accepted_spans"), { what: "a metric" });
    const [point] = metric.sum?.dataPoints ?? [];
    expect(metric.sum?.isMonotonic).toBe(true);
    expect(Number(point?.asInt ?? point?.asDouble)).toBe(1);
    expect(plainAttributes(point?.attributes ?? [])).toEqual({ receiver: "otlp", transport: "grpc" });
    expect(backend.resource()).toEqual({
      "service.name": "agent",
      "service.version": "1.2.3",
      "deployment.environment.name": "test",
    });
    expect(backend.header("x-key")).toBe("k1");
    await running.stop();
  });

  test("are sent a last time at the end", async () => {
    const backend = await lendOwnBackend();
    const { running, sender } = await given(
      `{metrics: {readers: [{periodic: {interval: 86400000, exporter: {otlp: {protocol: http/protobuf, endpoint: "${backend.http}"}}}}]}}`,
      backend.grpc,
    );
    await sender.traces(span("a"));
    expect(backend.metric("otelcol_receiver_accepted_spans")).toBeUndefined();
    await running.stop();
    expect(backend.metric("otelcol_receiver_accepted_spans")).toBeDefined();
    expect([...backend.paths()]).toEqual(["/v1/metrics"]);
  });

  test("whose backend is not there are told of once, and hold up nothing", async () => {
    const backend = await lendOwnBackend();
    const { running, sender } = await given(
      `{metrics: {readers: [{periodic: {interval: 100, timeout: 100, exporter: {otlp: {protocol: grpc, endpoint: "http://127.0.0.1:1"}}}}]}}`,
      backend.grpc,
    );
    await sender.traces(span("a"));
    await eventually(() => running.log().includes("Our own telemetry is not as it should be"), { what: "a word" });
    await running.stop();
    expect(running.log()).toContain("Stopped. Everything that was taken was delivered");
  });

  test("can be read by Prometheus too", async () => {
    const backend = await lendOwnBackend();
    const { running } = await given(
      `{metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: 0}}}}, {periodic: {exporter: {otlp: {endpoint: "${backend.http}"}}}}]}, resource: {attributes: [{name: service.name, value: mine}, {name: service.version, value: null}]}}`,
      backend.grpc,
    );
    const text = await (await fetch(`http://${running.metrics}/metrics`)).text();
    expect(text).toContain('target_info{service_instance_id="an-id",service_name="mine"} 1\n');
  });
});

describe("spans of our own", () => {
  const traces = (endpoint: string, more = "") =>
    `{metrics: {readers: []}, traces: {processors: [{simple: {exporter: {otlp: {protocol: grpc, endpoint: "http://${endpoint}"}}}}]${more}}}`;

  test("show the way of a request as one trace: received, processed, exported, sent", async () => {
    const [own, destination] = [await lendOwnBackend(), await lendOwnBackend()];
    const { running, sender } = await given(traces(own.grpc), destination.grpc);
    await sender.traces([{ resource: {}, records: [{ name: "a" }, { name: "b" }] }]);
    await running.stop();
    const spans = own.spans();
    const nameOf = new Map(spans.map(({ spanId, name }) => [spanId.toString("hex"), name]));
    expect(new Set(spans.map(({ traceId }) => traceId.toString("hex"))).size).toBe(1);
    const ways = spans.map(({ name, kind, parentSpanId }) => [
      name,
      { kind, parent: nameOf.get(parentSpanId.toString("hex")) },
    ]);
    expect(ways).toHaveLength(4);
    expect(Object.fromEntries(ways)).toEqual({
      "receive otlp": { kind: Span_SpanKind.SPAN_KIND_SERVER, parent: undefined },
      "process batch": { kind: Span_SpanKind.SPAN_KIND_INTERNAL, parent: "receive otlp" },
      "export otlp_grpc": { kind: Span_SpanKind.SPAN_KIND_INTERNAL, parent: "process batch" },
      "send otlp_grpc": { kind: Span_SpanKind.SPAN_KIND_CLIENT, parent: "export otlp_grpc" },
    });
    expect(plainAttributes(spans.find(({ name }) => name === "receive otlp")?.attributes ?? [])).toMatchObject({
      "otelcol.component.id": "otlp",
      "otelcol.signal": "traces",
      "podstamp.items": 2,
      "podstamp.requests": 1,
      "podstamp.outcome": "accepted",
    });
    expect(own.resource()["service.name"]).toBe("podstamp");
  });

  test("say why a step did not go well", async () => {
    const own = await lendOwnBackend();
    const { running, sender } = await given(traces(own.grpc), "127.0.0.1:1");
    await sender.traces(span("lost"));
    await eventually(() => own.spans().find(({ name }) => name === "send otlp_grpc"), { what: "the span of the send" });
    await running.stop();
    const send = own.spans().find(({ name }) => name === "send otlp_grpc");
    expect(send?.status).toMatchObject({ code: 2, message: expect.stringContaining("127.0.0.1:1") });
  });

  test.each(["{trace_id_ratio_based: {ratio: 0}}", "{always_off: {}}", "{always_off: }"])(
    "are made of a share of the requests when that is wanted: none with %s",
    async (sampler) => {
      const [own, destination] = [await lendOwnBackend(), await lendOwnBackend()];
      const { running, sender } = await given(traces(own.grpc, `, sampler: ${sampler}`), destination.grpc);
      await sender.traces(span("a"));
      await running.stop();
      expect(destination.spans()).toHaveLength(1);
      expect(own.spans()).toEqual([]);
    },
  );

  test.each(["{metrics: {readers: []}}", traces("127.0.0.1:1").replace("traces: {", "traces: {level: none, ")])(
    "are not made, nor the SDK loaded, with %s",
    async (telemetry) => {
      const destination = await lendOwnBackend();
      const { running, sender } = await given(telemetry, destination.grpc);
      await sender.traces(span("a"));
      await running.stop();
      expect(running.log()).not.toContain("Our own telemetry");
      expect(destination.spans()).toHaveLength(1);
    },
  );
});
