import http2 from "node:http2";
import type { ClientHttp2Session, IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { ok } from "../../../src/net/status.ts";
import type { UnaryCall, UnaryReply } from "../../../src/net/transport.ts";
import { cuttingRelay } from "../../support/http2/cutting-relay.ts";
import { connecting } from "../../support/grpc/calling.ts";
import { request, tracesPath } from "../../support/grpc/peer.ts";
import { framed, serving } from "../../support/grpc/serving.ts";
import type { Served } from "../../support/grpc/serving.ts";
import { transports } from "../../support/grpc/transports.ts";

/** What a client sends: a request of the protocol, or something of HTTP that gRPC does not take. */
type Exchange = {
  readonly headers: OutgoingHttpHeaders;
  readonly pieces: readonly Buffer[];
  /** A padding strategy of node:http2. */
  readonly padding: number;
};

/** What the client saw, without what may differ between implementations: frames, and the words of an error. */
type Seen = { readonly status: string; readonly grpc: string; readonly body: string } | { readonly reset: true };

const exchange: fc.Arbitrary<Exchange> = fc
  .record({
    size: fc.oneof(fc.nat(100), fc.nat(70_000)),
    lie: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -3, max: 3 }) }),
    flag: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(255) }),
    cuts: fc.array(fc.nat(70_000), { maxLength: 4 }),
    path: fc.oneof(
      { weight: 6, arbitrary: fc.constant(tracesPath) },
      { weight: 1, arbitrary: fc.constantFrom("/", "/a/b") },
    ),
    method: fc.oneof(
      { weight: 8, arbitrary: fc.constant("POST") },
      { weight: 1, arbitrary: fc.constantFrom("GET", "PUT") },
    ),
    type: fc.constantFrom("application/grpc", "application/grpc", "application/grpc+proto", "text/plain"),
    encoding: fc.constantFrom(undefined, undefined, "identity", "gzip", "br"),
    metadata: fc.dictionary(fc.stringMatching(/^x-[a-z0-9-]{1,12}$/), fc.stringMatching(/^[!-~]{1,40}$/), {
      maxKeys: 8,
    }),
    timeout: fc.constantFrom(undefined, "10S", "20000m", "x"),
    padding: fc.constantFrom(http2.constants.PADDING_STRATEGY_NONE, http2.constants.PADDING_STRATEGY_MAX),
  })
  .map(({ size, lie, flag, cuts, path, method, type, encoding, metadata, timeout, padding }) => {
    const bytes = framed(Buffer.alloc(size, size % 256), { flag, length: Math.max(0, size + lie) });
    const ends = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
    return {
      headers: {
        ...metadata,
        ":method": method,
        ":path": path,
        "content-type": type,
        te: "trailers",
        ...(encoding === undefined ? {} : { "grpc-encoding": encoding }),
        ...(timeout === undefined ? {} : { "grpc-timeout": timeout }),
      },
      pieces: ends.slice(1).map((end, i) => bytes.subarray(ends[i], end)),
      padding,
    };
  });

/** What the server makes of a message is in its answer: its bytes, and each header that came with it. */
function answer(names: readonly string[]): (call: UnaryCall) => Promise<UnaryReply> {
  return async (call) => ({
    status: ok,
    body: Buffer.concat([Buffer.from(JSON.stringify(names.map((name) => call.metadata(name) ?? null))), call.message]),
  });
}

function see(session: ClientHttp2Session, { headers, pieces }: Exchange): Promise<Seen> {
  return new Promise((resolve) => {
    const stream = session.request(headers);
    const chunks: Buffer[] = [];
    let first: IncomingHttpHeaders = {};
    let last: IncomingHttpHeaders = {};
    stream.on("response", (received) => (first = received));
    stream.on("trailers", (received) => (last = received));
    stream.on("error", () => {});
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("close", () => {
      if (first[":status"] === undefined) return resolve({ reset: true });
      const grpc = String(first["grpc-status"] ?? last["grpc-status"] ?? "none");
      // The text for who does not speak gRPC is each transport's own.
      const body = Number(first[":status"]) === 200 ? Buffer.concat(chunks).toString("hex") : "";
      resolve({ status: String(first[":status"]), grpc, body });
    });
    for (const piece of pieces) stream.write(piece);
    stream.end();
  });
}

