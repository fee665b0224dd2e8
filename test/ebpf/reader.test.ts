import { describe, expect, test } from "vitest";
import { connFlag, exitFlag } from "../../src/ebpf/abi.ts";
import type { Identity } from "../../src/ebpf/sources.ts";
import { decode } from "../otlp/decoded.ts";
import { get, id, ms, ok, path, request, response } from "./exchange.ts";
import { givenReader, real } from "./given-reader.ts";
import {
  cgroupRecord,
  client,
  clockRecord,
  connRecord,
  execRecord,
  exitRecord,
  oomRecord,
  server,
  signalRecord,
} from "./records.ts";

describe("TCP", () => {
  const ends = { local: client, remote: server };

  test("a connection is a span with its ends and what was sent each way", () => {
    const { take, spans } = givenReader();
    take(connRecord({ ...ends, start: ms(1), established: ms(3), end: ms(10), tx: 5_000_000_000n, rx: 7n }));
    const [span] = spans();
    expect(span).toMatchObject({
      name: "TCP connect",
      kind: 3,
      startTimeUnixNano: real(ms(1)),
      endTimeUnixNano: real(ms(10)),
      status: undefined,
    });
    expect(span?.plain).toEqual({
      "network.transport": "tcp",
      "network.type": "ipv4",
      "network.local.address": "10.0.0.1",
      "network.local.port": 40_000,
      "network.peer.address": "10.0.0.2",
      "network.peer.port": 8080,
      "server.address": "10.0.0.2",
      "server.port": 8080,
      "podstamp.tcp.sent_bytes": 5_000_000_000,
      "podstamp.tcp.received_bytes": 7,
      "podstamp.tcp.rtt_us": 321,
      "podstamp.tcp.connect_ns": 2_000_000,
      "podstamp.tcp.retransmits": 2,
    });
  });

  test("the other end of it", () => {
    const { take, spans } = givenReader();
    take(connRecord({ local: server, remote: client, role: 2, start: ms(1), established: ms(1), end: ms(10) }));
    expect(spans()[0]).toMatchObject({
      name: "TCP accept",
      kind: 2,
      plain: { "client.address": "10.0.0.1", "server.port": 8080 },
    });
  });

  test.each([
    [111, "ECONNREFUSED"],
    [110, "ETIMEDOUT"],
    [0, "connection_failed"],
  ])("one that could not be made says why: %i", (error, name) => {
    const { take, spans } = givenReader();
    take(connRecord({ ...ends, start: ms(1), end: ms(2), flagBits: connFlag.failed, error }));
    expect(spans()[0]).toMatchObject({ status: { code: 2 }, plain: { "error.type": name } });
  });
});

