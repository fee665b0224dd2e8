import { describe, expect, test } from "vitest";
import { ok } from "../../../src/net/status.ts";
import { serverLimits } from "../../../src/net/transport.ts";
import {
  data,
  Flag,
  headers,
  preface,
  resetStream,
  Setting,
  settings,
  Type,
  windowUpdate,
} from "../../support/http2/frames.ts";
import { eventually } from "../../support/eventually.ts";
import { serving } from "../../support/grpc/serving.ts";
import { grpcMessage, rawClient, requestBlock, requestFrames } from "../../support/http2/raw.ts";
import { besiege } from "../../support/http2/siege.ts";
import { aborted } from "../../support/grpc/aborted.ts";

const serve = serving("native");
const hasty = { limits: { ...serverLimits, maxReceiveMs: 200 } };

describe("a server on native gives up a peer that", () => {
  test.each([
    ["says half of the preface", [preface.subarray(0, 10)]],
    ["says no settings", [preface]],
    ["says half a frame", [preface, settings(), headers(1, requestBlock()).subarray(0, 20)]],
    ["says half a frame's header", [preface, settings(), headers(1, requestBlock()).subarray(0, 5)]],
    ["does not end a header block", [preface, settings(), headers(1, requestBlock(), Flag.NONE)]],
  ])("%s", async (_what, first) => {
    const siege = await besiege(serve, { changes: hasty, raw: { first, acknowledges: false } });
    await siege.attacker.closed();
    await siege.bystanderCalls();
    await siege.nothingIsLeft();
    expect(siege.refusals).toEqual(["slow"]);
  });

  test("sends its message too slowly: the call ends, and the connection goes on", async () => {
    const siege = await besiege(serve, { changes: hasty });
    const { attacker } = siege;
    attacker.write(headers(1, requestBlock()), data(1, grpcMessage("a message").subarray(0, 8)));
    expect((await attacker.answer(1)).get("grpc-status")).toBe("4");
    attacker.write(requestFrames(3));
    expect((await attacker.answer(3)).get("grpc-status")).toBe("0");
    await siege.bystanderCalls();
    await siege.nothingIsLeft();
    expect(siege.refusals).toEqual(["slow"]);
  });

  test("takes no byte of its answers: its windows are of nothing", async () => {
    const siege = await besiege(serve, {
      answer: async () => ({ status: ok, body: Buffer.alloc(1000) }),
      changes: hasty,
      raw: { first: [preface, settings([Setting.INITIAL_WINDOW_SIZE, 0])] },
    });
    const { attacker } = siege;
    for (let i = 0; i < 100; i++) attacker.write(requestFrames(1 + 2 * i));
    await eventually(() => siege.calls.length === 100, { what: "the calls" });
    await siege.bystanderCalls();
    await eventually(
      () => attacker.isClosed() || attacker.frames.filter(({ type }) => type === Type.RST_STREAM).length === 100,
      { what: "the end of the wait" },
    );
    await siege.nothingIsLeft();
    expect(new Set(siege.refusals)).toEqual(new Set(["stalled"]));
  });

  test("does not read what it asks for", async () => {
    const siege = await besiege(serve, {
      answer: async ({ message }) => ({ status: ok, body: Buffer.alloc(message.toString() === "much" ? 200_000 : 0) }),
      changes: hasty,
      raw: { first: [preface, settings([Setting.INITIAL_WINDOW_SIZE, 2 ** 31 - 1]), windowUpdate(0, 2 ** 30)] },
    });
    const { attacker } = siege;
    await attacker.until(Type.SETTINGS);
    const both = siege.sockets();
    attacker.socket.pause();
    for (let i = 0; i < 500; i++) attacker.write(requestFrames(1 + 2 * i, "much"));
    await eventually(() => siege.sockets() < both, { what: "the end of the server's side" });
    await siege.bystanderCalls();
    await siege.nothingIsLeft();
    expect(new Set(siege.refusals)).toEqual(new Set(["stalled"]));
  });
});

test("an answer waits for its window, and takes what it gets byte by byte", async () => {
  const siege = await besiege(serve, {
    answer: async () => ({ status: ok, body: Buffer.from("0123456789") }),
    raw: { first: [preface, settings([Setting.INITIAL_WINDOW_SIZE, 0])] },
  });
  const { attacker } = siege;
  attacker.write(requestFrames(1));
  await attacker.until(Type.HEADERS);
  for (let i = 0; i < 15; i++) attacker.write(windowUpdate(1, 1));
  expect((await attacker.answer(1)).get("grpc-status")).toBe("0");
  const bytes = attacker.frames.filter(({ type }) => type === Type.DATA).map(({ payload }) => payload);
  expect(Buffer.concat(bytes)).toEqual(grpcMessage("0123456789"));
});

