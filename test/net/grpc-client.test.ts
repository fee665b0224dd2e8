import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http2 from "node:http2";
import type { Http2Server, IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import net from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ServerCredentials } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { Code, ok } from "../../src/net/status.ts";
import { clientTls, serverTls } from "../../src/net/tls.ts";
import { createClient, createServer } from "../../src/net/transport-choice.ts";
import type { ClientOptions, UnaryClient } from "../../src/net/transport.ts";
import { Rope } from "../../src/otlp/rope.ts";
import { eventually } from "../support/eventually.ts";
import { clientOptions, grpcServer, request, serverOptions, tracesPath } from "../support/grpc-peer.ts";
import type { PeerServer } from "../support/grpc-peer.ts";
import { freePort } from "../support/ports.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const message = Buffer.from("a message of some bytes");

function connect(address: string, changes: Partial<ClientOptions> = {}): UnaryClient {
  const client = createClient(clientOptions(address, changes));
  closing.push(() => client.close());
  return client;
}

async function serve(...parameters: Parameters<typeof grpcServer>): Promise<PeerServer> {
  const server = await grpcServer(...parameters);
  closing.push(() => server.stop());
  return server;
}

type Bare = { readonly address: string; readonly sessions: ServerHttp2Session[]; readonly server: Http2Server };

/** A bare HTTP/2 server, for what no gRPC library answers. */
async function bare(
  answer: (stream: ServerHttp2Stream, index: number, headers: IncomingHttpHeaders) => void,
  settings: http2.Settings = {},
): Promise<Bare> {
  const server = http2.createServer({ settings });
  const sessions: ServerHttp2Session[] = [];
  let index = 0;
  server.on("session", (session) => {
    sessions.push(session);
    session.on("error", () => {});
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    stream.resume();
    answer(stream, index++, headers);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, sessions, server };
}

/** The answer of a well-behaved server. */
function succeed(stream: ServerHttp2Stream, body = Buffer.alloc(5), headers: http2.OutgoingHttpHeaders = {}): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc", ...headers }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(body);
}

