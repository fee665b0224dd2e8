import { randomBytes } from "node:crypto";
import http2 from "node:http2";
import net from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { Code, ok } from "../../src/net/status.ts";
import { serverKeepalive, serverLimits } from "../../src/net/transport.ts";
import { eventually } from "../support/eventually.ts";
import { tracesPath } from "../support/grpc/peer.ts";
import { bare, framed, message, peer, send, serving } from "../support/grpc/serving.ts";
import { exchange } from "../support/net/exchange.ts";
import { transports } from "../support/grpc/transports.ts";

describe.each(transports)("the limits of a server on %s:", (transport) => {
  const serve = serving(transport);

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
      details: expect.stringMatching(/too many bytes are in flight/) as string,
    });
    expect(refusals).toEqual(["bytes_in_flight"]);
    release.resolve();
    expect((await Promise.all(held)).map(({ code }) => code)).toEqual([0, 0]);
    expect((await client.call(Buffer.alloc(150_000))).code).toBe(0);
  });

  test.each([
    ["at once", 100_000, Buffer.alloc(0)],
    ["aside", 700_000, randomBytes(70_000)],
  ])("bytes that a message grows to when it is decompressed, %s, are in flight too", async (_how, size, noise) => {
    const release = Promise.withResolvers<void>();
    const { address, calls, refusals } = await serve(async () => release.promise.then(() => ({ status: ok })), {
      limits: { ...serverLimits, maxBytesInFlight: 2.5 * size },
    });
    const big = Buffer.concat([noise, Buffer.alloc(size - noise.length)]);
    const client = peer(address, { gzip: true });
    const all = Array.from({ length: 3 }, () => client.call(big));
    expect(await Promise.race(all)).toMatchObject({
      code: Code.UNAVAILABLE,
      details: expect.stringMatching(/too many bytes are in flight/) as string,
    });
    await eventually(() => calls.length === 2, { what: "two calls" });
    expect(refusals).toEqual(["bytes_in_flight"]);
    release.resolve();
    expect((await Promise.all(all)).map(({ code }) => code).toSorted((a, b) => a - b)).toEqual([
      0,
      0,
      Code.UNAVAILABLE,
    ]);
    expect((await client.call(big)).code).toBe(0);
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
    onTestFinished(() => void socket.destroy());
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
    onTestFinished(() => void relay.close());
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
