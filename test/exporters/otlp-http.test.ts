import { once } from "node:events";
import net from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { exporterTodo } from "../../src/cli/doctor/checks/advice.ts";
import { otlpHttpExporter } from "../../src/exporters/otlp-http/otlp-http.ts";
import { encodeStatus } from "../../src/net/grpc/status-codec.ts";
import { unsnap } from "../../src/net/snappy/block.ts";
import { unframe } from "../../src/net/snappy/framed.ts";
import { StatusError } from "../../src/net/status.ts";
import {
  ExportTraceServiceRequest,
  ExportTraceServiceResponse,
} from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import type { Batch, Exporter } from "../../src/pipeline/contract.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import { forwardProxy } from "../support/net/forward-proxy.ts";
import { testHost } from "../support/agent/host.ts";
import type { TestHost } from "../support/agent/host.ts";
import { httpPeer } from "../support/net/http-peer.ts";
import type { HttpPeer } from "../support/net/http-peer.ts";
import { freePort } from "../support/net/ports.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const signal = new AbortController().signal;
const batch: Batch = { signal: "traces", bytes: Buffer.from("0a00", "hex"), items: 5 };
const plain = { compression: "none" };
const direct = { ...plain, sending_queue: { enabled: false }, retry_on_failure: { enabled: false } };
const labels = { exporter: "otlp_http" };

type Exporting = { readonly exporter: Exporter; readonly host: TestHost };

async function exporting(settings: object, environment: TestHost["environment"] = {}): Promise<Exporting> {
  const host = { ...testHost("otlp_http"), environment };
  const exporter = otlpHttpExporter.create(otlpHttpExporter.schema.parse(settings), host);
  await exporter.start();
  closing.push(() => exporter.stop(AbortSignal.abort()));
  return { exporter, host };
}

async function backend(...parameters: Parameters<typeof httpPeer>): Promise<HttpPeer> {
  const peer = await httpPeer(...parameters);
  closing.push(() => peer.stop());
  return peer;
}