describe("against a server of grpc-js", () => {
  test("a call brings the message there and the answer back", async () => {
    const server = await serve(() => ({ body: Buffer.from("taken") }));
    const reply = await connect(server.address, { headers: { "x-tenant": "blue" } }).call(request(message));
    expect(reply.status).toEqual(ok);
    expect(Buffer.from(reply.body ?? []).toString()).toBe("taken");
    expect(server.received).toEqual([message]);
    expect(server.metadata[0]?.get("x-tenant")).toEqual(["blue"]);
    expect(server.metadata[0]?.get("user-agent")).toEqual(["podstamp/test"]);
  });

  test.each([1, 60_000, 3_000_000])("gzip of %s bytes is understood there", async (size) => {
    const server = await serve();
    const bytes = Buffer.alloc(size, "compressible ");
    expect((await connect(server.address, { compression: "gzip" }).call(request(bytes))).status).toEqual(ok);
    expect(server.received[0]?.equals(bytes)).toBe(true);
  });

  test.each([
    ["small", 3, 1000],
    ["large", 4, 20_000],
    ["compressed", 4, 20_000],
  ])("a %s message in pieces arrives whole and in order", async (kind, count, size) => {
    const server = await serve();
    const pieces = Array.from({ length: count }, (_, i) => Buffer.alloc(size + i, `piece ${i} `));
    const client = connect(server.address, kind === "compressed" ? { compression: "gzip" } : {});
    const message = new Rope(
      pieces,
      pieces.reduce((sum, piece) => sum + piece.length, 0),
    );
    expect((await client.call({ ...request(Buffer.alloc(0)), message })).status).toEqual(ok);
    expect(server.received[0]?.equals(Buffer.concat(pieces))).toBe(true);
  });

  test("many calls at a time share one connection", async () => {
    const server = await serve((bytes) => ({ body: bytes }));
    const client = connect(server.address);
    const replies = await Promise.all(
      Array.from({ length: 300 }, (_, i) => client.call(request(Buffer.alloc(1 + ((i * 977) % 60_000), i % 256)))),
    );
    expect(
      replies.every(({ body }, i) => Buffer.alloc(1 + ((i * 977) % 60_000), i % 256).equals(Buffer.from(body ?? []))),
    ).toBe(true);
  });

  test("no more calls are open than the server allows", async () => {
    let open = 0;
    let most = 0;
    const server = await serve(
      async () => {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setTimeout(resolve, 2));
        open--;
        return {};
      },
      { server: { "grpc.max_concurrent_streams": 3 } },
    );
    const client = connect(server.address);
    const replies = await Promise.all(Array.from({ length: 40 }, () => client.call(request(message))));
    expect(replies.every(({ status }) => status.code === Code.OK)).toBe(true);
    expect(most).toBe(3);
  });

  test("code, message and RetryInfo of a refusal come back", async () => {
    const details = Buffer.from(
      "080e1204627573791a360a28747970652e676f6f676c65617069732e636f6d2f676f6f676c652e7270632e5265747279496e666f120a0a0808011080cab5ee01",
      "hex",
    );
    const server = await serve(() => ({
      code: 14,
      details: "besetzt: 100% öfter",
      trailers: { "grpc-status-details-bin": details },
    }));
    expect((await connect(server.address).call(request(message))).status).toEqual({
      code: 14,
      message: "besetzt: 100% öfter",
      retryAfterMs: 1500,
    });
  });

  test("a call that takes too long is DEADLINE_EXCEEDED and the next one works", async () => {
    const server = await serve((_, index) => (index === 0 ? new Promise(() => {}) : {}));
    const client = connect(server.address);
    expect((await client.call(request(message, { timeoutMs: 100 }))).status).toEqual({
      code: Code.DEADLINE_EXCEEDED,
      message: "No answer within 100 ms",
    });
    expect((await client.call(request(message))).status).toEqual(ok);
  });

  test("an aborted call is CANCELLED, before and after it was sent", async () => {
    const server = await serve((_, index) => (index === 0 ? new Promise(() => {}) : {}));
    const client = connect(server.address);
    const abort = new AbortController();
    const call = client.call(request(message, { signal: abort.signal }));
    await eventually(() => server.received.length === 1, { what: "the call" });
    abort.abort();
    expect((await call).status.code).toBe(Code.CANCELLED);
    expect((await client.call(request(message, { signal: abort.signal }))).status.code).toBe(Code.CANCELLED);
    expect((await client.call(request(message))).status).toEqual(ok);
    expect(server.received).toHaveLength(2);
  });

  test("a server that dies is UNAVAILABLE, and is found again when it is back", async () => {
    const first = await serve((_, index) => (index === 0 ? {} : new Promise(() => {})));
    const client = connect(first.address);
    expect((await client.call(request(message))).status).toEqual(ok);
    const cut = client.call(request(message));
    await eventually(() => first.received.length === 2, { what: "the call" });
    first.stop();
    expect((await cut).status).toEqual({
      code: Code.UNAVAILABLE,
      message: "The connection was lost before the answer came",
    });
    expect((await client.call(request(message))).status).toEqual({
      code: Code.UNAVAILABLE,
      message: expect.stringMatching(/^Cannot reach 127.0.0.1:\d+: connect ECONNREFUSED/),
    });
    const second = await serve(undefined, { port: first.port });
    await eventually(async () => (await client.call(request(message))).status.code === Code.OK, { what: "an answer" });
    expect(second.received).toHaveLength(1);
  });

  test("a unix socket is reached", async () => {
    const path = `${tmpdir()}/podstamp-client-${process.pid}.sock`;
    const server = await serve(undefined, { address: `unix:${path}` });
    expect((await connect(`unix://${path}`).call(request(message))).status).toEqual(ok);
    expect(server.received).toEqual([message]);
    rmSync(path, { force: true });
  });
});

