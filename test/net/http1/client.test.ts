import net from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createHttpClient } from "../../../src/net/http1/client.ts";
import type { HttpClient, HttpClientOptions, PostOutcome, PostRequest } from "../../../src/net/http1/client.ts";
import { parseProxy } from "../../../src/net/socket/proxy.ts";
import type { Proxy } from "../../../src/net/socket/proxy.ts";
import type { Resolve } from "../../../src/net/socket/resolve.ts";
import { clientTls } from "../../../src/net/socket/tls.ts";
import { hasOpenssl, makeCertificates } from "../../support/net/certificates.ts";
import type { Certificates } from "../../support/net/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { forwardProxy } from "../../support/net/forward-proxy.ts";
import { httpPeer } from "../../support/net/http-peer.ts";
import type { HttpPeer } from "../../support/net/http-peer.ts";
import { freePort } from "../../support/net/ports.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

type Changes = Partial<HttpClientOptions>;

function clientFor(
  url: string,
  changes: Changes = {},
): HttpClient & { send(changes?: Partial<PostRequest>): Promise<PostOutcome> } {
  const target = new URL(url);
  const client = createHttpClient({
    urls: [target],
    tls: undefined,
    proxyFor: () => undefined,
    userAgent: "podstamp/test",
    keepAlive: true,
    maxIdle: 10,
    maxOpen: Number.POSITIVE_INFINITY,
    maxIdleMs: 0,
    maxResponseBytes: 64 * 1024,
    ...changes,
  });
  closing.push(() => client.close());
  const send = (more: Partial<PostRequest> = {}) =>
    client.post({
      url: target,
      headers: { "x-one": "1" },
      body: Buffer.from("body"),
      timeoutMs: 15_000,
      signal: new AbortController().signal,
      ...more,
    });
  return { ...client, send };
}

async function serve(...parameters: Parameters<typeof httpPeer>): Promise<HttpPeer> {
  const peer = await httpPeer(...parameters);
  closing.push(() => peer.stop());
  return peer;
}

/** A server that does with each connection as told. */
async function bare(onConnection: (socket: net.Socket, index: number) => void): Promise<string> {
  let count = 0;
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => sockets.delete(socket));
    onConnection(socket, count++);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const success = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

describe("a post", () => {
  test("brings method, path, headers and body over, and the answer back", async () => {
    const peer = await serve(() => ({ status: 404, headers: { "x-two": "2" }, body: "no" }));
    const outcome = await clientFor(`${peer.url}/a/b?c=d`).send();
    expect(outcome).toMatchObject({
      kind: "answered",
      status: 404,
      headers: { "x-two": "2" },
      body: Buffer.from("no"),
    });
    expect(peer.posted).toMatchObject([
      { method: "POST", path: "/a/b?c=d", headers: { "x-one": "1", "content-length": "4" }, body: Buffer.from("body") },
    ]);
  });

  test("goes over the same connection as the one before", async () => {
    const peer = await serve();
    const client = clientFor(peer.url);
    for (let i = 0; i < 20; i++) await client.send();
    expect(peer.posted).toHaveLength(20);
    expect(peer.connections).toHaveLength(1);
  });

  test("has a connection of its own without keep-alive", async () => {
    const peer = await serve();
    const client = clientFor(peer.url, { keepAlive: false });
    for (let i = 0; i < 3; i++) await client.send();
    expect(peer.connections).toHaveLength(3);
  });

  test("goes over a new connection when the kept one was idle for too long", async () => {
    const peer = await serve();
    const client = clientFor(peer.url, { maxIdleMs: 30 });
    await client.send();
    await eventually(() => peer.connections[0]?.destroyed, { what: "the end of the idle connection" });
    await client.send();
    expect(peer.connections).toHaveLength(2);
  });

  test("waits for a connection when no more may be open", async () => {
    const peer = await serve();
    const client = clientFor(peer.url, { maxOpen: 2 });
    await Promise.all(Array.from({ length: 10 }, () => client.send()));
    expect(peer.posted).toHaveLength(10);
    expect(peer.connections).toHaveLength(2);
  });

  test("on a kept connection that the server ends is sent again at once on a new one", async () => {
    const url = await bare((socket, index) => {
      let requests = 0;
      socket.on("data", () => {
        if (index === 0 && ++requests > 1) socket.resetAndDestroy();
        else socket.write(success);
      });
    });
    const client = clientFor(url);
    expect(await client.send()).toMatchObject({ status: 200 });
    expect(await client.send()).toMatchObject({ status: 200 });
  });

  test("on a new connection that the server ends is not sent again", async () => {
    let connections = 0;
    const url = await bare((socket) => {
      connections++;
      socket.on("data", () => socket.resetAndDestroy());
    });
    expect(await clientFor(url).send()).toMatchObject({ kind: "failed", reason: "network" });
    expect(connections).toBe(1);
  });
});

