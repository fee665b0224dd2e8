import { expect, test } from "vitest";
import { ok } from "../../../src/net/status.ts";
import { connecting } from "../../support/grpc/calling.ts";
import { request } from "../../support/grpc/peer.ts";
import { serving } from "../../support/grpc/serving.ts";

test("many thousand small calls on one connection are work, not a flood", { timeout: 60_000 }, async () => {
  const { address, calls, refusals } = await serving("native")(async () => ({ status: ok }));
  const client = connecting("native")(address);
  const nothing = Buffer.alloc(0);
  const problems: unknown[] = [];
  let left = 60_000;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const { status } = await client.call(request(nothing));
      if (status.code !== 0) problems.push(status);
      if (calls.length > 1000) calls.splice(0);
    }
  };
  await Promise.all(Array.from({ length: 200 }, worker));
  expect(problems).toEqual([]);
  expect(refusals).toEqual([]);
});

test("both sides go on reading while both write all that they can", { timeout: 60_000 }, async () => {
  const { address } = await serving("native")(async (call) => ({ status: ok, body: Buffer.from(call.message) }));
  const client = connecting("native")(address);
  const messages = Array.from({ length: 1000 }, (_, i) => Buffer.alloc((i * 977) % 60_000, i % 256));
  const replies = await Promise.all(messages.map((bytes) => client.call(request(bytes))));
  expect(replies.filter(({ body }, i) => messages[i]?.equals(Buffer.from(body ?? [])))).toHaveLength(1000);
});
