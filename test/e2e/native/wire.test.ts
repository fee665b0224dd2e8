import { createServer, connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { givenNative, handedOver, whyNoNative } from "../../support/agent/native.ts";
import { newId } from "../../support/cri/answers.ts";
import { type CriServer, startCriServer } from "../../support/cri/server.ts";
import { lendRuntime } from "../../support/lend.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";

/* What comes from a runtime's socket, octet by octet: the compiled program for lists takes nothing that is not as it must be. */

const why = whyNoNative();
const natively = test.skipIf(why !== undefined);
const named = (what: string) => (why === undefined ? what : `${what} (skipped: ${why})`);

let server: CriServer;
/** All that a runtime sent to one who listed. */
let said: Buffer;
let expected: string;

beforeAll(async () => {
  const createdAt = Date.now() - 1e9;
  const containers = ["web", "side"].map((name) => ({
    id: newId(),
    name,
    image: "registry.example/shop/web:1.2",
    createdAt,
  }));
  server = await startCriServer({ pods: [{ name: "web-1", namespace: "shop", containers }] });
});
afterAll(() => server.close());

/** Somebody at a socket who does this with each connection. */
async function givenPeer(onConnection: (socket: Socket) => void) {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  const path = join(folder, "peer.sock");
  const open = new Set<Socket>();
  const peer = createServer((socket) => {
    open.add(socket.on("error", () => {}));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => peer.listen(path, resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    peer.close();
  });
  const words = ["ps", "-r", path];
  return { words, env: { XDG_RUNTIME_DIR: folder } };
}

const saying = (octets: Buffer) => (socket: Socket) => void socket.resume().end(octets);

async function record(): Promise<void> {
  const pieces: Buffer[] = [];
  const { words, env } = await givenPeer((socket) => {
    const behind = connect(server.endpoint.replace("unix://", ""));
    behind.on("error", () => {}).on("data", (piece: Buffer) => pieces.push(piece));
    socket.pipe(behind).pipe(socket);
  });
  const { output } = await givenNative().run(words, env);
  expect(output).toMatch(/^CONTAINER .*\n(?:\w{13} .*\n){2}$/);
  expected = output;
  said = Buffer.concat(pieces);
}

/** A frame of HTTP/2. */
function frame(type: number, flags: number, stream: number, payload: Buffer | string = ""): Buffer {
  const octets = Buffer.from(payload);
  const head = Buffer.alloc(9);
  head.writeUIntBE(octets.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, octets]);
}

const settings = frame(4, 0, 0);
const begun = frame(1, 4, 1, "\x88");
const ok = Buffer.concat([Buffer.from([0x00, 11]), Buffer.from("grpc-status"), Buffer.from([1]), Buffer.from("0")]);
const empty = Buffer.alloc(5);

natively(
  named("an answer that was recorded is taken again, and cut anywhere it is podstamp's to ask anew"),
  async () => {
    await record();
    const { run } = givenNative();
    const whole = await givenPeer(saying(said));
    expect(await run(whole.words, whole.env)).toMatchObject({ code: 0, output: expected });
    for (let at = 0; at < said.length; at += Math.ceil(said.length / 40)) {
      const { words, env } = await givenPeer(saying(said.subarray(0, at)));
      expect(await run(words, env)).toMatchObject({ code: 0, output: handedOver(words) });
    }
  },
);

natively(named("whatever octets of an answer are others, it ends as it should"), async () => {
  await record();
  const { run } = givenNative();
  for (let round = 0; round < 120; round++) {
    const other = Buffer.from(said);
    // Two places and two values that are others in each round, and the same in each run.
    for (const step of [7919, 104_729]) other[(round * step) % other.length] = (round * 31 + step) & 0xff;
    const { words, env } = await givenPeer(saying(other));
    const { code, signal, output } = await run(words, env);
    expect({ code, signal, output }).toEqual({ code: 0, signal: null, output });
    expect(output === handedOver(words) || output.startsWith("CONTAINER ")).toBe(true);
  }
});

natively.each<[string, Buffer]>([
  ["nothing", Buffer.alloc(0)],
  ["HTTP/1.1", Buffer.from("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")],
  ["a frame that is too long", Buffer.concat([settings, frame(0, 0, 1, Buffer.alloc(16_385))])],
  ["GOAWAY", Buffer.concat([settings, frame(7, 0, 0, Buffer.alloc(8))])],
  ["RST_STREAM", Buffer.concat([settings, frame(3, 0, 1, Buffer.alloc(4))])],
  ["a push", Buffer.concat([settings, frame(5, 4, 1, Buffer.from([0, 0, 0, 2, 0x88]))])],
  ["a stream that nobody opened", Buffer.concat([settings, frame(1, 4, 99, "\x88")])],
  ["headers in two frames", Buffer.concat([settings, frame(1, 0, 1, "\x88"), frame(9, 4, 1, "")])],
  ["headers with a priority", Buffer.concat([settings, frame(1, 0x24, 1, Buffer.from([0, 0, 0, 0, 0, 0x88]))])],
  ["data before headers", Buffer.concat([settings, frame(0, 0, 1, empty)])],
  ["data with padding", Buffer.concat([settings, begun, frame(0, 8, 1, Buffer.concat([Buffer.from([0]), empty]))])],
  ["an end without a status", Buffer.concat([settings, begun, frame(0, 1, 1, empty)])],
  [
    "a message that is compressed",
    Buffer.concat([settings, begun, frame(0, 0, 1, Buffer.from([1, 0, 0, 0, 0])), frame(1, 5, 1, ok)]),
  ],
  [
    "a message that is longer than it says",
    Buffer.concat([settings, begun, frame(0, 0, 1, Buffer.alloc(6)), frame(1, 5, 1, ok)]),
  ],
  ["no message", Buffer.concat([settings, begun, frame(1, 5, 1, ok)])],
  ["no status", Buffer.concat([settings, frame(1, 5, 1, "\x88")])],
  ["two of them", Buffer.concat([settings, begun, frame(0, 0, 1, empty), frame(1, 5, 1, Buffer.concat([ok, ok]))])],
  [
    "a field of a table that there is not",
    Buffer.concat([settings, frame(1, 5, 1, Buffer.concat([Buffer.from([0xbe]), ok]))]),
  ],
  [
    "a table of its own",
    Buffer.concat([settings, frame(1, 5, 1, Buffer.concat([Buffer.from([0x3f, 0xe1, 0x1f]), ok]))]),
  ],
  [
    "a number without end",
    Buffer.concat([settings, frame(1, 5, 1, Buffer.from([0x0f, ...Array.from({ length: 40 }, () => 0xff)]))]),
  ],
  [
    "a name that is longer than all",
    Buffer.concat([settings, frame(1, 5, 1, Buffer.from([0x00, 0x7f, 0xff, 0xff, 0x7f]))]),
  ],
])("%s is no answer", async (_what, octets) => {
  const { words, env } = await givenPeer(saying(octets));
  expect(await givenNative().run(words, env)).toMatchObject({ code: 0, output: handedOver(words) });
});

natively(named("who sends for ever is left, and who sends nothing"), async () => {
  const { run } = givenNative();
  const flood = (octets: Buffer) => (socket: Socket) => {
    const more = () => {
      while (socket.writable && socket.write(octets));
    };
    socket.resume().on("drain", more).write(settings);
    more();
  };
  const data = Buffer.concat([begun, ...Array.from({ length: 64 }, () => frame(0, 0, 1, Buffer.alloc(16_384)))]);
  const pings = Buffer.concat(Array.from({ length: 500 }, () => frame(6, 0, 0, Buffer.alloc(8))));
  for (const onConnection of [
    flood(data.subarray(begun.length)),
    flood(pings),
    (socket: Socket) => void socket.resume(),
  ]) {
    const { words, env } = await givenPeer(onConnection);
    const since = performance.now();
    expect(await run(words, env)).toMatchObject({ code: 0, output: handedOver(words) });
    expect(performance.now() - since).toBeLessThan(8000);
  }
});

natively(named("what is no message of protobuf is no list"), async () => {
  const strange = await lendRuntime({ pods: [{ name: "web", namespace: "shop" }] });
  const { run } = givenNative();
  const words = ["ps", "-r", strange.endpoint];
  const env = { XDG_RUNTIME_DIR: "/no/such" };
  expect((await run(words, env)).output).toMatch(/^CONTAINER .*\n$/);
  for (const method of ["ListContainers", "ListPodSandbox", "Version"] as const) {
    strange.garble(method);
    expect(await run(words, env)).toMatchObject({ output: handedOver(words) });
    strange.slow(method, 0);
  }
});
