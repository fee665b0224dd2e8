import { afterEach, describe, expect, test } from "vitest";
import { otlpGrpcExporter } from "../../src/exporters/otlp-grpc.ts";
import { StatusError } from "../../src/net/status.ts";
import { ExportTraceServiceResponse } from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import type { Batch, Exporter } from "../../src/pipeline/contract.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import { forwardProxy } from "../support/net/forward-proxy.ts";
import { grpcServer } from "../support/grpc/peer.ts";
import type { PeerServer } from "../support/grpc/peer.ts";
import { testHost } from "../support/agent/host.ts";
import type { TestHost } from "../support/agent/host.ts";
import { freePort } from "../support/net/ports.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const signal = new AbortController().signal;
const batch: Batch = { signal: "traces", bytes: Buffer.from("0a00", "hex"), items: 5 };
const direct = { sending_queue: { enabled: false }, retry_on_failure: { enabled: false } };

async function exporting(
  endpoint: string,
  settings: object = {},
  environment: TestHost["environment"] = {},
): Promise<{ exporter: Exporter; host: TestHost }> {
  const host = { ...testHost("otlp_grpc"), environment };
  const config = otlpGrpcExporter.schema.parse({ endpoint, tls: { insecure: true }, ...settings });
  const exporter = otlpGrpcExporter.create(config, host);
  await exporter.start();
  closing.push(() => exporter.stop(AbortSignal.abort()));
  return { exporter, host };
}

async function backend(...parameters: Parameters<typeof grpcServer>): Promise<PeerServer> {
  const server = await grpcServer(...parameters);
  closing.push(() => server.stop());
  return server;
}

const retryInfo = (ms: number): Buffer => {
  // google.rpc.Status { details: [RetryInfo { retry_delay: ms }] }, nanos as a varint of five bytes.
  const nanos = Buffer.from([
    0x10,
    ...[0, 7, 14, 21, 28].map((shift, index) => (Math.floor((ms * 1e6) / 2 ** shift) & 0x7f) | (index < 4 ? 0x80 : 0)),
  ]);
  const info = Buffer.concat([Buffer.from([0x0a, nanos.length]), nanos]);
  const url = Buffer.from("type.googleapis.com/google.rpc.RetryInfo");
  const any = Buffer.concat([Buffer.from([0x0a, url.length]), url, Buffer.from([0x12, info.length]), info]);
  return Buffer.concat([Buffer.from([0x1a, any.length]), any]);
};

