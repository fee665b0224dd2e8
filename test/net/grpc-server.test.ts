import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import http2 from "node:http2";
import type { ClientHttp2Session, IncomingHttpHeaders } from "node:http2";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { decodeBinary } from "../../src/net/grpc-headers.ts";
import { decodeStatus } from "../../src/net/status-codec.ts";
import { Code, ok } from "../../src/net/status.ts";
import { createServer } from "../../src/net/transport-choice.ts";
import { serverKeepalive, serverLimits } from "../../src/net/transport.ts";
import type { Refusal, ServerOptions, UnaryCall, UnaryReply, UnaryServer } from "../../src/net/transport.ts";
import { eventually } from "../support/eventually.ts";
import { at, grpcClient, serverOptions, tracesPath } from "../support/grpc-peer.ts";
import type { Peer } from "../support/grpc-peer.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

type Served = {
  readonly server: UnaryServer;
  readonly address: string;
  readonly calls: UnaryCall[];
  readonly refusals: Refusal[];
};

async function serve(
  answer: (call: UnaryCall) => Promise<UnaryReply> = async () => ({ status: ok }),
  changes: Partial<ServerOptions> = {},
): Promise<Served> {
  const calls: UnaryCall[] = [];
  const refusals: Refusal[] = [];
  const handler = (call: UnaryCall): Promise<UnaryReply> => {
    calls.push(call);
    return answer(call);
  };
  const server = createServer(
    serverOptions({ onRefusal: (refusal) => refusals.push(refusal), ...changes }),
    new Map([[tracesPath, handler]]),
  );
  const address = await server.start();
  closing.push(() => server.stop(AbortSignal.abort()));
  return { server, address, calls, refusals };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "podstamp-"));
  closing.push(() => rmSync(path, { recursive: true }));
  return path;
}

function peer(address: string, options: Parameters<typeof grpcClient>[1] = {}): Peer {
  const client = grpcClient(address, options);
  closing.push(() => client.close());
  return client;
}

/** A bare HTTP/2 connection, for what no gRPC library sends. */
function bare(address: string): ClientHttp2Session {
  const session = http2.connect(`http://${address}`);
  session.on("error", () => {});
  closing.push(() => session.destroy());
  return session;
}

type Raw = { readonly headers: IncomingHttpHeaders; readonly trailers: IncomingHttpHeaders };

/** Sends these chunks as one request and answers with what came back; without `end` the request stays open. */
function send(
  session: ClientHttp2Session,
  chunks: readonly Buffer[],
  { headers = {}, end = true }: { headers?: Record<string, string>; end?: boolean } = {},
): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ":method": "POST",
      ":path": tracesPath,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    let first: IncomingHttpHeaders = {};
    let last: IncomingHttpHeaders = {};
    stream.on("response", (received) => (first = received));
    stream.on("trailers", (received) => (last = received));
    stream.on("error", () => {});
    stream.on("data", () => {});
    stream.on("close", () =>
      Object.keys(first).length === 0
        ? reject(new Error(`closed with ${stream.rstCode}`))
        : resolve({ headers: first, trailers: last }),
    );
    for (const chunk of chunks) stream.write(chunk);
    if (end) stream.end();
  });
}

function framed(message: Buffer, { flag = 0, length = message.length } = {}): Buffer {
  const prefix = Buffer.alloc(5, flag);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

/** Writes these bytes on a connection of its own and answers with all that comes back until it ends. */
function exchange(address: string, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(Number(address.split(":")[1]), "127.0.0.1");
    closing.push(() => socket.destroy());
    let answer = "";
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
    socket.once("close", () => resolve(answer));
    socket.write(bytes);
  });
}

const message = Buffer.from("a message of some bytes");