describe("processes", () => {
  test("begin and end are events, the time between is a span", () => {
    const { take, spans, logs } = givenReader();
    take(
      cgroupRecord(path),
      execRecord("/usr/sbin/nginx", { args: ["nginx", "-g", "secret"], at: ms(1), ppid: 55 }),
      exitRecord({ start: 0n, at: ms(9), status: 3 }),
    );
    const [exec, exit] = logs();
    expect(exec).toMatchObject({ eventName: "process.exec", severityText: "INFO", timeUnixNano: real(ms(1)) });
    expect(exit).toMatchObject({ eventName: "process.exit", severityText: "WARN", plain: { "process.exit.code": 3 } });
    expect(exit?.body?.stringValue).toBe("Process 100 (nginx) exited with 3");
    const [span] = spans();
    expect(span).toMatchObject({
      name: "process nginx",
      kind: 1,
      startTimeUnixNano: real(0n),
      endTimeUnixNano: real(ms(9)),
      status: { code: 2 },
    });
    expect(span?.plain).toMatchObject({ "error.type": "exit_code_3", "podstamp.process.max_rss_bytes": 4096 });
    expect(exec?.resource).toEqual(span?.resource);
    expect(span?.resource).toEqual({
      "service.name": "unknown_service:nginx",
      "process.pid": 100,
      "process.executable.name": "nginx",
      "process.executable.path": "/usr/sbin/nginx",
      "process.parent_pid": 55,
      "process.vpid": 5,
      "process.user.id": 1000,
      "process.linux.cgroup": path,
    });
  });

  test("arguments are written when they are asked for", () => {
    const { take, logs } = givenReader({ settings: { process: { spans: true, logs: true, withArguments: true } } });
    take(execRecord("/bin/sh", { args: ["sh", "-c", "echo é"] }));
    expect(logs()[0]?.resource["process.command_args"]).toEqual(["sh", "-c", "echo é"]);
  });

  test("a signal and want of memory are told apart", () => {
    const { take, spans, logs } = givenReader();
    take(
      exitRecord({ start: 0n, at: ms(1), signal: 9, flagBits: exitFlag.oom, tgid: 1 }),
      exitRecord({ start: 0n, at: ms(1), signal: 11, tgid: 2 }),
    );
    expect(
      spans().map(({ plain }) => [plain["process.exit.code"], plain["podstamp.process.signal"], plain["error.type"]]),
    ).toEqual([
      [137, "SIGKILL", "OOMKilled"],
      [139, "SIGSEGV", "SIGSEGV"],
    ]);
    expect(logs()[0]?.body?.stringValue).toBe("Process 1 (app) was killed by SIGKILL for want of memory");
  });

  test("another program in the same process is another source", () => {
    const { take, logs } = givenReader();
    take(execRecord("/bin/sh"), execRecord("/bin/sleep"));
    expect(logs().map(({ resource }) => resource["process.executable.name"])).toEqual(["sh", "sleep"]);
  });

  test("who gets the number of a process that has ended, and calls no exec, is not taken for that one", () => {
    const { take, spans } = givenReader();
    const ends = { local: client, remote: server };
    const names = () => spans().map(({ resource }) => resource["process.executable.name"]);
    take(execRecord("/usr/sbin/nginx"), exitRecord({ start: 0n, at: ms(9) }));
    // Its connection ends a moment after it.
    take(connRecord({ ...ends, start: ms(1), end: ms(900), at: ms(900) }));
    expect(names()).toEqual(["nginx", "nginx"]);
    take(exitRecord({ start: 0n, at: ms(20_000), tgid: 101, comm: "other" }));
    take(connRecord({ ...ends, start: ms(20_001), end: ms(20_002), at: ms(20_002) }));
    take(exitRecord({ start: ms(20_000), at: ms(20_003), comm: "app" }));
    expect(names()).toEqual(["other", "app", "app"]);
  });

  test("of a process whose exec was that of another with its number, the end of which was lost, nothing of that one is told", () => {
    const { take, spans } = givenReader();
    take(execRecord("/usr/sbin/nginx", { ppid: 55 }));
    take(connRecord({ local: client, remote: server, start: ms(1), end: ms(2), at: ms(2) }));
    take(exitRecord({ start: ms(5), at: ms(9), comm: "postgres" }));
    const [ofConnection, ofProcess] = spans();
    expect([ofConnection?.resource["process.executable.name"], ofProcess?.name]).toEqual(["nginx", "process postgres"]);
    expect(ofProcess?.resource).toMatchObject({ "process.pid": 100, "process.executable.name": "postgres" });
    expect(Object.keys(ofProcess?.resource ?? {})).not.toContain("process.parent_pid");
  });

  test("a runtime's threads that end in the container are not of it", () => {
    const { take, logs, dropped } = givenReader();
    take(exitRecord({ start: 0n, comm: "runc:[0:PARENT]" }));
    expect([logs(), dropped]).toEqual([[], { runtime: 1 }]);
  });

  test("kills for want of memory and signals are events of who they hit", () => {
    const { take, logs } = givenReader();
    take(
      oomRecord({ trigger: 9 }),
      signalRecord({ signal: 15, sender: 77, disposition: 2 }),
      signalRecord({ signal: 9, code: 128 }),
      signalRecord({ signal: 15, disposition: 1 }),
    );
    expect(logs().map(({ eventName, severityText, plain }) => [eventName, severityText, plain])).toEqual([
      ["process.oom_kill", "ERROR", { "podstamp.oom.trigger_pid": 9 }],
      [
        "process.signal",
        "INFO",
        {
          "podstamp.process.signal": "SIGTERM",
          "podstamp.signal.disposition": "handled",
          "podstamp.signal.code": 0,
          "podstamp.signal.sender_pid": 77,
          "podstamp.signal.sender_name": "killer",
        },
      ],
      [
        "process.signal",
        "WARN",
        {
          "podstamp.process.signal": "SIGKILL",
          "podstamp.signal.disposition": "default",
          "podstamp.signal.code": 128,
        },
      ],
    ]);
  });
});

