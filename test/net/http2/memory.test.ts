import { memoryUsage } from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { ok } from "../../../src/net/status.ts";
import { serverLimits } from "../../../src/net/transport.ts";
import { eventually } from "../../support/eventually.ts";
import { serving } from "../../support/grpc/serving.ts";
import { data, Flag, headers, ping, Type, uint32 } from "../../support/http2/frames.ts";
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
