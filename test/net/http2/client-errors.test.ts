import { afterEach, describe, expect, test } from "vitest";
import { Code, ok } from "../../../src/net/status.ts";
import {
  block,
  continuation,
  data,
  Flag,
  frame,
  goaway,
  headers,
  ping,
  priority,
  Problem,
  resetStream,
  Setting,
  settings,
  Type,
  uint32,
  windowUpdate,
} from "../../support/http2/frames.ts";
import { eventually } from "../../support/eventually.ts";
import { connecting } from "../../support/grpc/calling.ts";
import { request } from "../../support/grpc/peer.ts";
import { grpcMessage, rawServer, responseFrames } from "../../support/http2/raw.ts";
import type { RawOptions, RawPeer } from "../../support/http2/raw.ts";

const connect = connecting("native");
const message = Buffer.from("a message of some bytes");

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server that answers each request of each connection as told. */
async function serve(
  answer: (peer: RawPeer, stream: number, connection: number) => void,
  options: RawOptions = {},
): Promise<{ readonly address: string; readonly peers: readonly RawPeer[] }> {
  const server = await rawServer((peer, connection) => {
    let seen = 0;
    const watch = setInterval(() => {
      for (; seen < peer.frames.length; seen++) {
        const { type, flags, stream } = peer.frames[seen] ?? { type: -1, flags: 0, stream: 0 };
        const ends = (type === Type.DATA || type === Type.HEADERS) && (flags & Flag.END_STREAM) !== 0;
        if (ends) answer(peer, stream, connection);
      }
      if (peer.isClosed()) clearInterval(watch);
    }, 2);
    closing.push(() => clearInterval(watch));
  }, options);
  closing.push(server.close);
  return server;
}

const first = (stream: number): Buffer =>
  headers(
    stream,
    block([
      [":status", "200"],
      ["content-type", "application/grpc"],
    ]),
  );
const trailers = (stream: number, fields: readonly (readonly [string, string])[] = [["grpc-status", "0"]]): Buffer =>
  headers(stream, block(fields), Flag.END_HEADERS | Flag.END_STREAM);
const trailersOnly = (stream: number, code: string): Buffer =>
  headers(
    stream,
    block([
      [":status", "200"],
      ["content-type", "application/grpc"],
      ["grpc-status", code],
    ]),
    Flag.END_HEADERS | Flag.END_STREAM,
  );

describe("a client on native understands", () => {
  test.each<readonly [what: string, answer: (stream: number) => Buffer]>([
    ["a plain answer", (s) => responseFrames(s)],
    ["1xx before the answer", (s) => Buffer.concat([headers(s, block([[":status", "103"]])), responseFrames(s)])],
    ["trailers only", (s) => trailersOnly(s, "0")],
    [
      "padding and priority",
      (s) =>
        Buffer.concat([
          headers(
            s,
            Buffer.concat([
              Buffer.from([3, 0, 0, 0, 0, 7]),
              block([
                [":status", "200"],
                ["content-type", "application/grpc"],
              ]),
              Buffer.alloc(3),
            ]),
            Flag.PADDED | Flag.PRIORITY | Flag.END_HEADERS,
          ),
          data(s, Buffer.concat([Buffer.from([4]), grpcMessage(""), Buffer.alloc(4)]), Flag.PADDED),
          trailers(s),
        ]),
    ],
    [
      "a header block in many pieces",
      (s) => {
        const list = block([
          [":status", "200"],
          ["content-type", "application/grpc"],
        ]);
        return Buffer.concat([
          headers(s, list.subarray(0, 5), Flag.NONE),
          continuation(s, list.subarray(5, 6), Flag.NONE),
          continuation(s, Buffer.alloc(0), Flag.NONE),
          continuation(s, list.subarray(6)),
          data(s, grpcMessage("")),
          trailers(s),
        ]);
      },
    ],
    [
      "unknown frames, settings and flags, PRIORITY and pings around it",
      (s) =>
        Buffer.concat([
          frame(0xbe, { stream: s, payload: Buffer.alloc(7) }),
          settings([0xf0f0, 12], [Setting.MAX_FRAME_SIZE, 20_000]),
          priority(s, 0),
          ping(),
          headers(
            s,
            block([
              [":status", "200"],
              ["content-type", "application/grpc"],
            ]),
            0xd0 | Flag.END_HEADERS,
          ),
          data(s, grpcMessage(""), 0x40),
          trailers(s),
        ]),
    ],
    [
      "a message in frames of one byte, empty ones between them",
      (s) =>
        Buffer.concat([
          first(s),
          ...[...grpcMessage("answer")].flatMap((byte) => [data(s, Buffer.from([byte])), data(s, Buffer.alloc(0))]),
          trailers(s),
        ]),
    ],
    [
      "an end of the stream in an empty frame behind the trailers' fields",
      (s) => Buffer.concat([trailersOnly(s, "0")]),
    ],
  ])("%s", async (_what, answer) => {
    const { address, peers } = await serve((peer, stream) => peer.write(answer(stream)));
    const client = connect(address);
    expect((await client.call(request(message))).status).toEqual(ok);
    expect((await client.call(request(message))).status).toEqual(ok);
    expect(peers).toHaveLength(1);
  });

  test("a message with spaces at its ends, which other servers send", async () => {
    const { address } = await serve((peer, stream) => {
      const status = [
        ["grpc-status", "14"],
        ["grpc-message", " not now: \t"],
      ] as const;
      peer.write(first(stream), trailers(stream, status));
    });
    const { status } = await connect(address).call(request(message));
    expect(status).toEqual({ code: Code.UNAVAILABLE, message: "not now:" });
  });

  test("an answer that comes before the whole request was sent", async () => {
    const { address } = await rawAnswering(async (peer) => {
      const { stream } = await peer.until(Type.HEADERS);
      peer.write(trailersOnly(stream, "8"), resetStream(stream, Problem.NO_ERROR));
    });
    expect((await connect(address).call(request(Buffer.alloc(1_000_000)))).status.code).toBe(Code.RESOURCE_EXHAUSTED);
  });
});

