import { createHash } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { Code, ok } from "../../../src/net/status.ts";
import { createClient, createServer } from "../../../src/net/transport-choice.ts";
import type { UnaryHandler } from "../../../src/net/transport.ts";
import { Arena } from "../../../src/otlp/rope/arena.ts";
import { clientOptions, request, serverOptions, tracesPath } from "../../support/grpc/peer.ts";

async function serve(handler: UnaryHandler): Promise<string> {
  const server = createServer(serverOptions({ transport: "native" }), new Map([[tracesPath, handler]]));
  onTestFinished(() => server.stop(AbortSignal.abort()));
  return server.start();
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Bytes of their own for each index. */
function messageOf(index: number): Buffer {
  const length = (index * 7919) % 90_000;
  const bytes = Buffer.alloc(length + 4, `${index} `);
  bytes.writeUInt32BE(index, 0);
  return bytes;
}

test("memory that is used again never changes a message that is on its way", async () => {
  const arrived = new Map<number, string>();
  const sink = await serve(async ({ message }) => {
    const index = message.readUInt32BE(0);
    // A slow next hop: some answers come late, so that messages overtake each other.
    if (index % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    arrived.set(index, digest(message));
    return index % 11 === 0 ? { status: { code: Code.UNAVAILABLE, message: "again" } } : { status: ok, letGo: true };
  });
  const next = createClient(clientOptions(sink, { transport: "native" }));
  onTestFinished(() => next.close());
  const relay = await serve(({ message, path, signal }) => next.call({ path, message, timeoutMs: 10_000, signal }));
  const client = createClient(clientOptions(relay, { transport: "native" }));
  onTestFinished(() => client.close());

  const outcomes = new Map<number, number>();
  const indices = Array.from({ length: 600 }, (_, index) => index);
  const aborted = new Set<number>();
  const work = async (): Promise<void> => {
    for (let index = indices.pop(); index !== undefined; index = indices.pop()) {
      const abort = new AbortController();
      if (index % 13 === 0) {
        aborted.add(index);
        setImmediate(() => abort.abort());
      }
      const { status } = await client.call(request(messageOf(index), { timeoutMs: 10_000, signal: abort.signal }));
      outcomes.set(index, status.code);
    }
  };
  await Promise.all(Array.from({ length: 24 }, work));

  for (const [index, sum] of arrived) expect(sum, `message ${index}`).toBe(digest(messageOf(index)));
  for (const [index, code] of outcomes) {
    if (aborted.has(index)) continue;
    expect(code, `message ${index}`).toBe(index % 11 === 0 ? Code.UNAVAILABLE : Code.OK);
    expect(arrived.has(index), `message ${index}`).toBe(true);
  }
});

test("memory is lent anew once all that was cut from it has been given back", () => {
  const arena = new Arena();
  const first = arena.lend(200_000);
  const second = arena.lend(200_000);
  const third = arena.lend(200_000);
  expect(second.bytes.buffer).toBe(first.bytes.buffer);
  expect(third.bytes.buffer).not.toBe(first.bytes.buffer);
  arena.giveBack(first);
  arena.lend(300_000);
  const fourth = arena.lend(300_000);
  expect(fourth.bytes.buffer).not.toBe(first.bytes.buffer);
  arena.giveBack(second);
  expect(arena.lend(300_000).bytes.buffer).toBe(first.bytes.buffer);
});

test("memory that is not given back is nobody else's", () => {
  const arena = new Arena();
  const kept = arena.lend(1000);
  kept.bytes.fill(7);
  for (let i = 0; i < 1000; i++) {
    const loan = arena.lend(1 + ((i * 977) % 200_000));
    loan.bytes.fill(9);
    arena.giveBack(loan);
  }
  expect(kept.bytes.every((byte) => byte === 7)).toBe(true);
});
