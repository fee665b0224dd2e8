import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Metadata, ServerWritableStream } from "@grpc/grpc-js";
import type { ServerHttp2Stream } from "node:http2";
import { describe, expect, onTestFinished, test } from "vitest";
import { Code, ok } from "../../src/net/status.ts";
import type { StreamRequest } from "../../src/net/transport.ts";
import { eventually } from "../support/eventually.ts";
import { bareServer, connectingStreams, succeed } from "../support/grpc/calling.ts";
import { request, tracesPath } from "../support/grpc/peer.ts";
import { transports } from "../support/grpc/transports.ts";

type Answering = ServerWritableStream<Buffer, Buffer>;

/** A server of grpc-js that answers with a stream, as told. */
async function streamServer(answer: (stream: Answering) => void): Promise<string> {
  const server = new Server({ "grpc.max_send_message_length": -1 });
  const asIs = (bytes: Buffer) => bytes;
  const method = {
    path: tracesPath,
    requestStream: false,
    responseStream: true,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  } as const;
  server.addService({ Watch: method }, { Watch: answer });
  onTestFinished(() => server.forceShutdown());
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return `127.0.0.1:${port}`;
}

/** A call that keeps what comes. */
function watching(changes: Partial<StreamRequest> = {}) {
  const got: Buffer[] = [];
  const watch = { ...request(Buffer.from("who")), onMessage: (message: Buffer) => void got.push(message), ...changes };
  return { got, watch };
}

/** A message with its prefix. */
function framed(message: Buffer, flag = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

describe.each(transports)("a call on %s that is answered by a stream", (transport) => {
  const connect = connectingStreams(transport);

  test("hands on each message whole and in order, whatever its size, and ends with the server's status", async () => {
    const sent = [0, 1, 5, 16_384, 3_000_000, 0, 70_000].map((length, i) => Buffer.alloc(length, i + 1));
    const asked: { request: Buffer; metadata: Metadata }[] = [];
    const address = await streamServer((stream) => {
      asked.push({ request: stream.request, metadata: stream.metadata });
      for (const message of sent) stream.write(message);
      stream.end();
    });
    const { got, watch } = watching({ headers: { "containerd-namespace": "k8s.io" } });
    expect(await connect(address).stream(watch)).toEqual(ok);
    expect(got.map((message) => message.equals(sent[got.indexOf(message)] ?? Buffer.alloc(0)))).toEqual(
      sent.map(() => true),
    );
    expect(asked[0]?.request.toString()).toBe("who");
    expect(asked[0]?.metadata.get("containerd-namespace")).toEqual(["k8s.io"]);
  });

  test("is the same wherever the bytes are cut", async () => {
    const sent = [Buffer.from("one"), Buffer.alloc(0), Buffer.from("three")];
    const bytes = Buffer.concat(sent.map((message) => framed(message)));
    const { address } = await bareServer((stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      const step = (at: number): void => {
        if (at === bytes.length) return void stream.end();
        stream.write(bytes.subarray(at, at + 1), () => step(at + 1));
      };
      step(0);
    });
    const { got, watch } = watching();
    expect(await connect(address).stream(watch)).toEqual(ok);
    expect(got).toEqual(sent);
  });

  test("shares its connection with others and lasts until nobody wants it any more, without a deadline", async () => {
    const streams: Answering[] = [];
    const address = await streamServer((stream) => {
      streams.push(stream);
      stream.write(Buffer.from("first"));
    });
    const client = connect(address);
    const stop = new AbortController();
    const all = [watching({ timeoutMs: Infinity, signal: stop.signal }), watching({ timeoutMs: Infinity })];
    const ended = all.map(({ watch }) => client.stream(watch));
    await eventually(() => all.every(({ got }) => got.length === 1), { what: "the first message of both" });
    expect(streams.map((stream) => stream.getDeadline())).toEqual([Infinity, Infinity]);
    stop.abort();
    expect((await ended[0])?.code).toBe(Code.CANCELLED);
    await eventually(() => streams.filter(({ cancelled }) => cancelled).length === 1, { what: "that one is ended" });
    for (const stream of streams) {
      stream.write(Buffer.from("last"));
      stream.end();
    }
    expect(await ended[1]).toEqual(ok);
    expect(all.map(({ got }) => got.map(String))).toEqual([["first"], ["first", "last"]]);
  });

  test("ends with the server's error, at its deadline, and with its connection", async () => {
    const streams: Answering[] = [];
    const address = await streamServer((stream) => {
      streams.push(stream);
      stream.write(Buffer.from("one"));
      if (streams.length === 1) stream.emit("error", { code: Code.NOT_FOUND, details: "no such thing" });
    });
    const client = connect(address);
    expect(await client.stream(watching().watch)).toEqual({ code: Code.NOT_FOUND, message: "no such thing" });
    expect((await client.stream(watching({ timeoutMs: 50 }).watch)).code).toBe(Code.DEADLINE_EXCEEDED);
    const { got, watch } = watching({ timeoutMs: Infinity });
    const lost = client.stream(watch);
    await eventually(() => got.length === 1, { what: "a message" });
    await client.close();
    expect((await lost).code).toBe(Code.UNAVAILABLE);
  });

  test.each([
    ["larger than it may be", framed(Buffer.alloc(2000)), Code.RESOURCE_EXHAUSTED],
    ["compressed, which nobody asked for", framed(Buffer.from("x"), 1), Code.INTERNAL],
    ["marked as nothing that there is", framed(Buffer.from("x"), 7), Code.INTERNAL],
    ["cut short", framed(Buffer.from("long")).subarray(0, 7), Code.INTERNAL],
  ])("that brings a message that is %s ends without it, and the connection lives on", async (_, bytes, code) => {
    const answers = (stream: ServerHttp2Stream, index: number) =>
      succeed(
        stream,
        Buffer.concat(index === 0 ? [framed(Buffer.from("good")), bytes] : [framed(Buffer.from("next"))]),
      );
    const { address, sessions } = await bareServer(answers);
    const client = connect(address, { maxResponseBytes: 1000 });
    const first = watching();
    expect((await client.stream(first.watch)).code).toBe(code);
    expect(first.got.map(String)).toEqual(["good"]);
    const second = watching();
    expect(await client.stream(second.watch)).toEqual(ok);
    expect(second.got.map(String)).toEqual(["next"]);
    expect(sessions).toHaveLength(1);
  });
});
