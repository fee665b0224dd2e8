import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { negotiate } from "../../src/runtimes/engines/api-version.ts";
import { createEngine } from "../../src/runtimes/engines/engine.ts";
import type { Metrics } from "../../src/telemetry/metrics.ts";
import { noMetrics } from "../../src/telemetry/no-metrics.ts";
import { type Answer, startEngineServer } from "../support/engines/server.ts";
import { eventually } from "../support/eventually.ts";

const never = new AbortController().signal;
const question = { name: "ContainerList", path: "/v1.41/containers/json?all=1" };

/** An engine's client before a server that answers so, with what was counted. */
async function given(answer: Answer, { timeoutMs = 10_000, concurrency = 4 } = {}) {
  const server = await startEngineServer(answer);
  const counted: string[] = [];
  const metrics: Metrics = {
    ...noMetrics,
    counter: (name, labels = {}) => ({ add: () => counted.push(`${name} ${labels["method"]} ${labels["result"]}`) }),
  };
  const engine = createEngine({ endpoint: server.endpoint, path: server.path, timeoutMs, concurrency, metrics });
  onTestFinished(async () => {
    engine.close();
    await server.close();
  });
  return { engine, server, counted };
}

test("there is one way in which an engine is asked, and it changes nothing: GET", async () => {
  const folder = fileURLToPath(new URL("../../src/runtimes/", import.meta.url));
  const files = globSync("**/*.ts", { cwd: folder }).map((name) => ({
    name,
    text: readFileSync(join(folder, name), "utf8"),
  }));
  const methods = files.flatMap(({ text }) => [...text.matchAll(/\bmethod: "(\w+)"/g)].map(([, method]) => method));
  expect(new Set(methods)).toEqual(new Set(["GET"]));
  const clients = files.filter(({ text }) => /from "node:(?:http|https|http2|net|tls)"/.test(text));
  // Beside the client only what finds out whether anybody is there speaks HTTP.
  expect(clients.map(({ name }) => name).toSorted()).toEqual(["discovery/signs-of-life.ts", "engines/engine.ts"]);
  expect(files.filter(({ text }) => /\bfetch\(/.test(text))).toEqual([]);
  const { engine, server } = await given((_, response) => response.end("[]"));
  await engine.get(question, never);
  expect(server.requests()).toEqual([`GET ${question.path}`]);
});

describe("an engine's answer", () => {
  test.each<[string, Answer, RegExp]>([
    ["that is no JSON", (_, response) => response.end("<html>"), /its answer is no JSON$/],
    ["that is cut", (_, response) => response.end("[{"), /its answer is no JSON$/],
    ["that is nothing", (_, response) => response.end(), /its answer is no JSON$/],
    [
      "with the engine's own words about an error",
      (_, response) => response.writeHead(500).end('{"message":"driver failed"}'),
      /it answered 500: driver failed$/,
    ],
    ["with a status and no words", (_, response) => response.writeHead(503).end("busy"), /it answered 503$/],
    ["that leads elsewhere", (_, response) => response.writeHead(302, { location: "/x" }).end(), /it answered 302$/],
    ["that ends with its connection", (request) => request.socket.destroy(), /socket hang up$/],
    [
      "that breaks off",
      (request, response) => {
        response.writeHead(200, { "content-length": "100" }).write("[");
        setImmediate(() => request.socket.destroy());
      },
      /aborted$/,
    ],
    ["that is no HTTP", (request) => request.socket.end("\x16\x03\x01garbage\r\n\r\n"), /Parse Error: Expected HTTP/],
    [
      "with headers without end",
      (request) => {
        request.socket.write("HTTP/1.1 200 OK\r\n");
        for (let i = 0; i < 200; i++) request.socket.write(`x-${i}: ${"y".repeat(1000)}\r\n`);
      },
      /Header overflow/,
    ],
  ])("%s is a rejection in words", async (_, answer, words) => {
    const { engine } = await given(answer);
    const asked = engine.get(question, never);
    await expect(asked).rejects.toThrow(words);
    await expect(asked).rejects.toThrow(/^Cannot ask unix:\/\/.*engine\.sock \(ContainerList\): /);
  });

  test("that is larger than any honest one is not read to its end", async () => {
    const chunk = Buffer.alloc(1024 * 1024, 0x20);
    let sent = 0;
    const { engine } = await given((_, response) => {
      const more = () => {
        while (sent < 200 && !response.destroyed) {
          sent++;
          if (!response.write(chunk)) return void response.once("drain", more);
        }
      };
      more();
    });
    await expect(engine.get(question, never)).rejects.toThrow(/its answer is larger than 67108864 bytes$/);
    expect(sent).toBeLessThan(200);
  });

  test("that does not come, or does not end, is waited for as long as one call may take", async () => {
    const silent = await given(() => {}, { timeoutMs: 50 });
    await expect(silent.engine.get(question, never)).rejects.toThrow(/\(ContainerList\): no answer in time$/);
    expect(silent.counted).toEqual(["podstamp_runtime_calls ContainerList DEADLINE_EXCEEDED"]);
    const endless = await given((_, response) => void response.write("["), { timeoutMs: 50 });
    await expect(endless.engine.get(question, never)).rejects.toThrow(/\(ContainerList\): no answer in time$/);
  });

  test("is not waited for by one who has given up", async () => {
    const { engine } = await given(() => {});
    const giving = new AbortController();
    const asked = engine.get(question, giving.signal);
    giving.abort();
    await expect(asked).rejects.toThrow(/abort/i);
    await expect(engine.get(question, AbortSignal.abort())).rejects.toThrow(/abort/i);
  });
});

test("no more calls are made at a time than allowed, and one that gets no turn in time is not made", async () => {
  const waiting: (() => void)[] = [];
  const { engine, server, counted } = await given((_, response) => waiting.push(() => response.end("[]")), {
    timeoutMs: 200,
    concurrency: 2,
  });
  const all = Promise.allSettled(Array.from({ length: 6 }, () => engine.get(question, never)));
  const outcomes = await all;
  expect(server.peak()).toBe(2);
  expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(6);
  expect(counted.some((line) => line.endsWith("NOT_SENT"))).toBe(true);
  for (const end of waiting) end();
});

test("a socket that is not there, or that nobody listens on, is said in words", async () => {
  const { engine, server } = await given((_, response) => response.end("[]"));
  await server.close();
  await expect(engine.get(question, never)).rejects.toThrow(
    /\(ContainerList\): (?:no such|nobody listens on this) socket$/,
  );
});

test("a kept connection that the engine has closed meanwhile is no reason to fail", async () => {
  let calls = 0;
  const { engine, server } = await given((request, response) => {
    calls++;
    if (calls === 2) return void request.socket.destroy();
    response.end("[]");
  });
  await engine.get(question, never);
  expect(await engine.get(question, never)).toEqual([]);
  expect(server.requests()).toHaveLength(3);
});

describe("an engine's events", () => {
  const events = { name: "Events", path: "/v1.41/events" };

  test("come line by line, however they are cut, until nobody wants them any more", async () => {
    const { engine } = await given((_, response) => {
      const text = Buffer.from('{"id":"ä"}\n\n{"id":"b"}\n');
      for (const byte of text) response.write(Buffer.from([byte]));
    });
    const got: unknown[] = [];
    const stop = new AbortController();
    const following = engine.follow(events, { signal: stop.signal, onMessage: (message) => got.push(message) });
    await eventually(() => got.length === 2, { what: "two events" });
    expect(got).toEqual([{ id: "ä" }, { id: "b" }]);
    stop.abort();
    await expect(following).resolves.toBeUndefined();
  });

  test.each<[string, Answer, RegExp]>([
    ["that end", (_, response) => response.end('{"id":"a"}\n'), /\(Events\): its events ended$/],
    [
      "that break off",
      (request, response) => {
        response.write("{}\n");
        setImmediate(() => request.socket.destroy());
      },
      /\(Events\): aborted$/,
    ],
    ["that are none", (_, response) => void response.write("hello\n"), /\(Events\): an event is no JSON$/],
    [
      "that are refused",
      (_, response) => response.writeHead(400).end('{"message":"bad filter"}'),
      /it answered 400: bad filter$/,
    ],
    [
      "without end",
      (_, response) => {
        const more = () => {
          while (!response.destroyed)
            if (!response.write("x".repeat(100_000))) return void response.once("drain", more);
        };
        more();
      },
      /an event is longer than \d+ characters$/,
    ],
  ])("%s are the end of following", async (_, answer, words) => {
    const { engine } = await given(answer);
    await expect(engine.follow(events, { signal: never, onMessage() {} })).rejects.toThrow(words);
  });

  test("that do not begin are waited for as long as one call may take; those that have begun may be silent for ever", async () => {
    const silent = await given(() => {}, { timeoutMs: 50 });
    await expect(silent.engine.follow(events, { signal: never, onMessage() {} })).rejects.toThrow(/no answer in time$/);
    const quiet = await given((_, response) => response.flushHeaders(), { timeoutMs: 1000 });
    const stop = new AbortController();
    const following = quiet.engine.follow(events, { signal: stop.signal, onMessage() {} });
    const first = await Promise.race([
      following.then(() => "ended"),
      new Promise((resolve) => setTimeout(resolve, 1300, "goes on")),
    ]);
    expect(first).toBe("goes on");
    stop.abort();
    await following;
  });
});

describe("the version of an engine's API", () => {
  const ours = { oldest: "1.24", newest: "1.51" };

  test.each([
    ["1.12", "1.41", "1.41"],
    ["1.24", "1.51", "1.51"],
    ["1.44", "1.54", "1.51"],
    ["", "1.30", "1.30"],
    // It has given up all that we know: its own oldest is the nearest.
    ["1.60", "1.70", "1.60"],
  ])("of a server that speaks %s to %s is %s", (oldest, newest, version) => {
    expect(negotiate({ oldest, newest }, ours)).toBe(version);
  });

  test.each([
    ["1.23", "must speak version 1.24 of its API or a newer one, speaks 1.23"],
    ["", 'must tell the version of its API, told ""'],
    ["1.41/../x", 'must tell the version of its API, told "1.41/../x"'],
  ])("%j is none", (newest, words) => {
    expect(() => negotiate({ oldest: "", newest }, ours)).toThrow(words);
  });
});