describe("a client of grpc-js", () => {
  test("is answered with the handler's bytes", async () => {
    let from: string | undefined;
    const { address, calls } = await serve(async (call) => {
      from = call.peer;
      return { status: ok, body: Buffer.concat([Buffer.from("re: "), call.message]) };
    });
    const { code, body } = await peer(address).call(message, { headers: { "x-tenant": "blue" } });
    expect({ code, body: body?.toString() }).toEqual({ code: 0, body: `re: ${message.toString()}` });
    expect(calls[0]?.metadata("x-tenant")).toBe("blue");
    expect(from).toBe("127.0.0.1");
  });

  test("may compress with gzip", async () => {
    const { address, calls } = await serve();
    const big = Buffer.alloc(300_000, "compressible ");
    const client = peer(address, { gzip: true });
    expect((await client.call(message)).code).toBe(0);
    expect((await client.call(big)).code).toBe(0);
    expect(calls.map((call) => call.metadata("grpc-encoding"))).toEqual(["gzip", "gzip"]);
  });

  test("gets status, message and RetryInfo as the handler gave them", async () => {
    const { address } = await serve(async () => ({
      status: { code: Code.RESOURCE_EXHAUSTED, message: "zu viel: 100% öfter", retryAfterMs: 1500 },
    }));
    const { code, details, metadata } = await peer(address).call(message);
    expect({ code, details }).toEqual({ code: Code.RESOURCE_EXHAUSTED, details: "zu viel: 100% öfter" });
    expect(decodeStatus(metadata.get("grpc-status-details-bin")[0] as Buffer)).toEqual({
      code: Code.RESOURCE_EXHAUSTED,
      message: "zu viel: 100% öfter",
      retryAfterMs: 1500,
    });
  });

  test("gets UNIMPLEMENTED for an unknown method", async () => {
    const { address, refusals } = await serve();
    const { code, details } = await peer(address).call(message, {
      path: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    });
    expect(code).toBe(Code.UNIMPLEMENTED);
    expect(details).toMatch(/MetricsService\/Export: no such method/);
    expect(refusals).toEqual(["unknown_method"]);
  });

  test("gets RESOURCE_EXHAUSTED for a message that is too large, before it has come", async () => {
    const { address, calls, refusals } = await serve(undefined, { limits: { ...serverLimits, maxMessageBytes: 1000 } });
    const client = peer(address);
    const { code, details } = await client.call(Buffer.alloc(5_000_000));
    expect(code).toBe(Code.RESOURCE_EXHAUSTED);
    expect(details).toBe("Cannot take the message: must be at most 1000 bytes, is 5000000 bytes");
    expect((await client.call(Buffer.alloc(1000))).code).toBe(0);
    expect(calls).toHaveLength(1);
    expect(refusals).toEqual(["message_size"]);
  });

  test.each([50_000_000, 200_000_000])("gets RESOURCE_EXHAUSTED for a bomb of %s zeros", async (size) => {
    const { address, calls } = await serve();
    const client = peer(address, { gzip: true });
    expect((await client.call(Buffer.alloc(size))).code).toBe(Code.RESOURCE_EXHAUSTED);
    expect((await client.call(message)).code).toBe(0);
    expect(calls).toHaveLength(1);
  });

  test("makes many calls at a time on one connection", async () => {
    const { address } = await serve(async (call) => ({ status: ok, body: call.message }));
    const client = peer(address);
    const bodies = await Promise.all(
      Array.from({ length: 500 }, (_, i) =>
        client.call(Buffer.alloc(1 + ((i * 977) % 60_000), i % 256)).then(({ body }) => body),
      ),
    );
    expect(bodies.every((body, i) => body?.equals(Buffer.alloc(1 + ((i * 977) % 60_000), i % 256)))).toBe(true);
  });

  test("that cancels aborts the handler's signal", async () => {
    const { address, calls } = await serve(
      (call) => new Promise((resolve) => call.signal.addEventListener("abort", () => resolve({ status: ok }))),
    );
    const cancelled = new AbortController();
    const outcome = peer(address).call(message, { cancelled: cancelled.signal });
    await eventually(() => calls.length === 1, { what: "the call" });
    cancelled.abort();
    expect((await outcome).code).toBe(Code.CANCELLED);
    await eventually(() => calls[0]?.signal.aborted, { what: "the abort" });
  });

  test("gives its deadline to the handler and hears when it has passed", async () => {
    const { address, calls } = await serve(
      (call) => new Promise((resolve) => call.signal.addEventListener("abort", () => resolve({ status: ok }))),
    );
    const before = Date.now();
    const { code } = await peer(address).call(message, { deadlineMs: 1000 });
    expect(code).toBe(Code.DEADLINE_EXCEEDED);
    await eventually(() => calls[0]?.signal.aborted, { what: "the abort" });
    expect(calls[0]?.deadline).toBeGreaterThanOrEqual(before + 100);
    expect(calls[0]?.deadline).toBeLessThan(before + 15_000);
  });

  test("gets INTERNAL when a handler fails", async () => {
    const { address } = await serve(() => Promise.reject(new Error("a bug")));
    expect(await peer(address).call(message)).toMatchObject({ code: Code.INTERNAL, details: "a bug" });
  });
});

