import { describe, expect, test } from "vitest";
import {
  continuation,
  data,
  Flag,
  frame,
  headers,
  padded,
  ping,
  priority,
  preface,
  Problem,
  resetStream,
  Setting,
  settings,
  Type,
  windowUpdate,
} from "../../support/http2/frames.ts";
import { grpcMessage, rawClient, requestBlock, requestFrames } from "../../support/http2/raw.ts";
import { besiege } from "../../support/http2/siege.ts";
import { serving } from "../../support/grpc/serving.ts";

const serve = serving("native");

const open = headers(1, requestBlock());
const { PROTOCOL_ERROR, FRAME_SIZE_ERROR, FLOW_CONTROL_ERROR, COMPRESSION_ERROR } = Problem;
const setting = (id: number, value: number): Buffer => settings([id, value]);
const unframed = (type: number, length: number, stream = 0): Buffer =>
  frame(type, { stream, payload: Buffer.alloc(length) });

/** What breaks the connection, as RFC 9113 has it, with the section that says so. */
const cases: readonly (readonly [section: string, what: string, bytes: Buffer, code: number])[] = [
  [
    "4.2",
    "a frame above the size that was announced",
    frame(Type.DATA, { stream: 1, length: 0xffffff }),
    FRAME_SIZE_ERROR,
  ],
  ["4.3", "a header block that cannot be decoded", headers(1, Buffer.from([0x80])), COMPRESSION_ERROR],
  ["4.3", "a header block cut in the middle of a field", headers(1, requestBlock().subarray(0, -1)), COMPRESSION_ERROR],
  ["5.1", "DATA on an idle stream", data(1, Buffer.alloc(1)), PROTOCOL_ERROR],
  ["5.1", "RST_STREAM on an idle stream", resetStream(1), PROTOCOL_ERROR],
  ["5.1", "WINDOW_UPDATE on an idle stream", windowUpdate(1, 1), PROTOCOL_ERROR],
  ["5.1.1", "a stream with an even number", headers(2, requestBlock()), PROTOCOL_ERROR],
  [
    "5.1.1",
    "a stream below one that was there",
    Buffer.concat([requestFrames(5), headers(3, requestBlock())]),
    PROTOCOL_ERROR,
  ],
  ["6.1", "DATA on stream 0", data(0, Buffer.alloc(1)), PROTOCOL_ERROR],
  [
    "6.1",
    "DATA with more padding than frame",
    Buffer.concat([open, data(1, Buffer.from([3, 0, 0]), Flag.PADDED)]),
    PROTOCOL_ERROR,
  ],
  [
    "6.1",
    "DATA too short for its padding's length",
    Buffer.concat([open, data(1, Buffer.alloc(0), Flag.PADDED)]),
    FRAME_SIZE_ERROR,
  ],
  ["6.2", "HEADERS on stream 0", headers(0, requestBlock()), PROTOCOL_ERROR],
  [
    "6.2",
    "HEADERS with more padding than frame",
    headers(1, Buffer.from([2, 0x82]), Flag.PADDED | Flag.END_HEADERS),
    PROTOCOL_ERROR,
  ],
  [
    "6.2",
    "HEADERS too short for their priority",
    headers(1, Buffer.alloc(4), Flag.PRIORITY | Flag.END_HEADERS),
    FRAME_SIZE_ERROR,
  ],
  ["6.3", "PRIORITY on stream 0", unframed(Type.PRIORITY, 5), PROTOCOL_ERROR],
  ["6.4", "RST_STREAM on stream 0", resetStream(0), PROTOCOL_ERROR],
  ["6.4", "RST_STREAM of three bytes", Buffer.concat([open, unframed(Type.RST_STREAM, 3, 1)]), FRAME_SIZE_ERROR],
  ["6.5", "SETTINGS on a stream", frame(Type.SETTINGS, { stream: 1 }), PROTOCOL_ERROR],
  ["6.5", "SETTINGS of five bytes", unframed(Type.SETTINGS, 5), FRAME_SIZE_ERROR],
  [
    "6.5",
    "an acknowledgement that says something",
    frame(Type.SETTINGS, { flags: Flag.ACK, payload: Buffer.alloc(6) }),
    FRAME_SIZE_ERROR,
  ],
  ["6.5.2", "ENABLE_PUSH of 2", setting(Setting.ENABLE_PUSH, 2), PROTOCOL_ERROR],
  ["6.5.2", "INITIAL_WINDOW_SIZE of 2^31", setting(Setting.INITIAL_WINDOW_SIZE, 2 ** 31), FLOW_CONTROL_ERROR],
  ["6.5.2", "MAX_FRAME_SIZE of 16383", setting(Setting.MAX_FRAME_SIZE, 16_383), PROTOCOL_ERROR],
  ["6.5.2", "MAX_FRAME_SIZE of 2^24", setting(Setting.MAX_FRAME_SIZE, 2 ** 24), PROTOCOL_ERROR],
  ["6.6", "PUSH_PROMISE of a client", Buffer.concat([open, unframed(Type.PUSH_PROMISE, 4, 1)]), PROTOCOL_ERROR],
  ["6.7", "PING on a stream", frame(Type.PING, { stream: 1, payload: Buffer.alloc(8) }), PROTOCOL_ERROR],
  ["6.7", "PING of seven bytes", ping(Buffer.alloc(7)), FRAME_SIZE_ERROR],
  ["6.8", "GOAWAY on a stream", frame(Type.GOAWAY, { stream: 1, payload: Buffer.alloc(8) }), PROTOCOL_ERROR],
  ["6.8", "GOAWAY of seven bytes", unframed(Type.GOAWAY, 7), FRAME_SIZE_ERROR],
  ["6.9", "WINDOW_UPDATE of three bytes", unframed(Type.WINDOW_UPDATE, 3), FRAME_SIZE_ERROR],
  ["6.9", "WINDOW_UPDATE by nothing", windowUpdate(0, 0), PROTOCOL_ERROR],
  ["6.9.1", "a window of the connection above 2^31-1", windowUpdate(0, 2 ** 31 - 1), FLOW_CONTROL_ERROR],
  [
    "6.9.2",
    "settings that lift a stream's window above 2^31-1",
    Buffer.concat([open, windowUpdate(1, 2 ** 31 - 1 - 65_535), setting(Setting.INITIAL_WINDOW_SIZE, 65_536)]),
    FLOW_CONTROL_ERROR,
  ],
  ["6.10", "CONTINUATION without HEADERS", continuation(1, requestBlock()), PROTOCOL_ERROR],
  ["6.10", "CONTINUATION behind the last one", Buffer.concat([open, continuation(1, requestBlock())]), PROTOCOL_ERROR],
  [
    "6.10",
    "CONTINUATION of another stream",
    Buffer.concat([headers(1, requestBlock(), Flag.NONE), continuation(3, Buffer.alloc(0))]),
    PROTOCOL_ERROR,
  ],
  [
    "6.10",
    "a frame inside a header block",
    Buffer.concat([headers(1, requestBlock(), Flag.NONE), ping()]),
    PROTOCOL_ERROR,
  ],
  [
    "5.5",
    "an unknown frame inside a header block",
    Buffer.concat([headers(1, requestBlock(), Flag.NONE), unframed(0x7f, 3)]),
    PROTOCOL_ERROR,
  ],
];

