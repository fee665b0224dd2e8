import { randomBytes } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { snap } from "../../src/net/snappy/block.ts";
import { frame } from "../../src/net/snappy/framed.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import type { Batch } from "../../src/pipeline/contract.ts";
import { ExportLogsServiceRequest } from "../../src/proto/opentelemetry/proto/collector/logs/v1/logs_service.ts";
import { ExportTraceServiceRequest } from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { requestNames } from "../../src/otlp/json/schema.ts";
import { protobufToJson } from "../../src/otlp/json/write.ts";
import { json, protobuf, trace } from "./one-span.ts";
import { exchange } from "../support/net/exchange.ts";
import { lendReceiver as receive, post } from "./receiving.ts";
import { whole } from "../../src/otlp/rope/rope.ts";

const onTheWire = (batch: Batch | undefined): unknown =>
  ExportTraceServiceRequest.decode(whole(batch?.bytes ?? Buffer.alloc(0)));

describe("JSON", () => {
  test.each([
    ["as it is", {}, trace],
    ["with a charset", { "content-type": "application/json; charset=utf-8" }, trace],
    ["with gzip", { "content-encoding": "gzip" }, gzipSync(trace)],
    ["with zstd", { "content-encoding": "zstd" }, zstdCompressSync(trace)],
  ] as [string, Record<string, string>, Buffer][])(
    "%s goes on as protobuf and is answered in JSON",
    async (_, headers, body) => {
      const { http, batches, host } = await receive();
      const answer = await post(http, body, { headers: { ...json, ...headers } });
      expect({ status: answer.status, type: answer.headers["content-type"], body: answer.body.toString() }).toEqual({
        status: 200,
        type: "application/json",
        body: "{}",
      });
      expect(onTheWire(batches[0])).toEqual(ExportTraceServiceRequest.decode(protobuf));
      expect(batches[0]?.items).toBe(1);
      expect(host.metric("otelcol_receiver_accepted_spans", { receiver: "otlp", transport: "http" })).toBe(1);
    },
  );

  test("of logs goes to the pipeline of logs", async () => {
    const { http, batches } = await receive();
    const body =
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"hi"}},{"severityNumber":9}]}]}]}';
    expect((await post(http, Buffer.from(body), { path: "/v1/logs", headers: json })).status).toBe(200);
    const { resourceLogs } = ExportLogsServiceRequest.decode(whole(batches[0]?.bytes ?? Buffer.alloc(0)));
    expect(
      resourceLogs[0]?.scopeLogs[0]?.logRecords.map(({ severityNumber, body: said }) => [
        severityNumber,
        said?.stringValue,
      ]),
    ).toEqual([
      [0, "hi"],
      [9, undefined],
    ]);
    expect(batches[0]).toMatchObject({ signal: "logs", items: 2 });
  });

  test("with a mistake is told where it is, and counted", async () => {
    const { http, batches, host } = await receive();
    const body = Buffer.from('{"resourceSpans":[{"scopeSpans":[{"spans":[{},{"traceId":"abc"}]}]}]}');
    const answer = await post(http, body, { headers: json });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body.toString())).toEqual({
      code: 3,
      message: 'Cannot read resourceSpans[0].scopeSpans[0].spans[1].traceId: must be 32 hex digits, is "abc" (byte 57)',
    });
    expect(batches).toEqual([]);
    expect(
      host.metric("podstamp_receiver_turned_away", { receiver: "otlp", transport: "http", reason: "malformed" }),
    ).toBe(1);
  });

  test("is told of partial success, and of refusal with a hint", async () => {
    const partial = await receive(() => ({ status: "rejected", cause: new Error("one bad id"), items: 1 }));
    expect(JSON.parse((await post(partial.http, trace, { headers: json })).body.toString())).toEqual({
      partialSuccess: { rejectedSpans: "1", errorMessage: "one bad id" },
    });
    const busy = await receive(() => ({ status: "retry", cause: new Error("full"), afterMs: 1500 }));
    const answer = await post(busy.http, trace, { headers: json });
    expect({ status: answer.status, wait: answer.headers["retry-after"] }).toEqual({ status: 503, wait: "2" });
    expect(JSON.parse(answer.body.toString())).toEqual({
      code: 14,
      message: "full",
      details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "1.500s" }],
    });
  });

  test("without items is taken without asking the pipeline", async () => {
    const { http, batches } = await receive();
    for (const body of ["{}", '{"resourceSpans":[]}', '{"resourceSpans":[{"scopeSpans":null}]}'])
      expect((await post(http, Buffer.from(body), { headers: json })).status).toBe(200);
    expect(batches).toEqual([]);
  });

  test("is bounded when it is protobuf, which short numbers make longer", async () => {
    const { http } = await receive(undefined, { http: { max_request_body_size: 10_000 }, signals: ["metrics"] });
    const counts = Array.from({ length: 2000 }, () => 0);
    const body = {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ histogram: { dataPoints: [{ bucketCounts: counts }] } }] }] }],
    };
    const answer = await post(http, Buffer.from(JSON.stringify(body)), { path: "/v1/metrics", headers: json });
    expect(answer.status).toBe(413);
  });

  test("is bounded after decompression", async () => {
    const { http } = await receive(undefined, { http: { max_request_body_size: 100_000 } });
    const big = Buffer.from(`{"x":"${"x".repeat(200_000)}"}`);
    for (const [encoding, body] of [
      ["gzip", gzipSync(big)],
      ["zstd", zstdCompressSync(big)],
    ] as const) {
      const answer = await post(http, body, { headers: { ...json, "content-encoding": encoding } });
      expect({ status: answer.status, ...(JSON.parse(answer.body.toString()) as object) }).toMatchObject({
        status: 413,
        code: 8,
      });
    }
  });
});