async function rawAnswering(answer: (peer: RawPeer) => Promise<void>): Promise<{ readonly address: string }> {
  const server = await rawServer((peer) => void answer(peer).catch(() => {}));
  closing.push(server.close);
  return server;
}

describe("a client on native ends the connection and tells the caller, for", () => {
  test.each<readonly [what: string, bytes: (stream: number) => Buffer, code: number]>([
    [
      "a push",
      (s) => frame(Type.PUSH_PROMISE, { stream: s, flags: Flag.END_HEADERS, payload: uint32(2) }),
      Problem.PROTOCOL_ERROR,
    ],
    ["ENABLE_PUSH of a server", () => settings([Setting.ENABLE_PUSH, 1]), Problem.PROTOCOL_ERROR],
    ["headers of a stream that it did not open", () => first(99), Problem.PROTOCOL_ERROR],
    ["headers of an even stream", () => first(2), Problem.PROTOCOL_ERROR],
    ["a header block that cannot be decoded", (s) => headers(s, Buffer.from([0x80])), Problem.COMPRESSION_ERROR],
    ["a frame that is too large", (s) => frame(Type.DATA, { stream: s, length: 0xffffff }), Problem.FRAME_SIZE_ERROR],
    ["a window of the connection above 2^31-1", () => windowUpdate(0, 2 ** 31 - 1), Problem.FLOW_CONTROL_ERROR],
    [
      "frames inside a header block",
      (s) => Buffer.concat([headers(s, Buffer.from([0x88]), Flag.NONE), ping()]),
      Problem.PROTOCOL_ERROR,
    ],
    [
      "a header block without end",
      (s) =>
        Buffer.concat([
          headers(s, Buffer.from([0x88]), Flag.NONE),
          ...Array.from({ length: 1000 }, () => continuation(s, Buffer.alloc(0), Flag.NONE)),
        ]),
      Problem.ENHANCE_YOUR_CALM,
    ],
    [
      "1xx without end",
      (s) => Buffer.concat(Array.from({ length: 20_000 }, () => headers(s, block([[":status", "103"]])))),
      Problem.ENHANCE_YOUR_CALM,
    ],
    ["pings without end", () => Buffer.concat(Array.from({ length: 20_000 }, () => ping())), Problem.ENHANCE_YOUR_CALM],
    [
      "settings without end",
      () => Buffer.concat(Array.from({ length: 20_000 }, () => settings())),
      Problem.ENHANCE_YOUR_CALM,
    ],
  ])("%s", async (_what, bytes, code) => {
    const { address, peers } = await serve((peer, stream, connection) =>
      peer.write(connection === 0 ? bytes(stream) : responseFrames(stream)),
    );
    const client = connect(address);
    const { status } = await client.call(request(message));
    expect([Code.UNAVAILABLE, Code.INTERNAL]).toContain(status.code);
    expect(await peers[0]?.goaway()).toBe(code);
    await peers[0]?.closed();
    // The next call finds another connection.
    await eventually(async () => (await client.call(request(message))).status.code === Code.OK, { what: "an answer" });
  });

  test.each([
    ["a first frame that is not SETTINGS", ping(), /the first frame must be SETTINGS/],
    ["an answer in HTTP/1.1", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), /it speaks HTTP\/1\.1$/],
  ])("%s", async (_what, first, why) => {
    const { address } = await serve(() => {}, { first: [first] });
    const { status } = await connect(address).call(request(message));
    expect(status).toEqual({ code: Code.UNAVAILABLE, message: expect.stringMatching(why) });
  });
});

