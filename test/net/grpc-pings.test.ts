import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { serverKeepalive } from "../../src/net/transport.ts";
import { eventually } from "../support/eventually.ts";
import { serving } from "../support/grpc/serving.ts";
import { transports } from "../support/grpc/transports.ts";
import { data, Flag, headers, ping, Problem, Type } from "../support/http2/frames.ts";
import { grpcMessage, requestBlock } from "../support/http2/raw.ts";
import type { RawPeer } from "../support/http2/raw.ts";
import { besiege } from "../support/http2/siege.ts";
import type { SiegeOptions } from "../support/http2/siege.ts";

const { ENHANCE_YOUR_CALM } = Problem;
const open = headers(1, requestBlock());

describe.each(transports)("a server on %s with a policy for pings", (transport) => {
  const serve = serving(transport);
  const policy = (minMs: number, permitWithoutStream: boolean): SiegeOptions => ({
    changes: { keepalive: { ...serverKeepalive, pingPolicy: { minMs, permitWithoutStream } } },
  });
  const tooMany = Buffer.concat([Buffer.from([0, 0, 0, ENHANCE_YOUR_CALM]), Buffer.from("too_many_pings")]);

  test.each([
    ["without calls, where that is not permitted", policy(0, false), Buffer.alloc(0)],
    ["without calls, sooner than permitted", policy(60_000, true), Buffer.alloc(0)],
    ["during a call, sooner than permitted", policy(60_000, false), open],
  ])("says too_many_pings to the third that comes %s", async (_what, options, before) => {
    const siege = await besiege(serve, options);
    const { attacker } = siege;
    attacker.write(before);
    // Node tells of a call a moment after its headers.
    await setTimeout(50);
    // The first has none before it.
    attacker.write(ping(), ping(), ping());
    await eventually(() => answersTo(attacker) === 3, { what: "the answers" });
    attacker.write(ping());
    expect((await attacker.until(Type.GOAWAY)).payload.subarray(4)).toEqual(tooMany);
    await attacker.closed();
    await siege.bystanderCalls();
    await siege.nothingIsLeft();
    expect(siege.refusals[0]).toBe("flood");
  });

  test.each([
    ["as seldom as permitted", policy(0, true), 0],
    ["as seldom as permitted, during a call", policy(0, false), 1],
  ])("answers those that come %s", async (_what, options, calls) => {
    const { attacker, refusals } = await besiege(serve, options);
    attacker.write(calls === 0 ? Buffer.alloc(0) : open);
    await setTimeout(50);
    attacker.write(...Array.from({ length: 20 }, () => ping()));
    await eventually(() => answersTo(attacker) === 20, { what: "the answers" });
    expect(refusals).toEqual([]);
  });

  test.each([
    ["a call", requestBlock()],
    ["a call of a method that nobody has", requestBlock({ without: [":path"], before: [[":path", "/unknown"]] })],
  ])("answers one for each answer to %s", async (_what, list) => {
    const { attacker, refusals } = await besiege(serve, policy(60_000, false));
    for (let i = 0; i < 20; i++) {
      attacker.write(headers(1 + 2 * i, list), data(1 + 2 * i, grpcMessage("a message"), Flag.END_STREAM));
      await attacker.answer(1 + 2 * i);
      attacker.write(ping());
    }
    await eventually(() => answersTo(attacker) === 20, { what: "the answers" });
    expect(refusals).not.toContain("flood");
  });
});

function answersTo({ frames }: RawPeer): number {
  return frames.filter(({ type, flags }) => type === Type.PING && flags === Flag.ACK).length;
}
