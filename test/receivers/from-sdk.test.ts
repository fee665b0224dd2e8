import { Metadata, credentials } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { ExportTraceServiceRequest } from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { isFromSdk } from "../../src/receivers/otlp/from-sdk.ts";
import { TraceServiceClient } from "../support/grpc/clients.ts";
import { post, receive } from "./receiving.ts";

const request = ExportTraceServiceRequest.fromPartial({
  resourceSpans: [{ scopeSpans: [{ spans: [{ name: "a" }] }] }],
});

function isIt(headers: Readonly<Record<string, string>>, isThroughTrusted = false): boolean {
  return isFromSdk((name) => headers[name], isThroughTrusted);
}

describe("a request is of who sent it", () => {
  test.each([
    "OTel-OTLP-Exporter-Ruby/0.31.0 Ruby/3.4.1 (x86_64-linux; ruby/3.4.1)",
    "OTel-OTLP-Exporter-Java/1.68.0",
    "OTel OTLP Exporter Go/1.42.0",
    "OTel OTLP Exporter Go/1.42.0 grpc-go/1.79.0",
    "OTel OTLP Exporter PHP/1.9.0",
    "OTel-OTLP-MetricsExporter-Ruby/0.6.1 Ruby/3.4.1 (x86_64-linux; ruby/3.4.1)",
    "OTel Go OTLP over gRPC metrics exporter/1.42.0 grpc-go/1.79.0",
    "OTel Go OTLP over HTTP/protobuf logs exporter/0.18.0",
    "OTel-OTLP-Exporter-Python/1.45.0 grpc-python/1.80.0 grpc-c/51.0.0 (linux; chttp2)",
    "shop/1.2 OTel-OTLP-Exporter-JavaScript/0.210.0",
  ])("where an SDK's exporter says its name: %s", (agent) => {
    expect(isIt({ "user-agent": agent })).toBe(true);
  });

  test.each([
    undefined,
    "",
    "OpenTelemetry Collector Contrib/0.158.0 (linux/amd64)",
    "Fluent-Bit",
    "Vector/0.50.0 (x86_64-unknown-linux-gnu)",
    "podstamp/0.1.0 (linux/x64)",
    "grpc-go/1.79.0",
    "notOTel-OTLP-Exporter-Ruby/1",
  ])("and may be of others where %s has sent it", (agent) => {
    expect(isIt(agent === undefined ? {} : { "user-agent": agent })).toBe(false);
  });

  test.each(["x-forwarded-for", "forwarded", "via", "x-real-ip"])(
    "and of others where a proxy has passed it on, as %s says, unless that one is trusted",
    (name) => {
      const headers = { "user-agent": "OTel-OTLP-Exporter-Ruby/0.31.0", [name]: "10.1.0.1" };
      expect(isIt(headers)).toBe(false);
      expect(isIt(headers, true)).toBe(true);
    },
  );
});

test.each(["native", "node"])("what an SDK sends is known to be its own, over gRPC (%s)", async (transport) => {
  const receiver = await receive(undefined, { grpc: { transport } });
  onTestFinished(() => receiver.stop(new AbortController().signal));
  for (const agent of ["OTel-OTLP-Exporter-Ruby/0.31.0", "Vector/0.50.0"]) {
    const client = new TraceServiceClient(receiver.grpc, credentials.createInsecure(), {
      "grpc.primary_user_agent": agent,
    });
    onTestFinished(() => client.close());
    await new Promise((resolve, reject) =>
      client.export(request, new Metadata(), (error, answer) => (error === null ? resolve(answer) : reject(error))),
    );
  }
  expect(receiver.batches.map(({ isFromSdk: is }) => is)).toEqual([true, undefined]);
});

test("what an SDK sends is known to be its own, over HTTP", async () => {
  const receiver = await receive();
  onTestFinished(() => receiver.stop(new AbortController().signal));
  const bytes = ExportTraceServiceRequest.encode(request).finish();
  const agent = { "user-agent": "OTel-OTLP-Exporter-Ruby/0.31.0" };
  for (const headers of [agent, { ...agent, "x-forwarded-for": "10.1.0.1" }, {}])
    expect((await post(receiver.http, bytes, { headers })).status).toBe(200);
  expect(receiver.batches.map(({ isFromSdk: is }) => is)).toEqual([true, undefined, undefined]);
});