describe("what the backend answers without a queue", () => {
  test.each([
    [1, "retry"],
    [2, "rejected"],
    [3, "rejected"],
    [4, "retry"],
    [5, "rejected"],
    [7, "rejected"],
    [8, "rejected"],
    [9, "rejected"],
    [10, "retry"],
    [11, "retry"],
    [12, "rejected"],
    [13, "rejected"],
    [14, "retry"],
    [15, "retry"],
    [16, "rejected"],
  ])("code %s is %s, with the status for the sender", async (code, status) => {
    const server = await backend(() => ({ code, details: "because" }));
    const { exporter } = await exporting(server.address, direct);
    const delivery = await exporter.consume(batch, signal);
    expect(delivery).toMatchObject({ status, cause: { status: { code, message: "because" } } });
    expect("cause" in delivery && delivery.cause).toBeInstanceOf(StatusError);
  });

  test.each([8, 14])("code %s with RetryInfo is retry after that time", async (code) => {
    const server = await backend(() => ({ code, trailers: { "grpc-status-details-bin": retryInfo(120) } }));
    const { exporter } = await exporting(server.address, direct);
    expect(await exporter.consume(batch, signal)).toMatchObject({ status: "retry", afterMs: 120 });
  });

  test("success is accepted and counted", async () => {
    const server = await backend();
    const { exporter, host } = await exporting(server.address, direct);
    expect(await exporter.consume(batch, signal)).toMatchObject(accepted);
    expect(server.received).toEqual([batch.bytes]);
    const [address = "", port = ""] = server.address.split(":");
    const labels = { exporter: "otlp_grpc", server_address: address, server_port: port };
    expect(host.metric("otelcol_exporter_sent_spans", labels)).toBe(5);
  });

  test("logs go to their own method", async () => {
    const server = await backend();
    const { exporter, host } = await exporting(server.address, direct);
    expect(await exporter.consume({ ...batch, signal: "logs" }, signal)).toMatchObject(accepted);
    expect(host.metric("otelcol_exporter_sent_log_records", { exporter: "otlp_grpc" })).toBe(5);
  });

  test("partial success is rejected for as many items, logged, and not sent again", async () => {
    const body = ExportTraceServiceResponse.encode({
      partialSuccess: { rejectedSpans: 2n, errorMessage: "two bad ids" },
    }).finish();
    const server = await backend(() => ({ body }));
    const { exporter, host } = await exporting(server.address, { ...direct, retry_on_failure: {} });
    expect(await exporter.consume(batch, signal)).toMatchObject({
      status: "rejected",
      items: 2,
      cause: { message: "two bad ids" },
    });
    expect(server.received).toHaveLength(1);
    expect(host.metric("otelcol_exporter_sent_spans", { exporter: "otlp_grpc" })).toBe(3);
    expect(host.metric("otelcol_exporter_send_failed_spans", { exporter: "otlp_grpc" })).toBe(2);
    expect(host.logged.filter(({ level }) => level === "warn")).toHaveLength(1);
  });

  test("success with words is accepted with a warning", async () => {
    const body = ExportTraceServiceResponse.encode({
      partialSuccess: { rejectedSpans: 0n, errorMessage: "please use fewer attributes" },
    }).finish();
    const server = await backend(() => ({ body }));
    const { exporter, host } = await exporting(server.address, direct);
    expect(await exporter.consume(batch, signal)).toMatchObject(accepted);
    expect(host.logged).toMatchObject([{ level: "warn", fields: { message: "please use fewer attributes" } }]);
  });

  test("no backend is retry in words", async () => {
    const { exporter } = await exporting(`127.0.0.1:${await freePort()}`, direct);
    expect(await exporter.consume(batch, signal)).toMatchObject({
      status: "retry",
      cause: { message: expect.stringMatching(/^Cannot reach 127.0.0.1/) },
    });
  });

  test("an attempt takes no longer than the sender's deadline", async () => {
    const server = await backend(() => new Promise(() => {}));
    const { exporter } = await exporting(server.address, direct);
    expect(await exporter.consume({ ...batch, deadline: Date.now() + 80 }, signal)).toMatchObject({
      status: "retry",
      cause: { status: { code: 4 } },
    });
    expect(await exporter.consume({ ...batch, deadline: Date.now() - 1 }, signal)).toMatchObject({
      status: "retry",
      cause: { status: { code: 4 } },
    });
  });
});

