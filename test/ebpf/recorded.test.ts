import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { layoutHash } from "../../src/ebpf/abi.ts";
import { createFraming } from "../../src/ebpf/loader/framing.ts";
import { givenReader } from "./given-reader.ts";

/* Rings that a kernel wrote (scripts/record-bpf.ts), read again without root. */

const folder = join(import.meta.dirname, "../fixtures/ebpf");

type Case = {
  readonly case: string;
  readonly port: number;
  readonly spans: readonly (readonly [string, string, number])[];
};

/** Replays a ring in chunks of this many bytes, as they may come through a pipe. */
function replay(name: string, chunkBytes: number) {
  const given = givenReader({ isClockSet: false });
  const { push } = createFraming(given.reader.take);
  const ring = readFileSync(join(folder, `${name}.bin`));
  for (let at = 0; at < ring.length; at += chunkBytes) push(Buffer.from(ring.subarray(at, at + chunkBytes)));
  // A body of chunks without its last one is over when nothing more comes.
  given.reader.sweep(60_000);
  return given;
}

const casesOf = (name: string) => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as readonly Case[];
const rings = ["http-socket", "http-syscall"];

describe.each(rings.flatMap((name) => [1 << 16, 1000, 61].map((chunkBytes) => ({ name, chunkBytes }))))(
  "$name in chunks of $chunkBytes",
  ({ name, chunkBytes }) => {
    const given = replay(name, chunkBytes);
    const http = given.spans().filter(({ plain }) => plain["http.request.method"] !== undefined);

    test.each(
      casesOf(name).flatMap((one) => [2, 3].map((kind) => ({ ...one, kind, side: kind === 2 ? "server" : "client" }))),
    )("$case at the $side", ({ port, kind, spans }) => {
      const of = http.filter((span) => span.kind === kind && portOf(span, kind, name) === port);
      const seen = of
        .toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano))
        .map(({ plain }) => [methodOf(plain), targetOf(plain), plain["http.response.status_code"] ?? 0]);
      expect(seen.map(String).toSorted()).toEqual(spans.map(String).toSorted());
    });
  },
);

type Span = ReturnType<ReturnType<typeof givenReader>["spans"]>[number];

/** Of the server, as the connection has it; one who asks for a tunnel says in Host where that is to go. */
function portOf({ plain }: Span, kind: number, name: string): unknown {
  if (kind === 3) return plain["network.peer.port"];
  if (plain["http.request.method"] !== "CONNECT") return plain["server.port"];
  return casesOf(name).find((one) => one.case === "connect")?.port;
}

function methodOf(plain: Span["plain"]): unknown {
  return plain["http.request.method_original"] ?? plain["http.request.method"];
}

function targetOf(plain: Span["plain"]): unknown {
  return plain["url.path"] ?? `${textOf(plain["server.address"])}:${textOf(plain["server.port"])}`;
}

describe.each(rings)("%s", (name) => {
  const given = replay(name, 4096);
  const all = given.spans();
  const http = all.filter(({ plain }) => plain["http.request.method"] !== undefined);

  test("client and server of each call are one trace, the server below its client", () => {
    const clients = http.filter(({ kind, plain }) => kind === 3 && plain["podstamp.trace.derived"] === true);
    const servers = http.filter(({ kind, plain }) => kind === 2 && plain["podstamp.trace.derived"] === true);
    const parents = new Set(clients.map((span) => `${hex(span.traceId)} ${hex(span.spanId)}`));
    const orphans = servers.filter((span) => !parents.has(`${hex(span.traceId)} ${hex(span.parentSpanId)}`));
    expect(servers.length).toBeGreaterThan(20);
    expect(orphans.map(({ plain }) => plain["url.path"])).toEqual([]);
  });

  test("a trace context that came is continued at both ends", () => {
    const given = http.filter(({ plain }) => plain["podstamp.trace.derived"] === undefined);
    expect(new Set(given.map(({ traceId }) => hex(traceId)))).toEqual(new Set(["0af7651916cd43dd8448eb211c80319c"]));
    expect(new Set(given.map(({ parentSpanId }) => hex(parentSpanId)))).toEqual(new Set(["b7ad6b7169203331"]));
  });

  test("every span has the cgroup of its side, as the kernel told it before", () => {
    const sides = new Set(http.map(({ kind, resource }) => `${kind} ${textOf(resource["process.linux.cgroup"])}`));
    const pod = "/kubepods/burstable/pod3f1c9a52-7e64-4b0d-9c8a-5d2b61e0f7aa";
    expect([...sides].toSorted()).toEqual([`2 ${pod}/${"a1".repeat(32)}`, `3 ${pod}/${"b2".repeat(32)}`]);
  });

  test("nothing is said to be missing but what the cases leave out", () => {
    // The request of the body that was under way when the probes came.
    expect(given.dropped).toEqual({ unasked: 2 });
  });

  test("a body that lacks its end by the doing of the server is said to, chunks too; one that the client left is not", () => {
    const cut = http.filter(({ plain }) => plain["error.type"] === "incomplete_body");
    expect(cut.map(({ kind, plain }) => `${kind} ${textOf(plain["url.path"])}`).toSorted()).toEqual(
      [2, 3].flatMap((kind) => ["/cut/1", "/cut/2"].map((path) => `${kind} ${path}`)),
    );
  });

  test("a slow body lasts as long as it took", () => {
    const slow = http.filter(({ plain }) => plain["url.path"] === "/slow");
    expect(slow).toHaveLength(2);
    for (const span of slow) expect(Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e6).toBeGreaterThan(100);
  });
});

test("the demo's ring has the records' layout of now, and both ends of its call", () => {
  const { ringLayout, call } = JSON.parse(readFileSync(join(folder, "../demo/recording.json"), "utf8")) as {
    readonly ringLayout: number;
    readonly call: { readonly path: string };
  };
  // Else `npm run demo -- --record` makes another.
  expect(ringLayout).toBe(layoutHash);
  const [ofServer, ofClient, ...others] = replay("../demo/ring", 4096).spans();
  expect([ofServer?.kind, ofClient?.kind, others]).toEqual([2, 3, []]);
  for (const end of [ofServer, ofClient])
    expect(end?.plain).toMatchObject({ "url.path": call.path, "http.response.status_code": 200 });
  expect(ofServer?.parentSpanId).toEqual(ofClient?.spanId);
});

test("processes: exit codes, signals and want of memory", () => {
  const given = replay("processes", 4096);
  const ends = given
    .spans()
    .filter(({ name }) => name.startsWith("process "))
    .map(({ plain }) => [plain["process.exit.code"], plain["podstamp.process.signal"], plain["error.type"]]);
  expect(ends).toEqual(
    expect.arrayContaining([
      [3, undefined, "exit_code_3"],
      [143, "SIGTERM", "SIGTERM"],
      [139, "SIGSEGV", "SIGSEGV"],
      [137, "SIGKILL", "OOMKilled"],
    ]),
  );
  expect(new Set(given.logs().map(({ eventName }) => eventName))).toEqual(
    new Set(["process.exec", "process.exit", "process.oom_kill", "process.signal"]),
  );
});

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? `${value}` : "";
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
