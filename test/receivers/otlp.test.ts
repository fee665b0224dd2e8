import http from "node:http";
import net from "node:net";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { decodeStatus } from "../../src/net/grpc/status-codec.ts";
import { StatusError } from "../../src/net/status.ts";
import type { CancelSignal } from "../../src/otlp/cancel.ts";
import { shapes } from "../../src/otlp/signals.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import type { Delivery } from "../../src/pipeline/contract.ts";
import { ExportLogsServiceRequest } from "../../src/proto/opentelemetry/proto/collector/logs/v1/logs_service.ts";
import {
  ExportTraceServiceRequest,
  ExportTraceServiceResponse,
} from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { otlpReceiver } from "../../src/receivers/otlp/otlp.ts";
import { encode, field } from "../otlp/wire.ts";
import { eventually } from "../support/eventually.ts";
import { grpcClient, logsPath, tracesPath } from "../support/grpc/peer.ts";
import type { Peer } from "../support/grpc/peer.ts";
import { testHost } from "../support/agent/host.ts";
import { post, receive as open } from "./receiving.ts";
import type { Answer, Post, Receiving } from "./receiving.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const trace = Buffer.from(
  ExportTraceServiceRequest.encode(
    ExportTraceServiceRequest.fromPartial({
      resourceSpans: [{ scopeSpans: [{ spans: [{ name: "a" }, { name: "b" }, { name: "c" }] }] }],
    }),
  ).finish(),
);
const log = Buffer.from(
  ExportLogsServiceRequest.encode(
    ExportLogsServiceRequest.fromPartial({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityText: "INFO" }] }] }],
    }),
  ).finish(),
);
const garbage = Buffer.from("0aff01", "hex");

/** A receiver that is closed with the test. */
async function receive(...options: Parameters<typeof open>): Promise<Receiving> {
  const receiving = await open(...options);
  closing.push(() => receiving.stop(AbortSignal.abort()));
  return receiving;
}

function peer(address: string): Peer {
  const client = grpcClient(address);
  closing.push(() => client.close());
  return client;
}

