import { describe, expect, test } from "vitest";
import { ok } from "../../../src/net/status.ts";
import { serverLimits } from "../../../src/net/transport.ts";
import { eventually } from "../../support/eventually.ts";
import {
  continuation,
  data,
  Flag,
  frame,
  headers,
  padded,
  priority,
  Problem,
  resetStream,
  Type,
  windowUpdate,
} from "../../support/http2/frames.ts";
import { grpcMessage, requestBlock, requestFrames } from "../../support/http2/raw.ts";
import type { FieldPairs } from "../../support/http2/raw.ts";
import { besiege } from "../../support/http2/siege.ts";
import { serving } from "../../support/grpc/serving.ts";

const serve = serving("native");

type Fields = Parameters<typeof requestBlock>[0];
const field = (name: string, value: string): Fields => ({ after: [[name, value]] });
const pseudo = (...pairs: FieldPairs): Fields => ({ without: pairs.map(([name]) => name), before: pairs });

/** Requests that are malformed (RFC 9113, section 8): the stream is reset, the connection goes on. */
const malformed: readonly (readonly [what: string, fields: Fields])[] = [
  ["a pseudo-header behind a regular one", { without: [":path"], after: [[":path", "/x"]] }],
  ["a second :path", { before: [[":path", "/other"]] }],
  ["a second :method", { before: [[":method", "POST"]] }],
  ["a second :scheme", { before: [[":scheme", "http"]] }],
  ["a second :authority", { before: [[":authority", "other"]] }],
  ["no :method", { without: [":method"] }],
  ["no :scheme", { without: [":scheme"] }],
  ["no :path", { without: [":path"] }],
  ["an empty :path", pseudo([":path", ""])],
  ["a :path that does not begin with a slash", pseudo([":path", "x"])],
  ["a pseudo-header of responses", { before: [[":status", "200"]] }],
  ["a pseudo-header that nobody knows", { before: [[":protocol2", "x"]] }],
  ["a name in upper case", field("X-Tenant", "blue")],
  ["a name with a space", field("x tenant", "blue")],
  ["a name with a colon", field("x:tenant", "blue")],
  ["a name with a line break", field("x\r\nevil", "1")],
  ["a name with a byte above ASCII", field("x\xe9", "1")],
  ["an empty name", field("", "1")],
  ["a value with NUL", field("x", "a\0b")],
  ["a value with CR", field("x", "a\rb")],
  ["a value with LF", field("x", "a\nevil: 1")],
  ["a line break in the :path", pseudo([":path", "/a\r\nb"])],
  ["a :path that ends with a space", pseudo([":path", "/a "])],
  ["a :path that begins with a tab", pseudo([":path", "\t/a"])],
  ["connection", field("connection", "close")],
  ["keep-alive", field("keep-alive", "timeout=5")],
  ["proxy-connection", field("proxy-connection", "close")],
  ["transfer-encoding", field("transfer-encoding", "chunked")],
  ["upgrade", field("upgrade", "h2c")],
  ["te that is not trailers", { without: ["te"], after: [["te", "gzip"]] }],
  ["a content-length that is no number", field("content-length", "1x")],
  ["a content-length with a sign", field("content-length", "+14")],
  [
    "two content-lengths that differ",
    {
      after: [
        ["content-length", "14"],
        ["content-length", "15"],
      ],
    },
  ],
  ["a content-length above what comes", field("content-length", "15")],
  ["a content-length below what comes", field("content-length", "13")],
];

