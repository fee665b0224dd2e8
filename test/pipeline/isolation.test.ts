import { afterEach, describe, expect, test } from "vitest";
import { otlpGrpcExporter } from "../../src/exporters/otlp-grpc.ts";
import { otlpHttpExporter } from "../../src/exporters/otlp-http/otlp-http.ts";
import type { Batch, Delivery, Exporter } from "../../src/pipeline/contract.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import { fanOut } from "../../src/pipeline/graph/fan-out.ts";
import { eventually } from "../support/eventually.ts";
import { grpcServer } from "../support/grpc/peer.ts";
import { testHost } from "../support/agent/host.ts";
import { httpPeer } from "../support/net/http-peer.ts";
import { freePort } from "../support/net/ports.ts";

/*
 * Several exporters behind one pipeline, with real backends: one that is dead, one that is slow, one that is well.
 */

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const signal = new AbortController().signal;
const batchOf = (index: number): Batch => ({ signal: "traces", bytes: Buffer.from([index]), items: 1 });
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
/** What arrived, in order: ten consumers of a queue send side by side. */
const firstBytes = (requests: readonly Buffer[]) => requests.map((bytes) => bytes[0] ?? -1).toSorted((a, b) => a - b);
const idle = async (exporters: readonly (Exporter | undefined)[]) => {
  for (const exporter of exporters) await exporter?.whenIdle();
};
const quick = { retry_on_failure: { initial_interval: "20ms", max_interval: "50ms" } };
const direct = { sending_queue: { enabled: false }, retry_on_failure: { enabled: false } };

async function running(exporter: Exporter): Promise<Exporter> {
  await exporter.start();
  closing.push(() => exporter.stop(AbortSignal.abort()));
  return exporter;
}

const overGrpc = (endpoint: string, settings: object) =>
  running(
    otlpGrpcExporter.create(
      otlpGrpcExporter.schema.parse({ endpoint, tls: { insecure: true }, ...settings }),
      testHost("otlp_grpc"),
    ),
  );

const overHttp = (endpoint: string, settings: object) =>
  running(
    otlpHttpExporter.create(
      otlpHttpExporter.schema.parse({ endpoint, compression: "none", ...settings }),
      testHost("otlp_http"),
    ),
  );

describe("with queues", () => {
  test("neither a dead nor a slow backend holds up one that is well or the sender, and all get all in the end", async () => {
    const gate = Promise.withResolvers<void>();
    const slow = await httpPeer(() => gate.promise.then(() => ({})));
    const well = await grpcServer();
    closing.push(slow.stop, well.stop);
    const port = await freePort();
    const branches = [
      await overHttp(`http://127.0.0.1:${port}`, quick),
      await overHttp(slow.url, quick),
      await overGrpc(well.address, quick),
    ];
    const all = fanOut(branches);
    for (const index of numbers(100)) expect(await all.consume(batchOf(index), signal)).toBe(accepted);
    await idle(branches.slice(2));
    // The slow one has not answered one request yet.
    expect(firstBytes(well.received)).toEqual(numbers(100));
    expect(all.whenIdle()).toBeUndefined();

    gate.resolve();
    const risen = await httpPeer(undefined, { port });
    closing.push(risen.stop);
    await idle(branches);
    for (const { posted } of [slow, risen]) expect(firstBytes(posted.map(({ body }) => body))).toEqual(numbers(100));
    expect(well.received).toHaveLength(100);
  });

  test("a queue that is full makes the sender come again, and doubles nothing where it was taken", async () => {
    const well = await grpcServer();
    closing.push(well.stop);
    const port = await freePort();
    const dead = await overHttp(`http://127.0.0.1:${port}`, { ...quick, sending_queue: { queue_size: 3 } });
    const both = fanOut([dead, await overGrpc(well.address, quick)]);
    const first: Delivery[] = [];
    for (const index of numbers(10)) first.push(await both.consume(batchOf(index), signal));
    expect(first.map(({ status }) => status)).toEqual([
      "accepted",
      "accepted",
      "accepted",
      ...numbers(7).map(() => "retry"),
    ]);
    const risen = await httpPeer(undefined, { port });
    closing.push(risen.stop);
    for (const index of numbers(10).slice(3))
      await eventually(async () => (await both.consume(batchOf(index), signal)) === accepted, {
        what: "room in the queue of the backend that is back",
      });
    await idle([dead]);
    await eventually(() => well.received.length >= 10, { what: "all requests at the backend that is well" });
    expect(firstBytes(well.received)).toEqual(numbers(10));
    expect(firstBytes(risen.posted.map(({ body }) => body))).toEqual(numbers(10));
  });
});

describe("without queues", () => {
  test("a retry that one backend asks for brings the request to that one only", async () => {
    const well = await grpcServer();
    const ill = await httpPeer((_, index) => ({ status: index < 2 ? 503 : 200 }));
    closing.push(well.stop, ill.stop);
    const both = fanOut([await overHttp(ill.url, direct), await overGrpc(well.address, direct)]);
    const deliveries: Delivery[] = [];
    for (let attempt = 0; attempt < 3; attempt++) deliveries.push(await both.consume(batchOf(7), signal));
    expect(deliveries.map(({ status }) => status)).toEqual(["retry", "retry", "accepted"]);
    expect(ill.posted).toHaveLength(3);
    expect(well.received).toHaveLength(1);
  });

  test("a backend that refuses for good takes nothing away from the others", async () => {
    const well = await grpcServer();
    const strict = await httpPeer(() => ({ status: 400 }));
    closing.push(well.stop, strict.stop);
    const both = fanOut([await overHttp(strict.url, direct), await overGrpc(well.address, direct)]);
    expect(await both.consume(batchOf(7), signal)).toMatchObject({ status: "rejected" });
    expect(well.received).toHaveLength(1);
  });
});