const passedOn = (code: number, retryAfterMs?: number): StatusError =>
  new StatusError({ code, message: "because", ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

/** What the pipeline says, and what a client hears of it: gRPC code, HTTP status, Retry-After. */
const answers: readonly (readonly [string, Delivery, number, number, string | undefined])[] = [
  ["accepted", accepted, 0, 200, undefined],
  ["retry", { status: "retry", cause: new Error("because") }, 14, 503, undefined],
  ["retry with a hint", { status: "retry", cause: new Error("because"), afterMs: 1500 }, 14, 503, "2"],
  ["retry with a hint of nothing", { status: "retry", cause: new Error("because"), afterMs: 0 }, 14, 503, "0"],
  ["rejected", { status: "rejected", cause: new Error("because") }, 13, 500, undefined],
  [
    "retry with RESOURCE_EXHAUSTED and a hint",
    { status: "retry", cause: passedOn(8, 3000), afterMs: 3000 },
    8,
    429,
    "3",
  ],
  ["retry with DEADLINE_EXCEEDED", { status: "retry", cause: passedOn(4) }, 4, 503, undefined],
  ["rejected with INVALID_ARGUMENT", { status: "rejected", cause: passedOn(3) }, 3, 400, undefined],
  ["rejected with UNAUTHENTICATED", { status: "rejected", cause: passedOn(16) }, 16, 401, undefined],
  ["rejected with PERMISSION_DENIED", { status: "rejected", cause: passedOn(7) }, 7, 403, undefined],
  ["rejected with RESOURCE_EXHAUSTED", { status: "rejected", cause: passedOn(8) }, 8, 429, undefined],
  ["rejected with UNIMPLEMENTED", { status: "rejected", cause: passedOn(12) }, 12, 404, undefined],
  ["rejected with UNKNOWN", { status: "rejected", cause: passedOn(2) }, 2, 500, undefined],
  [
    "its part rejected",
    { status: "parts", parts: [{ status: "rejected", cause: new Error("because") }] },
    13,
    500,
    undefined,
  ],
  ["its part accepted", { status: "parts", parts: [accepted] }, 0, 200, undefined],
];

describe("what the pipeline answers", () => {
  test.each(answers)("%s is told to both kinds of client", async (_, delivery, code, status, retryAfter) => {
    const { grpc, http: over, batches, host } = await receive(() => delivery);
    const outcome = await peer(grpc).call(trace);
    expect({ code: outcome.code, details: outcome.details }).toEqual({ code, details: code === 0 ? "" : "because" });
    const answer = await post(over, trace);
    expect({
      status: answer.status,
      retryAfter: answer.headers["retry-after"],
      type: answer.headers["content-type"],
    }).toEqual({ status, retryAfter, type: "application/x-protobuf" });
    expect(code === 0 ? answer.body.length : decodeStatus(answer.body)?.code).toBe(code === 0 ? 0 : code);
    expect(batches.map(({ bytes, items, peer: from }) => ({ bytes, items, from }))).toEqual(
      Array.from({ length: 2 }, () => ({ bytes: trace, items: 3, from: "127.0.0.1" })),
    );
    const kind = code === 0 ? "accepted" : "refused";
    for (const transport of ["grpc", "http"])
      expect(host.metric(`otelcol_receiver_${kind}_spans`, { receiver: "otlp", transport })).toBe(3);
  });

  test("a part of the items refused is partial success", async () => {
    const {
      grpc,
      http: over,
      host,
    } = await receive(() => ({ status: "rejected", cause: new Error("two bad ids"), items: 2 }));
    const outcome = await peer(grpc).call(trace);
    const answer = await post(over, trace);
    expect(answer.status).toBe(200);
    for (const body of [outcome.body ?? garbage, answer.body]) {
      expect(ExportTraceServiceResponse.decode(body).partialSuccess).toMatchObject({
        rejectedSpans: 2n,
        errorMessage: "two bad ids",
      });
    }
    for (const transport of ["grpc", "http"]) {
      expect(host.metric("otelcol_receiver_accepted_spans", { receiver: "otlp", transport })).toBe(1);
      expect(host.metric("otelcol_receiver_refused_spans", { receiver: "otlp", transport })).toBe(2);
    }
  });
});

describe("requests", () => {
  test("of logs go to the pipeline of logs", async () => {
    const { grpc, http: over, batches } = await receive();
    expect((await peer(grpc).call(log, { path: logsPath })).code).toBe(0);
    expect((await post(over, log, { path: "/v1/logs?x=1" })).status).toBe(200);
    expect(batches.map(({ signal, items }) => [signal, items])).toEqual([
      ["logs", 1],
      ["logs", 1],
    ]);
  });

  test.each([
    ["metrics", "/v1/metrics", encode([field(1, [field(2, [field(2, [field(5, [field(1, []), field(1, [])])])])])])],
    ["profiles", "/v1development/profiles", encode([field(1, [field(2, [field(2, [field(2, []), field(2, [])])])])])],
  ] as const)("of %s go to their pipeline, counted by data points and samples", async (signal, path, bytes) => {
    const { grpc, http: over, batches, host } = await receive(undefined, { signals: [signal] });
    expect((await peer(grpc).call(bytes, { path: shapes[signal].grpcPath })).code).toBe(0);
    expect((await post(over, bytes, { path })).status).toBe(200);
    expect(batches.map((batch) => [batch.signal, batch.items])).toEqual([
      [signal, 2],
      [signal, 2],
    ]);
    const name = `otelcol_receiver_accepted_${shapes[signal].items}`;
    expect(host.metric(name, { receiver: "otlp", transport: "http" })).toBe(2);
  });

  test("without items are taken without asking the pipeline", async () => {
    const { grpc, http: over, batches } = await receive(() => ({ status: "rejected", cause: new Error("not me") }));
    const empty = Buffer.from(
      ExportTraceServiceRequest.encode(ExportTraceServiceRequest.fromPartial({ resourceSpans: [{}] })).finish(),
    );
    for (const bytes of [Buffer.alloc(0), empty]) {
      expect((await peer(grpc).call(bytes)).code).toBe(0);
      expect(await post(over, bytes)).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    }
    expect(batches).toEqual([]);
  });

  test("that are no protobuf are refused, and the connection goes on", async () => {
    const { grpc, http: over, batches, host } = await receive();
    const client = peer(grpc);
    expect(await client.call(garbage)).toMatchObject({
      code: 3,
      details: expect.stringMatching(/^Cannot read ExportTraceServiceRequest/),
    });
    expect((await client.call(trace)).code).toBe(0);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    closing.push(() => agent.destroy());
    const answer = await post(over, garbage, { agent });
    expect({ status: answer.status, body: decodeStatus(answer.body) }).toMatchObject({
      status: 400,
      body: { code: 3, message: expect.stringMatching(/^Cannot read/) },
    });
    expect((await post(over, trace, { agent })).status).toBe(200);
    expect(batches).toHaveLength(2);
    expect(
      host.metric("podstamp_receiver_turned_away", { receiver: "otlp", transport: "grpc", reason: "malformed" }),
    ).toBe(1);
  });

  test("of a signal that no pipeline takes are UNIMPLEMENTED and 404", async () => {
    const { grpc, http: over } = await receive(undefined, { signals: ["traces"] });
    expect((await peer(grpc).call(log, { path: logsPath })).code).toBe(12);
    expect((await post(over, log, { path: "/v1/logs" })).status).toBe(404);
    expect((await peer(grpc).call(trace, { path: tracesPath })).code).toBe(0);
  });

  test("whose sender leaves are told so to the pipeline", async () => {
    const signals: CancelSignal[] = [];
    const { http: over } = await receive((_, signal) => {
      signals.push(signal);
      return new Promise((resolve) =>
        signal.addEventListener("abort", () => resolve({ status: "retry", cause: new Error("gone") })),
      );
    });
    const [host, port] = over.split(":");
    const request = http.request({
      host,
      port: Number(port),
      path: "/v1/traces",
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
    });
    request.on("error", () => {});
    request.end(trace);
    await eventually(() => signals.length === 1, { what: "the request" });
    request.destroy();
    await eventually(() => signals[0]?.aborted, { what: "the abort" });
  });
});

describe("over HTTP", () => {
  test.each([
    ["an unknown path", { path: "/v1/other" }, 404, 12],
    ["GET", { method: "GET" }, 405, 12],
    ["JSON that is protobuf", { headers: { "content-type": "application/json; charset=utf-8" } }, 400, 3],
    ["text", { headers: { "content-type": "text/plain" } }, 415, 3],
    ["an unknown Content-Encoding", { headers: { "content-encoding": "br" } }, 400, 3],
    ["gzip that is none", { headers: { "content-encoding": "gzip" } }, 400, 3],
    ["a body that announces too much", { headers: { "content-length": "100000000" } }, 413, 8],
  ] as [string, Post, number, number][])(
    "%s is refused with a Status as its body",
    async (_, options, status, code) => {
      const { http: over, batches } = await receive();
      const [host, port] = over.split(":");
      const { answered, request } = await new Promise<{ answered: Answer; request: http.ClientRequest }>(
        (resolve, reject) => {
          const { headers = {}, ...rest } = options;
          const sent = http.request(
            {
              host,
              port: Number(port),
              path: "/v1/traces",
              method: "POST",
              ...rest,
              headers: { "content-type": "application/x-protobuf", ...headers },
            },
            (response) => {
              const chunks: Buffer[] = [];
              response.on("data", (chunk: Buffer) => chunks.push(chunk));
              response.on("end", () =>
                resolve({
                  answered: {
                    status: response.statusCode ?? 0,
                    headers: response.headers,
                    body: Buffer.concat(chunks),
                  },
                  request: sent,
                }),
              );
            },
          );
          sent.on("error", reject);
          if ("content-length" in headers) sent.write(trace);
          else sent.end(trace);
        },
      );
      request.destroy();
      const isJson = answered.headers["content-type"] === "application/json";
      const told = isJson
        ? (JSON.parse(answered.body.toString()) as { code: number; message: string })
        : decodeStatus(answered.body);
      expect({ status: answered.status, code: told?.code }).toEqual({ status, code });
      expect(told?.message).toMatch(/^Cannot /);
      expect(batches).toEqual([]);
    },
  );

  test("a Status is in the type that the client speaks", async () => {
    const { http: over } = await receive();
    const json = await post(over, Buffer.from("[]"), { headers: { "content-type": "application/json" } });
    expect(json.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(json.body.toString())).toEqual({
      code: 3,
      message: "Cannot read the body: must be a JSON object, is [ (byte 0)",
    });
    expect((await post(over, trace, { method: "PUT" })).headers).toMatchObject({
      allow: "POST",
      "content-type": "application/x-protobuf",
    });
  });

  test.each([
    ["gzip", gzipSync(trace)],
    ["deflate", deflateSync(trace)],
    ["zlib", deflateSync(trace)],
    ["zstd", zstdCompressSync(trace)],
    ["identity", trace],
  ])("%s is understood", async (encoding, bytes) => {
    const { http: over, batches } = await receive(undefined, {
      http: { compression_algorithms: ["", "gzip", "zlib", "deflate", "zstd"] },
    });
    expect((await post(over, bytes, { headers: { "content-encoding": encoding } })).status).toBe(200);
    expect(batches[0]?.bytes).toEqual(trace);
  });

  test("an encoding that is switched off is refused", async () => {
    const { http: over } = await receive(undefined, { http: { compression_algorithms: [""] } });
    expect((await post(over, gzipSync(trace), { headers: { "content-encoding": "gzip" } })).status).toBe(400);
  });

  test("a body that is too large, as it comes or decompressed, is 413", async () => {
    const { http: over, host } = await receive(undefined, { http: { max_request_body_size: 2000 } });
    expect((await post(over, Buffer.alloc(3000))).status).toBe(413);
    expect((await post(over, Buffer.alloc(3000), { headers: { "transfer-encoding": "chunked" } })).status).toBe(413);
    expect(
      (await post(over, gzipSync(Buffer.alloc(1_000_000)), { headers: { "content-encoding": "gzip" } })).status,
    ).toBe(413);
    expect(
      host.metric("podstamp_receiver_turned_away", { receiver: "otlp", transport: "http", reason: "message_size" }),
    ).toBe(3);
  });

  test("an announced body is invited only when it is wanted", async () => {
    const { http: over } = await receive();
    const [host, port] = over.split(":");
    const expecting = (headers: Record<string, string>): Promise<string> =>
      new Promise((resolve) => {
        const request = http.request({
          host,
          port: Number(port),
          path: "/v1/traces",
          method: "POST",
          headers: { expect: "100-continue", ...headers },
        });
        request.on("error", () => {});
        request.on("continue", () => request.end(trace));
        request.on("response", (response) => {
          resolve(String(response.statusCode));
          response.resume();
          request.destroy();
        });
      });
    expect(await expecting({ "content-type": "text/plain" })).toBe("415");
    expect(await expecting({ "content-type": "application/x-protobuf" })).toBe("200");
  });

  test("a client that is slow with its headers or its body is cut off", async () => {
    const { http: over, grpc } = await receive(undefined, {
      http: { read_header_timeout: "300ms", read_timeout: "600ms" },
    });
    for (const head of [
      "POST /v1/traces HTTP/1.1\r\nhost: x\r\n",
      "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 100\r\n\r\nabc",
    ]) {
      const socket = net.connect(Number(over.split(":")[1]), "127.0.0.1");
      closing.push(() => socket.destroy());
      socket.on("error", () => {});
      socket.write(head);
      await new Promise((resolve) => socket.once("close", resolve).resume());
    }
    expect((await post(over, trace)).status).toBe(200);
    expect((await peer(grpc).call(trace)).code).toBe(0);
  });

  test("a client that is cut off and does not hang up leaves nothing behind", async () => {
    const { http: over } = await receive(undefined, { http: { read_header_timeout: "300ms" } });
    const socket = net.connect({ port: Number(over.split(":")[1]), host: "127.0.0.1", allowHalfOpen: true });
    closing.push(() => socket.destroy());
    let answer = "";
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    // The system tells it once there is no other side any more.
    const writing = setInterval(() => socket.write("x"), 100);
    closing.push(() => clearInterval(writing));
    socket.write("POST /v1/traces HTTP/1.1\r\nhost: x\r\nx: ");
    await new Promise((resolve) => socket.once("close", resolve));
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  });

  test("other paths may be chosen", async () => {
    const { http: over } = await receive(undefined, {
      http: { traces_url_path: "/otlp/traces", logs_url_path: "logs", metrics_url_path: "/m" },
      signals: ["traces", "logs", "metrics"],
    });
    expect((await post(over, trace, { path: "/otlp/traces" })).status).toBe(200);
    expect((await post(over, log, { path: "/logs" })).status).toBe(200);
    expect((await post(over, Buffer.alloc(0), { path: "/m" })).status).toBe(200);
    expect((await post(over, trace)).status).toBe(404);
  });
});

test("max_recv_msg_size_mib bounds a request over gRPC", async () => {
  const { grpc } = await receive(undefined, { grpc: { max_recv_msg_size_mib: 1 } });
  const client = peer(grpc);
  expect((await client.call(Buffer.alloc(1_100_000))).code).toBe(8);
  expect((await client.call(trace)).code).toBe(0);
});

describe("stop", () => {
  test("lets requests end that are in the pipeline", async () => {
    const gate = Promise.withResolvers<void>();
    const { grpc, http: over, batches, stop } = await receive(() => gate.promise.then(() => accepted));
    const both = [
      peer(grpc)
        .call(trace)
        .then(({ code }) => code),
      post(over, trace).then(({ status }) => status),
    ];
    await eventually(() => batches.length === 2, { what: "both requests" });
    const stopped = stop(new AbortController().signal);
    gate.resolve();
    expect(await Promise.all(both)).toEqual([0, 200]);
    await stopped;
  });

  test("is safe before start and twice", async () => {
    const receiver = otlpReceiver.create(
      otlpReceiver.schema.parse({
        protocols: { grpc: { endpoint: "127.0.0.1:0" }, http: { endpoint: "127.0.0.1:0" } },
      }),
      testHost("otlp"),
      {},
    );
    await receiver.stop(new AbortController().signal);
    await receiver.start();
    await receiver.stop(new AbortController().signal);
    await receiver.stop(new AbortController().signal);
  });
});

test("an address in use is named, and what was opened before is closed again", async () => {
  const { http: taken } = await receive();
  const host = testHost("otlp/second");
  const config = otlpReceiver.schema.parse({
    protocols: { grpc: { endpoint: "127.0.0.1:0" }, http: { endpoint: taken } },
  });
  const receiver = otlpReceiver.create(config, host, {});
  await expect(receiver.start()).rejects.toThrow(`Cannot listen on ${taken}: the address is already in use`);
  const grpc = String(host.logged[0]?.fields["endpoint"]);
  const socket = net.connect(Number(grpc.split(":")[1]), "127.0.0.1");
  await expect(new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject))).rejects.toThrow(
    "ECONNREFUSED",
  );
});

