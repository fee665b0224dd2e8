import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { brief, type ConnectionOptions, get, givenLine, ok, traceparent } from "./given-connection.ts";

describe.each(["server", "client"] as const)("as the %s", (side) => {
  const given = (options: ConnectionOptions = {}) => givenLine({ side, ...options });

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

  test.each([
    { how: "its first byte alone", sizes: [1, 1000] },
    { how: "a few bytes, then more", sizes: [1, 2, 3, 1000] },
    { how: "each byte", sizes: Array.from({ length: 300 }, () => 1) },
  ])("a head that is read in pieces of less than it can be told by: $how", ({ sizes }) => {
    const { line, seen, unknown } = given();
    const read = (message: string, take: (piece: string) => void) => {
      let at = 0;
      for (const size of sizes) {
        if (at < message.length) take(message.slice(at, at + size));
        at += size;
      }
    };
    const question = (path: string) => get(path, `X: GET / HTTP/1.1\r\ntraceparent: ${traceparent}\r\n`);
    const answer = ok("abc", "X: HTTP/1.1 200\r\n");
    for (const path of ["/0", "/1", "/2"]) {
      if (side === "server") read(question(path), line.request);
      else line.request(question(path));
      if (side === "client") read(answer, line.response);
      else line.response(answer);
    }
    line.close();
    expect(seen).toMatchObject(["/0", "/1", "/2"].map((target) => ({ target, traceparent, code: 200, size: 3 })));
    expect(unknown).toEqual({});
  });

  test.each(["GET", "DELETE", "PROPFIND"])("the end of a body that could begin a head, alone before %s", (method) => {
    const { line, seen, unknown } = givenLine({ side: "server" });
    for (const path of ["/0", "/1"]) {
      line.request(`POST ${path} HTTP/1.1\r\nContent-Length: 4\r\n\r\nab`);
      line.request("GE");
      line.response(ok("abc"));
      line.request(`${method} ${path}/next HTTP/1.1\r\n\r\n`);
      line.response(ok("abc"));
    }
    line.close();
    expect(brief(seen)).toEqual(["/0 200", "/0/next 200", "/1 200", "/1/next 200"]);
    expect(unknown).toEqual({});
  });

  test("a head that is read in pieces begins when its first byte is read", () => {
    const { line, seen } = givenLine({ side: "server" });
    line.at(3);
    line.request("G");
    line.at(5);
    line.request(get("/slow").slice(1));
    line.response(ok("abc"));
    expect(seen).toMatchObject([{ target: "/slow", from: 3 }]);
  });

  test.each([
    ["version 1", "PROXY TCP4 10.1.2.3 10.4.5.6 4711 80\r\n"],
    ["version 2", `\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c${"a".repeat(12)}`],
  ])("a header of the PROXY protocol before the first request, alone and with it: %s", (_, header) => {
    for (const isAlone of [true, false]) {
      const { line, seen, unknown } = given();
      if (isAlone) line.request(header);
      line.request(`${isAlone ? "" : header}${get("/0")}`);
      line.response(ok("abc"));
      line.request(get("/1"));
      line.response(ok("abc"));
      line.losing(() => line.request(get("/lost")));
      line.response("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
      line.request(get("/2"));
      line.response(ok("abc"));
      line.close();
      expect(brief(seen)).toEqual(["/0 200", "/1 200", "/2 200"]);
      expect(unknown).toEqual({ unasked: 1 });
    }
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
  /** Cuts a text at the given fractions; the first piece has so many bytes at least. */
  const cut = (text: string, fractions: readonly number[], least: number) => {
    const marks = fractions.map((f) => Math.max(least, Math.floor(f * text.length))).toSorted((a, b) => a - b);
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
          for (const piece of cut(
            `${method} /${i} HTTP/1.1\r\nX-I: ${i}\r\n${framed(requestBody)}`,
            requestCuts,
            side === "server" ? 1 : 16,
          ))
            line.request(piece);
          if (isContinued) line.response("HTTP/1.1 100 Continue\r\n\r\n");
          const head = `HTTP/1.1 ${code} X\r\n${framed(responseBody)}`;
          for (const piece of cut(isBodiless ? head.slice(0, head.indexOf("\r\n\r\n") + 4) : head, responseCuts, 16))
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
});
