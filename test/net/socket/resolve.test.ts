import { ServerCredentials } from "@grpc/grpc-js";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createRenewingClient } from "../../../src/net/renewing-client.ts";
import { parseProxy } from "../../../src/net/socket/proxy.ts";
import { lookupBy, resolveWithSystem } from "../../../src/net/socket/resolve.ts";
import { ok } from "../../../src/net/status.ts";
import { clientTls } from "../../../src/net/socket/tls.ts";
import { createClient, createServer as createUnaryServer } from "../../../src/net/transport-choice.ts";
import type { ClientOptions, UnaryClient } from "../../../src/net/transport.ts";
import { hasOpenssl, makeCertificates } from "../../support/net/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { forwardProxy } from "../../support/net/forward-proxy.ts";
import { clientOptions, grpcServer, request, serverOptions, tracesPath } from "../../support/grpc/peer.ts";
import type { PeerServer } from "../../support/grpc/peer.ts";
import { freePort } from "../../support/net/ports.ts";
import { transports } from "../../support/grpc/transports.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const message = Buffer.from("a message");
/** Loopback addresses on which nothing listens until a test does. */
const [one, two, three] = ["127.0.0.11", "127.0.0.12", "127.0.0.13"] as const;

let port: number;
beforeEach(async () => {
  port = await freePort();
});

async function backendAt(address: string): Promise<PeerServer> {
  const server = await grpcServer(undefined, { address: `${address}:${port}` });
  closing.push(() => server.stop());
  return server;
}

const callMany = async (client: UnaryClient, count: number) => {
  for (let i = 0; i < count; i++) expect((await client.call(request(message))).status).toEqual(ok);
};

