import http2 from "node:http2";
import type { ClientHttp2Session, ClientHttp2Stream, Settings } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { prefix } from "../../../src/net/grpc/frame.ts";
import { healthMethods } from "../../../src/net/grpc/health.ts";
import { Code } from "../../../src/net/status.ts";
import { createServer } from "../../../src/net/transport-choice.ts";
import { serverKeepalive, serverLimits } from "../../../src/net/transport.ts";
import type { ServerOptions } from "../../../src/net/transport.ts";
import { eventually } from "../../support/eventually.ts";
import { grpcClient, serverOptions } from "../../support/grpc/peer.ts";
import { transports } from "../../support/grpc/transports.ts";

const [serving, notServing, unknown] = [1, 2, 3];
const traces = "opentelemetry.proto.collector.trace.v1.TraceService";

/** HealthCheckRequest { service = 1 } of a name that is shorter than 128 bytes. */
function asking(service: string): Buffer {
  return Buffer.concat([Buffer.from([0x0a, service.length]), Buffer.from(service)]);
}

/** A call of Watch: what was told so far, and the code that it ended with. */
type Watched = { readonly stream: ClientHttp2Stream; readonly told: number[]; code: number | undefined };

describe.each(transports)("Watch of the health service on %s", (transport) => {
  async function given(changes: Partial<ServerOptions> = {}) {
    const state = { isServing: true, asked: 0 };
    const methods = healthMethods([traces], () => {
      state.asked++;
      return state.isServing;
    });
    const server = createServer(serverOptions({ transport, ...changes }), methods);
    const address = await server.start();
    onTestFinished(() => server.stop(AbortSignal.abort()));
    const connect = (settings: Settings = {}): ClientHttp2Session => {
      const session = http2.connect(`http://${address}`, { settings });
      session.on("error", () => {});
      onTestFinished(() => session.destroy());
      return session;
    };
    return { state, server, address, connect };
  }

  function watch(session: ClientHttp2Session, message: Buffer, headers: Record<string, string> = {}): Watched {
    const stream = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Watch",
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    const watched: Watched = { stream, told: [], code: undefined };
    const chunks: Buffer[] = [];
    stream.on("error", () => {});
    stream.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      watched.told.splice(0);
      for (let at = 0; at + 7 <= bytes.length; at += 7) {
        expect(bytes.subarray(at, at + 6)).toEqual(Buffer.from([0, 0, 0, 0, 2, 0x08]));
        watched.told.push(bytes[at + 6] ?? 0);
      }
    });
    const end = (fields: http2.IncomingHttpHeaders): void => {
      if (fields["grpc-status"] !== undefined) watched.code = Number(fields["grpc-status"]);
    };
    stream.on("response", end);
    stream.on("trailers", end);
    stream.end(Buffer.concat([prefix(message.length, false), message]));
    return watched;
  }

  const tells = (watched: Watched, states: readonly number[]) =>
    eventually(() => watched.told.join() === states.join(), { what: `${states.join()} of ${watched.told.join()}` });
  const ends = (watched: Watched, code: number) =>
    eventually(() => watched.code === code, { what: `code ${code}, is ${watched.code}` });

  test("tells how the service stands at once, and each time that changes", async () => {
    const { state, connect } = await given();
    const session = connect();
    const all = [watch(session, Buffer.alloc(0)), watch(session, asking("")), watch(session, asking(traces))];
    const other = watch(session, asking("some.Service"));
    for (const watched of all) await tells(watched, [serving]);
    await tells(other, [unknown]);
    state.isServing = false;
    for (const watched of all) await tells(watched, [serving, notServing]);
    state.isServing = true;
    for (const watched of all) await tells(watched, [serving, notServing, serving]);
    expect(other.told).toEqual([unknown]);
    expect([...all, other].map(({ code }) => code)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("ends with its deadline or its caller, and nobody looks any more then", async () => {
    const { state, connect } = await given();
    const session = connect();
    const late = watch(session, asking(""), { "grpc-timeout": "100m" });
    const cancelled = watch(session, asking(""));
    await tells(late, [serving]);
    await tells(cancelled, [serving]);
    await ends(late, Code.DEADLINE_EXCEEDED);
    cancelled.stream.close(http2.constants.NGHTTP2_CANCEL);
    await sleep(100);
    const { asked } = state;
    await sleep(1200);
    expect(state.asked).toBe(asked);
    const again = watch(session, asking(""));
    await tells(again, [serving]);
    state.isServing = false;
    await tells(again, [serving, notServing]);
  });

  test("holds up no end of the server", async () => {
    const { server, connect } = await given();
    const watched = watch(connect(), asking(""));
    await tells(watched, [serving]);
    const begun = performance.now();
    await server.stop(AbortSignal.timeout(10_000));
    expect(performance.now() - begun).toBeLessThan(3000);
    await ends(watched, Code.UNAVAILABLE);
  });

  test("is no reason to keep a connection beyond its age", async () => {
    const { connect } = await given({ keepalive: { ...serverKeepalive, maxAgeMs: 200 } });
    const session = connect();
    const watched = watch(session, asking(""));
    await ends(watched, Code.UNAVAILABLE);
    await eventually(() => session.closed, { what: "the end of the connection" });
  });

  test("tells a caller who reads nothing the last state, when it reads", async () => {
    const { state, connect } = await given();
    const session = connect({ initialWindowSize: 0 });
    const watched = watch(session, asking(""));
    for (const isServing of [false, true, false]) {
      await sleep(600);
      state.isServing = isServing;
    }
    await sleep(600);
    expect(watched.told).toEqual([]);
    session.settings({ initialWindowSize: 65_535 });
    await tells(watched, [serving, notServing]);
  });

  test("ends in order also while its caller reads nothing", async () => {
    const { server, connect } = await given();
    const session = connect({ initialWindowSize: 0 });
    const watched = watch(session, asking(""));
    await sleep(100);
    const stopped = server.stop(AbortSignal.timeout(5000));
    await sleep(1000);
    expect(watched.code).toBeUndefined();
    session.settings({ initialWindowSize: 65_535 });
    await ends(watched, Code.UNAVAILABLE);
    expect(watched.told).toEqual([serving]);
    await stopped;
  });

  test("holds nothing of its request", async () => {
    const { address, connect } = await given({ limits: { ...serverLimits, maxBytesInFlight: 4_000_000 } });
    const name = Buffer.alloc(3_000_000, "s");
    const request = Buffer.concat([Buffer.from([0x0a, 0xc0, 0x8d, 0xb7, 0x01]), name]);
    const watched = watch(connect(), request);
    await tells(watched, [unknown]);
    const client = grpcClient(address);
    onTestFinished(() => client.close());
    expect((await client.call(request, { path: "/grpc.health.v1.Health/Check" })).code).toBe(Code.NOT_FOUND);
  });

  test("is for a thousand calls at a time; what is no request is told so", async () => {
    const { connect } = await given();
    const sessions = [connect(), connect()];
    const all = sessions.flatMap((session) => Array.from({ length: 500 }, () => watch(session, asking(""))));
    for (const watched of all) await tells(watched, [serving]);
    const [first, second] = sessions;
    if (first === undefined || second === undefined) throw new Error("No sessions");
    await ends(watch(first, asking("")), Code.RESOURCE_EXHAUSTED);
    await ends(watch(first, Buffer.from([0x0a, 200])), Code.INVALID_ARGUMENT);
    second.destroy();
    await eventually(
      async () => {
        const again = watch(first, asking(""));
        await eventually(() => again.told.length > 0 || again.code !== undefined, { what: "an answer" });
        return again.code === undefined;
      },
      { what: "room for another one" },
    );
  }, 30_000);
});
