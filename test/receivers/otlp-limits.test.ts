import { expect, onTestFinished, test } from "vitest";
import { grpcClient } from "../support/grpc/peer.ts";
import { transports } from "../support/grpc/transports.ts";
import { data, Flag, headers, ping, Problem, resetStream, Type } from "../support/http2/frames.ts";
import { grpcMessage, rawClient, requestBlock, requestFrames } from "../support/http2/raw.ts";
import type { RawPeer } from "../support/http2/raw.ts";
import { stringify } from "yaml";
import { components } from "../../src/components.ts";
import { checkConfig } from "../../src/config/check.ts";
import { problemLine } from "../../src/config/document/problem.ts";
import { parseTree } from "../../src/config/document/tree.ts";
import { receive } from "./receiving.ts";
import type { Receiving } from "./receiving.ts";

/** A receiver on native with these limits, and somebody who goes beyond them. */
async function limited(limits: object): Promise<{ readonly receiver: Receiving; readonly peer: RawPeer }> {
  const receiver = await receive(undefined, { grpc: { transport: "native", limits } });
  onTestFinished(() => receiver.stop(AbortSignal.abort()));
  const peer = await rawClient(receiver.grpc);
  onTestFinished(() => peer.destroy());
  return { receiver, peer };
}

function turnedAway({ host }: Receiving, reason: string): number {
  return host.metric("podstamp_receiver_turned_away", { receiver: "otlp", transport: "grpc", reason }) ?? 0;
}

const streams = [1, 3, 5, 7, 9, 11, 13, 15];

test.each([
  [
    "reset_burst",
    { reset_burst: 5, resets_per_second: 1 },
    streams.map((s) => Buffer.concat([headers(s, requestBlock()), resetStream(s)])),
  ],
  ["idle_frame_burst", { idle_frame_burst: 5, idle_frames_per_second: 1 }, streams.map(() => ping())],
  [
    "tiny_frame_burst",
    { tiny_frame_burst: 5, tiny_frames_per_second: 1 },
    [headers(1, requestBlock()), ...streams.map(() => data(1, Buffer.alloc(1)))],
  ],
])("who goes beyond limits::%s is cut off and counted, and the next one is served", async (_name, limits, frames) => {
  const { receiver, peer } = await limited(limits);
  peer.write(...frames);
  expect(await peer.goaway()).toBe(Problem.ENHANCE_YOUR_CALM);
  await peer.closed();
  expect(turnedAway(receiver, "flood")).toBe(1);
  const client = grpcClient(receiver.grpc);
  onTestFinished(() => client.close());
  expect((await client.call(Buffer.alloc(0))).code).toBe(0);
});

test.each([
  ["max_header_fields", { max_header_fields: 16 }, Array.from({ length: 12 }, (_, i) => [`x${i}`, "y"] as const)],
  ["max_header_list_size", { max_header_list_size: 4096 }, [["x", "y".repeat(3900)] as const]],
])("a request beyond limits::%s is told so and counted, and the next one is taken", async (_name, limits, more) => {
  const { receiver, peer } = await limited(limits);
  peer.write(headers(1, requestBlock({ after: more })), data(1, grpcMessage(""), Flag.END_STREAM));
  expect((await peer.answer(1)).get(":status")).toBe("431");
  peer.write(requestFrames(3, ""));
  expect((await peer.answer(3)).get("grpc-status")).toBe("0");
  expect(turnedAway(receiver, "header_size")).toBe(1);
});

test("what counts only on native is said to do nothing with transport: node", () => {
  const said = (grpc: object) => {
    const { tree } = parseTree(
      "a.yaml",
      stringify({
        receivers: { otlp: { protocols: { grpc } } },
        exporters: { nop: null },
        service: { pipelines: { traces: { receivers: ["otlp"], exporters: ["nop"] } } },
      }),
    );
    return tree && checkConfig(tree, components, {}).problems.map(problemLine);
  };
  const limits = { idle_frame_burst: 5, tiny_frames_per_second: 2000, reset_burst: 5 };
  expect(said({ limits })).toEqual([]);
  expect(said({ transport: "node", keepalive: { enforcement_policy: null }, limits: {} })).toEqual([]);
  expect(said({ limits, transport: "node" })).toEqual([
    expect.stringMatching(
      /^a\.yaml:\d+:\d+: warning: receivers::otlp::protocols::grpc::limits::idle_frame_burst does nothing with transport: node$/,
    ),
  ]);
});

test("a request that does not come within limits::receive_timeout is given up and counted", async () => {
  const { receiver, peer } = await limited({ receive_timeout: "1s" });
  peer.write(headers(1, requestBlock()));
  expect((await peer.answer(1)).get("grpc-status")).toBe("4");
  expect(turnedAway(receiver, "slow")).toBe(1);
});

test.each(transports)(
  "on %s who pings more often than keepalive::enforcement_policy has it is sent away and counted, as soon as the section is there",
  async (transport) => {
    const policies = [
      {},
      { min_time: "1m", permit_without_stream: true },
      { min_time: "0s", permit_without_stream: true },
    ];
    const [bare, strict, mild] = await Promise.all(
      policies.map(async (enforcement_policy) => {
        const receiver = await receive(undefined, { grpc: { transport, keepalive: { enforcement_policy } } });
        onTestFinished(() => receiver.stop(AbortSignal.abort()));
        const peer = await rawClient(receiver.grpc);
        onTestFinished(() => peer.destroy());
        peer.write(...Array.from({ length: 6 }, () => ping()), requestFrames(1, ""));
        return { receiver, peer };
      }),
    );
    for (const sent of [bare, strict]) {
      expect((await sent?.peer.until(Type.GOAWAY))?.payload.toString("latin1", 8)).toBe("too_many_pings");
      expect(sent && turnedAway(sent.receiver, "flood")).toBe(1);
    }
    expect((await mild?.peer.answer(1))?.get("grpc-status")).toBe("0");
  },
);
