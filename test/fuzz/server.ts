import net from "node:net";
import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { healthMethods } from "../../src/net/grpc/health.ts";
import { Code, ok } from "../../src/net/status.ts";
import { createClient, createServer } from "../../src/net/transport-choice.ts";
import { serverKeepalive, serverLimits } from "../../src/net/transport.ts";
import type { TransportName, UnaryClient, UnaryHandler, UnaryReply } from "../../src/net/transport.ts";
import { check } from "../../src/otlp/check.ts";
import { at, clientOptions, request, serverOptions, tracesPath } from "../support/grpc/peer.ts";
import * as http2 from "../support/http2/frames.ts";
import { grpcMessage, requestBlock, requestFrames } from "../support/http2/raw.ts";
import { mustBe } from "./promise.ts";
import { requests } from "./seeds.ts";

/* A server of gRPC with real connections: each input is all that one client says, before it closes. */

const bystanderPath = "/test.Bystander/Call";
const limits = { ...serverLimits, maxMessageBytes: 48 * 1024, maxBytesInFlight: 64 * 1024, maxHeaderBytes: 16 * 1024 };
/** Whoever does not answer is soon known to be gone. */
const keepalive = { ...serverKeepalive, pingTimeoutMs: 200 };
/** So much that nothing of others may be in flight beside it, or next to nothing. */
const wholeBudget = Buffer.alloc(limits.maxMessageBytes);
/** So long a connection that has closed may take to let go of what it held. */
const patienceMs = 2000;

type Serving = { readonly port: number; readonly bystander: UnaryClient; stop(): Promise<void> };
const serving = new Map<TransportName, Promise<Serving>>();

/** What comes on one connection does no harm to another one, and nothing of it stays in flight. */
export async function runServer(transport: TransportName, bytes: Buffer): Promise<void> {
  const running = serving.get(transport) ?? serve(transport);
  serving.set(transport, running);
  const { port, bystander } = await running;
  const socket = net.connect(port, "127.0.0.1");
  // It may be cut off while it still writes.
  socket.on("error", () => {});
  socket.resume();
  socket.end(connectionOf(bytes));
  await once(socket, "close");
  const until = performance.now() + patienceMs;
  let reply: UnaryReply;
  do {
    reply = await bystander.call(request(wholeBudget, { path: bystanderPath }));
    if (reply.status.code !== Code.OK) await nextTurn();
  } while (reply.status.code === Code.UNAVAILABLE && performance.now() < until);
  mustBe(reply.status.code === Code.OK, `another client is answered, not told "${reply.status.message}"`);
}

/** Ends the server, which would keep its thread alive. */
export async function stopServer(transport: TransportName): Promise<void> {
  const running = serving.get(transport);
  serving.delete(transport);
  await (await running)?.stop();
}

async function serve(transport: TransportName): Promise<Serving> {
  // Some answers come at once, some when the connection may be gone.
  const take: UnaryHandler = async ({ message }) => {
    if (message.length % 2 === 1) await nextTurn();
    const isRight = check("traces", message).status === "valid";
    return { status: isRight ? ok : { code: Code.INVALID_ARGUMENT, message: "no" }, letGo: true };
  };
  const methods = new Map([
    [tracesPath, take],
    [bystanderPath, async (): Promise<UnaryReply> => ({ status: ok, letGo: true })],
    ...healthMethods(["opentelemetry.proto.collector.trace.v1.TraceService"], () => true),
  ]);
  const server = createServer(serverOptions({ transport, limits, keepalive, endpoint: at("127.0.0.1:0") }), methods);
  const address = await server.start();
  const bystander = createClient(clientOptions(address, { transport: "native" }));
  return {
    port: Number(address.split(":").at(-1)),
    bystander,
    async stop() {
      await bystander.close();
      await server.stop(AbortSignal.abort());
    },
  };
}

/** Behind it stand frames as [type, flags, stream, two bytes of length, payload]: whatever is changed in it, frames are whole. */
const framesMark = 0x46;

function connectionOf(bytes: Buffer): Buffer {
  if (bytes[0] !== framesMark) return bytes;
  const frames = [http2.preface, http2.settings()];
  for (let pos = 1; pos + 5 <= bytes.length;) {
    const [type = 0, flags = 0, stream = 0] = bytes.subarray(pos, pos + 3);
    const payload = bytes.subarray(pos + 5, pos + 5 + bytes.readUInt16LE(pos + 3));
    frames.push(http2.frame(type % 11, { flags, stream, payload }));
    pos += 5 + payload.length;
  }
  return Buffer.concat(frames);
}

function marked(connection: Buffer): Buffer {
  const frames = new http2.FrameCutter().push(connection).map(({ type, flags, stream, payload }) => {
    const head = Buffer.from([type, flags, stream, 0, 0]);
    head.writeUInt16LE(payload.length, 3);
    return Buffer.concat([head, payload]);
  });
  return Buffer.concat([Buffer.from([framesMark]), ...frames]);
}

function call(stream: number, path: string, message: Buffer): Buffer {
  const block = requestBlock({ without: [":path"], before: [[":path", path]] });
  return Buffer.concat([http2.headers(stream, block), http2.data(stream, grpcMessage(message), http2.Flag.END_STREAM)]);
}

function compressed(stream: number, encoding: string, message: Buffer): Buffer {
  const framed = grpcMessage(message);
  framed[0] = 1;
  const block = requestBlock({ after: [["grpc-encoding", encoding]] });
  return Buffer.concat([http2.headers(stream, block), http2.data(stream, framed, http2.Flag.END_STREAM)]);
}

const small = requests.traces[0] ?? Buffer.of();
const bomb = Buffer.alloc(1024 * 1024);
const block = requestBlock({ after: [["grpc-timeout", "1m"]] });
const conversations: readonly Buffer[] = [
  Buffer.concat([requestFrames(1, small), http2.ping(), http2.windowUpdate(0, 1000), requestFrames(3, small)]),
  Buffer.concat([
    http2.settings([http2.Setting.INITIAL_WINDOW_SIZE, 0]),
    call(1, "/grpc.health.v1.Health/List", Buffer.of()),
    call(3, "/grpc.health.v1.Health/Check", Buffer.from("0a00", "hex")),
    http2.windowUpdate(1, 7),
    http2.goaway(0),
  ]),
  Buffer.concat([
    call(1, "/grpc.health.v1.Health/Watch", Buffer.of()),
    http2.resetStream(1),
    http2.settings([http2.Setting.INITIAL_WINDOW_SIZE, 5]),
    call(3, "/grpc.health.v1.Health/Watch", Buffer.from("0a00", "hex")),
    http2.windowUpdate(3, 1),
    http2.ping(),
  ]),
  Buffer.concat([
    compressed(1, "gzip", gzipSync(small)),
    compressed(3, "zstd", zstdCompressSync(small)),
    compressed(5, "deflate", deflateSync(small)),
    compressed(7, "gzip", gzipSync(bomb)),
  ]),
  Buffer.concat([
    http2.headers(1, block.subarray(0, 20), http2.Flag.NONE),
    http2.continuation(1, block.subarray(20)),
    http2.data(1, grpcMessage(small).subarray(0, 50)),
    http2.resetStream(1),
    http2.headers(3, requestBlock({ without: ["content-type"] })),
    http2.priority(5, 3),
    call(5, "/nobody", small),
  ]),
];

/** Raw connections, and the same as frames. */
export const conversationSeeds: readonly Buffer[] = conversations.flatMap((frames) => [
  Buffer.concat([http2.preface, http2.settings(), frames]),
  marked(frames),
]);
