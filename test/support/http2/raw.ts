import net from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { createHpackDecoder } from "../../../src/net/http2/hpack/decoder.ts";
import { eventually } from "../eventually.ts";
import { block, data, Flag, FrameCutter, headers, preface, settings, settingsAck, Type } from "./frames.ts";
import type { Frame } from "./frames.ts";
import { tracesPath } from "../grpc/peer.ts";

/** One end of a connection whose frames a test writes by hand. */
export type RawPeer = {
  readonly socket: Socket;
  /** All that has come, in order, without what was taken by forget(). */
  readonly frames: Frame[];
  write(...bytes: readonly Buffer[]): void;
  /** The first frame that has come, or comes, of this kind. */
  until(type: number, isIt?: (frame: Frame) => boolean): Promise<Frame>;
  /** The error code of the GOAWAY that comes. */
  goaway(): Promise<number>;
  /** The error code of the RST_STREAM that comes for this stream. */
  reset(stream: number): Promise<number>;
  /** What the header blocks of a stream say when it has ended: a response's headers and trailers in one. */
  answer(stream: number): Promise<ReadonlyMap<string, string>>;
  isClosed(): boolean;
  closed(): Promise<void>;
  destroy(): void;
};

export type RawOptions = {
  /** What is written at once; the preface and empty settings without it. */
  readonly first?: readonly Buffer[];
  /** Whether settings are acknowledged by themselves. */
  readonly acknowledges?: boolean;
};

/** A client by hand. */
export async function rawClient(address: string, options: RawOptions = {}): Promise<RawPeer> {
  const socket = net.connect(Number(address.split(":").at(-1)), "127.0.0.1");
  const peer = rawPeer(socket, options);
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  peer.write(...(options.first ?? [preface, settings()]));
  return peer;
}

/** A server by hand: it has sent its settings and read the client's preface when it is told of a connection. */
export async function rawServer(
  onConnection: (peer: RawPeer, index: number) => void,
  options: RawOptions = {},
): Promise<{ readonly address: string; readonly peers: RawPeer[]; close(): void }> {
  const peers: RawPeer[] = [];
  const server = net.createServer((socket) => {
    let seen = 0;
    const cut = (chunk: Buffer): void => {
      seen += chunk.length;
      if (seen < preface.length) return;
      socket.off("data", cut);
      const rest = chunk.subarray(chunk.length - (seen - preface.length));
      // Settings come first, before the answer to the client's.
      socket.write(Buffer.concat([...(options.first ?? [settings()])]));
      const peer = rawPeer(socket, options, rest);
      peers.push(peer);
      onConnection(peer, peers.length - 1);
    };
    socket.on("data", cut);
    socket.on("error", ignore);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    peers,
    close() {
      for (const peer of peers) peer.destroy();
      server.close();
    },
  };
}

function ignore(): void {}

function rawPeer(socket: Socket, { acknowledges = true }: RawOptions, first: Buffer = Buffer.alloc(0)): RawPeer {
  const frames: Frame[] = [];
  const cutter = new FrameCutter();
  let isClosed = false;
  const take = (chunk: Buffer): void => {
    for (const frame of cutter.push(chunk)) {
      frames.push(frame);
      if (acknowledges && frame.type === Type.SETTINGS && (frame.flags & Flag.ACK) === 0) write(settingsAck);
    }
  };
  const write = (...bytes: readonly Buffer[]): void => {
    if (!socket.destroyed) socket.write(Buffer.concat(bytes));
  };
  const until = (type: number, isIt: (frame: Frame) => boolean = () => true): Promise<Frame> =>
    eventually(
      () => {
        const found = frames.find((frame) => frame.type === type && isIt(frame));
        if (found === undefined && isClosed) throw new Error(`The connection ended before: ${describe(frames)}`);
        return found;
      },
      { what: `a frame of type ${type}`, everyMs: 5 },
    );
  socket.setNoDelay(true);
  socket.on("error", ignore);
  socket.on("close", () => (isClosed = true));
  socket.on("data", take);
  take(first);
  return {
    socket,
    frames,
    write,
    until,
    goaway: async () => (await until(Type.GOAWAY)).payload.readUInt32BE(4),
    reset: async (stream) => (await until(Type.RST_STREAM, (frame) => frame.stream === stream)).payload.readUInt32BE(0),
    async answer(stream) {
      await eventually(() => frames.some((frame) => frame.stream === stream && endsStream(frame)), {
        what: `the end of stream ${stream}`,
        everyMs: 5,
      });
      return fieldsOf(frames, stream);
    },
    isClosed: () => isClosed,
    async closed() {
      await eventually(() => isClosed, { what: "the end of the connection", everyMs: 5 });
    },
    destroy: () => socket.destroy(),
  };
}

function endsStream({ type, flags }: Frame): boolean {
  return type === Type.RST_STREAM || ((type === Type.HEADERS || type === Type.DATA) && (flags & Flag.END_STREAM) !== 0);
}

/** The fields of one stream. The blocks of all are decoded, since they share a table. */
function fieldsOf(frames: readonly Frame[], stream: number): ReadonlyMap<string, string> {
  const decoder = createHpackDecoder({ maxTableBytes: 4096, maxListBytes: 1e6, maxFields: 1000 });
  const fields = new Map<string, string>();
  for (const { type, stream: of, payload } of frames) {
    if (type !== Type.HEADERS) continue;
    decoder.decode(payload, 0, payload.length, (name, value) => {
      if (of === stream) fields.set(name, value);
    });
  }
  return fields;
}

function describe(frames: readonly Frame[]): string {
  return frames
    .slice(-5)
    .map(({ type, flags, stream, payload }) => `${type}/${flags}/${stream} ${payload.toString("hex").slice(0, 60)}`)
    .join(", ");
}

export type FieldPairs = readonly (readonly [string, string])[];

/** What begins a request of unary gRPC. */
export const requestFields: FieldPairs = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", tracesPath],
  [":authority", "test"],
  ["content-type", "application/grpc"],
  ["te", "trailers"],
];

/** The fields of a request, one of them changed, left out or put in front or behind. */
export function requestBlock({
  without = [],
  before = [],
  after = [],
}: {
  readonly without?: readonly string[];
  readonly before?: FieldPairs;
  readonly after?: FieldPairs;
} = {}): Buffer {
  return block([...before, ...requestFields.filter(([name]) => !without.includes(name)), ...after]);
}

/** A message behind its five bytes. */
export function grpcMessage(message: Buffer | string): Buffer {
  const bytes = Buffer.from(message);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
}

/** A whole request: headers and one frame of data. */
export function requestFrames(stream: number, message: Buffer | string = "a message"): Buffer {
  return Buffer.concat([headers(stream, requestBlock()), data(stream, grpcMessage(message), Flag.END_STREAM)]);
}

/** The answer to a request: headers, an empty message, trailers. */
export function responseFrames(stream: number, message: Buffer | string = ""): Buffer {
  return Buffer.concat([
    headers(
      stream,
      block([
        [":status", "200"],
        ["content-type", "application/grpc"],
      ]),
    ),
    data(stream, grpcMessage(message)),
    headers(stream, block([["grpc-status", "0"]]), Flag.END_HEADERS | Flag.END_STREAM),
  ]);
}