describe("what the backend answers without a queue", () => {
  test.each([
    [200, "accepted"],
    [202, "accepted"],
    [204, "accepted"],
    [400, "rejected"],
    [401, "rejected"],
    [403, "rejected"],
    [404, "rejected"],
    [405, "rejected"],
    [408, "rejected"],
    [413, "rejected"],
    [429, "retry"],
    [500, "rejected"],
    [501, "rejected"],
    [502, "retry"],
    [503, "retry"],
    [504, "retry"],
    [301, "rejected"],
    [308, "rejected"],
  ])("HTTP %s is %s", async (status, expected) => {
    const peer = await backend(() => ({ status, headers: { location: "https://elsewhere.test/v1/traces" } }));
    const { exporter } = await exporting({ ...direct, endpoint: peer.url });
    expect(await exporter.consume(batch, signal)).toMatchObject({ status: expected });
    expect(peer.posted).toHaveLength(1);
  });

  test.each([
    [400, 3],
    [401, 16],
    [403, 7],
    [404, 12],
    [429, 14],
    [500, 2],
    [502, 14],
    [503, 14],
    [504, 14],
  ])("HTTP %s is handed on to a gRPC client as code %s, with the words of the answer", async (status, code) => {
    const peer = await backend(() => ({ status, body: encodeStatus({ code: 3, message: "because" }) }));
    const { exporter } = await exporting({ ...direct, endpoint: peer.url });
    const delivery = await exporter.consume(batch, signal);
    expect(delivery).toMatchObject({
      cause: { status: { code, message: `The destination answered HTTP ${status}: because` } },
    });
    expect("cause" in delivery && delivery.cause).toBeInstanceOf(StatusError);
  });

  test.each([
    ["application/json", '{"code":3,"message":"bad json"}', "bad json"],
    ["text/plain; charset=utf-8", " no such tenant\n", "no such tenant"],
    ["text/html", "<html>a page of a proxy</html>", undefined],
    ["text/html", "<html><head><title>413 Too Large</title></head></html>", "413 Too Large"],
  ])("the words of a %s answer are read", async (type, body, words) => {
    const peer = await backend(() => ({ status: 400, headers: { "content-type": type }, body }));
    const { exporter } = await exporting({ ...direct, endpoint: peer.url });
    expect(await exporter.consume(batch, signal)).toMatchObject({
      cause: { message: `The destination answered HTTP 400${words === undefined ? "" : `: ${words}`}` },
    });
  });

  test("a web page is no success, however it is answered: Jaeger's user interface has one at every path", async () => {
    const page = '<!DOCTYPE html>\n<html lang="en"><title>Jaeger UI</title></html>';
    const peer = await backend(() => ({
      status: 200,
      headers: { "content-type": "text/html; charset=utf-8" },
      body: page,
    }));
    const { exporter } = await exporting({ ...direct, endpoint: peer.url });
    const message = "The destination answered HTTP 200 with a web page: it takes no OTLP there";
    expect(await exporter.consume(batch, signal)).toMatchObject({ status: "rejected", cause: { message } });
    expect(peer.posted).toHaveLength(1);
    expect(exporterTodo(message)).toContain("Jaeger's pages are at 16686");
  });

  test.each([
    ["text/html", ""],
    ["text/html; charset=utf-8", "OK"],
    ["text/plain", "<html>"],
    [undefined, "<html>"],
  ])("an answer of 200 that only calls itself %s, with %j, is a success", async (type, body) => {
    const headers = type === undefined ? {} : { "content-type": type };
    const peer = await backend(() => ({ status: 200, headers, body }));
    const { exporter } = await exporting({ ...direct, endpoint: peer.url });
    expect(await exporter.consume(batch, signal)).toEqual({ status: "accepted" });
  });

  test("the words of Go's TLS for who sends HTTP to it are read", async () => {
    const words = "Client sent an HTTP request to an HTTPS server.";
    const server = net.createServer((socket) =>
      socket.on("error", () => {}).once("data", () => socket.end(`HTTP/1.0 400 Bad Request\r\n\r\n${words}\n`)),
    );
    onTestFinished(() => void server.close());
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const { exporter } = await exporting({ ...direct, endpoint: `http://127.0.0.1:${port}` });
    const message = `The destination answered HTTP 400: ${words}`;
    expect(await exporter.consume(batch, signal)).toMatchObject({ status: "rejected", cause: { message } });
    expect(exporterTodo(message)).toContain("https:// in the endpoint");
  });

  test.each([
    [429, "2", 2000, 8],
    [503, "2", 2000, 14],
    [502, "2", undefined, 14],
    [503, "soon", undefined, 14],
  ])("HTTP %s with Retry-After %s is retry after %s ms", async (status, hint, afterMs, code) => {
    const peer = await backend(() => ({ status, headers: { "retry-after": hint } }));
    const { exporter } = await exporting({ ...direct, endpoint: peer.url });
    const delivery = await exporter.consume(batch, signal);
    expect(delivery).toMatchObject({ status: "retry", cause: { status: { code } } });
    expect("afterMs" in delivery ? delivery.afterMs : undefined).toBe(afterMs);
  });

  test("a redirect to another host or port is said and not followed", async () => {
    const other = await backend();
    const peer = await backend(() => ({ status: 307, headers: { location: `${other.url}/v1/traces` } }));
    const { exporter } = await exporting({ ...direct, endpoint: peer.url });
    expect(await exporter.consume(batch, signal)).toMatchObject({
      status: "rejected",
      cause: { message: expect.stringContaining(`a redirect to ${other.url}/v1/traces, which is not followed`) },
    });
    expect(other.posted).toHaveLength(0);
  });

  test.each([307, 308])("HTTP %s to the same host is followed with the same request, and told once", async (status) => {
    const peer = await backend(({ path }) =>
      path === "/v1/traces" ? { status, headers: { location: "../final/?a=b#c" } } : {},
    );
    const { exporter, host } = await exporting({ ...direct, endpoint: peer.url, headers: { "api-key": "k" } });
    for (let sent = 0; sent < 2; sent++) expect(await exporter.consume(batch, signal)).toEqual(accepted);
    expect(peer.posted.map(({ path }) => path)).toEqual(["/v1/traces", "/final/?a=b", "/v1/traces", "/final/?a=b"]);
    for (const { body, headers } of peer.posted) expect([body, headers["api-key"]]).toEqual([batch.bytes, "k"]);
    expect(host.logged).toMatchObject([{ level: "warn", fields: { to: `${peer.url}/final/` } }]);
  });

  test.each([301, 302, 303])("HTTP %s, behind which a GET would carry no data, is not followed", async (status) => {
    const peer = await backend(({ path }) => (path === "/final" ? {} : { status, headers: { location: "/final" } }));
    const { exporter } = await exporting({ ...direct, endpoint: peer.url });
    expect(await exporter.consume(batch, signal)).toMatchObject({ status: "rejected" });
    expect(peer.posted).toHaveLength(1);
  });

  test("redirects in a circle end, and so do those that lead nowhere or take too long", async () => {
    const peer = await backend(() => ({ status: 307, headers: { location: "/v1/traces" } }));
    const { exporter } = await exporting({ ...direct, endpoint: peer.url });
    expect(await exporter.consume(batch, signal)).toMatchObject({ status: "rejected" });
    expect(peer.posted).toHaveLength(10);
    const nowhere = await backend(() => ({ status: 307, headers: { location: "http://[" } }));
    const lost = await exporting({ ...direct, endpoint: nowhere.url });
    expect(await lost.exporter.consume(batch, signal)).toMatchObject({ status: "rejected" });
    const slow = await backend(async () => {
      await sleep(60);
      return { status: 307, headers: { location: "/v1/traces" } };
    });
    const late = await exporting({ ...direct, endpoint: slow.url, timeout: "150ms" });
    expect(await late.exporter.consume(batch, signal)).toMatchObject({
      status: "retry",
      cause: { status: { code: 4 } },
    });
  });

  test("partial success is rejected for as many items, logged, and not sent again", async () => {
    const body = ExportTraceServiceResponse.encode({
      partialSuccess: { rejectedSpans: 2n, errorMessage: "two bad ids" },
    }).finish();
    const peer = await backend(() => ({ body }));
    const { exporter, host } = await exporting({ ...direct, endpoint: peer.url, retry_on_failure: {} });
    expect(await exporter.consume(batch, signal)).toMatchObject({
      status: "rejected",
      items: 2,
      cause: { message: "two bad ids" },
    });
    expect(peer.posted).toHaveLength(1);
    expect(host.metric("otelcol_exporter_sent_spans", labels)).toBe(3);
    expect(host.metric("otelcol_exporter_send_failed_spans", labels)).toBe(2);
  });

  test.each([
    ['{"partialSuccess":{"rejectedSpans":"2","errorMessage":"two"}}', { status: "rejected", items: 2 }],
    ['{"partialSuccess":{"rejectedLogRecords":3}}', { status: "rejected", items: 3 }],
    ['{"partialSuccess":{"errorMessage":"a warning"}}', { status: "accepted" }],
    ['{"partialSuccess":{}}', { status: "accepted" }],
    ["{}", { status: "accepted" }],
    ["not json", { status: "accepted" }],
    ["null", { status: "accepted" }],
  ])("success in JSON, %s, is understood", async (body, expected) => {
    const peer = await backend(() => ({ headers: { "content-type": "application/json" }, body }));
    const { exporter } = await exporting({ ...direct, endpoint: peer.url });
    expect(await exporter.consume(batch, signal)).toMatchObject(expected);
  });

  test("no backend is retry in words, and an attempt takes no longer than the sender's deadline", async () => {
    const { exporter } = await exporting({ ...direct, endpoint: `http://127.0.0.1:${await freePort()}` });
    expect(await exporter.consume(batch, signal)).toMatchObject({
      status: "retry",
      cause: { message: expect.stringMatching(/^Cannot reach 127.0.0.1/), status: { code: 14 } },
    });
    const silent = await backend(() => new Promise(() => {}));
    const { exporter: patient } = await exporting({ ...direct, endpoint: silent.url });
    for (const deadline of [Date.now() + 80, Date.now() - 1])
      expect(await patient.consume({ ...batch, deadline }, signal)).toMatchObject({
        status: "retry",
        cause: { status: { code: 4 } },
      });
  });
});

