import http2 from "node:http2";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import net from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { frame } from "../../src/net/snappy/framed.ts";
import { Code, ok } from "../../src/net/status.ts";
import { eventually } from "../support/eventually.ts";
import { bareServer, connecting, succeed } from "../support/grpc/calling.ts";
import { request, tracesPath } from "../support/grpc/peer.ts";
import { message } from "../support/grpc/serving.ts";
import {
  block,
  continuation,
  Flag,
  goaway,
  headers,
  Setting,
  settings,
  Type,
  windowUpdate,
} from "../support/http2/frames.ts";
import { rawServer, responseFrames } from "../support/http2/raw.ts";
import { transports } from "../support/grpc/transports.ts";

describe.each(transports)("against a bare HTTP/2 server a client on %s:", (transport) => {
  const connect = connecting(transport);

  test.each([
    [{ ":status": 503, "content-type": "text/html" }, Code.UNAVAILABLE, "The server answered HTTP 503 (text/html)"],
    [{ ":status": 404 }, Code.UNIMPLEMENTED, "The server answered HTTP 404"],
    [
      { ":status": 200, "content-type": "text/html" },
      Code.UNKNOWN,
      "The server's content-type must be application/grpc, is text/html",
    ],
    [
      { ":status": 200, "content-type": "application/grpc", "grpc-status": "16", "grpc-message": "who%3F" },
      Code.UNAUTHENTICATED,
      "who?",
    ],
    [{ ":status": 200, "content-type": "application/grpc", "grpc-status": "abc" }, Code.UNKNOWN, ""],
  ])("the headers %o mean code %s", async (headers, code, words) => {
    const { address } = await bareServer((stream) => stream.respond(headers, { endStream: true }));
    expect((await connect(address).call(request(message))).status).toEqual({ code, message: words });
  });

  test.each([
    // The server has not looked at it: our own transport tries it anew.
    [http2.constants.NGHTTP2_REFUSED_STREAM, transport === "native" ? Code.OK : Code.UNAVAILABLE],
    [http2.constants.NGHTTP2_ENHANCE_YOUR_CALM, Code.UNAVAILABLE],
    [http2.constants.NGHTTP2_CANCEL, Code.CANCELLED],
    [http2.constants.NGHTTP2_INTERNAL_ERROR, Code.UNAVAILABLE],
    // As servers do that end a connection at its age, with calls on it.
    [http2.constants.NGHTTP2_NO_ERROR, Code.UNAVAILABLE],
  ])("a reset with %s is code %s, and the connection goes on", async (reset, code) => {
    const { address, sessions } = await bareServer((stream, index) =>
      index === 0 ? stream.close(reset) : succeed(stream),
    );
    const client = connect(address);
    expect((await client.call(request(message))).status.code).toBe(code);
    expect((await client.call(request(message))).status).toEqual(ok);
    expect(sessions).toHaveLength(1);
  });

  test("an answer that came before the reset of the rest counts", async () => {
    const { address } = await bareServer((stream) => {
      stream.respond(
        { ":status": 200, "content-type": "application/grpc", "grpc-status": "8", "grpc-message": "too large" },
        { endStream: true },
      );
      setImmediate(() => stream.close(http2.constants.NGHTTP2_NO_ERROR));
    });
    expect((await connect(address).call(request(Buffer.alloc(8_000_000)))).status).toEqual({
      code: Code.RESOURCE_EXHAUSTED,
      message: "too large",
    });
  });

  test("after GOAWAY calls in flight end and new ones go onto a new connection", async () => {
    const held: ServerHttp2Stream[] = [];
    const { address, sessions } = await bareServer((stream, index) =>
      index === 0 ? held.push(stream) : succeed(stream),
    );
    const client = connect(address);
    const first = client.call(request(message));
    await eventually(() => held.length === 1, { what: "the first call" });
    sessions[0]?.close();
    await eventually(
      async () => {
        await client.call(request(message));
        return sessions.length === 2;
      },
      { what: "a second connection" },
    );
    held.forEach((stream) => succeed(stream));
    expect((await first).status).toEqual(ok);
    await eventually(() => sessions[0]?.destroyed, { what: "the end of the first connection" });
  });

  test("a call beyond the last one that GOAWAY names may be sent again", async () => {
    const { address, sessions } = await bareServer((_, index) => {
      if (index === 0) sessions[0]?.goaway(http2.constants.NGHTTP2_NO_ERROR, 0x7fffffff);
    });
    const client = connect(address);
    const call = client.call(request(message, { timeoutMs: 5000 }));
    await eventually(() => sessions.length === 1, { what: "the connection" });
    sessions[0]?.destroy();
    expect((await call).status.code).toBe(Code.UNAVAILABLE);
  });

  test("after a call without any sign of life the next one goes onto a new connection", async () => {
    const { address, sessions } = await bareServer((stream, index) => {
      if (index !== 1) succeed(stream);
    });
    const client = connect(address);
    expect((await client.call(request(message))).status).toEqual(ok);
    expect((await client.call(request(message, { timeoutMs: 300 }))).status.code).toBe(Code.DEADLINE_EXCEEDED);
    expect((await client.call(request(message))).status).toEqual(ok);
    expect(sessions).toHaveLength(2);
  });

  test("a server that lets no call through is not called again and again", async () => {
    const server = await rawServer(() => {}, { first: [settings([Setting.MAX_CONCURRENT_STREAMS, 0]), goaway(0)] });
    onTestFinished(() => server.close());
    const client = connect(server.address, { backoff: { initialMs: 300, maxMs: 300, multiplier: 1, jitter: 0 } });
    const begun = performance.now();
    while (performance.now() - begun < 1000) {
      expect((await client.call(request(message))).status).toMatchObject({
        code: Code.UNAVAILABLE,
        message: expect.stringMatching(/: the server takes no calls$/),
      });
      await sleep(20);
    }
    expect(server.peers.length).toBeGreaterThan(2);
    expect(server.peers.length).toBeLessThan(6);
  });

  test.each([
    ["gzip", gzipSync("taken")],
    ["deflate", deflateSync("taken")],
    ["zstd", zstdCompressSync("taken")],
    ["snappy", frame(Buffer.from("taken"))],
  ])("an answer may be compressed with %s, as the server has read the request", async (encoding, body) => {
    const prefix = Buffer.alloc(5, 1);
    prefix.writeUInt32BE(body.length, 1);
    const { address } = await bareServer((stream) =>
      succeed(stream, Buffer.concat([prefix, body]), { "grpc-encoding": encoding }),
    );
    const reply = await connect(address).call(request(message));
    expect(Buffer.from(reply.body ?? []).toString()).toBe("taken");
  });

  test("an answer that is too large is RESOURCE_EXHAUSTED", async () => {
    const { address } = await bareServer((stream) => succeed(stream, Buffer.from("0000010000", "hex")));
    expect((await connect(address, { maxResponseBytes: 1000 }).call(request(message))).status.code).toBe(
      Code.RESOURCE_EXHAUSTED,
    );
  });

  test("after an answer whose headers are too large the next call is answered", async () => {
    const large = block([
      [":status", "200"],
      ["x", "y".repeat(100_000)],
    ]);
    const pieces = Array.from({ length: Math.ceil(large.length / 16_000) }, (_, i) =>
      large.subarray(i * 16_000, (i + 1) * 16_000),
    );
    const frames = pieces.map((piece, i) => {
      const flags = i === pieces.length - 1 ? Flag.END_HEADERS : Flag.NONE;
      return i === 0 ? headers(1, piece, flags) : continuation(1, piece, flags);
    });
    let answered = 0;
    const server = await rawServer((peer) => {
      void peer.until(Type.DATA).then(() => peer.write(...(answered++ === 0 ? frames : [responseFrames(1)])));
      void peer
        .until(Type.DATA, ({ stream }) => stream === 3)
        .then(
          () => peer.write(responseFrames(3)),
          () => {},
        );
    });
    onTestFinished(() => server.close());
    const client = connect(server.address);
    expect((await client.call(request(message))).status.code).not.toBe(Code.OK);
    expect((await client.call(request(message))).status).toEqual(ok);
  });

  test("OK without a message is OK", async () => {
    const { address } = await bareServer((stream) =>
      stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "0" }, { endStream: true }),
    );
    expect((await connect(address).call(request(message))).status).toEqual(ok);
  });

  test("the request has the headers of the specification", async () => {
    let seen: IncomingHttpHeaders = {};
    const { address } = await bareServer((stream, _, headers) => {
      seen = headers;
      succeed(stream);
    });
    await connect(address, { authority: "tempo.example", compression: "gzip" }).call(
      request(message, { timeoutMs: 7000 }),
    );
    expect(seen).toMatchObject({
      ":method": "POST",
      ":scheme": "http",
      ":path": tracesPath,
      ":authority": "tempo.example",
      te: "trailers",
      "content-type": "application/grpc",
      "grpc-encoding": "gzip",
      "grpc-accept-encoding": "identity,deflate,gzip,snappy,zstd",
    });
    expect(Number(seen["grpc-timeout"]?.slice(0, -1))).toBeLessThanOrEqual(7000);
  });

  test("a connection from which something comes is kept, though no answer to a ping", async () => {
    const server = await rawServer((peer) => {
      const sending = setInterval(() => peer.write(windowUpdate(0, 1)), 250);
      setTimeout(() => {
        clearInterval(sending);
        peer.write(responseFrames(1));
      }, 1500);
    });
    onTestFinished(() => server.close());
    const client = connect(server.address, { keepalive: { timeMs: 100, timeoutMs: 400, permitWithoutStream: true } });
    expect((await client.call(request(message))).status).toEqual(ok);
    expect(server.peers[0]?.frames.some(({ type, flags }) => type === Type.PING && flags === Flag.NONE)).toBe(true);
  });

  test("a silent connection is pinged and given up without an answer", async () => {
    const proxied = await bareServer((stream) => succeed(stream));
    // A server behind a wire that goes dead.
    const wires: net.Socket[] = [];
    const proxy = net.createServer((socket) => {
      const behind = net.connect(Number(proxied.address.split(":")[1]), "127.0.0.1");
      wires.push(socket, behind);
      for (const end of [socket, behind]) end.on("error", () => {});
      socket.pipe(behind).pipe(socket);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      for (const wire of wires) wire.destroy();
      proxy.close();
    });
    const client = connect(`127.0.0.1:${(proxy.address() as AddressInfo).port}`, {
      keepalive: { timeMs: 100, timeoutMs: 1000, permitWithoutStream: true },
    });
    expect((await client.call(request(message))).status).toEqual(ok);
    const [near, far] = wires;
    near?.unpipe();
    near?.resume();
    far?.unpipe();
    await eventually(() => near?.destroyed || near?.readableEnded, { what: "the end of the dead connection" });
    expect((await client.call(request(message))).status).toEqual(ok);
  });
});
