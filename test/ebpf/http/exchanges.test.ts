import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { connFlag } from "../../../src/ebpf/abi.ts";
import { asClient, get, ms, ok, request, response } from "../exchange.ts";
import { givenReader, real } from "../given-reader.ts";
import { client, httpRecord } from "../records.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const parentId = "b7ad6b7169203331";
const traceparent = `00-${traceId}-${parentId}-01`;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("HTTP", () => {
  test("a server's span has the names of the semantic conventions, and continues the trace", () => {
    const { take, spans } = givenReader();
    take(request(get("/cart?user=7", `traceparent: ${traceparent}\r\ntracestate: a=1,b=2\r\n`)), response(ok));
    const [span, ...others] = spans();
    expect(others).toEqual([]);
    expect(span).toMatchObject({ name: "GET", kind: 2, traceState: "a=1,b=2", flags: 0x301, status: undefined });
    expect([hex(span?.traceId ?? new Uint8Array()), hex(span?.parentSpanId ?? new Uint8Array())]).toEqual([
      traceId,
      parentId,
    ]);
    expect(span?.spanId).toHaveLength(8);
    expect([span?.startTimeUnixNano, span?.endTimeUnixNano]).toEqual([real(ms(1)), real(ms(5))]);
    expect(span?.plain).toEqual({
      "http.request.method": "GET",
      "url.path": "/cart",
      "url.scheme": "http",
      "network.protocol.version": "1.1",
      "server.address": "shop.example",
      "server.port": 8080,
      "network.peer.address": "10.0.0.1",
      "network.peer.port": 40_000,
      "client.address": "10.0.0.1",
      "client.port": 40_000,
      "http.response.status_code": 200,
      "http.response.body.size": 3,
    });
  });

  test("a client's span names the server and the whole URL without its query", () => {
    const { take, spans } = givenReader();
    take(
      request(`POST /pay?card=1 HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 5\r\n\r\nhello`, {
        ...asClient,
        direction: 1,
      }),
      response("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", { ...asClient, direction: 0 }),
    );
    const [span] = spans();
    expect(span).toMatchObject({ name: "POST", kind: 3, status: { code: 2 } });
    expect(span?.plain).toEqual({
      "http.request.method": "POST",
      "url.path": "/pay",
      "url.full": "http://shop.example/pay",
      "url.scheme": "http",
      "network.protocol.version": "1.1",
      "server.address": "shop.example",
      "server.port": 8080,
      "network.peer.address": "10.0.0.2",
      "network.peer.port": 8080,
      "http.request.body.size": 5,
      "http.response.status_code": 404,
      "http.response.body.size": 0,
      "error.type": "404",
      "podstamp.trace.derived": true,
    });
  });

  test.each([
    [200, undefined],
    [404, undefined],
    [500, "500"],
  ])("a server's %i is an error: %s", (code, error) => {
    const { take, spans } = givenReader();
    take(request(get("/")), response(`HTTP/1.1 ${code} X\r\nContent-Length: 0\r\n\r\n`));
    const [span] = spans();
    expect([span?.plain["error.type"], span?.status?.code]).toEqual([error, error === undefined ? undefined : 2]);
  });

  test("without a trace context both ends find the same IDs in the connection, and say so", () => {
    const { take, spans } = givenReader();
    take(
      request(get("/a"), { ...asClient, direction: 1, connection: 1, sequence: 0xfffffff0 }),
      request(get("/a"), { connection: 2, sequence: 0xfffffff0 }),
      response(ok, { connection: 2 }),
      response(ok, { ...asClient, direction: 0, connection: 1 }),
    );
    const [ofServer, ofClient] = spans();
    const bytes = Buffer.from([...client.address, 40_000 >> 8, 40_000 & 255, 0xff, 0xff, 0xff, 0xf0]);
    const digest = createHash("sha256").update(bytes).digest("hex");
    expect([ofClient?.kind, ofServer?.kind]).toEqual([3, 2]);
    expect(hex(ofClient?.traceId ?? new Uint8Array())).toBe(digest.slice(0, 32));
    expect(hex(ofClient?.spanId ?? new Uint8Array())).toBe(digest.slice(32, 48));
    expect(ofServer?.traceId).toEqual(ofClient?.traceId);
    expect(ofServer?.parentSpanId).toEqual(ofClient?.spanId);
    expect(ofServer?.spanId).not.toEqual(ofClient?.spanId);
    expect(ofClient?.parentSpanId).toHaveLength(0);
    expect([ofClient?.plain["podstamp.trace.derived"], ofServer?.plain["podstamp.trace.derived"]]).toEqual([
      true,
      true,
    ]);
  });

  test("with links switched off each is a trace of its own", () => {
    const { take, spans } = givenReader({ http: { link: false } });
    take(request(get("/a")), response(ok), request(get("/b"), { connection: 2 }), response(ok, { connection: 2 }));
    const [first, second] = spans();
    expect(first?.traceId).not.toEqual(second?.traceId);
    expect([first?.parentSpanId.length, first?.plain["podstamp.trace.derived"]]).toEqual([0, undefined]);
  });

  test("pipelined requests in one write have IDs of their own", () => {
    const { take, spans } = givenReader();
    take(request(get("/a") + get("/b")), response(ok + ok));
    const [first, second] = spans();
    expect(first?.traceId).not.toEqual(second?.traceId);
    expect([first?.plain["url.path"], second?.plain["url.path"]]).toEqual(["/a", "/b"]);
  });

  test("a proxy that sends the trace context on has its client's span below its server's", () => {
    const { take, spans } = givenReader();
    const header = `traceparent: ${traceparent}\r\n`;
    take(
      request(get("/in", header), { connection: 1 }),
      request(get("/out", header), { ...asClient, direction: 1, connection: 2 }),
      response(ok, { ...asClient, direction: 0, connection: 2 }),
      response(ok, { connection: 1 }),
      request(get("/later", header), { ...asClient, direction: 1, connection: 3 }),
      response(ok, { ...asClient, direction: 0, connection: 3 }),
      request(get("/other", header), { ...asClient, direction: 1, connection: 4, tgid: 101 }),
      response(ok, { ...asClient, direction: 0, connection: 4, tgid: 101 }),
    );
    const found = Object.fromEntries(spans().map((span) => [span.plain["url.path"], span]));
    expect(found["/out"]?.parentSpanId).toEqual(found["/in"]?.spanId);
    expect(hex(found["/in"]?.parentSpanId ?? new Uint8Array())).toBe(parentId);
    expect(hex(found["/later"]?.parentSpanId ?? new Uint8Array())).toBe(parentId);
    expect(hex(found["/other"]?.parentSpanId ?? new Uint8Array())).toBe(parentId);
  });

  test("what a trace context has not sampled has no span, and the next one has", () => {
    const { take, spans, dropped } = givenReader();
    const first = get("/a", `traceparent: 00-${traceId}-${parentId}-00\r\n`);
    take(
      request(first),
      response(ok),
      request(get("/b"), { ordinal: 2, offset: first.length, rx: first.length, tx: ok.length }),
      response(ok, { ordinal: 2, offset: ok.length }),
    );
    expect(spans().map(({ plain }) => plain["url.path"])).toEqual(["/b"]);
    expect(dropped).toEqual({ not_sampled: 1 });
  });

  test.each([
    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
    "nonsense",
  ])("a trace context that is none is not continued: %s", (header) => {
    const { take, spans } = givenReader();
    take(request(get("/a", `traceparent: ${header}\r\n`)), response(ok));
    expect(spans()[0]?.plain["podstamp.trace.derived"]).toBe(true);
  });

  test("query and headers are written when they are asked for, signatures never", () => {
    const { take, spans } = givenReader({
      http: { withQuery: true, requestHeaders: ["User-Agent", "x-none", "X-Two"], responseHeaders: ["Content-Type"] },
    });
    const target = "/a?b=1&Signature=secret&c=2";
    take(
      request(get(target, "user-agent: curl/8\r\nX-Two: a\r\nx-two: b, c\r\n"), { ...asClient, direction: 1 }),
      response("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n", {
        ...asClient,
        direction: 0,
      }),
    );
    expect(spans()[0]?.plain).toMatchObject({
      "url.query": "b=1&Signature=REDACTED&c=2",
      "url.full": "http://shop.example:8080/a?b=1&Signature=REDACTED&c=2",
      "http.request.header.user-agent": ["curl/8"],
      "http.request.header.x-two": ["a", "b, c"],
      "http.response.header.content-type": ["text/plain"],
    });
  });

  test("bytes of a path that are no ASCII are written as in a URL, so that it is text", () => {
    const { take, spans } = givenReader();
    take(request("GET /caf\xe9\x7f HTTP/1.1\r\n\r\n"), response(ok));
    expect(spans()[0]?.plain).toMatchObject({
      "url.path": "/caf%E9%7F",
      "server.address": "10.0.0.2",
      "server.port": 8080,
    });
  });

  test("a Host of IPv6 with and without a port", () => {
    const { take, spans } = givenReader();
    const of = (host: string, connection: number) => [
      request(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, { connection }),
      response(ok, { connection }),
    ];
    take(...of("[2001:db8::1]:81", 1), ...of("[::1]", 2));
    expect(spans().map(({ plain }) => [plain["server.address"], plain["server.port"]])).toEqual([
      ["2001:db8::1", 81],
      ["::1", 8080],
    ]);
  });

  test("IPv6 ends are written as they are written", () => {
    const { take, spans } = givenReader();
    const address = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    take(request(get("/a"), { remote: { address, port: 1 } }), response(ok));
    expect(spans()[0]?.plain["client.address"]).toBe("2001:db8::1");
  });

  test("paths of telemetry are not traced, whatever follows them", () => {
    const { take, spans, dropped } = givenReader();
    take(
      request("POST /v1/traces?x HTTP/1.1\r\n\r\n"),
      response(ok),
      request(get("/v1/tracesx"), { connection: 2 }),
      response(ok, { connection: 2 }),
    );
    expect(spans()).toHaveLength(1);
    expect(dropped).toEqual({ path: 1 });
  });

  test("what is not known of a request is said: a cut head, a connection that was open before, no response", () => {
    const { take, spans } = givenReader();
    take(
      request("GET /a HTTP/1.1\r\nCookie: xxx", { chunk: 5000, connFlags: connFlag.late }),
      httpRecord({ kind: 5, role: 2, direction: 0, at: ms(9) }),
    );
    const [span] = spans();
    expect(span?.plain).toMatchObject({
      "podstamp.http.head_truncated": true,
      "podstamp.connection.late": true,
      "error.type": "connection_closed",
    });
    expect([span?.status?.code, span?.endTimeUnixNano]).toEqual([2, real(ms(9))]);
  });

  test("a head of many pieces has the addresses of its connection", () => {
    const { take, spans } = givenReader();
    take(
      request("GET /pieces HTTP/1.1\r\nHo"),
      httpRecord({ kind: 3, role: 2, direction: 0, offset: 24, rx: 24, ordinal: 0, text: "st: x\r\n\r\n", at: ms(2) }),
      response(ok),
    );
    expect(spans()[0]?.plain).toMatchObject({
      "url.path": "/pieces",
      "server.address": "x",
      "client.address": "10.0.0.1",
    });
  });
});