describe.each(transports)("a client on %s:", (transport) => {
  /** A client for a name that has the addresses that `answer` says now. */
  function clientOf(
    answer: () => readonly string[],
    changes: Partial<ClientOptions> = {},
  ): UnaryClient & { asked(): number } {
    let asked = 0;
    const client = createClient(
      clientOptions(`many.test:${port}`, {
        transport,
        balancing: "round_robin",
        resolve: async (host) => {
          expect(host).toBe("many.test");
          asked++;
          return answer();
        },
        ...changes,
      }),
    );
    closing.push(() => client.close());
    return {
      call: (of) => client.call(of),
      isReady: () => client.isReady(),
      connect: () => client.connect(),
      hurry: () => client.hurry(),
      close: () => client.close(),
      asked: () => asked,
    };
  }

  describe("round_robin", () => {
    test("calls every address in turn, by the name", async () => {
      const backends = [await backendAt(one), await backendAt(two), await backendAt(three)];
      const client = clientOf(() => [one, two, three]);
      await eventually(
        async () => {
          await callMany(client, 1);
          return backends.every(({ received }) => received.length > 0);
        },
        { what: "a connection to every address" },
      );
      const before = backends.map(({ received }) => received.length);
      await callMany(client, 30);
      expect(backends.map(({ received }, index) => received.length - (before[index] ?? 0))).toEqual([10, 10, 10]);
      expect(client.asked()).toBe(1);
    });

    test("passes over an address that is dead, without a failed call, and takes it in when it lives", async () => {
      const well = await backendAt(two);
      const client = clientOf(() => [one, two]);
      await callMany(client, 10);
      expect(well.received).toHaveLength(10);
      const risen = await backendAt(one);
      await eventually(
        async () => {
          await callMany(client, 1);
          return risen.received.length > 0;
        },
        { what: "a call at the address that came to life" },
      );
    });

    test("an address that nobody answers at delays nothing", async () => {
      // It takes connections and never says a word.
      const silent = createServer(() => {});
      await new Promise<void>((resolve) => silent.listen(port, one, resolve));
      closing.push(() => silent.close());
      const well = await backendAt(two);
      const client = clientOf(() => [one, two]);
      const begun = performance.now();
      await callMany(client, 5);
      expect(well.received).toHaveLength(5);
      expect(performance.now() - begun).toBeLessThan(5000);
    });

    test("a client that is to hurry connects at once to all that it could not reach", async () => {
      const backoff = { initialMs: 60_000, maxMs: 60_000, multiplier: 1, jitter: 0 };
      const client = clientOf(() => [one, two], { backoff });
      expect((await client.call(request(message))).status.code).toBe(14);
      await backendAt(two);
      expect((await client.call(request(message))).status.code).toBe(14);
      client.hurry();
      await callMany(client, 2);
    });

    test("a call fails in words when no address answers, and one that hangs ends with its time", async () => {
      const client = clientOf(() => [one, two]);
      expect((await client.call(request(message))).status).toMatchObject({
        code: 14,
        message: expect.stringMatching(/^Cannot reach 127\.0\.0\.1[12]:/),
      });
      const silent = createServer(() => {});
      await new Promise<void>((resolve) => silent.listen(port, three, resolve));
      closing.push(() => silent.close());
      const hanging = clientOf(() => [three]);
      expect((await hanging.call(request(message, { timeoutMs: 100 }))).status.code).toBe(4);
      expect((await hanging.call(request(message, { signal: AbortSignal.abort() }))).status.code).toBe(1);
    });

    test("a name without addresses, and one that cannot be resolved, is said in words", async () => {
      expect((await clientOf(() => []).call(request(message))).status).toEqual({
        code: 14,
        message: "Cannot reach many.test: it has no address",
      });
      const failing = clientOf(() => {
        throw new Error("getaddrinfo ENOTFOUND many.test");
      });
      expect((await failing.call(request(message))).status).toEqual({
        code: 14,
        message: "Cannot reach many.test: getaddrinfo ENOTFOUND many.test",
      });
    });

    test("nothing is called after close", async () => {
      await backendAt(one);
      const client = clientOf(() => [one]);
      await callMany(client, 1);
      await client.close();
      await client.close();
      expect((await client.call(request(message))).status).toMatchObject({
        code: 14,
        message: expect.stringContaining("closed"),
      });
    });
  });

  describe("round_robin over time", () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ["performance"] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    test("asks for the name again after 30 seconds, leaves an address that is gone and lets its calls end", async () => {
      const gate = Promise.withResolvers<void>();
      const old = await grpcServer(() => gate.promise.then(() => ({})), { address: `${one}:${port}` });
      closing.push(() => old.stop());
      const fresh = await backendAt(two);
      let addresses: readonly string[] = [one];
      const client = clientOf(() => addresses);
      const slow = client.call(request(message));
      await eventually(() => old.received.length === 1, { what: "the slow call" });
      addresses = [two];
      vi.advanceTimersByTime(29_000);
      void client.call(request(message));
      await eventually(() => old.received.length === 2, { what: "a call within the 30 seconds" });
      expect(client.asked()).toBe(1);
      vi.advanceTimersByTime(1001);
      void client.call(request(message));
      await eventually(
        async () => {
          void client.call(request(message));
          return fresh.received.length > 0;
        },
        { what: "a call at the new address" },
      );
      const stayed = old.received.length;
      await callMany(client, 10);
      expect(old.received).toHaveLength(stayed);
      gate.resolve();
      expect((await slow).status).toEqual(ok);
      expect(client.asked()).toBe(2);
    });

    test("asks sooner while an address cannot be reached", async () => {
      await backendAt(one);
      let addresses: readonly string[] = [one, two];
      const client = clientOf(() => addresses);
      await callMany(client, 2);
      addresses = [one];
      vi.advanceTimersByTime(2001);
      await callMany(client, 1);
      await eventually(() => client.asked() === 2, { what: "the second question" });
      vi.advanceTimersByTime(2001);
      await callMany(client, 1);
      expect(client.asked()).toBe(2);
    });
  });

  describe("pick_first", () => {
    test("goes on to the next address when one is dead, stays there, and asks again to connect again", async () => {
      const first = await backendAt(two);
      const third = await backendAt(three);
      const client = clientOf(() => [one, two, three], { balancing: "pick_first" });
      await callMany(client, 10);
      expect(first.received).toHaveLength(10);
      first.stop();
      await eventually(async () => (await client.call(request(message))).status.code === 0, {
        what: "a call at the address that is left",
      });
      expect(third.received.length).toBeGreaterThan(0);
      expect(client.asked()).toBeGreaterThan(1);
    });

    test.each<[string, (socket: Socket) => void]>([
      ["ends it at once", (socket) => socket.destroy()],
      ["speaks something else", (socket) => socket.end("HTTP/1.1 503 Service Unavailable\r\n\r\n")],
    ])("goes on to the next address when one takes the connection and %s", async (_what, refuse) => {
      const useless = createServer((socket) => refuse(socket.on("error", () => {})));
      await new Promise<void>((resolve) => useless.listen(port, one, resolve));
      closing.push(() => useless.close());
      const well = await backendAt(two);
      const client = clientOf(() => [one, two], { balancing: "pick_first" });
      expect((await client.call(request(message))).status.code).toBe(14);
      await eventually(async () => (await client.call(request(message))).status.code === 0, { what: "an answer" });
      expect(well.received).toHaveLength(1);
    });

    test("an address that hangs is not the first to be tried when the client is made anew", async () => {
      const hanging = createServer((socket) => void socket.on("error", () => {}));
      await new Promise<void>((resolve) => hanging.listen(port, one, resolve));
      closing.push(() => hanging.close());
      await backendAt(two);
      const changes = { transport, resolve: async () => [one, two] };
      const client = createRenewingClient(
        (firstAddress) => createClient(clientOptions(`many.test:${port}`, { ...changes, firstAddress })),
        200,
      );
      closing.push(() => client.close());
      await eventually(async () => (await client.call(request(message, { timeoutMs: 150 }))).status.code === 0, {
        what: "an answer",
      });
    });

    test("a name that only the system knows is resolved by it", async () => {
      expect(await resolveWithSystem("localhost")).toContain("127.0.0.1");
      await expect(resolveWithSystem("no-such-name.invalid")).rejects.toThrow(/no-such-name.invalid/);
    });

    test("a lookup without an answer is an error", async () => {
      const answer = await new Promise((resolve) => lookupBy(async () => [])("none.test", {}, resolve));
      expect(answer).toEqual(new Error("none.test has no address"));
    });
  });

  describe("through a proxy", () => {
    const proxied = async (options: Parameters<typeof forwardProxy>[0]) => {
      const proxy = await forwardProxy(options);
      closing.push(() => proxy.stop());
      const parsed = parseProxy(`http://me:tops3cret@${proxy.address}`);
      if (typeof parsed === "string") throw new Error(parsed);
      return { ...proxy, parsed };
    };

    test("calls go by CONNECT to the name, without asking for it here", async () => {
      const backend = await grpcServer();
      closing.push(() => backend.stop());
      const { asked, parsed } = await proxied({ names: { "many.test": { host: "127.0.0.1", port: backend.port } } });
      const client = clientOf(() => [], { proxy: parsed });
      await callMany(client, 20);
      expect(backend.received).toHaveLength(20);
      expect(asked).toEqual([{ line: `CONNECT many.test:${port}`, authorization: `Basic ${btoa("me:tops3cret")}` }]);
      expect(client.asked()).toBe(0);
    });

    test("that says no, the calls fail with its words and not its password", async () => {
      const { address, parsed } = await proxied({ refuses: 407 });
      const client = clientOf(() => [], { proxy: parsed });
      expect((await client.call(request(message))).status).toEqual({
        code: 14,
        message: `Cannot reach many.test:${port} through the proxy ${address}: it answered 407 No`,
      });
    });

    test("that is silent, close ends the wait", async () => {
      const silent = createServer(() => {});
      await new Promise<void>((resolve) => silent.listen(port, one, resolve));
      closing.push(() => silent.close());
      const parsed = parseProxy(`${one}:${port}`);
      if (typeof parsed === "string") throw new Error(parsed);
      const client = clientOf(() => [], { proxy: parsed });
      const call = client.call(request(message));
      await client.close();
      expect((await call).status).toMatchObject({ code: 14, message: expect.stringContaining("closed") });
    });

    test.skipIf(!hasOpenssl)("TLS is with the server behind it (skipped without openssl)", async () => {
      const certificates = makeCertificates(["many.test"]);
      closing.push(() => certificates.remove());
      const backend = await grpcServer(undefined, {
        credentials: ServerCredentials.createSsl(null, [
          { cert_chain: certificates.cert, private_key: certificates.key },
        ]),
      });
      closing.push(() => backend.stop());
      const { parsed } = await proxied({ names: { "many.test": { host: "127.0.0.1", port: backend.port } } });
      await callMany(
        clientOf(() => [], { proxy: parsed, tls: clientTls({ ca_file: certificates.caFile }) }),
        3,
      );
      expect(backend.received).toHaveLength(3);
    });
  });

  test.skipIf(!hasOpenssl)("TLS to each address is with the name (skipped without openssl)", async () => {
    const certificates = makeCertificates(["many.test"]);
    closing.push(() => certificates.remove());
    const credentials = ServerCredentials.createSsl(null, [
      { cert_chain: certificates.cert, private_key: certificates.key },
    ]);
    const backend = await grpcServer(undefined, { address: `${two}:${port}`, credentials });
    closing.push(() => backend.stop());
    await callMany(
      clientOf(() => [two], { tls: clientTls({ ca_file: certificates.caFile }) }),
      3,
    );
    expect(backend.received).toHaveLength(3);
  });

  test("a message goes out in zstd when told so", async () => {
    const received: Buffer[] = [];
    const server = createUnaryServer(
      serverOptions({ transport }),
      new Map([
        [
          tracesPath,
          async ({ message: bytes }) => {
            received.push(Buffer.from(bytes));
            return { status: ok };
          },
        ],
      ]),
    );
    const address = await server.start();
    closing.push(() => server.stop(AbortSignal.abort()));
    const client = createClient(clientOptions(address, { transport, compression: "zstd" }));
    closing.push(() => client.close());
    await callMany(client, 1);
    expect(received).toEqual([message]);
  });
});