describe("without a server", () => {
  test("the first calls are told so, the next ones at once, without a new attempt", async () => {
    const client = connect(`127.0.0.1:${await freePort()}`, {
      backoff: { initialMs: 60_000, maxMs: 60_000, multiplier: 1, jitter: 0 },
    });
    const first = await Promise.all([client.call(request(message)), client.call(request(message))]);
    expect(first.map(({ status }) => status.code)).toEqual([Code.UNAVAILABLE, Code.UNAVAILABLE]);
    const second = await client.call(request(message));
    expect(second.status).toBe(first[0]?.status);
  });

  test("a name that nobody knows is told", async () => {
    expect((await connect("no-such-host.invalid:4317").call(request(message))).status).toMatchObject({
      code: Code.UNAVAILABLE,
      message: expect.stringMatching(/^Cannot reach no-such-host.invalid:4317: getaddrinfo/),
    });
  });

  test("that answers, a call waits no longer than its time", async () => {
    const silent = net.createServer().listen(0, "127.0.0.1");
    const sockets: net.Socket[] = [];
    silent.on("connection", (socket) => sockets.push(socket));
    await eventually(() => silent.listening, { what: "the server" });
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const client = connect(`127.0.0.1:${(silent.address() as AddressInfo).port}`);
    expect((await client.call(request(message, { timeoutMs: 100 }))).status.code).toBe(Code.DEADLINE_EXCEEDED);
  });

  test("a closed client answers UNAVAILABLE", async () => {
    const client = connect("127.0.0.1:1");
    await client.close();
    expect((await client.call(request(message))).status.code).toBe(Code.UNAVAILABLE);
  });
});

