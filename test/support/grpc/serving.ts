import { mkdtempSync, rmSync } from "node:fs";
import http2 from "node:http2";
import type { ClientHttp2Session, IncomingHttpHeaders } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { ok } from "../../../src/net/status.ts";
import { createServer } from "../../../src/net/transport-choice.ts";
import type {
  Refusal,
  ServerOptions,
  UnaryCall,
  UnaryReply,
  UnaryServer,
  TransportName,
} from "../../../src/net/transport.ts";
import { grpcClient, serverOptions, tracesPath } from "./peer.ts";
import type { Peer } from "./peer.ts";

/*
 * What tests of a gRPC server need: ours with a handler, and clients of other makes. Each is closed when its test has ended.
 */

/** A server and what has come to it. */
export type Served = {
  readonly server: UnaryServer;
  readonly address: string;
  readonly calls: UnaryCall[];
  readonly refusals: Refusal[];
};

export type Serve = (
  answer?: (call: UnaryCall) => Promise<UnaryReply>,
  changes?: Partial<ServerOptions>,
) => Promise<Served>;

/** Starts servers of one transport, whose handler remembers its calls; OK without an answer of its own. */
export function serving(transport: TransportName): Serve {
  return async (answer = async () => ({ status: ok }), changes = {}) => {
    const calls: UnaryCall[] = [];
    const refusals: Refusal[] = [];
    const handler = (call: UnaryCall): Promise<UnaryReply> => {
      calls.push(call);
      return answer(call);
    };
    const server = createServer(
      serverOptions({ transport, onRefusal: (refusal) => refusals.push(refusal), ...changes }),
      new Map([[tracesPath, handler]]),
    );
    const address = await server.start();
    onTestFinished(() => server.stop(AbortSignal.abort()));
    return { server, address, calls, refusals };
  };
}

/** A folder of the test's own. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "podstamp-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** A client of grpc-js. */
export function peer(address: string, options: Parameters<typeof grpcClient>[1] = {}): Peer {
  const client = grpcClient(address, options);
  onTestFinished(() => client.close());
  return client;
}

/** A bare HTTP/2 connection, for what no gRPC library sends. */
export function bare(address: string): ClientHttp2Session {
  const session = http2.connect(`http://${address}`);
  session.on("error", () => {});
  onTestFinished(() => session.destroy());
  return session;
}

type Raw = { readonly headers: IncomingHttpHeaders; readonly trailers: IncomingHttpHeaders };

/** Sends these chunks as one request and answers with what came back; without `end` the request stays open. */
export function send(
  session: ClientHttp2Session,
  chunks: readonly Buffer[],
  { headers = {}, end = true }: { headers?: Record<string, string>; end?: boolean } = {},
): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ":method": "POST",
      ":path": tracesPath,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    let first: IncomingHttpHeaders = {};
    let last: IncomingHttpHeaders = {};
    stream.on("response", (received) => (first = received));
    stream.on("trailers", (received) => (last = received));
    stream.on("error", () => {});
    stream.on("data", () => {});
    stream.on("close", () =>
      Object.keys(first).length === 0
        ? reject(new Error(`closed with ${stream.rstCode}`))
        : resolve({ headers: first, trailers: last }),
    );
    for (const chunk of chunks) stream.write(chunk);
    if (end) stream.end();
  });
}

/** A message behind its five bytes, which may lie. */
export function framed(message: Buffer, { flag = 0, length = message.length } = {}): Buffer {
  const prefix = Buffer.alloc(5, flag);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

export const message = Buffer.from("a message of some bytes");