describe("on one connection that goes on after it", () => {
  test.each([
    ["a message that ends short", [framed(message, { length: 100 })], {}, Code.INTERNAL, /ended in the middle/],
    ["half a prefix", [Buffer.alloc(3)], {}, Code.INTERNAL, /ended in the middle/],
    ["no message", [], {}, Code.UNIMPLEMENTED, /without a message/],
    ["two messages", [framed(message), framed(message)], {}, Code.UNIMPLEMENTED, /more than one message/],
    ["a flag that is none", [framed(message, { flag: 2 })], {}, Code.INTERNAL, /compressed flag must be 0 or 1, is 2/],
    [
      "an unknown encoding",
      [framed(message)],
      { "grpc-encoding": "snappy" },
      Code.UNIMPLEMENTED,
      /Cannot decompress "snappy": must be one of identity,deflate,gzip,zstd/,
    ],
    [
      "compression without an encoding",
      [framed(gzipSync(message), { flag: 1 })],
      {},
      Code.INTERNAL,
      /without a grpc-encoding/,
    ],
    [
      "gzip that is none",
      [framed(message, { flag: 1 })],
      { "grpc-encoding": "gzip" },
      Code.INTERNAL,
      /Cannot decompress the message: incorrect header check/,
    ],
    [
      "large gzip that is none",
      [framed(Buffer.alloc(200_000, 1), { flag: 1 })],
      { "grpc-encoding": "gzip" },
      Code.INTERNAL,
      /Cannot decompress the message/,
    ],
    [
      "gzip that ends short",
      [framed(gzipSync(Buffer.alloc(9000)).subarray(0, 20), { flag: 1 })],
      { "grpc-encoding": "gzip" },
      Code.INTERNAL,
      /unexpected end of file/,
    ],
    [
      "an announced length of 4 GiB",
      [framed(message, { length: 0xffffffff })],
      {},
      Code.RESOURCE_EXHAUSTED,
      /is 4294967295 bytes/,
    ],
  ])("%s is answered", async (_, chunks, headers, code, words) => {
    const { address, calls, refusals } = await serve();
    const session = bare(address);
    const answer = await send(session, chunks, { headers });
    expect(answer.headers[":status"]).toBe(200);
    expect(Number(answer.headers["grpc-status"])).toBe(code);
    expect(decodeURIComponent(String(answer.headers["grpc-message"]))).toMatch(words);
    expect(calls).toHaveLength(0);
    expect(refusals).toHaveLength(1);
    expect((await send(session, [framed(message)])).trailers["grpc-status"]).toBe("0");
  });

  test("an unknown encoding is told which ones are known", async () => {
    const { address } = await serve();
    const { headers } = await send(bare(address), [framed(message)], { headers: { "grpc-encoding": "br" } });
    expect(headers["grpc-accept-encoding"]).toBe("identity,deflate,gzip,zstd");
  });

  test.each([
    ["deflate", deflateSync(message)],
    ["gzip", gzipSync(message)],
    ["zstd", zstdCompressSync(message)],
  ])("%s is understood", async (encoding, bytes) => {
    const { address, calls } = await serve(async (call) => ({ status: ok, body: call.message }));
    expect(
      (await send(bare(address), [framed(bytes, { flag: 1 })], { headers: { "grpc-encoding": encoding } })).trailers[
        "grpc-status"
      ],
    ).toBe("0");
    expect(calls).toHaveLength(1);
  });

  test("a message in many small pieces is one message", async () => {
    const { address } = await serve(async (call) =>
      call.message.equals(Buffer.alloc(300, 9)) ? { status: ok } : { status: { code: 13, message: "other bytes" } },
    );
    const pieces = [...framed(Buffer.alloc(300, 9))].map((byte) => Buffer.from([byte]));
    expect((await send(bare(address), pieces)).trailers["grpc-status"]).toBe("0");
  });

  test.each([
    [{ "content-type": "application/json" }, 415],
    [{ ":method": "GET" }, 405],
  ])("%o is answered with HTTP %s", async (headers, status) => {
    const { address } = await serve();
    const session = bare(address);
    expect((await send(session, [], { headers })).headers[":status"]).toBe(status);
    expect((await send(session, [framed(message)])).trailers["grpc-status"]).toBe("0");
  });

  test("a message that does not come to its end is given up", async () => {
    const { address, refusals } = await serve(undefined, { limits: { ...serverLimits, maxReceiveMs: 100 } });
    const session = bare(address);
    const { headers } = await send(session, [framed(message, { length: 1000 })], { end: false });
    expect(Number(headers["grpc-status"])).toBe(Code.DEADLINE_EXCEEDED);
    expect(refusals).toEqual(["slow"]);
    expect((await send(session, [framed(message)])).trailers["grpc-status"]).toBe("0");
  });
});