describe("a server on native ends the connection, with the code of RFC 9113, section", () => {
  test.each(cases)("%s, for %s", async (_section, _what, bytes, code) => {
    const siege = await besiege(serve);
    await siege.attacker.until(Type.SETTINGS);
    siege.attacker.write(bytes);
    expect(await siege.attacker.goaway()).toBe(code);
    await siege.attacker.closed();
    await siege.bystanderCalls();
    await siege.nothingIsLeft();
    expect(siege.refusals).toEqual(["protocol_error"]);
  });

  test.each([
    ["a first frame that is not SETTINGS", [preface, ping()]],
    ["an acknowledgement as its first frame", [preface, frame(Type.SETTINGS, { flags: Flag.ACK })]],
  ])("3.4, for %s", async (_what, first) => {
    const siege = await besiege(serve, { raw: { first } });
    expect(await siege.attacker.goaway()).toBe(PROTOCOL_ERROR);
    await siege.attacker.closed();
    await siege.bystanderCalls();
    await siege.nothingIsLeft();
  });
});

test("padding as long as the frame is nothing but padding", async () => {
  const { address } = await serve();
  const peer = await rawClient(address);
  peer.write(
    headers(1, padded(requestBlock(), 200), Flag.PADDED | Flag.END_HEADERS),
    data(1, padded(Buffer.alloc(0), 100), Flag.PADDED),
    data(1, padded(grpcMessage("hello"), 255), Flag.PADDED | Flag.END_STREAM),
  );
  expect((await peer.answer(1)).get("grpc-status")).toBe("0");
});

test.each<readonly [what: string, frames: readonly Buffer[]]>([
  ["unknown settings", [settings([0xf000, 7], [0, 1], [Setting.MAX_FRAME_SIZE, 2 ** 24 - 1])]],
  ["unknown frames, on the connection and on streams that are idle", [unframed(0x20, 9), unframed(0xff, 0, 77)]],
  ["PRIORITY of an idle stream", [priority(1, 0), priority(9, 1)]],
  ["an answer to a ping that nobody sent", [ping(Buffer.alloc(8), Flag.ACK)]],
  [
    "a table of headers that is gone, and there again",
    [settings([Setting.HEADER_TABLE_SIZE, 0]), settings([Setting.HEADER_TABLE_SIZE, 4096])],
  ],
  ["a header list of its own that is small", [settings([Setting.MAX_HEADER_LIST_SIZE, 1])]],
  ["the reserved bit", [frame(Type.PING, { stream: 2 ** 31, payload: Buffer.alloc(8) })]],
])("%s is no reason to refuse the call behind it", async (_what, frames) => {
  const { address, refusals } = await serve();
  const peer = await rawClient(address);
  const ownPriority = Buffer.from([0x80, 0, 0, 0, 200]);
  peer.write(...frames);
  peer.write(
    headers(1, Buffer.concat([ownPriority, requestBlock()]), Flag.PRIORITY | Flag.END_HEADERS | 0x40),
    data(1, grpcMessage("hello"), Flag.END_STREAM | 0x80),
  );
  expect((await peer.answer(1)).get("grpc-status")).toBe("0");
  expect(refusals).toEqual([]);
  peer.destroy();
});
