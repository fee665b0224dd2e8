import http2 from "node:http2";
import type { Http2Server, IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { createClient, createStreamingClient } from "../../../src/net/transport-choice.ts";
import type { ClientOptions, StreamingClient, TransportName, UnaryClient } from "../../../src/net/transport.ts";
import { clientOptions, grpcServer } from "./peer.ts";
import type { PeerServer } from "./peer.ts";

/*
 * What tests of a gRPC client need: ours, and servers of other makes. Each is closed when its test has ended.
 */

/** Makes clients of one transport. */
export function connecting(
  transport: TransportName,
): (address: string, changes?: Partial<ClientOptions>) => UnaryClient {
  return (address, changes = {}) => {
    const client = createClient(clientOptions(address, { transport, ...changes }));
    onTestFinished(() => client.close());
    return client;
  };
}

/** As connecting, for calls that are answered by a stream. */
export function connectingStreams(
  transport: TransportName,
): (address: string, changes?: Partial<ClientOptions>) => StreamingClient {
  return (address, changes = {}) => {
    const client = createStreamingClient(clientOptions(address, { transport, ...changes }));
    onTestFinished(() => client.close());
    return client;
  };
}

/** A server of grpc-js. */
export async function servePeer(...parameters: Parameters<typeof grpcServer>): Promise<PeerServer> {
  const server = await grpcServer(...parameters);
  onTestFinished(() => server.stop());
  return server;
}

export type Bare = { readonly address: string; readonly sessions: ServerHttp2Session[]; readonly server: Http2Server };

/** A bare HTTP/2 server, for what no gRPC library answers. */
export async function bareServer(
  answer: (stream: ServerHttp2Stream, index: number, headers: IncomingHttpHeaders) => void,
  settings: http2.Settings = {},
): Promise<Bare> {
  const server = http2.createServer({ settings });
  const sessions: ServerHttp2Session[] = [];
  let index = 0;
  server.on("session", (session) => {
    sessions.push(session);
    session.on("error", () => {});
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    stream.resume();
    answer(stream, index++, headers);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, sessions, server };
}

/** The answer of a well-behaved server. */
export function succeed(
  stream: ServerHttp2Stream,
  body = Buffer.alloc(5),
  headers: http2.OutgoingHttpHeaders = {},
): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc", ...headers }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(body);
}