describe("limits", () => {
  test.each([
    [256 * 1024 * 1024, 4 * 1024 * 1024, 16 * 1024 * 1024],
    [32 * 1024 * 1024, 2 * 1024 * 1024, 2 * 1024 * 1024],
    [1000, 64 * 1024, 64 * 1024],
  ])(
    "of %i bytes in flight one stream may send %i ahead and one connection %i",
    async (inFlight, ofStream, ofConnection) => {
      const { address } = await serve(undefined, { limits: { ...serverLimits, maxBytesInFlight: inFlight } });
      const session = bare(address);
      await eventually(() => session.remoteSettings.initialWindowSize === ofStream, { what: "the settings" });
      await eventually(() => session.state.remoteWindowSize === ofConnection, { what: "the connection's window" });
    },
  );

  test("bytes in flight are bounded, and free again when the calls are answered", async () => {
    const release = Promise.withResolvers<void>();
    const { address, calls, refusals } = await serve(async () => release.promise.then(() => ({ status: ok })), {
      limits: { ...serverLimits, maxBytesInFlight: 250_000 },
    });
    const client = peer(address);
    const held = [client.call(Buffer.alloc(100_000)), client.call(Buffer.alloc(100_000))];
    await eventually(() => calls.length === 2, { what: "two calls" });
    expect(await client.call(Buffer.alloc(100_000))).toMatchObject({
      code: Code.UNAVAILABLE,
      details: /too many bytes are in flight/,
    });
    expect(refusals).toEqual(["bytes_in_flight"]);
    release.resolve();
    expect((await Promise.all(held)).map(({ code }) => code)).toEqual([0, 0]);
    expect((await client.call(Buffer.alloc(150_000))).code).toBe(0);
  });

  test("a connection too many is closed, the others stay", async () => {
    const { address, refusals } = await serve(undefined, { limits: { ...serverLimits, maxConnections: 1 } });
    const first = bare(address);
    expect((await send(first, [framed(message)])).trailers["grpc-status"]).toBe("0");
    await expect(send(bare(address), [framed(message)])).rejects.toThrow("closed");
    expect((await send(first, [framed(message)])).trailers["grpc-status"]).toBe("0");
    expect(refusals).toEqual(["connections"]);
  });

  test("streams of one connection are bounded", async () => {
    const { address } = await serve(undefined, { limits: { ...serverLimits, maxConcurrentStreams: 7 } });
    const session = bare(address);
    await send(session, [framed(message)]);
    expect(session.remoteSettings.maxConcurrentStreams).toBe(7);
  });

  test("streams that are opened and reset end the connection, not the server", async () => {
    const { address } = await serve();
    const session = bare(address);
    let isOpen = true;
    session.on("close", () => (isOpen = false));
    for (let i = 0; i < 5000 && isOpen; i++) {
      const stream = session.request({ ":method": "POST", ":path": tracesPath, "content-type": "application/grpc" });
      stream.on("error", () => {});
      stream.close(http2.constants.NGHTTP2_CANCEL);
      if (i % 100 === 0) await new Promise(setImmediate);
    }
    await eventually(() => !isOpen, { what: "the end of the connection" });
    expect((await peer(address).call(message)).code).toBe(0);
  });

  test("a connection that says nothing is closed", async () => {
    const { address } = await serve(undefined, { limits: { ...serverLimits, maxReceiveMs: 100 } });
    const socket = net.connect(Number(address.split(":")[1]), "127.0.0.1");
    closing.push(() => socket.destroy());
    await new Promise((resolve) => socket.once("close", resolve).resume());
  });

  test.each([
    ["HTTP/1.1", "POST /v1/traces HTTP/1.1\r\nhost: x\r\n\r\n", /^HTTP\/1\.1 400 .*\r\n\r\nGo to the other port\n$/s],
    ["TLS", Buffer.from("16030100c8010000c40303", "hex"), /^$/],
  ] as const)("a client that speaks %s is told so, or its connection ends", async (protocol, first, answer) => {
    const seen: string[] = [];
    const { address, refusals } = await serve(undefined, {
      onForeign: (spoken, from) => seen.push(`${spoken} from ${from}`),
      foreignAnswer: "Go to the other port",
    });
    expect(await exchange(address, first)).toMatch(answer);
    expect(seen).toEqual([`${protocol} from 127.0.0.1`]);
    expect(refusals).toEqual(["wrong_protocol"]);
    expect((await peer(address).call(message)).code).toBe(0);
  });

  test("a connection that speaks nothing that is known is closed", async () => {
    const { address } = await serve();
    await exchange(address, Buffer.alloc(64, 7));
    expect((await peer(address).call(message)).code).toBe(0);
  });

  test("a connection whose first bytes come one by one is taken", async () => {
    const { address } = await serve();
    const relay = net.createServer((from) => {
      const to = net.connect(Number(address.split(":")[1]), "127.0.0.1");
      to.setNoDelay(true);
      from.on("error", () => {}).on("close", () => to.destroy());
      to.on("error", () => {}).pipe(from);
      from.once("data", (first: Buffer) => {
        from.pause();
        void (async () => {
          for (const byte of first) {
            to.write(Buffer.from([byte]));
            await new Promise(setImmediate);
          }
          from.pipe(to);
        })();
      });
    });
    await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
    closing.push(() => relay.close());
    const { port } = relay.address() as net.AddressInfo;
    expect((await send(bare(`127.0.0.1:${port}`), [framed(message)])).trailers["grpc-status"]).toBe("0");
  });

  test("a connection that is too old is said goodbye to and its client comes back", async () => {
    const { address } = await serve(undefined, { keepalive: { ...serverKeepalive, maxAgeMs: 100 } });
    const session = bare(address);
    expect((await send(session, [framed(message)])).trailers["grpc-status"]).toBe("0");
    await new Promise((resolve) => session.once("close", resolve));
    expect((await peer(address).call(message)).code).toBe(0);
  });
});