describe("a client on native resets the stream and keeps the connection, for", () => {
  test.each<readonly [what: string, bytes: (stream: number) => Buffer]>([
    ["an answer without :status", (s) => headers(s, block([["content-type", "application/grpc"]]))],
    [
      "a second :status",
      (s) =>
        headers(
          s,
          block([
            [":status", "200"],
            [":status", "200"],
          ]),
        ),
    ],
    [
      "a pseudo-header of requests",
      (s) =>
        headers(
          s,
          block([
            [":status", "200"],
            [":path", "/"],
          ]),
        ),
    ],
    ["a pseudo-header in the trailers", (s) => Buffer.concat([first(s), trailers(s, [[":status", "200"]])])],
    [
      "a name in upper case",
      (s) =>
        headers(
          s,
          block([
            [":status", "200"],
            ["Content-Type", "application/grpc"],
          ]),
        ),
    ],
    [
      "connection",
      (s) =>
        headers(
          s,
          block([
            [":status", "200"],
            ["connection", "close"],
          ]),
        ),
    ],
    [
      "a value with LF",
      (s) =>
        headers(
          s,
          block([
            [":status", "200"],
            ["x", "a\nb"],
          ]),
        ),
    ],
    ["DATA before the headers", (s) => data(s, grpcMessage(""))],
    [
      "trailers that do not end the stream",
      (s) => Buffer.concat([first(s), headers(s, block([["grpc-status", "0"]]))]),
    ],
    ["a window update by nothing", (s) => windowUpdate(s, 0)],
    ["1xx that ends the stream", (s) => headers(s, block([[":status", "100"]]), Flag.END_HEADERS | Flag.END_STREAM)],
  ])("%s", async (_what, bytes) => {
    const { address, peers } = await serve((peer, stream) =>
      peer.write(stream === 1 ? bytes(stream) : responseFrames(stream)),
    );
    const client = connect(address);
    expect([Code.INTERNAL, Code.UNKNOWN, Code.UNAVAILABLE]).toContain(
      (await client.call(request(message))).status.code,
    );
    expect(await peers[0]?.reset(1)).toBe(Problem.PROTOCOL_ERROR);
    expect((await client.call(request(message))).status).toEqual(ok);
    expect(peers).toHaveLength(1);
  });
});

