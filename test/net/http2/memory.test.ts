import { randomBytes } from "node:crypto";
import { memoryUsage } from "node:process";
import { setImmediate } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { inflate } from "../../../src/net/compression.ts";
import { Code, ok } from "../../../src/net/status.ts";
import { serverLimits } from "../../../src/net/transport.ts";
import { eventually } from "../../support/eventually.ts";
import { serving } from "../../support/grpc/serving.ts";
import { transports } from "../../support/grpc/transports.ts";
import {
  continuation,
  data,
  Flag,
  headers,
  ping,
  Problem,
  resetStream,
  Type,
  uint32,
} from "../../support/http2/frames.ts";
import { grpcMessage, rawClient, requestBlock, requestFrames } from "../../support/http2/raw.ts";
import type { RawPeer } from "../../support/http2/raw.ts";

const serve = serving("native");
const MiB = 1024 * 1024;

async function connect(address: string): Promise<RawPeer> {
  const peer = await rawClient(address);
  onTestFinished(() => peer.destroy());
  return peer;
}

/** How much the peer was given back of its connection's window since it connected. */
function givenBack({ frames }: RawPeer): number {
  return frames
    .filter(({ type, stream }) => type === Type.WINDOW_UPDATE && stream === 0)
    .reduce((sum, { payload }) => sum + payload.readUInt32BE(), 0);
}

/** Waits until all that was written has been looked at. */
async function settle(peer: RawPeer, mark: string): Promise<void> {
  peer.write(ping(Buffer.from(mark)));
  await peer.until(Type.PING, ({ payload }) => payload.toString() === mark);
}

/** Opens a stream with 60 kB of headers, or only the first `length` bytes of them. */
function openLarge(peer: RawPeer, stream: number, length = Number.POSITIVE_INFINITY): void {
  const list = requestBlock({ after: [["x-large", "y".repeat(60_000)]] });
  for (let at = 0; at < Math.min(list.length, length); at += 16_000) {
    const piece = list.subarray(at, at + 16_000);
    const flags = at + 16_000 < list.length ? Flag.NONE : Flag.END_HEADERS;
    peer.write(at === 0 ? headers(stream, piece, flags) : continuation(stream, piece, flags));
  }
}

test("a server on native takes memory for what has come, not for what was announced", async () => {
  const { address, refusals } = await serve();
  const peer = await connect(address);
  const before = memoryUsage().arrayBuffers;
  const announcement = Buffer.concat([Buffer.from([0]), uint32(4 * MiB)]);
  for (let i = 0; i < 900; i++) {
    const stream = 1 + 2 * i;
    peer.write(headers(stream, requestBlock()), data(stream, Buffer.concat([announcement, Buffer.alloc(500)])));
  }
  await settle(peer, "all_sent");
  // 3.5 GiB were announced, 450 kB have come.
  expect(memoryUsage().arrayBuffers - before).toBeLessThan(32 * MiB);
  expect(refusals).toEqual([]);
});

test("headers that are large are in flight as messages are, until their calls end", async () => {
  const { address, calls, refusals } = await serve(undefined, {
    limits: { ...serverLimits, maxBytesInFlight: MiB, maxMessageBytes: MiB },
  });
  const peer = await connect(address);
  const open = (stream: number): void => openLarge(peer, stream);
  for (let i = 0; i < 20; i++) open(1 + 2 * i);
  expect(await peer.answer(39)).toEqual(
    new Map([
      [":status", "200"],
      ["content-type", "application/grpc"],
      ["grpc-status", String(Code.UNAVAILABLE)],
      ["grpc-message", "Cannot take more at this moment: too many bytes are in flight"],
    ]),
  );
  expect(refusals).toEqual(["bytes_in_flight", "bytes_in_flight", "bytes_in_flight"]);
  // Who gave up, who was answered, and who was cut off: all of them are free again.
  for (let i = 0; i < 16; i++) peer.write(resetStream(1 + 2 * i));
  peer.write(data(33, grpcMessage("a message"), Flag.END_STREAM));
  expect((await peer.answer(33)).get("grpc-status")).toBe("0");
  const other = await connect(address);
  for (let i = 0; i < 16; i++) {
    open(41 + 2 * i);
    peer.write(data(41 + 2 * i, grpcMessage("a message"), Flag.END_STREAM));
    expect((await peer.answer(41 + 2 * i)).get("grpc-status")).toBe("0");
  }
  for (let i = 0; i < 17; i++) open(101 + 2 * i);
  await settle(peer, "opened__");
  peer.destroy();
  await eventually(
    async () => {
      const stream = 1 + 2 * other.frames.filter(({ type }) => type === Type.HEADERS).length;
      other.write(headers(stream, requestBlock({ after: [["x", "y".repeat(8000)]] })));
      other.write(data(stream, grpcMessage(Buffer.alloc(8000)), Flag.END_STREAM));
      return (await other.answer(stream)).get("grpc-status") === "0";
    },
    { what: "an answer" },
  );
  expect(calls.length).toBeGreaterThan(17);
});