test("settings that shrink the windows below nothing hold an answer until they are above it again", async () => {
  const siege = await besiege(serve, {
    answer: async () => ({ status: ok, body: Buffer.alloc(100) }),
    raw: { first: [preface, settings([Setting.INITIAL_WINDOW_SIZE, 50])] },
  });
  const { attacker } = siege;
  attacker.write(requestFrames(1));
  const sent = (): number =>
    attacker.frames.filter(({ type }) => type === Type.DATA).reduce((sum, { payload }) => sum + payload.length, 0);
  await eventually(() => sent() === 50, { what: "50 bytes" });
  attacker.write(settings([Setting.INITIAL_WINDOW_SIZE, 10]), windowUpdate(1, 40));
  attacker.write(windowUpdate(1, 5));
  await eventually(() => sent() === 55, { what: "five more" });
  attacker.write(settings([Setting.INITIAL_WINDOW_SIZE, 1000]));
  expect((await attacker.answer(1)).get("grpc-status")).toBe("0");
  expect(sent()).toBe(105);
});

test("a call whose client is gone frees what it held", async () => {
  let isHeld = true;
  const siege = await besiege(serve, {
    answer: async (call) => {
      if (call.message.length > 1000 && isHeld) await aborted(call.signal);
      return { status: ok };
    },
    changes: { limits: { ...serverLimits, maxBytesInFlight: 100_000 } },
  });
  const large = Buffer.alloc(60_000);
  siege.attacker.write(...largeRequest(1, large));
  await eventually(() => siege.calls.length === 1, { what: "the call" });
  siege.attacker.destroy();
  await eventually(() => siege.calls[0]?.signal.aborted, { what: "the abort" });
  isHeld = false;
  await siege.bystanderCalls(large);
  await siege.nothingIsLeft();
  expect(siege.refusals).toEqual([]);
});

test("bytes of messages that were reset in the middle are free again", async () => {
  const siege = await besiege(serve, { changes: { limits: { ...serverLimits, maxBytesInFlight: 100_000 } } });
  const { attacker } = siege;
  for (let i = 0; i < 50; i++) {
    const stream = 1 + 2 * i;
    attacker.write(...largeRequest(stream, Buffer.alloc(15_000)).slice(0, -1), resetStream(stream));
  }
  attacker.write(requestFrames(1001));
  expect((await attacker.answer(1001)).get("grpc-status")).toBe("0");
  await siege.bystanderCalls(Buffer.alloc(90_000));
  expect(siege.refusals).toEqual([]);
  await siege.nothingIsLeft();
});

/** A request whose data comes in frames that every server takes. */
function largeRequest(stream: number, message: Buffer): readonly Buffer[] {
  const bytes = grpcMessage(message);
  const frames = [headers(stream, requestBlock())];
  for (let at = 0; at < bytes.length; at += 8000)
    frames.push(data(stream, bytes.subarray(at, at + 8000), at + 8000 >= bytes.length ? Flag.END_STREAM : Flag.NONE));
  return frames;
}

test("an answer that is being read slowly is not cut off by the end of the server", async () => {
  const body = Buffer.alloc(8_000_000, "bytes ");
  const { server, address, calls } = await serve(async () => ({ status: ok, body }));
  const peer = await rawClient(address, {
    first: [preface, settings([Setting.INITIAL_WINDOW_SIZE, 2 ** 31 - 1]), windowUpdate(0, 2 ** 30), requestFrames(1)],
  });
  await eventually(() => calls.length === 1, { what: "the call" });
  peer.socket.pause();
  const stopped = server.stop(new AbortController().signal);
  // Longer than it takes to end a connection that has nothing more to say.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  peer.socket.resume();
  expect((await peer.answer(1)).get("grpc-status")).toBe("0");
  peer.destroy();
  await stopped;
  const bytes = peer.frames.filter(({ type }) => type === Type.DATA).map(({ payload }) => payload);
  expect(Buffer.concat(bytes).subarray(5).equals(body)).toBe(true);
});