describe("listening", () => {
  test("at localhost takes both families where the machine has both", async () => {
    const { address } = await serve(undefined, { endpoint: at("localhost:0") });
    const port = address.split(":").at(-1);
    expect((await peer(`127.0.0.1:${port}`).call(message)).code).toBe(0);
    expect(address).toMatch(/^(localhost|127\.0\.0\.1):/);
    const hasIpv6 = address.startsWith("localhost:");
    expect((await peer(`[::1]:${port}`, { channel: { "grpc.enable_retries": 0 } }).call(message)).code).toBe(
      hasIpv6 ? 0 : Code.UNAVAILABLE,
    );
  });

  test("at a unix socket takes callers without an address", async () => {
    const path = join(folder(), "otlp.sock");
    let from: string | undefined = "nobody";
    const { address } = await serve(
      async (call) => {
        from = call.peer;
        return { status: ok };
      },
      { endpoint: at(`unix://${path}`) },
    );
    expect(address).toBe(path);
    expect((await peer(`unix:${path}`).call(message)).code).toBe(0);
    expect(from).toBeUndefined();
  });

  test("takes the place of a unix socket whose process is gone", async () => {
    const path = join(folder(), "stale.sock");
    const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", script]);
    expect(existsSync(path)).toBe(true);
    await serve(undefined, { endpoint: at(`unix://${path}`) });
    expect((await peer(`unix:${path}`).call(message)).code).toBe(0);
  });

  test("does not take the place of a unix socket whose process lives", async () => {
    const path = join(folder(), "live.sock");
    await serve(undefined, { endpoint: at(`unix://${path}`) });
    const second = createServer(serverOptions({ endpoint: at(`unix://${path}`) }), new Map());
    await expect(second.start()).rejects.toThrow(`Cannot listen on ${path}: another process listens there`);
    await second.stop(AbortSignal.abort());
    expect((await peer(`unix:${path}`).call(message)).code).toBe(0);
  });

  test("at a unix socket gives it the mode and the group, and takes it away at the end", async () => {
    const path = join(folder(), "otlp.sock");
    const access = { mode: 0o660, group: String(process.getgid?.() ?? 0) };
    const { server } = await serve(undefined, { endpoint: { kind: "unix", path, access } });
    const { mode, gid } = statSync(path);
    expect({ mode: mode & 0o777, gid: String(gid) }).toEqual({ mode: 0o660, gid: access.group });
    await server.stop(AbortSignal.abort());
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    ["a file", (path: string) => writeFileSync(path, "precious"), /must be a socket or nothing yet, is another file$/],
    [
      "a folder that is not there",
      (path: string) => rmSync(join(path, ".."), { recursive: true }),
      /the folder .+ is not there$/,
    ],
  ])("at %s is refused in words, and nothing is removed", async (_, prepare, words) => {
    const parent = mkdtempSync(join(folder(), "in-"));
    const path = join(parent, "otlp.sock");
    prepare(path);
    const before = existsSync(path);
    const server = createServer(serverOptions({ endpoint: at(`unix://${path}`) }), new Map());
    await expect(server.start()).rejects.toThrow(words);
    await server.stop(AbortSignal.abort());
    expect(existsSync(path)).toBe(before);
  });

  test("with a group that does not exist is refused, and no socket is left", async () => {
    const path = join(folder(), "otlp.sock");
    const endpoint = { kind: "unix", path, access: { group: "no-such-group" } } as const;
    const server = createServer(serverOptions({ endpoint }), new Map());
    await expect(server.start()).rejects.toThrow(
      `Cannot give ${path} to the group no-such-group: must be a group of /etc/group or a number`,
    );
    await server.stop(AbortSignal.abort());
    await eventually(() => !existsSync(path), { what: "the end of the socket" });
  });

  test("at an address in use names it", async () => {
    const { address } = await serve();
    const second = createServer(serverOptions({ endpoint: at(address) }), new Map());
    await expect(second.start()).rejects.toThrow(`Cannot listen on ${address}: the address is already in use`);
    await second.stop(AbortSignal.abort());
  });
});