test("bytes that a body grows to when it is decompressed are in flight too", async () => {
  const release = Promise.withResolvers<void>();
  const { http, batches } = await receive(() => release.promise.then(() => accepted), {
    http: { max_bytes_in_flight: 1_750_000, max_request_body_size: 1_000_000 },
  });
  const name = randomBytes(70_000).toString("hex") + "x".repeat(560_000);
  const request = ExportTraceServiceRequest.fromPartial({ resourceSpans: [{ scopeSpans: [{ spans: [{ name }] }] }] });
  const big = gzipSync(ExportTraceServiceRequest.encode(request).finish());
  const send = () => post(http, big, { headers: { "content-encoding": "gzip" } });
  const all = Array.from({ length: 3 }, send);
  expect((await Promise.race(all)).status).toBe(503);
  expect(batches).toHaveLength(2);
  release.resolve();
  expect((await Promise.all(all)).map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 503]);
  expect((await send()).status).toBe(200);
});

test.each([
  [
    "metrics",
    "/v1/metrics",
    '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","sum":{"dataPoints":[{"asInt":"7"},{"asDouble":"NaN"}]}}]}]}]}',
    2,
  ],
  [
    "profiles",
    "/v1development/profiles",
    '{"resourceProfiles":[{"scopeProfiles":[{"profiles":[{"profileId":"000102030405060708090a0b0c0d0e0f","samples":[{"values":[1,"2"]}]}]}]}],"dictionary":{"stringTable":["","a"]}}',
    1,
  ],
] as const)("%s are taken in JSON", async (signal, path, body, items) => {
  const { http, batches } = await receive(undefined, { signals: ["traces", "metrics", "logs", "profiles"] });
  const answer = await post(http, Buffer.from(body), { path, headers: json });
  expect([answer.status, answer.body.toString()]).toEqual([200, "{}"]);
  expect(batches).toMatchObject([{ signal, items }]);
  const again = protobufToJson(requestNames[signal], whole(batches[0]?.bytes ?? Buffer.alloc(0)));
  expect(again.status === "ok" && (JSON.parse(again.bytes.toString()) as unknown)).toEqual(
    JSON.parse(body.replace("[1,", '["1",')),
  );
});

