import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { decodeBinary } from "../../src/net/grpc/headers.ts";
import { decodeStatus } from "../../src/net/grpc/status-codec.ts";
import { frame } from "../../src/net/snappy/framed.ts";
import { Code, ok } from "../../src/net/status.ts";
import { serverLimits } from "../../src/net/transport.ts";
import type { UnaryReply } from "../../src/net/transport.ts";
import { eventually } from "../support/eventually.ts";
import { bare, framed, message, peer, send, serving } from "../support/grpc/serving.ts";
import { transports } from "../support/grpc/transports.ts";

describe.each(transports)("a server on %s, asked by", (transport) => {
  const serve = serving(transport);

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

    test("gets a long message cut at a character, in few bytes however they are written", async () => {
      const { address } = await serve(async () => ({
        status: { code: Code.UNAVAILABLE, message: "x" + "容器".repeat(1000), retryAfterMs: 1 },
      }));
      // What grpc-java takes.
      const { code, details } = await peer(address, { channel: { "grpc.max_metadata_size": 8192 } }).call(message);
      expect({ code, details }).toEqual({ code: Code.UNAVAILABLE, details: `x${"容器".repeat(170)}容…` });
      const { headers } = await send(bare(address), [framed(message)]);
      expect(JSON.stringify(headers).length).toBeLessThan(6000);
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
      const { address, calls, refusals } = await serve(undefined, {
        limits: { ...serverLimits, maxMessageBytes: 1000 },
      });
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

    test.each<[string, () => Promise<UnaryReply>]>([
      ["before it has made a promise", () => throwing("a bug")],
      ["with one that is rejected", () => Promise.reject(new Error("a bug"))],
    ])("gets INTERNAL when a handler fails %s", async (_when, fail) => {
      const { address } = await serve(fail);
      expect(await peer(address).call(message)).toMatchObject({ code: Code.INTERNAL, details: "a bug" });
    });
  });

  describe("on one connection that goes on after it", () => {
    test.each([
      ["a message that ends short", [framed(message, { length: 100 })], {}, Code.INTERNAL, /ended in the middle/],
      ["half a prefix", [Buffer.alloc(3)], {}, Code.INTERNAL, /ended in the middle/],
      ["no message", [], {}, Code.UNIMPLEMENTED, /without a message/],
      ["two messages", [framed(message), framed(message)], {}, Code.UNIMPLEMENTED, /more than one message/],
      [
        "a flag that is none",
        [framed(message, { flag: 2 })],
        {},
        Code.INTERNAL,
        /compressed flag must be 0 or 1, is 2/,
      ],
      [
        "an unknown encoding",
        [framed(message)],
        { "grpc-encoding": "lz4" },
        Code.UNIMPLEMENTED,
        /Cannot decompress "lz4": must be one of identity,deflate,gzip,snappy,zstd/,
      ],
      [
        "a grpc-timeout without a unit",
        [framed(message)],
        { "grpc-timeout": "10" },
        Code.INTERNAL,
        /grpc-timeout: must be at most eight digits and a unit \(H, M, S, m, u or n\), is "10"/,
      ],
      [
        "a grpc-timeout of nine digits",
        [framed(message)],
        { "grpc-timeout": "100000000m" },
        Code.INTERNAL,
        /grpc-timeout: .*, is "100000000m"/,
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
      expect(headers["grpc-accept-encoding"]).toBe("identity,deflate,gzip,snappy,zstd");
    });

    test.each([
      ["deflate", deflateSync(message)],
      ["gzip", gzipSync(message)],
      ["zstd", zstdCompressSync(message)],
      ["snappy", frame(message)],
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
      // Nobody waits for a body that is not wanted.
      expect((await send(session, [], { headers, end: false })).headers[":status"]).toBe(status);
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

  test("the details of a status are base64 without padding", async () => {
    const { address } = await serve(async () => ({ status: { code: 14, message: "x", retryAfterMs: 1 } }));
    const { headers } = await send(bare(address), [framed(message)]);
    const details = String(headers["grpc-status-details-bin"]);
    expect(details).not.toContain("=");
    expect(decodeStatus(decodeBinary(details))?.retryAfterMs).toBe(1);
  });
});

function throwing(message: string): never {
  throw new Error(message);
}