describe("limits", () => {
  test("no more of an answer is read than is wanted", async () => {
    const peer = await serve(() => ({ body: Buffer.alloc(1024 * 1024, "x") }));
    const outcome = await clientFor(peer.url).send();
    expect(outcome).toMatchObject({ kind: "answered", status: 200 });
    expect("body" in outcome && outcome.body).toHaveLength(64 * 1024);
  });

  test("an endless answer counts for what it said", async () => {
    const url = await bare((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => {
        socket.write("HTTP/1.1 503 Busy\r\n\r\n");
        const more = (): void => {
          if (!socket.destroyed) socket.write(Buffer.alloc(65_536, "y"), () => setImmediate(more));
        };
        more();
      });
    });
    expect(await clientFor(url).send()).toMatchObject({ kind: "answered", status: 503 });
  });

  test("an answer that comes before all was sent counts", async () => {
    const url = await bare((socket) =>
      socket.once("data", () => {
        socket.end("HTTP/1.1 413 Too large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        // As servers do it: what still comes is read and thrown away for a while.
        socket.resume();
      }),
    );
    const body = Buffer.alloc(20 * 1024 * 1024);
    expect(await clientFor(url).send({ body })).toMatchObject({ kind: "answered", status: 413 });
  });

  test("an answer that breaks off after its status counts for its status", async () => {
    const url = await bare((socket) =>
      socket.on("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")),
    );
    expect(await clientFor(url).send()).toMatchObject({ kind: "answered", status: 200, body: Buffer.from("half") });
  });

  test("no answer in time is a timeout, and the connection is not kept", async () => {
    const peer = await serve((_, index) => (index === 0 ? new Promise(() => {}) : {}));
    const client = clientFor(peer.url);
    expect(await client.send({ timeoutMs: 60 })).toEqual({
      kind: "failed",
      reason: "timeout",
      message: `Cannot reach 127.0.0.1:${peer.port}: no answer within 60 ms`,
    });
    expect(await client.send()).toMatchObject({ status: 200 });
    expect(peer.connections).toHaveLength(2);
  });

  test("whoever gives up is answered at once", async () => {
    const peer = await serve(() => new Promise(() => {}));
    const giving = new AbortController();
    const outcome = clientFor(peer.url).send({ signal: giving.signal });
    setImmediate(() => giving.abort());
    expect(await outcome).toMatchObject({ kind: "failed", reason: "aborted" });
    expect(await clientFor(peer.url).send({ signal: AbortSignal.abort() })).toMatchObject({ reason: "aborted" });
    expect(await clientFor(peer.url).send({ timeoutMs: 0 })).toMatchObject({ reason: "timeout" });
  });
});

