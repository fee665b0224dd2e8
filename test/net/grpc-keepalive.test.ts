import { setTimeout } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { ok } from "../../src/net/status.ts";
import { serverKeepalive } from "../../src/net/transport.ts";
import type { ServerKeepalive } from "../../src/net/transport.ts";
import { eventually } from "../support/eventually.ts";
import { serving } from "../support/grpc/serving.ts";
import { Flag, ping, Type, windowUpdate } from "../support/http2/frames.ts";
import { rawClient, requestFrames } from "../support/http2/raw.ts";
import type { RawPeer } from "../support/http2/raw.ts";
import { transports } from "../support/grpc/transports.ts";

describe.each(transports)("a server on %s", (transport) => {
  async function keepingAlive(changes: Partial<ServerKeepalive>, isHeld = false): Promise<RawPeer> {
    const { address } = await serving(transport)(
      (call) =>
        isHeld
          ? new Promise((resolve) => call.signal.addEventListener("abort", () => resolve({ status: ok })))
          : Promise.resolve({ status: ok }),
      { keepalive: { ...serverKeepalive, ...changes } },
    );
    const peer = await rawClient(address);
    onTestFinished(() => peer.destroy());
    return peer;
  }

  test("says goodbye to a connection without calls for too long, and ends it", async () => {
    const peer = await keepingAlive({ maxIdleMs: 200 });
    peer.write(requestFrames(1));
    expect((await peer.answer(1)).get("grpc-status")).toBe("0");
    expect(await peer.goaway()).toBe(0);
    await answerPings(peer);
    await peer.closed();
  });

  test("asks a silent connection whether it lives, and ends it without an answer", async () => {
    const peer = await keepingAlive({ pingMs: 100, pingTimeoutMs: 100 });
    peer.write(requestFrames(1));
    await peer.until(Type.PING, ({ flags }) => flags === Flag.NONE);
    await peer.closed();
  });

  test("keeps a silent connection that answers its pings", async () => {
    const peer = await keepingAlive({ pingMs: 60, pingTimeoutMs: 10_000 });
    peer.write(requestFrames(1));
    const stop = await answerPings(peer);
    await eventually(() => peer.frames.filter(({ type, flags }) => type === Type.PING && flags === 0).length > 3, {
      what: "four pings",
    });
    stop();
    peer.write(requestFrames(3));
    expect((await peer.answer(3)).get("grpc-status")).toBe("0");
  });

  test("keeps a connection from which something comes, though no answer to its ping", async () => {
    const peer = await keepingAlive({ pingMs: 100, pingTimeoutMs: 400 });
    const sending = setInterval(() => peer.write(windowUpdate(0, 1)), 150);
    onTestFinished(() => clearInterval(sending));
    peer.write(requestFrames(1));
    await peer.until(Type.PING, ({ flags }) => flags === Flag.NONE);
    await setTimeout(1500);
    expect(peer.isClosed()).toBe(false);
    clearInterval(sending);
    await peer.closed();
  });

  test("ends a connection without calls though it answers pings", async () => {
    const peer = await keepingAlive({ maxIdleMs: 600, pingMs: 100 });
    await answerPings(peer);
    expect(await peer.goaway()).toBe(0);
    const pings = peer.frames.filter(({ type, flags }) => type === Type.PING && flags === Flag.NONE);
    expect(pings.length).toBeGreaterThan(2);
    await peer.closed();
  });

  test("counts the time without calls from the end of the last one, however long that took", async () => {
    const release = Promise.withResolvers<void>();
    const { address } = await serving(transport)(async () => release.promise.then(() => ({ status: ok })), {
      keepalive: { ...serverKeepalive, maxIdleMs: 600 },
    });
    const peer = await rawClient(address);
    onTestFinished(() => peer.destroy());
    peer.write(requestFrames(1));
    await setTimeout(900);
    release.resolve();
    await peer.answer(1);
    const answered = performance.now();
    expect(peer.frames.some(({ type }) => type === Type.GOAWAY)).toBe(false);
    expect(await peer.goaway()).toBe(0);
    expect(performance.now() - answered).toBeGreaterThan(400);
  });

  test("lets calls of a connection that is too old end within its grace, then cuts", async () => {
    const peer = await keepingAlive({ maxAgeMs: 100, maxAgeGraceMs: 300 }, true);
    peer.write(requestFrames(1));
    await answerPings(peer);
    expect(await peer.goaway()).toBe(0);
    await peer.closed();
  });
});

/** Answers each ping as it comes, until it is told to stop or the connection ends. */
async function answerPings(peer: RawPeer): Promise<() => void> {
  let seen = 0;
  const timer = setInterval(() => {
    for (; seen < peer.frames.length; seen++) {
      const found = peer.frames[seen];
      if (found?.type === Type.PING && found.flags === Flag.NONE)
        peer.write(ping(Buffer.from(found.payload), Flag.ACK));
    }
    if (peer.isClosed()) clearInterval(timer);
  }, 5);
  onTestFinished(() => clearInterval(timer));
  return () => clearInterval(timer);
}