describe("with queue and retries", () => {
  const quick = { retry_on_failure: { initial_interval: "10ms", max_interval: "20ms" } };

  test("a backend that comes up later gets everything that was acknowledged", async () => {
    const port = await freePort();
    const { exporter, host } = await exporting(`127.0.0.1:${port}`, quick);
    for (let i = 0; i < 20; i++)
      expect(await exporter.consume({ ...batch, bytes: Buffer.from([i]) }, signal)).toMatchObject(accepted);
    const server = await backend(undefined, { port });
    await exporter.whenIdle();
    expect(server.received.map((bytes) => bytes[0] ?? -1).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    );
    expect(host.metric("otelcol_exporter_sent_spans", { exporter: "otlp_grpc" })).toBe(100);
    expect(host.metric("otelcol_exporter_send_failed_spans", { exporter: "otlp_grpc" })).toBe(0);
  });

  test("RetryInfo is waited for", async () => {
    const times: number[] = [];
    const server = await backend((_, index) => {
      times.push(performance.now());
      return index === 0 ? { code: 14, trailers: { "grpc-status-details-bin": retryInfo(300) } } : {};
    });
    const { exporter } = await exporting(server.address, quick);
    await exporter.consume(batch, signal);
    await exporter.whenIdle();
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(295);
  });

  test("one poisonous request of a merged batch is lost, the others arrive", async () => {
    const requests = ["0a00", "0a0112", "0a03010203"].map((hex) => Buffer.from(hex, "hex"));
    const poison = requests[1] ?? Buffer.alloc(0);
    const server = await backend((bytes) => (bytes.includes(poison) ? { code: 3, details: "bad span" } : {}));
    const { exporter, host } = await exporting(server.address, quick);
    let end = 0;
    const parts = requests.map((request) => ({ end: (end += request.length), items: 2 }));
    await exporter.consume({ signal: "traces", bytes: Buffer.concat(requests), items: 6, parts }, signal);
    await exporter.whenIdle();
    const arrived = server.received.filter((bytes) => !bytes.includes(poison));
    expect(Buffer.concat(arrived)).toEqual(Buffer.concat([requests[0] ?? poison, requests[2] ?? poison]));
    expect(
      host.metric("podstamp_dropped_items", { component: "otlp_grpc", otel_signal: "traces", reason: "refused" }),
    ).toBe(2);
    expect(host.metric("otelcol_exporter_sent_spans", { exporter: "otlp_grpc" })).toBe(4);
  });

  test("a full queue answers retry", async () => {
    const server = await backend(() => new Promise(() => {}));
    const { exporter, host } = await exporting(server.address, { sending_queue: { queue_size: 2 } });
    const deliveries = await Promise.all([1, 2, 3].map(() => exporter.consume(batch, signal)));
    expect(deliveries.map(({ status }) => status)).toEqual(["accepted", "accepted", "retry"]);
    expect(host.metric("otelcol_exporter_enqueue_failed_spans", { exporter: "otlp_grpc" })).toBe(5);
    expect(host.metric("otelcol_exporter_queue_size", { exporter: "otlp_grpc", data_type: "traces" })).toBe(2);
    expect(host.metric("otelcol_exporter_queue_size", { exporter: "otlp_grpc", data_type: "logs" })).toBe(0);
  });

  test("stop sends what is queued once", async () => {
    const gate = Promise.withResolvers<void>();
    const server = await backend(() => gate.promise.then(() => ({})));
    const { exporter } = await exporting(server.address, { sending_queue: { num_consumers: 1 } });
    for (let i = 0; i < 5; i++) await exporter.consume(batch, signal);
    const stopped = exporter.stop(signal);
    gate.resolve();
    await stopped;
    expect(server.received).toHaveLength(5);
    expect(await exporter.consume(batch, signal)).toMatchObject({ status: "retry" });
  });

  test("stop without a backend ends in its time and says what is lost", async () => {
    const { exporter, host } = await exporting(`127.0.0.1:${await freePort()}`);
    for (let i = 0; i < 5; i++) await exporter.consume(batch, signal);
    await exporter.stop(signal);
    expect(
      host.metric("podstamp_dropped_items", { component: "otlp_grpc", otel_signal: "traces", reason: "shutdown" }),
    ).toBe(25);
    expect(host.logged.some(({ message }) => message.startsWith("Data is lost"))).toBe(true);
  });

  test("stop is safe before start and twice", async () => {
    const exporter = otlpGrpcExporter.create(
      otlpGrpcExporter.schema.parse({ endpoint: "localhost:1" }),
      testHost("otlp_grpc"),
    );
    await exporter.stop(signal);
    await exporter.stop(signal);
  });
});