describe("a client on native and GOAWAY:", () => {
  test("a call beyond the last one is sent again on another connection, by itself", async () => {
    const { address, peers } = await serve((peer, stream, connection) =>
      peer.write(connection === 0 ? goaway(0) : responseFrames(stream)),
    );
    expect((await connect(address).call(request(message))).status).toEqual(ok);
    expect(peers).toHaveLength(2);
  });

  test("a call up to the last one is waited for, while new ones go elsewhere", async () => {
    const { address, peers } = await serve((peer, stream, connection) => {
      if (connection === 0) peer.write(goaway(stream));
      else peer.write(responseFrames(stream, "new"));
    });
    const client = connect(address);
    const early = client.call(request(message));
    await eventually(() => peers.length === 1 && peers[0]?.frames.some(({ type }) => type === Type.DATA), {
      what: "it",
    });
    await eventually(async () => (await client.call(request(message))).status.code === Code.OK && peers.length === 2, {
      what: "the second connection",
    });
    peers[0]?.write(responseFrames(1, "old"));
    expect(Buffer.from((await early).body ?? []).toString()).toBe("old");
  });

  test("a last call that falls is believed each time, also after one that names them all", async () => {
    const { address, peers } = await serve((peer, stream, connection) => {
      if (connection > 0) return peer.write(responseFrames(stream, "new"));
      if (stream < 7) return;
      peer.write(goaway(2 ** 31 - 1), goaway(5), ping());
      void peer
        .until(Type.PING, ({ flags }) => flags === Flag.ACK)
        .then(() => {
          peer.write(goaway(3), responseFrames(1, "old"), responseFrames(3, "old"));
        });
    });
    const client = connect(address);
    const replies = await Promise.all(Array.from({ length: 4 }, () => client.call(request(message))));
    const from = replies.map(({ body }) => Buffer.from(body ?? []).toString());
    expect(from).toEqual(["old", "old", "new", "new"]);
    await peers[0]?.closed();
  });

  test("too many pings: they come half as often on the next connection", async () => {
    const pingsOf = (peer: RawPeer): number =>
      peer.frames.filter(({ type, flags }) => type === Type.PING && flags === Flag.NONE).length;
    const { address, peers } = await serve((peer, stream) => peer.write(responseFrames(stream)));
    const client = connect(address, { keepalive: { timeMs: 100, timeoutMs: 60_000, permitWithoutStream: true } });
    expect((await client.call(request(message))).status).toEqual(ok);
    await eventually(() => peers[0] !== undefined && pingsOf(peers[0]) === 1, { what: "a ping" });
    const debug = Buffer.from("too_many_pings");
    const payload = Buffer.concat([uint32(1), uint32(Problem.ENHANCE_YOUR_CALM), debug]);
    for (let connection = 0; connection < 3; connection++) {
      peers[connection]?.write(frame(Type.GOAWAY, { payload }));
      await peers[connection]?.closed();
      expect((await client.call(request(message))).status).toEqual(ok);
    }
    // Eight times as far apart by now: 800 ms of silence, after as long that is not known to be.
    const answered = performance.now();
    await eventually(() => peers[3] !== undefined && pingsOf(peers[3]) === 1, { what: "a ping" });
    expect(performance.now() - answered).toBeGreaterThan(700);
  });

  test("a refused stream is told as one that may be sent again", async () => {
    const { address } = await serve((peer, stream) => peer.write(resetStream(stream, Problem.REFUSED_STREAM)));
    expect((await connect(address).call(request(message))).status.code).toBe(Code.UNAVAILABLE);
  });
});

describe("a client on native keeps to", () => {
  test("the streams that the server allows, also when that changes, and to none at all", async () => {
    const { address, peers } = await serve(() => {}, { first: [settings([Setting.MAX_CONCURRENT_STREAMS, 2])] });
    const client = connect(address);
    const calls = Array.from({ length: 5 }, () => client.call(request(message)));
    const opened = (): number => peers[0]?.frames.filter(({ type }) => type === Type.HEADERS).length ?? 0;
    await eventually(() => opened() === 2, { what: "two streams" });
    peers[0]?.write(settings([Setting.MAX_CONCURRENT_STREAMS, 0]), ping());
    await peers[0]?.until(Type.PING, ({ flags }) => flags === Flag.ACK);
    peers[0]?.write(responseFrames(1), ping(Buffer.from("second__")));
    await peers[0]?.until(Type.PING, ({ payload }) => payload.toString() === "second__");
    expect(opened()).toBe(2);
    peers[0]?.write(settings([Setting.MAX_CONCURRENT_STREAMS, 10]));
    await eventually(() => opened() === 5, { what: "all streams" });
    for (const stream of [3, 5, 7, 9]) peers[0]?.write(responseFrames(stream));
    expect((await Promise.all(calls)).map(({ status }) => status.code)).toEqual([0, 0, 0, 0, 0]);
  });

  test("both windows and the size of frames, whatever the settings do to them on the way", async () => {
    const { address, peers } = await serve((peer, stream) => peer.write(responseFrames(stream)), {
      first: [settings([Setting.INITIAL_WINDOW_SIZE, 1000], [Setting.MAX_FRAME_SIZE, 16_384])],
    });
    const client = connect(address);
    const call = client.call(request(Buffer.alloc(200_000)));
    const sent = (): number =>
      (peers[0]?.frames ?? [])
        .filter(({ type }) => type === Type.DATA)
        .reduce((sum, { payload }) => sum + payload.length, 0);
    await eventually(() => sent() === 1000, { what: "the first window" });
    peers[0]?.write(settings([Setting.INITIAL_WINDOW_SIZE, 0]), windowUpdate(1, 500));
    peers[0]?.write(windowUpdate(1, 600));
    await eventually(() => sent() === 1100, { what: "what is left of it" });
    peers[0]?.write(settings([Setting.INITIAL_WINDOW_SIZE, 1_000_000]));
    await eventually(() => sent() === 65_535, { what: "the connection's window" });
    peers[0]?.write(windowUpdate(0, 1_000_000));
    expect((await call).status).toEqual(ok);
    expect(sent()).toBe(200_005);
    expect(peers[0]?.frames.every(({ payload }) => payload.length <= 16_384)).toBe(true);
  });
});