describe("a server on native resets the stream and goes on, for", () => {
  test.each(malformed)("%s", async (_what, fields) => {
    const siege = await besiege(serve);
    const { attacker } = siege;
    attacker.write(headers(1, requestBlock(fields)), data(1, grpcMessage("a message"), Flag.END_STREAM));
    expect(await attacker.reset(1)).toBe(Problem.PROTOCOL_ERROR);
    expect(siege.calls).toHaveLength(0);
    attacker.write(requestFrames(3));
    expect((await attacker.answer(3)).get("grpc-status")).toBe("0");
    await siege.bystanderCalls();
    await siege.nothingIsLeft();
    expect(siege.refusals).toContain("malformed");
  });

  test.each([
    ["a window update by nothing", [windowUpdate(1, 0)], Problem.PROTOCOL_ERROR],
    ["a window above 2^31-1", [windowUpdate(1, 2 ** 31 - 1)], Problem.FLOW_CONTROL_ERROR],
    [
      "trailers that do not end the stream",
      [headers(1, requestBlock({ without: [":method", ":scheme", ":path", ":authority"] }))],
      Problem.PROTOCOL_ERROR,
    ],
    [
      "trailers with a pseudo-header",
      [headers(1, requestBlock(), Flag.END_HEADERS | Flag.END_STREAM)],
      Problem.PROTOCOL_ERROR,
    ],
    ["a priority of itself", [priority(1, 1)], Problem.PROTOCOL_ERROR],
    [
      "a priority of four bytes",
      [frame(Type.PRIORITY, { stream: 1, payload: Buffer.alloc(4) })],
      Problem.FRAME_SIZE_ERROR,
    ],
  ])("%s", async (_what, frames, code) => {
    const siege = await besiege(serve);
    const { attacker } = siege;
    attacker.write(headers(1, requestBlock()), ...frames);
    expect(await attacker.reset(1)).toBe(code);
    // What was on its way when the reset left is no error.
    attacker.write(data(1, grpcMessage("a message"), Flag.END_STREAM), windowUpdate(1, 5), resetStream(1));
    attacker.write(requestFrames(3));
    expect((await attacker.answer(3)).get("grpc-status")).toBe("0");
    await siege.bystanderCalls();
    await siege.nothingIsLeft();
  });

  test("but not for spaces at the ends of a value, which clients of gRPC send: they are stripped", async () => {
    const siege = await besiege(serve);
    const { attacker } = siege;
    const fields = field("x", " \ta b \t");
    attacker.write(headers(1, requestBlock(fields)), data(1, grpcMessage("a message"), Flag.END_STREAM));
    expect((await attacker.answer(1)).get("grpc-status")).toBe("0");
    expect(siege.calls[0]?.metadata("x")).toBe("a b");
    // Spaces within it are read once, not from each of them to the next.
    const many = ` a${" ".repeat(60_000)}b`;
    const list = requestBlock(field("x", many));
    const begun = performance.now();
    for (let at = 0; at < list.length; at += 16_000) {
      const piece = list.subarray(at, at + 16_000);
      const flags = at + 16_000 < list.length ? Flag.NONE : Flag.END_HEADERS;
      attacker.write(at === 0 ? headers(3, piece, flags) : continuation(3, piece, flags));
    }
    attacker.write(data(3, grpcMessage("a message"), Flag.END_STREAM));
    expect((await attacker.answer(3)).get("grpc-status")).toBe("0");
    expect(siege.calls[1]?.metadata("x")).toBe(many.trim());
    expect(performance.now() - begun).toBeLessThan(500);
  });

  test("nor for a host beside :authority, which senders are told to add for a proxy on the way: as gRPC's servers have it, it does not count", async () => {
    const siege = await besiege(serve);
    const { attacker } = siege;
    const fields = field("host", "otlp.example");
    attacker.write(headers(1, requestBlock(fields)), data(1, grpcMessage("a message"), Flag.END_STREAM));
    expect((await attacker.answer(1)).get("grpc-status")).toBe("0");
    await siege.bystanderCalls();
    await siege.nothingIsLeft();
  });

  test("headers that depend on themselves", async () => {
    const siege = await besiege(serve);
    const { attacker } = siege;
    const priorityOfItself = Buffer.from([0, 0, 0, 1, 15]);
    attacker.write(
      headers(1, Buffer.concat([priorityOfItself, requestBlock()]), Flag.PRIORITY | Flag.END_HEADERS),
      requestFrames(3),
    );
    expect(await attacker.reset(1)).toBe(Problem.PROTOCOL_ERROR);
    expect((await attacker.answer(3)).get("grpc-status")).toBe("0");
  });

  test.each([
    ["DATA behind the end of its stream", data(1, Buffer.alloc(1))],
    [
      "HEADERS behind the end of their stream",
      headers(
        1,
        requestBlock({ without: [":method", ":scheme", ":path", ":authority"] }),
        Flag.END_HEADERS | Flag.END_STREAM,
      ),
    ],
  ])("%s", async (_what, late) => {
    const release = Promise.withResolvers<void>();
    const siege = await besiege(serve, {
      answer: async ({ message }) => {
        if (message.toString() === "held") await release.promise;
        return { status: ok };
      },
    });
    const { attacker } = siege;
    attacker.write(requestFrames(1, "held"), late);
    expect(await attacker.reset(1)).toBe(Problem.STREAM_CLOSED);
    await eventually(() => siege.calls[0]?.signal.aborted, { what: "the abort" });
    release.resolve();
    attacker.write(requestFrames(3));
    expect((await attacker.answer(3)).get("grpc-status")).toBe("0");
    await siege.nothingIsLeft();
  });

  test("more padding than the stream's window, which nobody opens since the message is there", async () => {
    const siege = await besiege(serve, { changes: { limits: { ...serverLimits, maxBytesInFlight: 1024 * 1024 } } });
    const { attacker } = siege;
    attacker.write(headers(1, requestBlock()), data(1, grpcMessage("a message")));
    const padding = frame(Type.DATA, { stream: 1, flags: Flag.PADDED, payload: padded(Buffer.alloc(0), 255) });
    for (let i = 0; i < 256; i++) attacker.write(padding);
    expect(await attacker.reset(1)).toBe(Problem.FLOW_CONTROL_ERROR);
    attacker.write(requestFrames(3));
    expect((await attacker.answer(3)).get("grpc-status")).toBe("0");
    await siege.bystanderCalls();
    await siege.nothingIsLeft();
  });
});
