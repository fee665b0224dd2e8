import { getActiveResourcesInfo } from "node:process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Code, ok } from "../../../src/net/status.ts";
import { serverLimits } from "../../../src/net/transport.ts";
import { eventually } from "../../support/eventually.ts";
import { connecting } from "../../support/grpc/calling.ts";
import { request } from "../../support/grpc/peer.ts";
import { bare, framed, message, send, serving } from "../../support/grpc/serving.ts";
import { conversation, cutInto, damaged, pieces } from "../../support/http2/arbitrary.ts";
import { Flag, preface, settings, Type } from "../../support/http2/frames.ts";
import { rawClient, rawServer } from "../../support/http2/raw.ts";

/** Sockets and timers of this process. */
function inUse(): number {
  return getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap" || kind === "Timeout").length;
}

test(
  "damaged conversations never end a server on native, nor hold it up, and leave nothing there",
  { timeout: 60_000 },
  async () => {
    const { address, calls } = await serving("native")(
      async (call) => {
        if (call.message.length % 2 === 0) await new Promise(setImmediate);
        return { status: ok, body: call.message };
      },
      { limits: { ...serverLimits, maxBytesInFlight: 20_000 } },
    );
    const bystander = bare(address);
    await send(bystander, [framed(message)]);
    const before = inUse();
    await fc.assert(
      fc.asyncProperty(damaged(conversation), pieces, fc.boolean(), async (frames, sizes, isCut) => {
        const peer = await rawClient(address, { first: [preface, settings()] });
        for (const piece of cutInto(frames, sizes).slice(0, 50)) {
          peer.write(piece);
          await new Promise(setImmediate);
        }
        if (isCut) peer.destroy();
        else peer.socket.end();
        await peer.closed();
        expect((await send(bystander, [framed(message)])).trailers["grpc-status"]).toBe("0");
      }),
      { numRuns: 300 },
    );
    await eventually(() => inUse() <= before, { what: "the end of sockets and timers" });
    // Every byte that was held is free: a message that needs nearly all of them finds room.
    expect((await send(bystander, [framed(Buffer.alloc(19_950))])).trailers["grpc-status"]).toBe("0");
    expect(calls.length).toBeGreaterThan(300);
  },
);

test(
  "damaged answers never end a client on native, every call ends, and nothing is left",
  { timeout: 60_000 },
  async () => {
    let answer: readonly Buffer[] = [];
    const server = await rawServer((peer) => {
      void (async () => {
        await peer.until(Type.DATA, ({ flags }) => (flags & Flag.END_STREAM) !== 0);
        for (const piece of answer) {
          peer.write(piece);
          await new Promise(setImmediate);
        }
        peer.socket.end();
      })().catch(() => peer.destroy());
    });
    const before = inUse();
    const codes = new Set<number>();
    await fc.assert(
      fc.asyncProperty(damaged(conversation), pieces, async (frames, sizes) => {
        answer = cutInto(frames, sizes).slice(0, 50);
        const client = connecting("native")(server.address, {
          backoff: { initialMs: 1, maxMs: 1, multiplier: 1, jitter: 0 },
        });
        const replies = await Promise.all([client.call(request(message)), client.call(request(message))]);
        for (const { status } of replies) codes.add(status.code);
        await client.close();
      }),
      { numRuns: 300 },
    );
    await eventually(() => inUse() <= before, { what: "the end of sockets and timers" });
    server.close();
    expect(codes.has(Code.DEADLINE_EXCEEDED)).toBe(false);
    expect(codes.has(Code.UNAVAILABLE)).toBe(true);
  },
);