describe("what is sent", () => {
  test.each([
    ["gzip", gunzipSync],
    ["zstd", zstdDecompressSync],
    ["deflate", inflateSync],
    ["zlib", inflateSync],
    ["snappy", (body: Buffer) => unsnap(body, 300_000)],
    ["x-snappy-framed", (body: Buffer) => unframe(body, 300_000)],
  ] as const)("is compressed with %s", async (compression, unpack) => {
    const peer = await backend();
    const { exporter } = await exporting({ ...direct, endpoint: peer.url, compression });
    const large = Buffer.alloc(300_000, "abc");
    for (const bytes of [batch.bytes, large]) await exporter.consume({ ...batch, bytes }, signal);
    expect(peer.posted.map(({ headers }) => headers["content-encoding"])).toEqual([compression, compression]);
    expect(peer.posted.map(({ body }) => unpack(body))).toEqual([batch.bytes, large]);
  });

  test("goes to the path of its signal below the endpoint, or to its own URL", async () => {
    const peer = await backend();
    const own = { ...direct, endpoint: `${peer.url}/otlp//`, logs_endpoint: `${peer.url}/ingest?tenant=a` };
    const { exporter } = await exporting(own);
    for (const each of ["traces", "logs"] as const) await exporter.consume({ ...batch, signal: each }, signal);
    expect(peer.posted.map(({ path }) => path)).toEqual(["/otlp/v1/traces", "/ingest?tenant=a"]);
    expect(peer.posted[0]?.headers).toMatchObject({
      "content-type": "application/x-protobuf",
      "user-agent": "podstamp/test",
    });
    expect(peer.posted[0]?.headers["content-encoding"]).toBeUndefined();
    expect(peer.posted[0]?.body).toEqual(batch.bytes);
  });

  test("is OTLP's JSON when told so", async () => {
    const peer = await backend();
    const { exporter } = await exporting({ ...direct, endpoint: peer.url, encoding: "json" });
    const bytes = ExportTraceServiceRequest.encode(
      ExportTraceServiceRequest.fromPartial({
        resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: Buffer.alloc(16, 0xab), startTimeUnixNano: 7n }] }] }],
      }),
    ).finish();
    expect(await exporter.consume({ ...batch, bytes }, signal)).toMatchObject(accepted);
    expect(peer.posted[0]?.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(String(peer.posted[0]?.body))).toEqual({
      resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: "ab".repeat(16), startTimeUnixNano: "7" }] }] }],
    });
    const broken = { ...batch, bytes: Buffer.from([0x0a, 0x7f]) };
    expect(await exporter.consume(broken, signal)).toMatchObject({ status: "rejected" });
    expect(peer.posted).toHaveLength(1);
  });

  test("of a signal without an endpoint is nothing, and counted", async () => {
    const peer = await backend();
    const { exporter, host } = await exporting({ ...plain, logs_endpoint: `${peer.url}/logs` });
    expect(await exporter.consume(batch, signal)).toMatchObject(accepted);
    await exporter.whenIdle();
    expect(peer.posted).toHaveLength(0);
    expect(
      host.metric("podstamp_dropped_items", { component: "otlp_http", otel_signal: "traces", reason: "refused" }),
    ).toBe(5);
    expect(host.logged).toMatchObject([
      { fields: { error: "Cannot send traces: must have endpoint or traces_endpoint, has neither" } },
    ]);
  });

  test("has the headers of the configuration, which are never shown", async () => {
    const peer = await backend(() => ({ status: 401 }));
    const settings = {
      ...direct,
      endpoint: `http://me:tops3cret1@127.0.0.1:${peer.port}`,
      headers: { "X-Api-Key": "tops3cret2", "User-Agent": "mine" },
    };
    const { exporter, host } = await exporting(settings);
    const delivery = await exporter.consume(batch, signal);
    expect(peer.posted[0]?.headers).toMatchObject({
      "x-api-key": "tops3cret2",
      "user-agent": "mine",
      authorization: `Basic ${btoa("me:tops3cret1")}`,
    });
    expect(JSON.stringify([host.logged, delivery, "cause" in delivery && delivery.cause.message])).not.toContain(
      "tops3cret",
    );
  });

  test("uses one connection again and again", async () => {
    const peer = await backend();
    const { exporter } = await exporting({ ...direct, endpoint: peer.url });
    for (let i = 0; i < 10; i++) await exporter.consume({ ...batch, signal: i % 2 === 0 ? "traces" : "logs" }, signal);
    expect(peer.posted).toHaveLength(10);
    expect(peer.connections).toHaveLength(1);
  });
});

