import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { brief, type ConnectionOptions, get, givenLine, ok } from "./given-connection.ts";

/* Heads that are longer than what is captured of them. */

describe.each(["server", "client"] as const)("as the %s", (side) => {
  const given = (options: ConnectionOptions = {}) => givenLine({ side, ...options });

  const policy = `Content-Security-Policy: ${"p".repeat(2000)}\r\n`;
  test.each([
    ["its length before the cut", `Content-Length: 4\r\n${policy}\r\n`, ["body"], 4],
    ["its length behind the cut", `${policy}Content-Length: 4\r\n\r\n`, ["body"], -1],
    ["chunks before the cut", `Transfer-Encoding: chunked\r\n${policy}\r\n`, ["4\r\nbody\r\n0\r\n\r\n"], -1],
    ["chunks behind the cut", `${policy}Transfer-Encoding: chunked\r\n\r\n`, ["4\r\nbody\r\n", "0\r\n\r\n"], -1],
    ["nothing", `Content-Length: 0\r\n${policy}\r\n`, [""], 0],
  ])("answers with a head longer than what is captured, on one connection: %s", (_, fields, body, size) => {
    const { line, seen, unknown, assembler } = given();
    for (const i of [0, 1, 2]) {
      line.at(i * 100);
      line.request(get(`/${i}`));
      line.response(`HTTP/1.1 200 OK\r\n${fields}${body[0] ?? ""}`);
      line.at(i * 100 + 5);
      for (const piece of body.slice(1)) line.response(piece);
    }
    assembler.sweep(1500e6);
    const isKnown = size >= 0 || fields.includes("chunked");
    expect(brief(seen)).toEqual(["/0 200", "/1 200", ...(isKnown ? ["/2 200"] : [])]);
    assembler.sweep(20e9);
    const took = body.length > 1 ? 5 : 0;
    expect(seen).toMatchObject([0, 100, 200].map((from) => ({ from, to: from + took, size })));
    expect(seen.map(({ isEstimated }) => isEstimated)).toEqual([undefined, undefined, isKnown ? undefined : true]);
    expect(unknown).toEqual({});
  });

  test("an answer with a head longer than what is captured, and a body that ends later", () => {
    const { line, seen, unknown } = given();
    for (const i of [0, 1]) {
      line.at(i * 100);
      line.request(get(`/${i}`));
      line.response(`HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n${policy}`);
      line.response("\r\nHTTP/1.1 500 No\r\n");
      line.at(i * 100 + 9);
      line.response("x".repeat(40000 - 17));
    }
    line.request(get("/2"));
    line.response(`HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n${policy}`);
    line.close();
    expect(seen).toMatchObject([
      { to: 9, size: 40000 },
      { to: 109, size: 40000 },
      { code: 200, isIncomplete: true },
    ]);
    expect(seen.map(({ isIncomplete }) => isIncomplete)).toEqual([undefined, undefined, true]);
    expect(unknown).toEqual({});
  });

  test.each([64, 256, 1024])("a head that is read in pieces of %d bytes, which fill the captured ones", (bytes) => {
    const { line, seen, unknown } = given({ capture: 1024 });
    const question = get("/exact", `Cookie: ${"c".repeat(2000)}\r\n`);
    const answer = `HTTP/1.1 200 OK\r\nContent-Length: 3\r\n${policy}\r\nabc`;
    for (const _ of [0, 1]) {
      for (let at = 0; at < question.length; at += bytes) line.request(question.slice(at, at + bytes));
      for (let at = 0; at < answer.length; at += bytes) line.response(answer.slice(at, at + bytes));
    }
    line.close();
    expect(seen).toMatchObject([0, 1].map(() => ({ target: "/exact", isCut: true, code: 200, size: 3 })));
    expect(unknown).toEqual({});
  });

  test("an interim answer that is cut may hide the answer behind it: none has another's", () => {
    const { line, seen, unknown } = given({ capture: 512 });
    line.request(get("/0", `Cookie: ${"c".repeat(1000)}\r\n`));
    line.response(`HTTP/1.1 103 Early\r\nLink: ${"l".repeat(600)}\r\n\r\n${ok("abc")}`);
    for (const [path, code] of [
      ["/1", 404],
      ["/2", 500],
    ]) {
      line.request(get(`${path}`));
      line.response(`HTTP/1.1 ${code} No\r\nContent-Length: 0\r\n\r\n`);
    }
    line.close();
    expect(brief(seen)).toEqual(["/1 404", "/2 500"]);
    expect(unknown).toEqual({ lost: 1 });
  });

  const size = fc.constantFrom(0, 1, 3, 10, 100, 500, 1500, 5000, 70000);
  const pad = fc.constantFrom(0, 30, 300, 480, 1000, 3000);
  const framing = fc.constantFrom("none", "length", "chunked");
  const half = fc.record({ framing, size, pad, isPadLast: fc.boolean() });
  const exchange = fc.record({
    method: fc.constantFrom("GET", "POST", "HEAD"),
    request: half,
    code: fc.constantFrom(200, 204, 304, 404),
    response: half,
    /** Bytes of each read; 0: as it was written. */
    read: fc.constantFrom(0, 1, 3, 17, 100, 1000),
    interim: fc.constantFrom(-1, -1, 0, 700),
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
  });
  type Half = { readonly framing: string; readonly size: number; readonly pad: number; readonly isPadLast: boolean };
  const padded = (bytes: number) => (bytes === 0 ? "" : `X-P: ${"p".repeat(bytes)}\r\n`);
  const written = (line: string, { framing, size, pad, isPadLast }: Half) => {
    const text = "some text of a body\r\n".repeat(4000).slice(0, size);
    const chunks = text === "" ? "" : `${text.length.toString(16)}\r\n${text}\r\n`;
    const [field, body] = {
      none: ["", ""],
      length: [`Content-Length: ${size}\r\n`, text],
      chunked: ["Transfer-Encoding: chunked\r\n", `${chunks}0\r\n\r\n`],
    }[framing] ?? ["", ""];
    return { head: `${line}\r\n${isPadLast ? padded(pad) + field : field + padded(pad)}\r\n`, body };
  };
  /** Who writes cuts where they like, behind the first 16 bytes; who reads has a buffer of one size. */
  const pieces = (text: string, how: { readonly cuts: readonly number[]; readonly read: number }) => {
    if (how.read > 0) {
      const bytes = Math.max(how.read, text.length > 9000 ? 100 : 1);
      return Array.from({ length: Math.ceil(text.length / bytes) }, (_, i) => text.slice(i * bytes, (i + 1) * bytes));
    }
    const marks = how.cuts.map((f) => Math.max(16, Math.floor(f * text.length))).toSorted((a, b) => a - b);
    return [0, ...marks].map((mark, i) => text.slice(mark, marks[i] ?? text.length)).filter((piece) => piece !== "");
  };

  test.each([512, 1024])(
    "however long heads are and however they are cut, every exchange is right: %d captured",
    (capture) => {
      fc.assert(
        fc.property(fc.array(exchange, { minLength: 1, maxLength: 6 }), (exchanges) => {
          const { line, seen, unknown, assembler, open } = given({ capture });
          exchanges.forEach(({ method, request, code, response, read, interim, cuts }, i) => {
            const [asking, answering] = side === "server" ? [read, 0] : [0, read];
            const question = written(`${method} /${i} HTTP/1.1`, request);
            for (const piece of pieces(question.head + question.body, { cuts, read: asking })) line.request(piece);
            const early = interim < 0 ? "" : `HTTP/1.1 103 Early\r\n${padded(interim)}\r\n`;
            for (const piece of pieces(early, { cuts, read: answering })) line.response(piece);
            // Without a length it would end with the connection.
            const framed = response.framing === "none" ? { ...response, framing: "length", size: 0 } : response;
            const answer = written(`HTTP/1.1 ${code} X`, framed);
            const isBodiless = method === "HEAD" || code === 204 || code === 304;
            const text = isBodiless ? answer.head : answer.head + answer.body;
            for (const piece of pieces(text, { cuts, read: answering })) line.response(piece);
          });
          assembler.sweep(100e9);
          line.close();
          expect(brief(seen)).toEqual(exchanges.map(({ code }, i) => `/${i} ${code}`));
          expect([unknown, open()]).toEqual([{}, 0]);
        }),
        { numRuns: 300 },
      );
    },
  );
});
