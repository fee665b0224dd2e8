import { expect, onTestFinished, test } from "vitest";
import { createRenewingClient } from "../../src/net/renewing-client.ts";
import { createClient } from "../../src/net/transport-choice.ts";
import { startProxy } from "../support/faults/proxy.ts";
import { clientOptions, grpcServer, request } from "../support/grpc/peer.ts";

test("a client whose connection is silent makes a new one, on which calls are answered again", async () => {
  const server = await grpcServer();
  onTestFinished(() => server.stop());
  const proxy = await startProxy(server.address);
  onTestFinished(() => proxy.stop());
  let made = 0;
  const client = createRenewingClient(() => (made++, createClient(clientOptions(proxy.address))), 300);
  onTestFinished(() => client.close());
  const call = async () => (await client.call(request(Buffer.from("x"), { timeoutMs: 200 }))).status.code;
  expect(await call()).toBe(0);
  proxy.be("black hole");
  expect([await call(), await call()]).toEqual([4, 4]);
  proxy.be("fine");
  expect(await call()).toBe(0);
  expect(made).toBe(2);
});

test("a client that is slow to be answered keeps its connection as long as it is answered now and then", async () => {
  let count = 0;
  const server = await grpcServer(async () => {
    if (count++ % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 300));
    return {};
  });
  onTestFinished(() => server.stop());
  let made = 0;
  const client = createRenewingClient(() => (made++, createClient(clientOptions(server.address))), 1000);
  onTestFinished(() => client.close());
  const codes: number[] = [];
  // Unanswered for longer than that in all, and never at a stretch, also where the machine is slow.
  for (let i = 0; i < 12; i++)
    codes.push((await client.call(request(Buffer.from("x"), { timeoutMs: 200 }))).status.code);
  expect(codes).toEqual([4, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4, 0]);
  expect(made).toBe(1);
});