describe("with queue and retries", () => {
  const quick = { ...plain, retry_on_failure: { initial_interval: "10ms", max_interval: "20ms" } };

  test("a backend that comes up later gets everything that was acknowledged", async () => {
    const port = await freePort();
    const { exporter, host } = await exporting({ ...quick, endpoint: `http://127.0.0.1:${port}` });
    for (let i = 0; i < 20; i++)
      expect(await exporter.consume({ ...batch, bytes: Buffer.from([i]) }, signal)).toMatchObject(accepted);
    const peer = await backend(undefined, { port });
    await exporter.whenIdle();
    expect(peer.posted.map(({ body }) => body[0] ?? -1).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    );
    const where = { server_address: "127.0.0.1", server_port: String(port), url_path: "/v1/traces" };
    expect(host.metric("otelcol_exporter_sent_spans", { ...labels, ...where })).toBe(100);
    expect(host.metric("otelcol_exporter_send_failed_spans", labels)).toBe(0);
    expect(host.metric("otelcol_exporter_in_flight_requests", labels)).toBe(0);
  });

  test("Retry-After is waited for", async () => {
    const times: number[] = [];
    const peer = await backend((_, index) => {
      times.push(performance.now());
      return index === 0 ? { status: 429, headers: { "retry-after": "1" } } : {};
    });
    const { exporter } = await exporting({ ...quick, endpoint: peer.url });
    await exporter.consume(batch, signal);
    await exporter.whenIdle();
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(990);
  });

  test.each([400, 413, 500])(
    "of a merged batch that is answered %s only the poisonous request is lost",
    async (status) => {
      const requests = ["0a00", "0a0112", "0a03010203"].map((hex) => Buffer.from(hex, "hex"));
      const poison = requests[1] ?? Buffer.alloc(0);
      const peer = await backend(({ body }) => (body.includes(poison) ? { status } : {}));
      const { exporter, host } = await exporting({ ...quick, endpoint: peer.url });
      let end = 0;
      const parts = requests.map((request) => ({ end: (end += request.length), items: 2 }));
      await exporter.consume({ signal: "traces", bytes: Buffer.concat(requests), items: 6, parts }, signal);
      await exporter.whenIdle();
      const arrived = peer.posted.map(({ body }) => body).filter((body) => !body.includes(poison));
      expect(Buffer.concat(arrived)).toEqual(Buffer.concat([requests[0] ?? poison, requests[2] ?? poison]));
      expect(
        host.metric("podstamp_dropped_items", { component: "otlp_http", otel_signal: "traces", reason: "refused" }),
      ).toBe(2);
      expect(host.metric("otelcol_exporter_sent_spans", labels)).toBe(4);
    },
  );

  test.each([401, 404, 308])("a merged batch that is answered %s is not taken apart", async (status) => {
    const peer = await backend(() => ({ status }));
    const { exporter } = await exporting({ ...quick, endpoint: peer.url });
    const parts = [1, 2].map((end) => ({ end, items: 1 }));
    await exporter.consume({ ...batch, items: 2, parts }, signal);
    await exporter.whenIdle();
    expect(peer.posted).toHaveLength(1);
  });

  test("stop sends what is queued once", async () => {
    const gate = Promise.withResolvers<void>();
    const peer = await backend(() => gate.promise.then(() => ({})));
    const { exporter } = await exporting({ ...plain, endpoint: peer.url, sending_queue: { num_consumers: 1 } });
    for (let i = 0; i < 5; i++) await exporter.consume(batch, signal);
    const stopped = exporter.stop(signal);
    gate.resolve();
    await stopped;
    expect(peer.posted).toHaveLength(5);
    expect(await exporter.consume(batch, signal)).toMatchObject({ status: "retry" });
  });

  test("stop without a backend ends in its time and says what is lost", async () => {
    const { exporter, host } = await exporting({ ...plain, endpoint: `http://127.0.0.1:${await freePort()}` });
    for (let i = 0; i < 5; i++) await exporter.consume(batch, signal);
    await exporter.stop(signal);
    expect(
      host.metric("podstamp_dropped_items", { component: "otlp_http", otel_signal: "traces", reason: "shutdown" }),
    ).toBe(25);
  });

  test("stop is safe before start and twice", async () => {
    const config = otlpHttpExporter.schema.parse({ endpoint: "http://localhost:1" });
    const exporter = otlpHttpExporter.create(config, testHost("otlp_http"));
    await exporter.stop(signal);
    await exporter.stop(signal);
  });
});

