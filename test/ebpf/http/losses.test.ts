import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConnectionFlag } from "../../../src/ebpf/http/record.ts";
import { brief, type ConnectionOptions, get, givenLine, ok } from "./given-connection.ts";

describe.each(["server", "client"] as const)("as the %s", (side) => {
  const given = (options: ConnectionOptions = {}) => givenLine({ side, ...options });

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

  test("a body that moved unseen ends when is not known, which is said", () => {
    const { line, seen, unknown } = given();
    line.request(get("/a"));
    line.response("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    line.losing(() => line.response("x".repeat(1000)));
    line.flag(ConnectionFlag.unseen);
    line.request(get("/b"));
    line.response(ok("abc"));
    line.close();
    expect(seen).toMatchObject([
      { target: "/a", code: 200, size: 1000, isEstimated: true },
      { target: "/b", code: 200, size: 3 },
    ]);
    expect(seen[1]).not.toHaveProperty("isEstimated");
    expect(unknown).toEqual({});
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

  test("whatever is lost, nothing is paired wrongly and everything has an end", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            lost: fc.record({ request: fc.boolean(), interim: fc.boolean(), response: fc.boolean() }),
            interim: fc.constantFrom("none", "apart", "joined", "hiding"),
            isLongHead: fc.boolean(),
          }),
          { minLength: 1, maxLength: 30 },
        ),
        (steps) => {
          const { line, seen, assembler, open } = given();
          const unless = (isLost: boolean, happens: () => void) => (isLost ? line.losing(happens) : happens());
          // An answer that is hidden, and then a lost request, or one that is not counted and lost: nobody can tell.
          const hides = steps.some(({ interim }) => interim === "hiding");
          steps.forEach(({ lost, interim, isLongHead }, i) => {
            const response = `HTTP/1.1 ${200 + i} X\r\nContent-Length: 2\r\n\r\nab`;
            const early = "HTTP/1.1 103 Early Hints\r\n";
            unless(lost.request && !hides, () =>
              line.request(get(`/${200 + i}`, isLongHead ? `Cookie: ${"c".repeat(2000)}\r\n` : "")),
            );
            if (interim === "apart") unless(lost.interim, () => line.response(`${early}\r\n`));
            unless(lost.response && interim !== "joined", () => {
              if (interim === "joined") line.response(`${early}\r\n${response}`);
              else if (interim === "hiding") line.response(`${early}Link: ${"l".repeat(2000)}\r\n\r\n${response}`);
              else line.response(response);
            });
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

describe("a client's response that is told before its request, since two threads send and read", () => {
  const overtaken = (path: string, line: ReturnType<typeof givenLine>["line"], answer = ok("abc")) => {
    line.response(answer);
    line.request(get(path));
  };

  test.each([
    ["with a length", ok("abc")],
    ["in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ])("has no span, and the requests behind it have their own responses: %s", (_, before) => {
    const { line, seen, unknown } = givenLine({ side: "client" });
    line.request(get("/0"));
    line.response(before);
    if (before.includes("chunked")) line.response("3\r\nabc\r\n0\r\n\r\n");
    overtaken("/1", line);
    for (const i of [2, 3, 4]) {
      line.request(get(`/${i}`));
      line.response(`HTTP/1.1 20${i} OK\r\nContent-Length: 0\r\n\r\n`);
    }
    line.close();
    expect(brief(seen)).toEqual(["/0 200", "/2 202", "/3 203", "/4 204"]);
    expect(unknown).toEqual({ unasked: 1, lost: 1 });
  });

  test("is the first of a connection", () => {
    const { line, seen, unknown } = givenLine({ side: "client" });
    overtaken("/0", line);
    for (const i of [1, 2]) {
      line.request(get(`/${i}`));
      line.response(`HTTP/1.1 20${i} OK\r\nContent-Length: 0\r\n\r\n`);
    }
    line.close();
    expect(brief(seen)).toEqual(["/1 201", "/2 202"]);
    expect(unknown).toEqual({ unasked: 1, lost: 1 });
  });

  test("does not blind the connection for ever where it was something else that nobody saw", () => {
    const { line, seen } = givenLine({ side: "client" });
    line.request("POST /0 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    line.request("3\r\nabc\r\n0\r\n\r\n");
    line.response(ok("abc"));
    line.request("x /hidden HTTP/1.1\r\n\r\n");
    line.response(ok("abc"));
    for (const i of [1, 2, 3, 4]) {
      line.request(get(`/${i}`));
      line.response(`HTTP/1.1 20${i} OK\r\nContent-Length: 0\r\n\r\n`);
    }
    line.close();
    expect(brief(seen)).toEqual(["/0 200", "/3 203", "/4 204"]);
  });
});