describe("who it is of", () => {
  test("records wait until it is known whose their cgroup is, and are then of it; others need not wait", async () => {
    const asked: string[] = [];
    const { promise, resolve } = Promise.withResolvers<Identity>();
    const { take, spans, known } = givenReader({
      identify: (of) => (asked.push(of), of === path ? promise : { isWanted: true, attributes: new Map() }),
    });
    take(cgroupRecord(path), request(get("/a")), response(ok));
    take(
      cgroupRecord("/system.slice/x", { cgroup: 8 }),
      request(get("/b"), { cgroup: 8, connection: 2 }),
      response(ok, { cgroup: 8, connection: 2 }),
    );
    expect(asked).toEqual([path, "/system.slice/x"]);
    expect(spans().map(({ plain }) => plain["url.path"])).toEqual(["/b"]);
    resolve({
      isWanted: true,
      attributes: new Map([
        ["service.name", "shop"],
        ["container.id", id],
      ]),
    });
    await promise;
    expect(known.map(({ status }) => status)).toEqual(["wanted", "wanted"]);
    const [span] = spans();
    expect(span?.resource).toMatchObject({
      "service.name": "shop",
      "container.id": id,
      "process.pid": 100,
      "process.executable.name": "app",
    });
  });

  test("a container that nobody knew, and that turns out to be wanted, is reported from then on, under its name", () => {
    const now: { better?: Identity } = {};
    const { take, reader, spans, known, before } = givenReader({
      identify: () => ({ isWanted: false, attributes: new Map(), better: () => now.better }),
    });
    take(cgroupRecord(path), exitRecord({ start: 0n, at: ms(1) }));
    reader.review();
    expect([spans(), before]).toEqual([[], ["waiting"]]);
    now.better = { isWanted: true, attributes: new Map([["service.name", "shop"]]) };
    reader.review();
    take(exitRecord({ start: 0n, at: ms(2), tgid: 101 }));
    expect(spans().map(({ resource }) => resource["service.name"])).toEqual(["shop"]);
    reader.review();
    expect([known.map(({ status }) => status), before]).toEqual([
      ["wanted", "wanted"],
      ["waiting", "refused"],
    ]);
  });

  test("a process of a container that nobody knew is of it once that is known", () => {
    const now: { better?: Identity } = {};
    const { take, reader, spans } = givenReader({
      identify: () => ({ isWanted: true, attributes: new Map(), better: () => now.better }),
    });
    take(cgroupRecord(path), request(get("/a")), response(ok));
    expect(spans()[0]?.resource["service.name"]).toBe("unknown_service:app");
    now.better = { isWanted: true, attributes: new Map([["service.name", "shop"]]) };
    reader.review();
    take(request(get("/b"), { connection: 2 }), response(ok, { connection: 2 }));
    expect(spans()[0]?.resource["service.name"]).toBe("shop");
  });

  test("a container that nobody wants: what was held is dropped, and what comes makes nothing", async () => {
    const { promise, resolve } = Promise.withResolvers<Identity>();
    const { take, spans, logs, dropped, reader } = givenReader({ identify: () => promise });
    take(cgroupRecord(path), request(get("/a")), response(ok), execRecord("/bin/sh"));
    resolve({ isWanted: false, attributes: new Map() });
    await promise;
    take(
      request(get("/b"), { connection: 2 }),
      response(ok, { connection: 2 }),
      execRecord("/bin/sh"),
      exitRecord({ start: 0n }),
    );
    expect([spans(), logs()]).toEqual([[], []]);
    // Two that were held, and four that came behind.
    expect(dropped).toEqual({ refused: 6 });
    expect(reader.counts().connections).toBe(1);
  });

  test("the same ID in two hierarchies are two cgroups, and one that is given away is another", () => {
    const asked: string[] = [];
    const { take } = givenReader({ identify: (of) => (asked.push(of), { isWanted: true, attributes: new Map() }) });
    take(
      cgroupRecord("/a", { hierarchy: 0 }),
      cgroupRecord("/b", { hierarchy: 4 }),
      cgroupRecord("/a", { hierarchy: 0 }),
      cgroupRecord("/c", { hierarchy: 0 }),
    );
    expect(asked).toEqual(["/a", "/b", "/c"]);
  });

  test("more than its rate of a container is dropped and counted, of each by itself", () => {
    const { take, spans, dropped } = givenReader({
      settings: { rate: 10, burst: 2 },
      takes: { traces: true, logs: false },
    });
    const one = (at: bigint, cgroup = 7) => exitRecord({ start: 0n, at, cgroup });
    take(one(0n), one(0n), one(0n), one(0n, 8), one(ms(100)));
    expect(spans()).toHaveLength(4);
    expect(dropped).toEqual({ rate_limited: 1 });
  });

  test("above what may be held everything is dropped and counted", () => {
    const { take, spans, logs, dropped } = givenReader({ settings: { maxHeldBytes: 0 } });
    take(request(get("/")), response(ok), exitRecord({ start: 0n }), oomRecord());
    expect([spans(), logs()]).toEqual([[], []]);
    expect(dropped).toEqual({ full: 3 });
  });

  test("signals that nobody takes are not made", () => {
    const { take, reader } = givenReader({ takes: { traces: true, logs: false } });
    take(execRecord("/bin/sh"), exitRecord({ start: 0n }), oomRecord(), signalRecord({ signal: 9 }));
    expect([reader.spans.items, reader.logs.items]).toEqual([1, 0]);
  });
});