async function throughRelay(served: Served, exchanges: readonly Exchange[], sizes: readonly number[]): Promise<Seen[]> {
  const relay = await cuttingRelay(served.address, sizes);
  const session = http2.connect(`http://${relay.address}`, { paddingStrategy: exchanges[0]?.padding ?? 0 });
  session.on("error", () => {});
  try {
    return await Promise.all(exchanges.map((each) => see(session, each)));
  } finally {
    session.destroy();
    relay.close();
  }
}

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20_000 })), {
  minLength: 1,
  maxLength: 6,
});
const names = ["x-a", "content-type", "grpc-encoding", "grpc-timeout", "te", "user-agent"];

test("any exchanges, cut anywhere, are the same through a server on each transport", { timeout: 60_000 }, async () => {
  const servers = await Promise.all(transports.map((transport) => serving(transport)(answer(names))));
  await fc.assert(
    fc.asyncProperty(fc.array(exchange, { minLength: 1, maxLength: 5 }), sizes, async (exchanges, cut) => {
      const [oracle, ...others] = await Promise.all(servers.map((served) => throughRelay(served, exchanges, cut)));
      for (const other of others) expect(other).toEqual(oracle);
    }),
    { numRuns: 60 },
  );
  expect(new Set(servers.map(({ calls }) => calls.length)).size).toBe(1);
});

/** What a server answers with. */
type Answer = {
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer | undefined;
  readonly trailers: OutgoingHttpHeaders | undefined;
  readonly early: boolean;
};

const answers: fc.Arbitrary<Answer> = fc.record({
  headers: fc.constantFrom<OutgoingHttpHeaders>(
    { ":status": 200, "content-type": "application/grpc" },
    { ":status": 200, "content-type": "application/grpc+proto", "x-more": "y".repeat(200) },
    { ":status": 200, "content-type": "text/html" },
    { ":status": 503, "content-type": "text/plain" },
    { ":status": 200, "content-type": "application/grpc", "grpc-encoding": "gzip" },
  ),
  body: fc.oneof(
    fc.nat(80_000).map((size) => framed(Buffer.alloc(size, size % 256))),
    fc.nat(100).map((size) => framed(Buffer.alloc(size), { length: size + 1 })),
    fc.constant(Buffer.concat([framed(Buffer.alloc(3)), framed(Buffer.alloc(3))])),
    fc.constant(framed(Buffer.alloc(20), { flag: 1 })),
    fc.constant(undefined),
  ),
  trailers: fc.constantFrom<OutgoingHttpHeaders | undefined>(
    { "grpc-status": "0" },
    { "grpc-status": "0" },
    { "grpc-status": "8", "grpc-message": "too%20much" },
    { "grpc-status": "99" },
    { "x-none": "1" },
    undefined,
  ),
  early: fc.boolean(),
});

describe("any answers, cut anywhere,", () => {
  test("mean the same to a client on each transport", { timeout: 60_000 }, async () => {
    let next: Answer | undefined;
    const server = http2.createServer();
    const sessions = new Set<http2.ServerHttp2Session>();
    server.on("session", (session) => void sessions.add(session.on("error", () => {})));
    server.on("stream", (stream) => {
      stream.on("error", () => {});
      if (next === undefined) return;
      const { headers, body, trailers, early } = next;
      if (early) stream.additionalHeaders({ ":status": 103, "x-early": "1" });
      stream.respond(headers, { waitForTrailers: trailers !== undefined });
      stream.on("wantTrailers", () => stream.sendTrailers(trailers ?? {}));
      stream.resume();
      stream.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      for (const session of sessions) session.destroy();
      server.close();
    });
    const { port } = server.address() as { port: number };
    await fc.assert(
      fc.asyncProperty(answers, sizes, async (answered, cut) => {
        next = answered;
        const seen: unknown[] = [];
        for (const transport of transports) {
          const relay = await cuttingRelay(`127.0.0.1:${port}`, cut);
          const { status, body } = await connecting(transport)(relay.address).call(request(Buffer.from("ask")));
          relay.close();
          seen.push({ code: status.code, body: Buffer.from(body ?? []).toString("hex") });
        }
        for (const each of seen) expect(each).toEqual(seen[0]);
      }),
      { numRuns: 60 },
    );
  });
});
