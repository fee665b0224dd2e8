import { rmSync } from "node:fs";
import net from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { describe, expect, onTestFinished, test } from "vitest";
import { createRenewingClient } from "../../src/net/renewing-client.ts";
import { Code, ok } from "../../src/net/status.ts";
import { Rope } from "../../src/otlp/rope/rope.ts";
import { eventually } from "../support/eventually.ts";
import { connecting, servePeer } from "../support/grpc/calling.ts";
import { request } from "../support/grpc/peer.ts";
import { message } from "../support/grpc/serving.ts";
import { freePort } from "../support/net/ports.ts";
import { transports } from "../support/grpc/transports.ts";

describe.each(transports)("a client on %s", (transport) => {
  const connect = connecting(transport);

  describe("against a server of grpc-js", () => {
    test("a call brings the message there and the answer back", async () => {
      const server = await servePeer(() => ({ body: Buffer.from("taken") }));
      const reply = await connect(server.address, { headers: { "x-tenant": "blue" } }).call(request(message));
      expect(reply.status).toEqual(ok);
      expect(Buffer.from(reply.body ?? []).toString()).toBe("taken");
      expect(server.received).toEqual([message]);
      expect(server.metadata[0]?.get("x-tenant")).toEqual(["blue"]);
      expect(server.metadata[0]?.get("user-agent")).toEqual(["podstamp/test"]);
    });

    test.each([1, 60_000, 3_000_000])("gzip of %s bytes is understood there", async (size) => {
      const server = await servePeer();
      const bytes = Buffer.alloc(size, "compressible ");
      expect((await connect(server.address, { compression: "gzip" }).call(request(bytes))).status).toEqual(ok);
      expect(server.received[0]?.equals(bytes)).toBe(true);
    });

    test.each([
      ["small", 3, 1000],
      ["large", 4, 20_000],
      ["compressed", 4, 20_000],
    ])("a %s message in pieces arrives whole and in order", async (kind, count, size) => {
      const server = await servePeer();
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
      const server = await servePeer((bytes) => ({ body: bytes }));
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
      const server = await servePeer(
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
      const server = await servePeer(() => ({
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
      const server = await servePeer((_, index) => (index === 0 ? new Promise(() => {}) : {}));
      const client = connect(server.address);
      expect((await client.call(request(message, { timeoutMs: 100 }))).status).toEqual({
        code: Code.DEADLINE_EXCEEDED,
        message: "No answer within 100 ms",
      });
      expect((await client.call(request(message))).status).toEqual(ok);
    });

    test("an aborted call is CANCELLED, before and after it was sent", async () => {
      const server = await servePeer((_, index) => (index === 0 ? new Promise(() => {}) : {}));
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
      const first = await servePeer((_, index) => (index === 0 ? {} : new Promise(() => {})));
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
      const second = await servePeer(undefined, { port: first.port });
      await eventually(async () => (await client.call(request(message))).status.code === Code.OK, {
        what: "an answer",
      });
      expect(second.received).toHaveLength(1);
    });

    test("a unix socket is reached", async () => {
      const path = `${tmpdir()}/podstamp-client-${process.pid}.sock`;
      const server = await servePeer(undefined, { address: `unix:${path}` });
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

    test("that is there after all, a client that is to hurry connects to it before its wait is over", async () => {
      const address = `127.0.0.1:${await freePort()}`;
      const backoff = { initialMs: 60_000, maxMs: 60_000, multiplier: 1, jitter: 0 };
      const client = createRenewingClient(() => connect(address, { backoff }), 60_000);
      client.hurry();
      expect((await client.call(request(message))).status.code).toBe(Code.UNAVAILABLE);
      await servePeer(undefined, { address });
      expect((await client.call(request(message))).status.code).toBe(Code.UNAVAILABLE);
      client.hurry();
      expect((await client.call(request(message))).status).toEqual(ok);
      client.hurry();
      expect((await client.call(request(message))).status).toEqual(ok);
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
      onTestFinished(() => {
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
});