describe("proxies", () => {
  test("of the environment are used, and proxy_url goes before them", async () => {
    const peer = await backend();
    const names = { "backend.test": { host: "127.0.0.1", port: peer.port } };
    const [one, other] = [await forwardProxy({ names }), await forwardProxy({ names })];
    closing.push(one.stop, other.stop);
    const endpoint = "http://backend.test:4318";
    const environment = { HTTP_PROXY: one.address };
    const fromEnvironment = await exporting({ ...direct, endpoint }, environment);
    expect(await fromEnvironment.exporter.consume(batch, signal)).toMatchObject(accepted);
    const fromFile = await exporting({ ...direct, endpoint, proxy_url: `http://${other.address}` }, environment);
    expect(await fromFile.exporter.consume(batch, signal)).toMatchObject(accepted);
    const empty = await exporting({ ...direct, endpoint, proxy_url: "" }, environment);
    expect(await empty.exporter.consume(batch, signal)).toMatchObject(accepted);
    expect(one.asked.map(({ line }) => line)).toEqual(Array(2).fill("POST http://backend.test:4318/v1/traces"));
    expect(other.asked.map(({ line }) => line)).toEqual(["POST http://backend.test:4318/v1/traces"]);
  });

  test("that are none are named at start", async () => {
    await expect(exporting({ endpoint: "http://tempo:4318" }, { http_proxy: "socks5://x" })).rejects.toThrow(
      /^Cannot use the environment's HTTP_PROXY/,
    );
    await expect(exporting({ endpoint: "http://tempo:4318", proxy_url: "socks5://u:tops3cret@x" })).rejects.toThrow(
      'Cannot use exporters.otlp_http.proxy_url: must be an http:// or https:// proxy, has the scheme "socks5"',
    );
  });
});