test("headers that are not complete are in flight, and free again when their connection has ended", async () => {
  const { address, refusals } = await serve(undefined, {
    limits: { ...serverLimits, maxBytesInFlight: MiB, maxMessageBytes: MiB },
  });
  const bystander = await connect(address);
  const peers: RawPeer[] = [];
  for (let i = 0; i < 30; i++) {
    const peer = await rawClient(address, { acknowledges: false });
    onTestFinished(() => peer.destroy());
    peers.push(peer);
    openLarge(peer, 1, 48_000);
  }
  const [last] = peers.slice(-1);
  expect(await last?.goaway()).toBe(Problem.ENHANCE_YOUR_CALM);
  expect(new Set(refusals)).toEqual(new Set(["flood"]));
  expect(peers.filter(({ frames }) => frames.every(({ type }) => type !== Type.GOAWAY)).length).toBeGreaterThan(5);
  for (const peer of peers) peer.destroy();
  let stream = 1;
  await eventually(
    async () => {
      const streams = Array.from({ length: 16 }, () => (stream += 2));
      for (const id of streams) openLarge(bystander, id);
      for (const id of streams) bystander.write(data(id, grpcMessage("a message"), Flag.END_STREAM));
      const answers = await Promise.all(streams.map((id) => bystander.answer(id)));
      return answers.every((answer) => answer.get("grpc-status") === "0");
    },
    { what: "room for sixteen large lists of headers" },
  );
});

test.each(transports)(
  "a message that is being decompressed is in flight until that has ended, on %s",
  async (transport) => {
    const { address, refusals } = await serving(transport)(undefined, {
      limits: { ...serverLimits, maxBytesInFlight: 150_000, maxMessageBytes: 150_000 },
    });
    const peer = await connect(address);
    // Others have all the places.
    const large = gzipSync(randomBytes(8 * MiB));
    const others = Array.from({ length: 40 }, async () => inflate("gzip", large, 8 * MiB));
    const compressed = gzipSync(randomBytes(100_000));
    const frames = grpcMessage(compressed);
    frames[0] = 1;
    peer.write(headers(1, requestBlock({ after: [["grpc-encoding", "gzip"]] })));
    for (let at = 0; at < frames.length; at += 16_000)
      peer.write(data(1, frames.subarray(at, at + 16_000), at + 16_000 < frames.length ? Flag.NONE : Flag.END_STREAM));
    await settle(peer, "all_sent");
    await setImmediate();
    // Nobody waits for it any more.
    peer.write(resetStream(1));
    await settle(peer, "given_up");
    const call = async (stream: number): Promise<string | undefined> => {
      peer.write(headers(stream, requestBlock()));
      const message = grpcMessage(Buffer.alloc(60_000));
      for (let at = 0; at < message.length; at += 16_000) peer.write(data(stream, message.subarray(at, at + 16_000)));
      peer.write(data(stream, Buffer.alloc(0), Flag.END_STREAM));
      return (await peer.answer(stream)).get("grpc-status");
    };
    expect(await call(3)).toBe(String(Code.UNAVAILABLE));
    await Promise.all(others);
    await inflate("gzip", gzipSync(randomBytes(100_000)), MiB);
    expect(await call(5)).toBe("0");
    expect(refusals).toEqual(["bytes_in_flight"]);
  },
);

test("a server on native whose calls are slow stops giving back windows, so that who sends is held up", async () => {
  const release = Promise.withResolvers<void>();
  const { address, calls, refusals } = await serve(async () => release.promise.then(() => ({ status: ok })), {
    limits: { ...serverLimits, maxBytesInFlight: 4 * MiB },
  });
  const peer = await connect(address);
  await peer.until(Type.SETTINGS);
  await settle(peer, "greeted_");
  // The window of the connection is a sixteenth of what may be in flight: here 256 KiB.
  const initial = 65_535 + givenBack(peer);
  let sent = 0;
  let stream = 1;
  const call = (): void => {
    const message = grpcMessage(Buffer.alloc(15_000));
    peer.write(headers(stream, requestBlock()), data(stream, message, Flag.END_STREAM));
    sent += message.length;
    stream += 2;
  };
  // As a client does that keeps to its windows.
  for (let round = 0; round < 600 && 65_535 + givenBack(peer) - sent >= 15_005; round++) {
    call();
    await settle(peer, String(round).padStart(8, "0"));
  }
  expect(initial).toBe(256 * 1024);
  expect(sent).toBeGreaterThan(2 * MiB);
  expect(sent).toBeLessThan(3 * MiB);
  expect(calls).toHaveLength((stream - 1) / 2);
  const held = givenBack(peer);
  release.resolve();
  await eventually(() => givenBack(peer) > held + 60_000, { what: "the windows" });
  peer.write(requestFrames(stream));
  expect((await peer.answer(stream)).get("grpc-status")).toBe("0");
  expect(refusals).toEqual([]);
});
