import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Code, ok } from "../../src/net/status.ts";
import { serverLimits } from "../../src/net/transport.ts";
import type { UnaryCall, UnaryReply } from "../../src/net/transport.ts";
import { eventually } from "../support/eventually.ts";
import { connecting } from "../support/grpc/calling.ts";
import { at, logsPath, request } from "../support/grpc/peer.ts";
import { folder, message, serving } from "../support/grpc/serving.ts";
import { transports } from "../support/grpc/transports.ts";
import { aborted } from "../support/grpc/aborted.ts";

const pairings = transports.flatMap((server) => transports.map((client) => ({ server, client })));

const echo = async (call: UnaryCall): Promise<UnaryReply> => ({ status: ok, body: call.message });

describe.each(pairings)("a client on $client and a server on $server", ({ client, server }) => {
  const connect = connecting(client);
  const serve = serving(server);

  test.each([0, 1, 16_379, 16_384, 65_530, 65_536, 200_000, 4 * 1024 * 1024])(
    "exchange a message of %i bytes",
    async (size) => {
      const { address } = await serve(echo);
      const bytes = Buffer.alloc(size, "bytes of a message ");
      const reply = await connect(address).call(request(bytes));
      expect(reply.status).toEqual(ok);
      expect(bytes.equals(Buffer.from(reply.body ?? []))).toBe(true);
    },
  );

  test.each(["gzip", "zstd", "snappy"] as const)("exchange messages in %s", async (compression) => {
    const { address, calls } = await serve(echo);
    for (const size of [1, 100_000, 3_000_000]) {
      const bytes = Buffer.alloc(size, "bytes of a message ");
      const reply = await connect(address, { compression }).call(request(bytes));
      expect(bytes.equals(Buffer.from(reply.body ?? []))).toBe(true);
    }
    expect(calls.map((call) => call.metadata("grpc-encoding"))).toEqual([compression, compression, compression]);
  });

  test("exchange a message of 100 MiB where that is allowed", async () => {
    const size = 100 * 1024 * 1024;
    const { address } = await serve(
      async (call) => ({ status: ok, body: createHash("sha256").update(call.message).digest() }),
      {
        limits: { ...serverLimits, maxMessageBytes: size },
      },
    );
    const bytes = randomBytes(size);
    const reply = await connect(address).call(request(bytes, { timeoutMs: 60_000 }));
    expect(reply.status).toEqual(ok);
    expect(
      createHash("sha256")
        .update(bytes)
        .digest()
        .equals(Buffer.from(reply.body ?? [])),
    ).toBe(true);
  });

  test("find each other by an IPv6 address with a zone, which is nobody else's business", async (context) => {
    const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    if (!all.some(({ address }) => address === "::1")) return context.skip("there is no IPv6 here");
    const { address, calls } = await serve(echo, { endpoint: at("[::1]:0") });
    const port = address.split(":").at(-1);
    expect((await connect(`[::1%lo]:${port}`).call(request(message))).status).toEqual(ok);
    expect(calls[0]?.metadata(":authority")).toBe(`[::1]:${port}`);
  });

  test("call by any authority, also one that fits into no URL", async () => {
    const { address, calls } = await serve(echo);
    const authority = "tenant%1:zone:2";
    expect((await connect(address, { authority }).call(request(message))).status).toEqual(ok);
    expect(calls[0]?.metadata(":authority")).toBe(authority);
  });

  test("have the system ask for connections that are silent", async (context) => {
    const { address } = await serve(echo);
    const port = Number(address.split(":").at(-1)).toString(16).toUpperCase().padStart(4, "0");
    if (!existsSync("/proc/net/tcp")) return context.skip("there is no /proc/net/tcp here");
    await connect(address).call(request(message));
    const timers = (): readonly (string | undefined)[] =>
      readFileSync("/proc/net/tcp", "utf8")
        .split("\n")
        .map((line) => line.trim().split(/ +/))
        .filter(([, local, remote, state]) => state === "01" && `${local} ${remote}`.includes(`0100007F:${port}`))
        .map((columns) => columns[5]?.slice(0, 2));
    // 2 is the timer of keep-alive; 1, of what is not acknowledged yet, goes before it.
    await eventually(() => timers().join() === "02,02", { what: "two timers of keep-alive" });
  });

  test("make many calls at a time on one connection, none for another's answer", async () => {
    // Answers as large as the requests would not end: two sides of node:http2 that both write stop reading.
    const answerTo = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();
    const { address } = await serve(async (call) => {
      if (call.message.length % 3 === 0) await new Promise(setImmediate);
      return { status: ok, body: answerTo(call.message) };
    });
    const connection = connect(address);
    const messages = Array.from({ length: 400 }, (_, i) => Buffer.alloc((i * 977) % 40_000, i % 256));
    const replies = await Promise.all(messages.map((bytes) => connection.call(request(bytes))));
    const right = replies.filter(({ body }, i) =>
      answerTo(messages[i] ?? Buffer.alloc(0)).equals(Buffer.from(body ?? [])),
    );
    expect(right).toHaveLength(400);
  });

  test("keep to the streams that the server allows, with more calls than that waiting", async () => {
    let open = 0;
    let most = 0;
    const { address } = await serve(
      async () => {
        most = Math.max(most, ++open);
        await new Promise(setImmediate);
        open--;
        return { status: ok };
      },
      { limits: { ...serverLimits, maxConcurrentStreams: 4 } },
    );
    const connection = connect(address);
    const replies = await Promise.all(Array.from({ length: 200 }, () => connection.call(request(message))));
    expect(replies.every(({ status }) => status.code === Code.OK)).toBe(true);
    expect(most).toBeLessThanOrEqual(4);
  });

  test("tell refusals with all their words", async () => {
    const status = { code: Code.RESOURCE_EXHAUSTED, message: "zu viel: 100% öfter\n", retryAfterMs: 1500 };
    const { address } = await serve(async () => ({ status }));
    expect((await connect(address).call(request(message))).status).toEqual(status);
    expect((await connect(address).call(request(message, { path: logsPath }))).status.code).toBe(Code.UNIMPLEMENTED);
  });

  test("refuse a message that is too large before it has come, and go on", async () => {
    const { address } = await serve(echo, { limits: { ...serverLimits, maxMessageBytes: 1000 } });
    const connection = connect(address);
    const replies = await Promise.all(
      [5_000_000, 1000, 1001].map((size) => connection.call(request(Buffer.alloc(size)))),
    );
    expect(replies.map(({ status }) => status.code)).toEqual([
      Code.RESOURCE_EXHAUSTED,
      Code.OK,
      Code.RESOURCE_EXHAUSTED,
    ]);
  });

  test("pass on headers and the time that is left", async () => {
    const { address, calls } = await serve();
    const before = Date.now();
    await connect(address, { headers: { "x-tenant": "blue", authorization: "Bearer x" } }).call(
      request(message, { timeoutMs: 9000 }),
    );
    expect(calls[0]?.metadata("x-tenant")).toBe("blue");
    expect(calls[0]?.metadata("authorization")).toBe("Bearer x");
    expect(calls[0]?.metadata("user-agent")).toBe("podstamp/test");
    expect(calls[0]?.deadline).toBeGreaterThan(before + 5000);
    expect(calls[0]?.deadline).toBeLessThanOrEqual(Date.now() + 9001);
  });

  test("end a call that was aborted, and one whose time is up, on both sides", async () => {
    const { address, calls } = await serve(async (call) => {
      await aborted(call.signal);
      return { status: ok };
    });
    const connection = connect(address);
    const abort = new AbortController();
    const cancelled = connection.call(request(message, { signal: abort.signal }));
    const late = connection.call(request(message, { timeoutMs: 300 }));
    await eventually(() => calls.length === 2, { what: "both calls" });
    abort.abort();
    expect((await cancelled).status.code).toBe(Code.CANCELLED);
    expect((await late).status.code).toBe(Code.DEADLINE_EXCEEDED);
    await eventually(() => calls.every(({ signal }) => signal.aborted), { what: "both aborts" });
  });

  test("say goodbye: calls end, and the next ones find the next server", async () => {
    const release = Promise.withResolvers<void>();
    const first = await serve(async (call) => {
      await release.promise;
      return { status: ok, body: call.message };
    });
    const connection = connect(first.address);
    const calls = Array.from({ length: 20 }, () => connection.call(request(message)));
    await eventually(() => first.calls.length === 20, { what: "the calls" });
    const stopped = first.server.stop(new AbortController().signal);
    release.resolve();
    expect((await Promise.all(calls)).map(({ status }) => status.code)).toEqual(calls.map(() => Code.OK));
    await stopped;
    const second = await serve(echo, { endpoint: at(first.address) });
    await eventually(async () => (await connection.call(request(message))).status.code === Code.OK, { what: "it" });
    expect(second.calls.length).toBeGreaterThan(0);
  });

  test("meet at a unix socket", async () => {
    const endpoint = at(`unix://${join(folder(), "otlp.sock")}`);
    await serve(echo, { endpoint });
    const reply = await connect("127.0.0.1:1", { endpoint }).call(request(message));
    expect(Buffer.from(reply.body ?? []).equals(message)).toBe(true);
  });
});
