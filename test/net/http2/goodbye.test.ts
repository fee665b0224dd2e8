import { expect, test } from "vitest";
import { ok } from "../../../src/net/status.ts";
import { eventually } from "../../support/eventually.ts";
import { serving } from "../../support/grpc/serving.ts";
import { Flag, goaway, ping, Type } from "../../support/http2/frames.ts";
import { rawClient, requestFrames } from "../../support/http2/raw.ts";

const serve = serving("native");

test("a server on native that says goodbye takes what is on its way, then names the last call, and ends with it", async () => {
  const release = Promise.withResolvers<void>();
  const { server, address, calls } = await serve(async () => release.promise.then(() => ({ status: ok })));
  const peer = await rawClient(address);
  peer.write(requestFrames(1));
  await eventually(() => calls.length === 1, { what: "the first call" });
  const stopped = server.stop(new AbortController().signal);
  const first = await peer.until(Type.GOAWAY);
  expect(first.payload.readUInt32BE(0)).toBe(2 ** 31 - 1);
  // Sent before the goodbye was heard.
  peer.write(requestFrames(3));
  await eventually(() => calls.length === 2, { what: "the second call" });
  const { payload } = await peer.until(Type.PING, ({ flags }) => flags === Flag.NONE);
  peer.write(ping(Buffer.from(payload), Flag.ACK));
  const last = await peer.until(Type.GOAWAY, (frame) => frame.payload.readUInt32BE(0) !== 2 ** 31 - 1);
  expect(last.payload.readUInt32BE(0)).toBe(3);
  peer.write(requestFrames(5), ping());
  await peer.until(Type.PING, ({ flags }) => flags === Flag.ACK);
  expect(calls).toHaveLength(2);
  release.resolve();
  expect((await peer.answer(1)).get("grpc-status")).toBe("0");
  expect((await peer.answer(3)).get("grpc-status")).toBe("0");
  await peer.closed();
  await stopped;
  expect(peer.frames.some(({ stream }) => stream === 5)).toBe(false);
});

test("a client that says goodbye to a server on native still gets its answers", async () => {
  const release = Promise.withResolvers<void>();
  const { address, calls } = await serve(async () => release.promise.then(() => ({ status: ok })));
  const peer = await rawClient(address);
  peer.write(requestFrames(1), goaway(0));
  await eventually(() => calls.length === 1, { what: "the call" });
  release.resolve();
  expect((await peer.answer(1)).get("grpc-status")).toBe("0");
  const { payload } = await peer.until(Type.PING, ({ flags }) => flags === Flag.NONE);
  peer.write(ping(Buffer.from(payload), Flag.ACK));
  await peer.closed();
});