test("a cgroup that is announced before the clock is known all the same", () => {
  const asked: string[] = [];
  const { take } = givenReader({
    isClockSet: false,
    identify: (of) => (asked.push(of), { isWanted: true, attributes: new Map() }),
  });
  take(cgroupRecord(path), clockRecord(), exitRecord({ start: 0n }));
  expect(asked).toEqual([path]);
});

test("times are exact to the nanosecond, also where a clock has been set anew", () => {
  const { take, spans } = givenReader();
  const later = 123_456_789_012_345n;
  take(
    connRecord({ local: client, remote: server, start: 1n, end: 987_654_321_987n }),
    clockRecord(later),
    connRecord({ local: client, remote: server, start: later + 1n, end: later + 4_294_967_297n }),
  );
  expect(spans().map((span) => [span.startTimeUnixNano, span.endTimeUnixNano])).toEqual([
    [real(1n), real(987_654_321_987n)],
    [real(later + 1n), real(later + 4_294_967_297n)],
  ]);
});

test("thousands of records of many processes come out each under its own, as another library reads them", () => {
  const { take, reader } = givenReader({ settings: { maxHeldBytes: 50_000_000 } });
  for (let i = 0; i < 3000; i++) {
    const of = { connection: i + 1, tgid: 1000 + (i % 37), cgroup: 1 + (i % 5), comm: `p${i % 37}` };
    take(request(get(`/${i}${"x".repeat(i % 700)}`), of), response(ok, of));
  }
  const leaving = reader.spans.take();
  const { containers } = decode("traces", leaving?.bytes ?? new Uint8Array());
  const value = (
    attributes: readonly { key: string; value?: { value: { value?: unknown } } }[] | undefined,
    key: string,
  ) => attributes?.find((each) => each.key === key)?.value?.value.value;
  const seen = containers.flatMap(({ resource, frames }) =>
    frames.flatMap(({ records = [] }) =>
      records.map(
        (span) =>
          [String(value(span.attributes, "url.path")), value(resource?.attributes, "process.executable.name")] as const,
      ),
    ),
  );
  expect(seen).toHaveLength(3000);
  for (const [target, name] of seen) expect(name).toBe(`p${Number(/\d+/.exec(target)?.[0]) % 37}`);
  expect(reader.spans.take()).toBeUndefined();
});