describe("stop", () => {
  test("says goodbye, lets calls end and refuses new ones", async () => {
    const release = Promise.withResolvers<void>();
    const { server, address, calls } = await serve(() =>
      release.promise.then(() => ({ status: ok, body: Buffer.from("late") })),
    );
    const session = bare(address);
    const goodbye = new Promise((resolve) => session.once("goaway", resolve));
    const call = send(session, [framed(message)]);
    await eventually(() => calls.length === 1, { what: "the call" });
    const stopped = server.stop(new AbortController().signal);
    await goodbye;
    release.resolve();
    expect((await call).trailers["grpc-status"]).toBe("0");
    await stopped;
    expect((await peer(address).call(message, { deadlineMs: 2000 })).code).not.toBe(0);
  });

  test("cuts what is left when its time is up", async () => {
    const { server, address, calls } = await serve(() => new Promise(() => {}));
    const call = peer(address).call(message);
    await eventually(() => calls.length === 1, { what: "the call" });
    expect(calls[0]?.signal.aborted).toBe(false);
    const limit = new AbortController();
    const stopped = server.stop(limit.signal);
    limit.abort();
    await stopped;
    await eventually(() => calls[0]?.signal.aborted, { what: "the abort" });
    expect((await call).code).not.toBe(0);
  });

  test("is safe before start and twice", async () => {
    const server = createServer(serverOptions(), new Map());
    await server.stop(new AbortController().signal);
    await server.start();
    await server.stop(new AbortController().signal);
    await server.stop(AbortSignal.abort());
  });
});

test("the details of a status are base64 without padding", async () => {
  const { address } = await serve(async () => ({ status: { code: 14, message: "x", retryAfterMs: 1 } }));
  const { headers } = await send(bare(address), [framed(message)]);
  const details = String(headers["grpc-status-details-bin"]);
  expect(details).not.toContain("=");
  expect(decodeStatus(decodeBinary(details))?.retryAfterMs).toBe(1);
});
