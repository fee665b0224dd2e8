import { describe, expect, onTestFinished, test } from "vitest";
import { healthMethods } from "../../../src/net/grpc/health.ts";
import { Code } from "../../../src/net/status.ts";
import { createServer } from "../../../src/net/transport-choice.ts";
import { grpcClient, serverOptions } from "../../support/grpc/peer.ts";
import type { Peer } from "../../support/grpc/peer.ts";
import { transports } from "../../support/grpc/transports.ts";

const checkPath = "/grpc.health.v1.Health/Check";
const traces = "opentelemetry.proto.collector.trace.v1.TraceService";

/** HealthCheckRequest { service = 1 }. */
function asking(service: string): Buffer {
  return Buffer.concat([Buffer.from([0x0a, service.length]), Buffer.from(service)]);
}

describe.each(transports)("the health service on %s", (transport) => {
  async function ask(isServing: () => boolean): Promise<Peer> {
    const server = createServer(serverOptions({ transport }), healthMethods([traces], isServing));
    const client = grpcClient(await server.start());
    onTestFinished(async () => {
      client.close();
      await server.stop(AbortSignal.abort());
    });
    return client;
  }

  test.each([
    ["nobody in particular", Buffer.alloc(0)],
    ["the empty name", asking("")],
    ["a service that is there", asking(traces)],
  ])("answers for %s, as it stands at the moment", async (_, message) => {
    let isServing = false;
    const client = await ask(() => isServing);
    expect(await client.call(message, { path: checkPath })).toMatchObject({ code: 0, body: Buffer.from([0x08, 2]) });
    isServing = true;
    expect(await client.call(message, { path: checkPath })).toMatchObject({ code: 0, body: Buffer.from([0x08, 1]) });
  });

  test("lists all services with how each is", async () => {
    let isServing = true;
    const client = await ask(() => isServing);
    const path = "/grpc.health.v1.Health/List";
    // As protobufjs writes statuses { key: "" value { status: SERVING } } and the one with the service's name.
    const length = traces.length;
    const listed = (state: number): Buffer =>
      Buffer.concat([
        Buffer.from([0x0a, 6, 0x0a, 0, 0x12, 2, 0x08, state]),
        Buffer.from([0x0a, length + 6, 0x0a, length]),
        Buffer.from(traces),
        Buffer.from([0x12, 2, 0x08, state]),
      ]);
    expect(await client.call(Buffer.alloc(0), { path })).toMatchObject({ code: 0, body: listed(1) });
    isServing = false;
    expect(await client.call(Buffer.alloc(0), { path })).toMatchObject({ code: 0, body: listed(2) });
  });

  test.each([
    ["a service that is not there", checkPath, asking("some.Service"), Code.NOT_FOUND],
    ["bytes that are no request", checkPath, Buffer.from([0x0a, 200]), Code.INVALID_ARGUMENT],
  ])("refuses %s", async (_, path, message, code) => {
    const client = await ask(() => true);
    expect((await client.call(message, { path })).code).toBe(code);
  });
});
