import { describe, expect, test } from "vitest";
import { ok } from "../../../src/net/status.ts";
import { serverLimits } from "../../../src/net/transport.ts";
import {
  block,
  continuation,
  data,
  Flag,
  frame,
  headers,
  ping,
  priority,
  Problem,
  resetStream,
  Setting,
  settings,
  settingsAck,
  Type,
  windowUpdate,
} from "../../support/http2/frames.ts";
import { eventually } from "../../support/eventually.ts";
import { serving } from "../../support/grpc/serving.ts";
import { grpcMessage, requestBlock, requestFrames } from "../../support/http2/raw.ts";
import type { RawPeer } from "../../support/http2/raw.ts";
import { besiege } from "../../support/http2/siege.ts";

const serve = serving("native");
const { ENHANCE_YOUR_CALM, REFUSED_STREAM, PROTOCOL_ERROR } = Problem;
const open = headers(1, requestBlock());

/** What a peer sends again and again; each takes `write` until the connection ends. */
const floods: readonly (readonly [what: string, before: Buffer, one: (i: number) => Buffer])[] = [
  ["SETTINGS", Buffer.alloc(0), (i) => settings([Setting.INITIAL_WINDOW_SIZE, 65_535 + (i % 2)])],
  ["empty SETTINGS", Buffer.alloc(0), () => settings()],
  ["acknowledgements of SETTINGS", Buffer.alloc(0), () => settingsAck],
  ["PING", Buffer.alloc(0), () => ping()],
  ["answers to PING", Buffer.alloc(0), () => ping(Buffer.from("podstamp"), Flag.ACK)],
  ["WINDOW_UPDATE of the connection", Buffer.alloc(0), () => windowUpdate(0, 1)],
  ["WINDOW_UPDATE of a stream", open, () => windowUpdate(1, 1)],
  ["empty DATA", open, () => data(1, Buffer.alloc(0))],
  [
    "DATA of one byte",
    Buffer.concat([open, data(1, Buffer.from([0, 0, 0x3f, 0xff, 0xff]))]),
    () => data(1, Buffer.from([7])),
  ],
  [
    "DATA that is padding alone",
    open,
    () => frame(Type.DATA, { stream: 1, flags: Flag.PADDED, payload: Buffer.from([0]) }),
  ],
  ["PRIORITY", Buffer.alloc(0), () => priority(1, 3)],
  ["frames of an unknown type", Buffer.alloc(0), () => frame(0xfa, {})],
  ["RST_STREAM of a stream that is gone", requestFrames(1), () => resetStream(1)],
  ["HEADERS of a stream that the server has reset", headers(1, requestBlock({ without: [":path"] })), () => open],
  [
    "streams that it resets at once (rapid reset)",
    Buffer.alloc(0),
    (i) => Buffer.concat([headers(1 + 2 * i, requestBlock()), resetStream(1 + 2 * i)]),
  ],
  [
    "streams that it makes the server reset, by window updates of nothing (made you reset)",
    Buffer.alloc(0),
    (i) => Buffer.concat([headers(1 + 2 * i, requestBlock()), windowUpdate(1 + 2 * i, 0)]),
  ],
  [
    "streams that it makes the server reset, by windows too large (made you reset)",
    Buffer.alloc(0),
    (i) => Buffer.concat([headers(1 + 2 * i, requestBlock()), windowUpdate(1 + 2 * i, 2 ** 31 - 1)]),
  ],
  [
    "streams that it makes the server reset, by dependencies on themselves (made you reset)",
    Buffer.alloc(0),
    (i) => Buffer.concat([headers(1 + 2 * i, requestBlock()), priority(1 + 2 * i, 1 + 2 * i)]),
  ],
  [
    "malformed requests (made you reset)",
    Buffer.alloc(0),
    (i) => headers(1 + 2 * i, requestBlock({ without: [":path"] }), Flag.END_HEADERS | Flag.END_STREAM),
  ],
];

/** Sends one after the other, a hundred in a write, until the connection has ended. */
async function flood(peer: RawPeer, one: (i: number) => Buffer): Promise<void> {
  for (let i = 0; i < 100_000 && !peer.isClosed(); i += 100) {
    peer.write(...Array.from({ length: 100 }, (_, n) => one(i + n)));
    await new Promise(setImmediate);
  }
}

describe("a server on native says ENHANCE_YOUR_CALM and goes, to who floods it with", () => {
  test.each(floods)("%s", async (_what, before, one) => {
    const siege = await besiege(serve);
    siege.attacker.write(before);
    await flood(siege.attacker, one);
    expect(await siege.attacker.goaway()).toBe(ENHANCE_YOUR_CALM);
    await siege.attacker.closed();
    await siege.bystanderCalls();
    await siege.nothingIsLeft();
    expect(siege.refusals.at(-1)).toBe("flood");
  });

  test.each([
    ["large CONTINUATION frames", 16_000],
    ["CONTINUATION frames of one byte", 1],
    ["empty CONTINUATION frames", 0],
  ])("%s", async (_what, size) => {
    const siege = await besiege(serve);
    siege.attacker.write(headers(1, requestBlock(), Flag.NONE));
    const piece = block([["x", "y".repeat(Math.max(0, size - 5))]]).subarray(0, size);
    await flood(siege.attacker, () => continuation(1, piece, Flag.NONE));
    expect(await siege.attacker.goaway()).toBe(ENHANCE_YOUR_CALM);
    await siege.attacker.closed();
    await siege.bystanderCalls();
    await siege.nothingIsLeft();
    expect(siege.refusals).toEqual(["flood"]);
  });
});