describe("where it listens", () => {
  const hosts = ["", "0.0.0.0", "localhost"];

  test.each(hosts)("with transport: tcp4 is IPv4 alone: '%s'", async (host) => {
    const { http: over } = await receive(undefined, { http: { endpoint: `${host}:0`, transport: "tcp4" } });
    const port = Number(over.split(":").at(-1));
    const isTaken = (to: string) =>
      new Promise((resolve) => {
        const socket = net.connect(port, to);
        socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
        socket.once("connect", () => socket.destroy());
      });
    expect([await isTaken("127.0.0.1"), await isTaken("::1")]).toEqual([true, false]);
  });
});

describe("settings", () => {
  const read = (settings: unknown) => otlpReceiver.schema.safeParse(settings);

  test("of a protocol that is named without any are the Collector's defaults", () => {
    const { grpc, http: over } = read({ protocols: { grpc: null, http: {} } }).data?.protocols ?? {};
    expect(grpc).toMatchObject({ endpoint: "localhost:4317", transport: "tcp" });
    expect(over).toMatchObject({
      endpoint: "localhost:4318",
      max_request_body_size: 20_971_520,
      traces_url_path: "/v1/traces",
      logs_url_path: "/v1/logs",
    });
  });

  test("leave a protocol off that is not named", () =>
    expect(read({ protocols: { grpc: {} } }).data?.protocols.http).toBeUndefined());
  test("without any protocol are refused", () =>
    expect(read({ protocols: {} }).error?.issues[0]?.message).toBe("must have grpc or http or both"));

  test.each([
    [{ http: { cors: { allowed_origins: ["https://*.*.com"] } } }, /must have at most one \* in each origin/],
    [{ http: { endpoint: "/run/otlp.sock" } }, /must be host:port, or have transport: unix beside it/],
    [{ grpc: { transport: "unix" } }, /must be a path with transport: unix/],
    [{ grpc: { mode: "0660" } }, /must be left out but for a unix socket/],
    [{ grpc: { transport: "unix", endpoint: "/run/otlp.sock", mode: 660 } }, /must be three octal digits as a string/],
    [{ grpc: { auth: {} } }, /authenticators/],
    [{ grpc: { transport: "udp" } }, /must be one of tcp, tcp4, tcp6, unix/],
    [{ grpc: { max_recv_msg_size_mib: -1 } }, /must be a whole number of MiB/],
  ])("%o are refused in words", (protocols, words) =>
    expect(
      read({ protocols })
        .error?.issues.map(({ message }) => message)
        .join(),
    ).toMatch(words),
  );
});