describe("settings", () => {
  const read = (settings: object) => otlpGrpcExporter.schema.safeParse({ endpoint: "tempo:4317", ...settings });

  test("have the Collector's defaults", () => {
    expect(read({}).data).toMatchObject({
      compression: "gzip",
      timeout: 5000,
      sending_queue: {
        num_consumers: 10,
        queue_size: 1000,
        sizer: "requests",
        block_on_overflow: false,
        wait_for_result: false,
      },
      retry_on_failure: {
        initial_interval: 5000,
        randomization_factor: 0.5,
        multiplier: 1.5,
        max_interval: 30_000,
      },
      tls: { insecure: false },
    });
    expect(read({}).data?.keepalive).toBeUndefined();
  });

  test.each([
    [{ compression: "snapy" }, /must be one of gzip, zstd, snappy, none/],
    [{ sending_queue: { storage: "file storage" } }, /must be a component id/],
    [{ sending_queue: { storage: "file_storage", wait_for_result: true } }, /must be false with storage/],
    [{ sending_queue: { sizer: "items", batch: {} } }, /must be at most queue_size \(1000\)/],
    [
      { sending_queue: { sizer: "bytes", queue_size: 100, batch: { min_size: 101 } } },
      /must be at most queue_size \(100\)/,
    ],
    [{ sending_queue: { batch: { min_size: 10, max_size: 9 } } }, /must be 0 or at least min_size/],
    [{ sending_queue: { batch: { sizer: "requests" } } }, /must be items or bytes/],
    [{ sending_queue: { batch: { flush_timeout: "0s" } } }, /must be a duration >= 1ms/],
    [{ sending_queue: { num_consumers: 0 } }, /must be an integer from 1/],
    [{ sending_queue: { queue_size: 0 } }, /must be an integer >= 1/],
    [{ dead_letter: {} }, /must be a string/],
    [{ auth: { authenticator: "x" } }, /authenticators/],
    [{ endpoint: "tempo" }, /must be host:port/],
  ])("%o are refused in words", (settings, words) => {
    expect(
      read(settings)
        .error?.issues.map(({ message }) => message)
        .join(),
    ).toMatch(words);
  });

  test("headers are sent and never shown", async () => {
    const server = await backend();
    const { exporter } = await exporting(server.address, { ...direct, headers: { Authorization: "Bearer tops3cret" } });
    await exporter.consume(batch, signal);
    expect(server.metadata[0]?.get("authorization")).toEqual(["Bearer tops3cret"]);
    expect(JSON.stringify(read({ headers: [{ name: "x", value: "tops3cret" }] }).data)).not.toContain("tops3cret");
  });

  test("HTTPS_PROXY is used with and without TLS, as gRPC does it, and NO_PROXY is honoured", async () => {
    const server = await backend();
    const proxy = await forwardProxy({ names: { "tempo.test": { host: "127.0.0.1", port: server.port } } });
    closing.push(() => proxy.stop());
    const environment = { HTTPS_PROXY: `http://${proxy.address}`, NO_PROXY: "no.test" };
    const { exporter } = await exporting("dns:///tempo.test:4317", direct, environment);
    expect(await exporter.consume(batch, signal)).toMatchObject(accepted);
    expect(proxy.asked.map(({ line }) => line)).toEqual(["CONNECT tempo.test:4317"]);
    const { exporter: without } = await exporting("no.test:4317", direct, environment);
    expect(await without.consume(batch, signal)).toMatchObject({ status: "retry" });
    expect(proxy.asked).toHaveLength(1);
    const wrong = exporting("tempo.test:4317", direct, { https_proxy: "socks5://x" });
    await expect(wrong).rejects.toThrow(/^Cannot use the environment's HTTPS_PROXY/);
  });

  test.each([
    ["localhost:4317", { balancer_name: "round_robin" }],
    ["dns:///localhost:4317", {}],
    ["dns:///localhost:4317", { balancer_name: "pick_first" }],
  ])("%s with %o reaches a server on one of the addresses of the name", async (endpoint, settings) => {
    const server = await backend();
    const { exporter } = await exporting(endpoint.replace("4317", String(server.port)), { ...direct, ...settings });
    for (let i = 0; i < 3; i++) expect(await exporter.consume(batch, signal)).toMatchObject(accepted);
    expect(server.received).toHaveLength(3);
  });

  test("a certificate file that is not there is named before anything starts", () => {
    const config = otlpGrpcExporter.schema.parse({ endpoint: "tempo:4317", tls: { ca_file: "/nowhere.pem" } });
    expect(() => otlpGrpcExporter.create(config, testHost("otlp_grpc"))).toThrow(
      "Cannot use tls.ca_file: must be a file that can be read, is /nowhere.pem",
    );
  });
});
