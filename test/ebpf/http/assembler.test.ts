import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConnectionFlag } from "../../../src/ebpf/http/record.ts";
import { connect, givenAssembler } from "./given-connection.ts";

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const get = (path: string, fields = "") => `GET ${path} HTTP/1.1\r\nHost: x\r\n${fields}\r\n`;
const ok = (body: string, fields = "") => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;
const brief = (seen: readonly { target: string; code: number }[]) =>
  seen.map(({ target, code }) => `${target} ${code}`);

describe.each(["server", "client"] as const)("as the %s", (side) => {
  function given(options: { capture?: number; isLate?: boolean } = {}) {
    const watched = givenAssembler();
    return { ...watched, line: connect(watched, { side, ...options }) };
  }

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

  test("a head in pieces of ten bytes, with the trace context in the middle", () => {
    const { line, seen } = given();
    const head = get("/split", `X-Pad: ${"a".repeat(40)}\r\ntraceparent: ${traceparent}\r\n`);
    for (let at = 0; at < head.length; at += 10) line.request(head.slice(at, at + 10));
    line.response(ok("abc"));
    expect(seen).toMatchObject([{ target: "/split", traceparent, code: 200 }]);
  });

  test("a response's head in pieces", () => {
    const { line, seen } = given();
    line.request(get("/a"));
    line.response("HTTP/1.1 20");
    line.response("1 Created\r\nContent-");
    line.response("Length: 3\r\n\r\nab");
    line.at(7);
    line.response("c");
    expect(seen).toMatchObject([{ target: "/a", code: 201, to: 7, size: 3 }]);
  });

  test("a head longer than what is captured: the rest of it is said to be unknown", () => {
    const { line, seen } = given();
    line.request(get("/big", `Cookie: ${"c".repeat(3000)}\r\ntraceparent: ${traceparent}\r\n`));
    line.response(ok("abc"));
    line.request(get("/next"));
    line.response(ok("abc"));
    expect(seen).toMatchObject([
      { target: "/big", isCut: true, code: 200 },
      { target: "/next", code: 200 },
    ]);
    expect(seen[0]).not.toHaveProperty("traceparent");
  });

  test("with a larger capture it is seen", () => {
    const { line, seen } = given({ capture: 4096 });
    line.request(get("/big", `Cookie: ${"c".repeat(3000)}\r\ntraceparent: ${traceparent}\r\n`));
    line.response(ok("abc"));
    expect(seen).toMatchObject([{ target: "/big", traceparent, code: 200 }]);
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

  test("a connection older than the probe: what was before is unknown, what comes is right", () => {
    const { line, seen, unknown } = given({ isLate: true });
    line.response(ok("of a request before"));
    line.request(get("/a"));
    line.response(ok("abc"));
    line.close();
    expect(brief(seen)).toEqual(["/a 200"]);
    expect(unknown).toEqual({ unasked: 1 });
  });

  test("lost requests are not paired with the responses of others", () => {
    const { line, seen, unknown } = given();
    line.request(get("/0"));
    line.response(ok("abc"));
    line.losing(() => line.request(get("/1")));
    line.response("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    line.request(get("/2"));
    line.response(ok("abc"));
    expect(brief(seen)).toEqual(["/0 200", "/2 200"]);
    expect(unknown).toEqual({ unasked: 1 });
  });

  test("a lost response is not replaced by the next one", () => {
    const { line, seen, unknown } = given();
    line.request(get("/0"));
    line.losing(() => line.response("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"));
    line.request(get("/1"));
    line.response(ok("abc"));
    line.request(get("/2"));
    line.response(ok("abc"));
    expect(brief(seen)).toEqual(["/1 200", "/2 200"]);
    expect(unknown).toEqual({ lost: 1 });
  });

  test("a lost response before the end is not an aborted request", () => {
    const { line, seen, unknown } = given();
    line.request(get("/0"));
    line.losing(() => line.response(ok("abc")));
    line.close();
    expect(seen).toEqual([]);
    expect(unknown).toEqual({ lost: 1 });
  });

  test("a lost end of a request's head: what was seen of it is said to be cut", () => {
    const { line, seen } = given();
    line.request("GET /a HTTP/1.1\r\nHost: x\r\n");
    line.losing(() => line.request("X-A: 1\r\n"));
    line.request("X-B: 2\r\n\r\n");
    line.response(ok("abc"));
    expect(seen).toMatchObject([{ target: "/a", isCut: true, code: 200 }]);
  });

  test("losses on a connection that pipelines leave it unknown", () => {
    const { line, seen, unknown } = given();
    line.request(get("/0"));
    line.request(get("/1"));
    line.response(ok("a"));
    line.response(ok("b"));
    line.losing(() => line.request(get("/2")));
    line.request(get("/3"));
    line.response(ok("c"));
    line.response(ok("d"));
    expect(brief(seen)).toEqual(["/0 200", "/1 200"]);
    expect(unknown).toEqual({ blind: 1, unasked: 2 });
  });

  test("requests that stand in one chunk behind what is captured are not guessed", () => {
    const { line, seen, unknown } = given({ capture: 100 });
    line.request([0, 1, 2, 3, 4, 5].map((i) => get(`/${i}`)).join(""));
    line.response(
      [0, 1, 2, 3, 4, 5]
        .map(() => "HTTP/1.1 204 X\r\n\r\n")
        .join("")
        .slice(0, 36),
    );
    expect(brief(seen)).toEqual(["/0 204", "/1 204"]);
    expect(unknown).toEqual({ hidden: 1 });
  });

  test("a response that begins within the chunk of the one before is not seen, and its request is not given another", () => {
    const { line, seen, unknown } = given();
    line.request(get("/0"));
    line.request(get("/1"));
    line.request(get("/2"));
    line.response("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n");
    line.response(`${"x".repeat(2000)}HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n`);
    line.response("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
    expect(brief(seen)).toEqual(["/0 200"]);
    expect(unknown).toEqual({ hidden: 2, unasked: 1 });
  });

  test("messages that the rate limit held back make no aborted requests", () => {
    const { line, seen } = given();
    line.request(get("/0"));
    line.flag(ConnectionFlag.muted);
    line.close();
    expect(seen).toEqual([]);
  });

  const message = fc.record({
    method: fc.constantFrom("GET", "POST", "HEAD", "DELETE"),
    requestBody: fc.oneof(
      fc.constant({ kind: "none" as const, text: "" }),
      fc.record({
        kind: fc.constant("length" as const),
        text: fc.constantFrom("", "abc", "GET / HTTP/1.1\r\n\r\n", "x".repeat(3000)),
      }),
      fc.record({ kind: fc.constant("chunked" as const), text: fc.constantFrom("abc", "y".repeat(500)) }),
    ),
    code: fc.constantFrom(200, 204, 304, 404, 500),
    responseBody: fc.oneof(
      fc.record({
        kind: fc.constant("length" as const),
        text: fc.constantFrom("", "abc", "HTTP/1.1 200 OK\r\n\r\n", "x".repeat(3000)),
      }),
      fc.record({ kind: fc.constant("chunked" as const), text: fc.constantFrom("abc", "y".repeat(500)) }),
    ),
    isContinued: fc.boolean(),
  });
  type Body = { readonly kind: "none" | "length" | "chunked"; readonly text: string };
  const framed = ({ kind, text }: Body) =>
    kind === "none"
      ? "\r\n"
      : kind === "length"
        ? `Content-Length: ${text.length}\r\n\r\n${text}`
        : `Transfer-Encoding: chunked\r\n\r\n${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
  /** Cuts a text at the given fractions; the first piece is long enough to be known for a head. */
  const cut = (text: string, fractions: readonly number[]) => {
    const marks = fractions.map((f) => Math.max(16, Math.floor(f * text.length))).toSorted((a, b) => a - b);
    return [0, ...marks].map((mark, i) => text.slice(mark, marks[i] ?? text.length)).filter((piece) => piece !== "");
  };

  test("however the bytes are cut, without pipelining every exchange is right", () => {
    const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(message, cuts, cuts), { minLength: 1, maxLength: 8 }), (messages) => {
        const { line, seen, unknown, assembler, open } = given({ capture: 8192 });
        messages.forEach(([{ method, requestBody, code, responseBody, isContinued }, ...both], i) => {
          const [requestCuts, responseCuts] = both;
          const isBodiless = method === "HEAD" || code === 204 || code === 304;
          for (const piece of cut(`${method} /${i} HTTP/1.1\r\nX-I: ${i}\r\n${framed(requestBody)}`, requestCuts))
            line.request(piece);
          if (isContinued) line.response("HTTP/1.1 100 Continue\r\n\r\n");
          const head = `HTTP/1.1 ${code} X\r\n${framed(responseBody)}`;
          for (const piece of cut(isBodiless ? head.slice(0, head.indexOf("\r\n\r\n") + 4) : head, responseCuts))
            line.response(piece);
        });
        assembler.sweep(100e9);
        line.close();
        expect(brief(seen)).toEqual(messages.map(([{ code }], i) => `/${i} ${code}`));
        expect([unknown, open()]).toEqual([{}, 0]);
      }),
      { numRuns: 500 },
    );
  });

  test("whatever is lost, nothing is paired wrongly and everything has an end", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ lostRequest: fc.boolean(), lostResponse: fc.boolean(), isContinued: fc.boolean() }), {
          minLength: 1,
          maxLength: 30,
        }),
        (steps) => {
          const { line, seen, assembler, open } = given();
          steps.forEach(({ lostRequest, lostResponse, isContinued }, i) => {
            const ask = () => line.request(get(`/${200 + i}`));
            const reply = () => {
              if (isContinued) line.response("HTTP/1.1 100 Continue\r\n\r\n");
              line.response(`HTTP/1.1 ${200 + i} X\r\nContent-Length: 2\r\n\r\nab`);
            };
            if (lostRequest) line.losing(ask);
            else ask();
            if (lostResponse) line.losing(reply);
            else reply();
          });
          assembler.sweep(100e9);
          line.close();
          for (const { target, code } of seen) expect(target).toBe(`/${code}`);
          expect(open()).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("whatever is lost of pipelined requests, nothing is paired wrongly", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            burst: fc.integer({ min: 1, max: 4 }),
            lost: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
          }),
          { minLength: 1, maxLength: 12 },
        ),
        (bursts) => {
          const { line, seen, open } = given();
          let asked = 200;
          let answered = 200;
          for (const { burst, lost } of bursts) {
            for (let i = 0; i < burst; i++, asked++) {
              const ask = () => line.request(get(`/${asked}`));
              if (lost[i] === true) line.losing(ask);
              else ask();
            }
            for (let i = 0; i < burst; i++, answered++) {
              const reply = () => line.response(`HTTP/1.1 ${answered} X\r\nContent-Length: 2\r\n\r\nab`);
              if (lost[i + 4] === true) line.losing(reply);
              else reply();
            }
          }
          line.close();
          for (const { target, code } of seen) expect(target).toBe(`/${code}`);
          expect(open()).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
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