describe("an encoding", () => {
  test.each([
    ["snappy", snap(trace)],
    ["snappy", frame(trace)],
    ["x-snappy-framed", frame(trace)],
  ])("%s is taken, and as the stream too, which the Collector once called so", async (encoding, body) => {
    const { http, batches } = await receive();
    expect((await post(http, body, { headers: { ...json, "content-encoding": encoding } })).status).toBe(200);
    expect(batches.map(({ items }) => items)).toEqual([1]);
  });

  test.each(["GZIP", "Snappy", "gzip, gzip", "lz4"])(
    "%s is refused by its exact name, with those that are taken",
    async (encoding) => {
      const { http } = await receive();
      const answer = await post(http, trace, { headers: { ...json, "content-encoding": encoding } });
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body.toString())).toEqual({
        code: 3,
        message: `Cannot read the body: unsupported Content-Encoding: ${encoding}; must be gzip or zstd or zlib or snappy or deflate or x-snappy-framed or none`,
      });
    },
  );
});

describe("CORS", () => {
  const cors = {
    allowed_origins: ["https://*.example.com", "http://one.test"],
    allowed_headers: ["X-Tenant"],
    exposed_headers: ["X-Seen"],
    max_age: 600,
  };
  const preflight = (address: string, headers: Record<string, string>) =>
    post(address, Buffer.alloc(0), {
      method: "OPTIONS",
      headers: { "access-control-request-method": "POST", ...headers },
    });

  test.each(["https://app.example.com", "https://a.b.example.com", "HTTP://ONE.test"])(
    "lets %s send",
    async (origin) => {
      const { http } = await receive(undefined, { http: { cors } });
      const first = await preflight(http, { origin, "access-control-request-headers": "content-type,x-tenant" });
      expect({ status: first.status, headers: first.headers }).toMatchObject({
        status: 204,
        headers: {
          "access-control-allow-origin": origin,
          "access-control-allow-credentials": "true",
          "access-control-allow-methods": "POST",
          "access-control-allow-headers": "content-type, x-tenant",
          "access-control-max-age": "600",
          vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        },
      });
      expect(first.headers["content-length"]).toBeUndefined();
      const { status, headers } = await post(http, trace, { headers: { ...json, origin } });
      expect({ status, headers }).toMatchObject({
        status: 200,
        headers: {
          "access-control-allow-origin": origin,
          "access-control-allow-credentials": "true",
          "access-control-expose-headers": "X-Seen",
          vary: "Origin",
        },
      });
      // A page that may not read a refusal cannot say what is wrong.
      expect(
        (await post(http, Buffer.from("x"), { headers: { ...json, origin } })).headers["access-control-allow-origin"],
      ).toBe(origin);
    },
  );

  test.each([
    ["another origin", { origin: "https://example.com.evil.test" }],
    ["a prefix and a suffix that overlap", { origin: "https://.example.co" }],
    ["another header", { origin: "http://one.test", "access-control-request-headers": "x-other" }],
    ["another method", { origin: "http://one.test", "access-control-request-method": "DELETE" }],
  ] as [string, Record<string, string>][])("says nothing that would let %s in", async (_, headers) => {
    const { http } = await receive(undefined, { http: { cors } });
    const answer = await preflight(http, headers);
    expect(answer.status).toBe(204);
    expect(answer.headers["access-control-allow-methods"]).toBeUndefined();
    expect(answer.headers["access-control-allow-headers"]).toBeUndefined();
  });

  test("with * lets every origin and header in", async () => {
    const { http } = await receive(undefined, { http: { cors: { allowed_origins: ["*"], allowed_headers: ["*"] } } });
    const { headers } = await preflight(http, { origin: "http://any.test", "access-control-request-headers": "a, b" });
    expect(headers).toMatchObject({ "access-control-allow-origin": "*", "access-control-allow-headers": "a, b" });
  });

  test("is off unless it has origins, and headers alone are warned of", async () => {
    const { http, host } = await receive(undefined, { http: { cors: { allowed_headers: ["x"] } } });
    const answer = await preflight(http, { origin: "http://any.test" });
    expect({ status: answer.status, allowed: answer.headers["access-control-allow-origin"] }).toEqual({
      status: 405,
      allowed: undefined,
    });
    expect(host.logged).toContainEqual({
      level: "warn",
      message: "cors has allowed_headers and no allowed_origins, and is therefore ignored",
      fields: {},
    });
  });
});