describe("what cannot be reached", () => {
  test("is said in words", async () => {
    const port = await freePort();
    expect(await clientFor(`http://127.0.0.1:${port}/v1/traces?key=tops3cret`).send()).toEqual({
      kind: "failed",
      reason: "network",
      message: `Cannot reach 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
    });
  });

  test.each([
    ["HTTP/2", Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]), /does not speak HTTP\/1.1 \(is it a gRPC port/],
    ["nothing", Buffer.alloc(0), /the connection was closed \(does the server want https/],
  ])("a server that answers with %s is recognized", async (_, bytes, words) => {
    const url = await bare((socket) => socket.on("data", () => socket.end(bytes)));
    expect(await clientFor(url).send()).toMatchObject({ kind: "failed", message: expect.stringMatching(words) });
  });

  test("TLS to a server without it is recognized", async () => {
    const peer = await serve();
    const client = clientFor(peer.url.replace("http:", "https:"), { tls: clientTls({}) });
    expect(await client.send()).toMatchObject({ message: expect.stringContaining("the server does not speak TLS") });
  });
});

describe("a name with several addresses", () => {
  const resolveTo =
    (answers: readonly (readonly string[])[]): Resolve =>
    async () =>
      answers[Math.min(asked++, answers.length - 1)] ?? [];
  let asked = 0;

  test("leads to the next one when one is dead", async () => {
    asked = 0;
    const peer = await serve();
    const client = clientFor(`http://many.test:${peer.port}`, { resolve: resolveTo([["127.0.0.3", "127.0.0.1"]]) });
    expect(await client.send()).toMatchObject({ status: 200 });
  });

  test("leads to the next one after a failure when one takes connections and hangs, however many fail at a time", async () => {
    asked = 0;
    const peer = await serve();
    const hanging = net.createServer(() => {});
    await new Promise<void>((resolve) => hanging.listen(peer.port, "127.0.0.3", resolve));
    closing.push(() => hanging.close());
    const client = clientFor(`http://many.test:${peer.port}`, { resolve: resolveTo([["127.0.0.3", "127.0.0.1"]]) });
    const first = await Promise.all([client.send({ timeoutMs: 300 }), client.send({ timeoutMs: 300 })]);
    expect(first).toMatchObject([{ reason: "timeout" }, { reason: "timeout" }]);
    expect(await client.send()).toMatchObject({ status: 200 });
  });

  test("is asked for again with every new connection", async () => {
    asked = 0;
    const peer = await serve();
    const client = clientFor(`http://many.test:${peer.port}`, { resolve: resolveTo([["127.0.0.3"], ["127.0.0.1"]]) });
    expect(await client.send()).toMatchObject({ kind: "failed", reason: "network" });
    expect(await client.send()).toMatchObject({ status: 200 });
    expect(await client.send()).toMatchObject({ status: 200 });
    expect(asked).toBe(2);
  });
});

const proxyAt = (text: string): Proxy => {
  const proxy = parseProxy(text);
  if (typeof proxy === "string") throw new Error(proxy);
  return proxy;
};

describe("through a proxy", () => {
  test("http:// goes as a whole URL, with credentials for the proxy only", async () => {
    const peer = await serve();
    const proxy = await forwardProxy({ names: { "backend.test": { host: "127.0.0.1", port: peer.port } } });
    closing.push(() => proxy.stop());
    const client = clientFor("http://backend.test:4318/v1/traces", {
      proxyFor: () => proxyAt(`http://me:tops3cret@${proxy.address}`),
    });
    expect(await client.send()).toMatchObject({ status: 200 });
    expect(proxy.asked).toEqual([
      { line: "POST http://backend.test:4318/v1/traces", authorization: `Basic ${btoa("me:tops3cret")}` },
    ]);
    expect(peer.posted[0]).toMatchObject({ path: "/v1/traces", headers: { host: "backend.test:4318" } });
    expect(peer.posted[0]?.headers["proxy-authorization"]).toBeUndefined();
  });

  test("a proxy that is not there is named", async () => {
    const port = await freePort();
    const client = clientFor("http://backend.test:4318/", { proxyFor: () => proxyAt(`127.0.0.1:${port}`) });
    expect(await client.send()).toMatchObject({
      message: expect.stringContaining(`Cannot reach backend.test:4318 through the proxy 127.0.0.1:${port}: `),
    });
  });
});

describe.skipIf(!hasOpenssl)("TLS, with certificates made by openssl (skipped without it)", () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates(["backend.test"]);
  });
  afterAll(() => certificates.remove());

  test("trusts a server by ca_file and keeps its connection", async () => {
    const peer = await serve(undefined, { tls: certificates });
    const client = clientFor(peer.url, { tls: clientTls({ ca_file: certificates.caFile }) });
    for (let i = 0; i < 3; i++) expect(await client.send()).toMatchObject({ status: 200 });
    expect(peer.connections).toHaveLength(1);
    expect(await clientFor(peer.url, { tls: clientTls({}) }).send()).toMatchObject({
      kind: "failed",
      message: expect.stringMatching(/certificate.* \(tls\.ca_file names the authority to trust\)$/),
    });
  });

  test("goes through a proxy by CONNECT, to a name that only the proxy knows, and keeps that connection", async () => {
    const peer = await serve(undefined, { tls: certificates });
    const proxy = await forwardProxy({ names: { "backend.test": { host: "127.0.0.1", port: peer.port } } });
    closing.push(() => proxy.stop());
    const client = clientFor("https://backend.test/v1/traces", {
      tls: clientTls({ ca_file: certificates.caFile }),
      proxyFor: () => proxyAt(proxy.address),
    });
    for (let i = 0; i < 3; i++) expect(await client.send()).toMatchObject({ kind: "answered", status: 200 });
    expect(proxy.asked.map(({ line }) => line)).toEqual(["CONNECT backend.test:443"]);
    expect(peer.posted).toHaveLength(3);
  });

  test("a refusal of the proxy is said in words, and an end while it is asked leaves nothing open", async () => {
    const proxy = await forwardProxy({ refuses: 403 });
    closing.push(() => proxy.stop());
    const options = { tls: clientTls({}), proxyFor: () => proxyAt(proxy.address) };
    expect(await clientFor("https://backend.test/", options).send()).toMatchObject({
      kind: "failed",
      message: expect.stringContaining("it answered 403"),
    });
    const silent = await bare(() => {});
    const client = clientFor("https://backend.test/", { ...options, proxyFor: () => proxyAt(silent) });
    const outcome = client.send();
    await new Promise(setImmediate);
    client.close();
    expect(await outcome).toMatchObject({ kind: "failed" });
  });
});