test("who works is not taken for a flood: a window update and a ping for each of many calls", async () => {
  const siege = await besiege(serve);
  for (let i = 0; i < 6000; i += 50) {
    const streams = Array.from({ length: 50 }, (_, n) => 1 + 2 * (i + n));
    siege.attacker.write(
      ...streams.flatMap((s) => [requestFrames(s), windowUpdate(0, 10), ping(), windowUpdate(s, 5)]),
    );
    await siege.attacker.answer(streams.at(-1) ?? 1);
    siege.attacker.frames.splice(0);
  }
  expect(siege.attacker.isClosed()).toBe(false);
  expect(siege.calls).toHaveLength(6000);
});

test("a stream that is reset keeps its place until its work has ended", async () => {
  const release = Promise.withResolvers<void>();
  let running = 0;
  let isHeld = false;
  const siege = await besiege(serve, {
    answer: async () => {
      if (!isHeld) return { status: ok };
      running++;
      await release.promise;
      running--;
      return { status: ok };
    },
    changes: { limits: { ...serverLimits, maxConcurrentStreams: 5 } },
  });
  isHeld = true;
  const { attacker } = siege;
  for (let i = 0; i < 5; i++) attacker.write(requestFrames(1 + 2 * i));
  await eventually(() => running === 5, { what: "five handlers" });
  for (let i = 0; i < 5; i++) attacker.write(resetStream(1 + 2 * i));
  await eventually(() => siege.calls.every(({ signal }) => signal.aborted), { what: "five aborts" });
  for (let i = 5; i < 10; i++) attacker.write(requestFrames(1 + 2 * i));
  expect(await attacker.reset(19)).toBe(REFUSED_STREAM);
  expect(running).toBe(5);
  isHeld = false;
  release.resolve();
  await eventually(() => running === 0, { what: "the end of the handlers" });
  attacker.write(requestFrames(21));
  expect((await attacker.answer(21)).get("grpc-status")).toBe("0");
  await siege.bystanderCalls();
  await siege.nothingIsLeft();
});

test("streams beyond the limit are refused so that they may be sent again, and those within it go on", async () => {
  const siege = await besiege(serve, { changes: { limits: { ...serverLimits, maxConcurrentStreams: 3 } } });
  const { attacker } = siege;
  for (const stream of [1, 3, 5, 7]) attacker.write(headers(stream, requestBlock()));
  expect(await attacker.reset(7)).toBe(REFUSED_STREAM);
  for (const stream of [1, 3, 5]) attacker.write(data(stream, grpcMessage("late"), Flag.END_STREAM));
  for (const stream of [1, 3, 5]) expect((await attacker.answer(stream)).get("grpc-status")).toBe("0");
  await siege.bystanderCalls();
  await siege.nothingIsLeft();
});

test("the last stream number there is can be used, and no other one after it", async () => {
  const siege = await besiege(serve);
  const { attacker } = siege;
  attacker.write(requestFrames(2 ** 31 - 1));
  expect((await attacker.answer(2 ** 31 - 1)).get("grpc-status")).toBe("0");
  attacker.write(requestFrames(2 ** 31 - 3));
  expect([PROTOCOL_ERROR, Problem.STREAM_CLOSED]).toContain(await attacker.goaway());
  await siege.bystanderCalls();
  await siege.nothingIsLeft();
});

describe("a header list", () => {
  test.each([
    [
      "of many bytes",
      requestBlock({ after: Array.from({ length: 100 }, (_, i) => [`x-${i}`, "y".repeat(640)] as const) }),
    ],
    ["of many more bytes than that", requestBlock({ after: [["x", "y".repeat(250_000)]] })],
    ["of many fields", requestBlock({ after: Array.from({ length: 1000 }, (_, i) => [`x${i}`, ""] as const) })],
    [
      "of few bytes that mean many (HPACK bomb)",
      Buffer.concat([
        requestBlock(),
        Buffer.from("4001787fa11e", "hex"),
        Buffer.alloc(4000, "y"),
        Buffer.alloc(10_000, 0xbe),
      ]),
    ],
  ])("%s is refused, and the connection goes on with its table as it should be", async (_what, list) => {
    const siege = await besiege(serve);
    const { attacker } = siege;
    const pieces = Array.from({ length: Math.ceil(list.length / 16_000) }, (_, i) =>
      list.subarray(i * 16_000, (i + 1) * 16_000),
    );
    pieces.forEach((piece, i) => {
      const flags = i === pieces.length - 1 ? Flag.END_HEADERS : Flag.NONE;
      attacker.write(i === 0 ? headers(1, piece, flags | Flag.END_STREAM) : continuation(1, piece, flags));
    });
    const answer = await attacker.answer(1);
    expect(answer.get(":status")).toBe("431");
    attacker.write(requestFrames(3));
    expect((await attacker.answer(3)).get("grpc-status")).toBe("0");
    expect(siege.calls).toHaveLength(1);
    await siege.bystanderCalls();
    await siege.nothingIsLeft();
    expect(siege.refusals).toHaveLength(1);
  });
});