test("response_headers are on every answer", async () => {
  const { http } = await receive(undefined, {
    http: { response_headers: { "Strict-Transport-Security": "max-age=1" } },
  });
  for (const path of ["/v1/traces", "/nothing"])
    expect((await post(http, trace, { path, headers: json })).headers["strict-transport-security"]).toBe("max-age=1");
});

describe("on one connection", () => {
  const head = (more = "") =>
    `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${trace.length}\r\n${more}\r\n`;

  test("requests that are sent behind each other are answered in their order", async () => {
    let count = 0;
    const { http } = await receive(async () => {
      const index = count++;
      // The first takes longest.
      for (let turn = index; turn < 3; turn++) await new Promise(setImmediate);
      return { status: "rejected", cause: new Error(`number ${index}`) };
    });
    const three = Buffer.concat(["", "", "connection: close\r\n"].flatMap((more) => [Buffer.from(head(more)), trace]));
    const answer = await exchange(http, three);
    expect(answer.match(/number \d/g)).toEqual(["number 0", "number 1", "number 2"]);
  });

  test("keep_alives_enabled: false ends it behind the first answer", async () => {
    const { http } = await receive(undefined, { http: { keep_alives_enabled: false } });
    expect(await exchange(http, Buffer.concat([Buffer.from(head()), trace]))).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  test.each([
    ["http://collector:4318/v1/traces", 200],
    ["HTTPS://user@[::1]:4318/v1/traces?x=/y", 200],
    ["http://collector", 404],
    ["http://collector?/v1/traces", 404],
    ["/http://collector/v1/traces", 404],
  ])("%s as its target gets %i: a client may name all of the URL", async (target, status) => {
    const { http } = await receive();
    const request = head("connection: close\r\n").replace("/v1/traces", target);
    expect(await exchange(http, Buffer.concat([Buffer.from(request), trace]))).toContain(`HTTP/1.1 ${status} `);
  });

  test.each([
    ["//v1/traces", 200],
    ["http://collector:4318//v1/traces", 200],
    ["/v1//traces?x=1", 200],
    ["/v1/traces/", 404],
    ["//", 404],
  ])("%s as its target gets %i: a slash at the end of an SDK's endpoint does no harm", async (target, status) => {
    const { http } = await receive();
    const request = head("connection: close\r\n").replace("/v1/traces", target);
    expect(await exchange(http, Buffer.concat([Buffer.from(request), trace]))).toContain(`HTTP/1.1 ${status} `);
  });

  test.each([
    ["headers without end", `POST / HTTP/1.1\r\nx: ${"x".repeat(70_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ["no HTTP", "hello there\r\n\r\n", /^HTTP\/1\.1 400 Bad Request\r\n/],
    [
      "two lengths",
      "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx",
      /^HTTP\/1\.1 400 /,
    ],
    [
      "a length and chunks",
      "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      /^HTTP\/1\.1 400 /,
    ],
    [
      "a transfer coding beside chunks",
      "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\ntransfer-encoding: gzip, Chunked\r\n\r\n0\r\n\r\n",
      /^HTTP\/1\.1 501 [^]*Cannot read the body: its Transfer-Encoding must be chunked, is \\"gzip, Chunked\\"/,
    ],
  ])("%s is answered and counted", async (_, bytes, answer) => {
    const { http, host } = await receive();
    expect(await exchange(http, bytes)).toMatch(answer);
    expect(
      host.metric("podstamp_receiver_turned_away", { receiver: "otlp", transport: "http", reason: "malformed" }),
    ).toBe(1);
    expect((await post(http, trace, { headers: json })).status).toBe(200);
  });
});
