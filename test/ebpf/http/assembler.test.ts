import { describe, expect, test } from "vitest";
import {
  brief,
  connect,
  type ConnectionOptions,
  get,
  givenAssembler,
  givenLine,
  ok,
  traceparent,
} from "./given-connection.ts";

describe.each(["server", "client"] as const)("as the %s", (side) => {
  const given = (options: ConnectionOptions = {}) => givenLine({ side, ...options });

  test("a request and its response are one exchange, until the last byte", () => {
    const { line, seen } = given();
    line.at(10);
    line.request(get("/a", `traceparent: ${traceparent}\r\n`));
    line.at(15);
    line.response("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
    expect(seen).toEqual([]);
    line.at(25);
    line.response("def");
    expect(seen).toEqual([{ method: "GET", target: "/a", traceparent, code: 200, from: 10, to: 25, size: 6 }]);
  });

  test("keep-alive: one after the other", () => {
    const { line, seen, unknown } = given();
    for (let i = 0; i < 5; i++) {
      line.request(get(`/${i}`));
      line.response(ok("abc"));
    }
    line.close();
    expect(brief(seen)).toEqual(["/0 200", "/1 200", "/2 200", "/3 200", "/4 200"]);
    expect(unknown).toEqual({});
  });

  test("pipelining in one write: four requests, four responses", () => {
    const { line, seen, unknown } = given();
    line.request([0, 1, 2, 3].map((i) => get(`/${i}`)).join(""));
    line.response([200, 201, 404, 500].map((code) => `HTTP/1.1 ${code} X\r\nContent-Length: 3\r\n\r\nabc`).join(""));
    expect(brief(seen)).toEqual(["/0 200", "/1 201", "/2 404", "/3 500"]);
    expect(unknown).toEqual({});
  });

  test("pipelining in writes of their own, answered while the next are on their way", () => {
    const { line, seen } = given();
    line.request(get("/0"));
    line.request(get("/1"));
    line.at(5);
    line.response("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
    line.request(get("/2"));
    line.at(9);
    line.response("def");
    line.response(ok("b"));
    line.response("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    expect(brief(seen)).toEqual(["/0 200", "/1 200", "/2 404"]);
    expect(seen[0]?.to).toBe(9);
  });

  test("a body that looks like requests is a body", () => {
    const { line, seen, unknown } = given();
    const body = get("/fake").repeat(50);
    line.request(`POST /real HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n`);
    line.request(body);
    line.response(ok("abc"));
    line.request(get("/after"));
    line.response(ok("abc"));
    expect(brief(seen)).toEqual(["/real 200", "/after 200"]);
    expect(unknown).toEqual({});
  });

  test("a body that looks like a response is a body", () => {
    const { line, seen } = given();
    const body = ok("inner").repeat(3);
    line.request(get("/a"));
    line.response(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
    line.response(body);
    line.request(get("/b"));
    line.response("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    expect(brief(seen)).toEqual(["/a 200", "/b 404"]);
  });

  test("a body of chunks that looks like requests is a body", () => {
    const { line, seen } = given();
    line.request("POST /up HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    line.request("30\r\n");
    line.request(get("/fake"));
    line.request("\r\n0\r\n\r\n");
    line.response(ok("abc"));
    line.request(get("/after"));
    line.response(ok("abc"));
    expect(brief(seen)).toEqual(["/up 200", "/after 200"]);
  });

  test("100 Continue is not the answer", () => {
    const { line, seen } = given();
    line.request("POST /e HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    line.response("HTTP/1.1 100 Continue\r\n\r\n");
    line.request("hello");
    line.response("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    expect(brief(seen)).toEqual(["/e 201"]);
  });

  test("who is refused instead of 100 Continue may send the next request at once", () => {
    const { line, seen } = given();
    line.request("POST /e HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 500\r\n\r\n");
    line.response("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
    line.request(get("/next"));
    line.response(ok("abc"));
    expect(brief(seen)).toEqual(["/e 401", "/next 200"]);
  });

  test("100 Continue and the answer in one write", () => {
    const { line, seen } = given();
    line.request("POST /e HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello");
    line.response(`HTTP/1.1 100 Continue\r\n\r\n${ok("abc")}`);
    expect(brief(seen)).toEqual(["/e 200"]);
  });

  test("103 Early Hints is not the answer", () => {
    const { line, seen } = given();
    line.request(get("/a"));
    line.response("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
    line.response(ok("abc"));
    expect(brief(seen)).toEqual(["/a 200"]);
  });

  test("HEAD, 204 and 304 have no body, whatever they announce", () => {
    const { line, seen } = given();
    line.request("HEAD /h HTTP/1.1\r\n\r\n");
    line.response("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
    line.request(get("/n"));
    line.response("HTTP/1.1 204 No Content\r\n\r\n");
    line.request(get("/c"));
    line.response("HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n");
    line.request(get("/a"));
    line.response(ok("abc"));
    expect(brief(seen)).toEqual(["/h 200", "/n 204", "/c 304", "/a 200"]);
    expect(seen.map(({ size }) => size)).toEqual([0, 0, 0, 3]);
  });

  test("a connection that becomes another protocol has its one exchange", () => {
    const { line, seen, unknown } = given();
    line.request(get("/ws", "Upgrade: websocket\r\n"));
    line.response("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
    for (let i = 0; i < 3; i++) {
      line.request(get("/inside"));
      line.response("HTTP/1.1 200 inside\r\n\r\n");
    }
    line.close();
    expect(brief(seen)).toEqual(["/ws 101"]);
    expect(unknown.blind).toBe(3);
  });

  test("a tunnel by CONNECT has its one exchange", () => {
    const { line, seen } = given();
    line.request("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n");
    line.response("HTTP/1.1 200 Connection established\r\n\r\n");
    line.request(get("/inside"));
    line.close();
    expect(brief(seen)).toEqual(["example.com:443 200"]);
  });

  test("a response without a length ends with the connection", () => {
    const { line, seen } = given();
    line.request("GET /h10 HTTP/1.0\r\n\r\n");
    line.response("HTTP/1.0 200 OK\r\n\r\n");
    for (let i = 1; i <= 3; i++) {
      line.at(i * 20);
      line.response("x".repeat(1000));
    }
    line.at(70);
    line.close();
    expect(seen).toMatchObject([{ target: "/h10", code: 200, to: 60, size: 3000 }]);
  });

  test("a body of chunks ends with its last chunk, not with text that looks like it", () => {
    const { line, seen, assembler } = given();
    line.request(get("/stream"));
    line.response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    line.at(10);
    line.response("4\r\n10\r\n\r\n");
    line.at(500);
    line.response("3\r\nabc\r\n");
    line.at(600);
    line.response("0\r\n\r\n");
    assembler.sweep(1000e6);
    expect(seen).toEqual([]);
    assembler.sweep(2000e6);
    expect(seen).toMatchObject([{ target: "/stream", to: 600 }]);
  });

  test("chunks and their end in the response's first write end it at once", () => {
    const { line, seen } = given();
    line.request(get("/a"));
    line.response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nTrailer: x\r\n\r\n");
    expect(brief(seen)).toEqual(["/a 200"]);
  });

  test("the last chunk of a short response is seen in what is captured for its head", () => {
    const { line, seen, assembler } = given();
    line.request(get("/a"));
    line.response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    line.at(5);
    line.response("0\r\n\r\n");
    assembler.sweep(2e9);
    expect(seen).toMatchObject([{ target: "/a", to: 5 }]);
  });

  test("a response of chunks that is longer than what is captured, in one write, ends with it", () => {
    const { line, seen } = given();
    line.request(get("/a"));
    line.response(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n${"x".repeat(2000)}\r\n0\r\n\r\n`);
    expect(brief(seen)).toEqual(["/a 200"]);
  });

  test("a last chunk in two writes is not seen, but the next request tells", () => {
    const { line, seen } = given();
    line.request(get("/a"));
    line.response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    line.at(5);
    line.response("0\r\n");
    line.response("\r\n");
    line.at(50);
    line.request(get("/b"));
    line.response(ok("b"));
    expect(seen).toMatchObject([{ target: "/a", to: 5 }, { target: "/b" }]);
  });

  test("a large upload and a large download", () => {
    const { line, seen } = given();
    line.request("PUT /up HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n");
    for (let i = 0; i < 30; i++) line.request("z".repeat(100_000));
    line.response(ok("abc"));
    line.request(get("/down"));
    line.response("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n");
    for (let i = 0; i < 30; i++) {
      line.at(i);
      line.response("y".repeat(100_000));
    }
    line.at(40);
    line.request(get("/after"));
    line.response(ok("abc"));
    expect(brief(seen)).toEqual(["/up 200", "/down 200", "/after 200"]);
    expect(seen[1]).toMatchObject({ to: 29, size: 3_000_000 });
  });

  test("a download whose end was not reported ends when nothing has come for long, and says so", () => {
    const { line, seen, assembler } = given();
    line.request(get("/down"));
    line.response("HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n");
    for (let i = 0; i < 30; i++) line.response("y".repeat(100));
    assembler.sweep(9e9);
    expect(seen).toEqual([]);
    assembler.sweep(11e9);
    expect(seen).toMatchObject([{ target: "/down", code: 200, isEstimated: true }]);
  });

  test("a slow body is not ended by waiting", () => {
    const { line, seen, assembler } = given();
    line.request(get("/slow"));
    line.response("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na");
    assembler.sweep(60e9);
    line.at(70_000);
    line.response("bc");
    expect(seen).toMatchObject([{ target: "/slow", to: 70_000 }]);
    expect(seen[0]).not.toHaveProperty("isEstimated");
  });

  test("an early response does not wait for the upload, and the next request is found behind it", () => {
    const { line, seen } = given();
    line.request("POST /early HTTP/1.1\r\nContent-Length: 1000\r\n\r\n");
    line.response("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    line.request("q".repeat(1000));
    line.request(get("/next"));
    line.response(ok("abc"));
    expect(brief(seen)).toEqual(["/early 413", "/next 200"]);
  });

  test("a connection that closes without a response ends the request then", () => {
    const { line, seen } = given();
    line.request(get("/abort"));
    line.at(20);
    line.close();
    expect(seen).toMatchObject([{ target: "/abort", code: 0, to: 20 }]);
  });

  test("a connection that closes within a body says that it is not whole", () => {
    const { line, seen } = given();
    line.request(get("/a"));
    line.response("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
    line.close();
    expect(seen).toMatchObject([{ target: "/a", code: 200, isIncomplete: true }]);
  });

  test("what is no HTTP makes nothing", () => {
    const { line, seen } = given();
    for (let i = 0; i < 20; i++) {
      line.request("*1\r\n$4\r\nPING\r\n");
      line.response("+OK\r\n");
    }
    line.request("GET mykey\r\n");
    line.response("$3\r\nfoo\r\n");
    line.close();
    expect(seen).toEqual([]);
  });
});

test("connections are told apart, and of too many the oldest is forgotten", () => {
  const watched = givenAssembler(2);
  const lines = [1, 2, 3].map((id) => connect(watched, { id }));
  lines.forEach((line, i) => line.request(get(`/${i}`)));
  lines.forEach((line) => line.response(ok("abc")));
  expect(brief(watched.seen)).toEqual(["/1 200", "/2 200"]);
  expect(watched.unknown.table_full).toBe(1);
  expect(watched.assembler.size()).toBeLessThanOrEqual(2);
});

test("without a role what a chunk is tells it", () => {
  const watched = givenAssembler();
  const line = connect(watched, { side: "unknown", isLate: true });
  line.request(get("/a"));
  line.response(ok("abc"));
  expect(brief(watched.seen)).toEqual(["/a 200"]);
});