describe("against a bare HTTP/2 server", () => {
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
    const { address } = await bare((stream) => stream.respond(headers, { endStream: true }));
    expect((await connect(address).call(request(message))).status).toEqual({ code, message: words });
  });

  test.each([
    [http2.constants.NGHTTP2_REFUSED_STREAM, Code.UNAVAILABLE],
    [http2.constants.NGHTTP2_ENHANCE_YOUR_CALM, Code.UNAVAILABLE],
    [http2.constants.NGHTTP2_CANCEL, Code.CANCELLED],
    [http2.constants.NGHTTP2_INTERNAL_ERROR, Code.INTERNAL],
  ])("a reset with %s is code %s, and the connection goes on", async (reset, code) => {
    const { address, sessions } = await bare((stream, index) => (index === 0 ? stream.close(reset) : succeed(stream)));
    const client = connect(address);
    expect((await client.call(request(message))).status.code).toBe(code);
    expect((await client.call(request(message))).status).toEqual(ok);
    expect(sessions).toHaveLength(1);
  });

  test("an answer that came before the reset of the rest counts", async () => {
    const { address } = await bare((stream) => {
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
    const { address, sessions } = await bare((stream, index) => (index === 0 ? held.push(stream) : succeed(stream)));
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
    const { address, sessions } = await bare((_, index) => {
      if (index === 0) sessions[0]?.goaway(http2.constants.NGHTTP2_NO_ERROR, 0x7fffffff);
    });
    const client = connect(address);
    const call = client.call(request(message, { timeoutMs: 5000 }));
    await eventually(() => sessions.length === 1, { what: "the connection" });
    sessions[0]?.destroy();
    expect((await call).status.code).toBe(Code.UNAVAILABLE);
  });

  test("after a call without any sign of life the next one goes onto a new connection", async () => {
    const { address, sessions } = await bare((stream, index) => {
      if (index !== 1) succeed(stream);
    });
    const client = connect(address);
    expect((await client.call(request(message))).status).toEqual(ok);
    expect((await client.call(request(message, { timeoutMs: 300 }))).status.code).toBe(Code.DEADLINE_EXCEEDED);
    expect((await client.call(request(message))).status).toEqual(ok);
    expect(sessions).toHaveLength(2);
  });

  test("an answer may be compressed", async () => {
    const body = gzipSync("taken");
    const prefix = Buffer.alloc(5, 1);
    prefix.writeUInt32BE(body.length, 1);
    const { address } = await bare((stream) =>
      succeed(stream, Buffer.concat([prefix, body]), { "grpc-encoding": "gzip" }),
    );
    const reply = await connect(address).call(request(message));
    expect(Buffer.from(reply.body ?? []).toString()).toBe("taken");
  });

  test("an answer that is too large is RESOURCE_EXHAUSTED", async () => {
    const { address } = await bare((stream) => succeed(stream, Buffer.from("0000010000", "hex")));
    expect((await connect(address, { maxResponseBytes: 1000 }).call(request(message))).status.code).toBe(
      Code.RESOURCE_EXHAUSTED,
    );
  });

  test("OK without a message is OK", async () => {
    const { address } = await bare((stream) =>
      stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "0" }, { endStream: true }),
    );
    expect((await connect(address).call(request(message))).status).toEqual(ok);
  });

  test("the request has the headers of the specification", async () => {
    let seen: IncomingHttpHeaders = {};
    const { address } = await bare((stream, _, headers) => {
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
      "grpc-accept-encoding": "identity,deflate,gzip",
    });
    expect(Number(seen["grpc-timeout"]?.slice(0, -1))).toBeLessThanOrEqual(7000);
  });

  test("a silent connection is pinged and given up without an answer", async () => {
    const proxied = await bare((stream) => succeed(stream));
    // A server behind a wire that goes dead.
    const wires: net.Socket[] = [];
    const proxy = net.createServer((socket) => {
      const behind = net.connect(Number(proxied.address.split(":")[1]), "127.0.0.1");
      wires.push(socket, behind);
      for (const end of [socket, behind]) end.on("error", () => {});
      socket.pipe(behind).pipe(socket);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    closing.push(() => {
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

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

describe.skipIf(!hasOpenssl)("TLS, with certificates made by openssl (skipped without it)", () => {
  function certificates(): string {
    const folder = mkdtempSync(join(tmpdir(), "podstamp-tls-"));
    closing.push(() => rmSync(folder, { recursive: true }));
    const openssl = (...parameters: string[]): void => {
      const { status, stderr } = spawnSync("openssl", parameters, { cwd: folder });
      if (status !== 0) throw new Error(String(stderr));
    };
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test ca");
    for (const name of ["server", "client"]) {
      openssl(
        "req",
        "-x509",
        ...key,
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.pem`,
        "-subj",
        `/CN=${name}`,
        "-addext",
        "subjectAltName=DNS:backend.test,IP:127.0.0.1",
      );
    }
    return folder;
  }

  test("our client trusts a grpc-js server by its ca_file", async () => {
    const folder = certificates();
    const read = (name: string): Buffer => readFileSync(join(folder, name));
    const server = await serve(undefined, {
      credentials: ServerCredentials.createSsl(null, [
        { cert_chain: read("server.pem"), private_key: read("server.key") },
      ]),
    });
    const trusting = connect(server.address, { tls: clientTls({ ca_file: join(folder, "ca.pem") }) });
    expect((await trusting.call(request(message))).status).toEqual(ok);
    const named = connect(server.address, {
      tls: clientTls({ ca_pem: read("ca.pem").toString(), server_name_override: "backend.test" }),
    });
    expect((await named.call(request(message))).status).toEqual(ok);
    const misnamed = connect(server.address, {
      tls: clientTls({ ca_file: join(folder, "ca.pem"), server_name_override: "other.test" }),
    });
    expect((await misnamed.call(request(message))).status).toMatchObject({
      code: Code.UNAVAILABLE,
      message: expect.stringMatching(/other\.test/),
    });
    const doubting = connect(server.address, { tls: clientTls({}) });
    expect((await doubting.call(request(message))).status).toMatchObject({
      code: Code.UNAVAILABLE,
      message: expect.stringMatching(/self-signed|unable to verify|local issuer/),
    });
    const careless = connect(server.address, { tls: clientTls({ insecure_skip_verify: true }) });
    expect((await careless.call(request(message))).status).toEqual(ok);
  });

  test("our server wants a client certificate when it has a client_ca_file", async () => {
    const folder = certificates();
    const file = (name: string): string => join(folder, name);
    const tls = serverTls({
      cert_file: file("server.pem"),
      key_file: file("server.key"),
      client_ca_file: file("ca.pem"),
    });
    const server = createServer(serverOptions({ tls }), new Map([[tracesPath, async () => ({ status: ok })]]));
    const address = await server.start();
    closing.push(() => server.stop(AbortSignal.abort()));
    const known = connect(address, {
      tls: clientTls({ ca_file: file("ca.pem"), cert_file: file("client.pem"), key_file: file("client.key") }),
    });
    expect((await known.call(request(message))).status).toEqual(ok);
    const stranger = connect(address, { tls: clientTls({ ca_file: file("ca.pem") }) });
    expect((await stranger.call(request(message))).status.code).toBe(Code.UNAVAILABLE);
    expect((await known.call(request(message))).status).toEqual(ok);
  });

  test("TLS against a server without it is explained", async () => {
    const server = await serve();
    const { status } = await connect(server.address, { tls: clientTls({}) }).call(request(message));
    expect(status).toMatchObject({ code: Code.UNAVAILABLE, message: expect.stringMatching(/tls\.insecure/) });
  });

  test("no TLS against a server that wants it is explained", async () => {
    const folder = certificates();
    const read = (name: string): Buffer => readFileSync(join(folder, name));
    const server = await serve(undefined, {
      credentials: ServerCredentials.createSsl(null, [
        { cert_chain: read("server.pem"), private_key: read("server.key") },
      ]),
    });
    expect((await connect(server.address).call(request(message))).status).toMatchObject({
      code: Code.UNAVAILABLE,
      message: expect.stringMatching(/does the server want TLS\?/),
    });
  });

  test("a version of TLS that the other side does not speak is refused", async () => {
    const folder = certificates();
    const file = (name: string): string => join(folder, name);
    const server = createServer(
      serverOptions({
        tls: serverTls({ cert_file: file("server.pem"), key_file: file("server.key"), min_version: "1.3" }),
      }),
      new Map(),
    );
    const address = await server.start();
    closing.push(() => server.stop(AbortSignal.abort()));
    const old = connect(address, { tls: clientTls({ ca_file: file("ca.pem"), max_version: "1.2" }) });
    expect((await old.call(request(message))).status.code).toBe(Code.UNAVAILABLE);
  });
});

describe("tls settings", () => {
  test("a file that is not there is named", () =>
    expect(() => clientTls({ ca_file: "/nowhere/ca.pem" })).toThrow(
      "Cannot use tls.ca_file: must be a file that can be read, is /nowhere/ca.pem",
    ));
  test("a certificate without a key is refused", () =>
    expect(() => clientTls({ cert_pem: "x" })).toThrow(
      "must have a certificate and a key together, has only the certificate",
    ));
  test("a server without a certificate is refused", () =>
    expect(() => serverTls({})).toThrow("must have cert_file and key_file"));
  test("insecure switches TLS off, but not with a CA or https", () => {
    expect(clientTls({ insecure: true })).toBeUndefined();
    expect(clientTls({ insecure: true }, "https")).toBeDefined();
    expect(clientTls({ insecure: true, ca_pem: "x" })).toBeDefined();
    expect(clientTls({}, "http")).toBeDefined();
  });
});
