import * as grpc from "@grpc/grpc-js";
import { parseEndpoint } from "../../../src/net/socket/endpoint.ts";
import type { Endpoint } from "../../../src/net/socket/endpoint.ts";
import { serverKeepalive, serverLimits } from "../../../src/net/transport.ts";
import type { ClientOptions, ServerOptions, UnaryRequest } from "../../../src/net/transport.ts";

/*
 * The other side of our gRPC, by another implementation: @grpc/grpc-js with messages as bytes.
 */

export const tracesPath = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
export const logsPath = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

const asIs = (bytes: Buffer): Buffer => bytes;

/** What a call ended with. */
export type Outcome = {
  readonly code: number;
  readonly details: string;
  readonly body?: Buffer;
  readonly metadata: grpc.Metadata;
};

export type Peer = {
  call(message: Uint8Array, options?: PeerCallOptions): Promise<Outcome>;
  close(): void;
};

export type PeerCallOptions = {
  readonly path?: string;
  readonly deadlineMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cancelled?: AbortSignal;
};

/** A client of grpc-js; "gzip" makes it compress every message. */
export function grpcClient(
  address: string,
  options: {
    readonly gzip?: boolean;
    readonly credentials?: grpc.ChannelCredentials;
    readonly channel?: grpc.ChannelOptions;
  } = {},
): Peer {
  const client = new grpc.Client(address, options.credentials ?? grpc.credentials.createInsecure(), {
    "grpc.max_send_message_length": -1,
    ...(options.gzip === true ? { "grpc.default_compression_algorithm": 2 } : {}),
    ...options.channel,
  });
  return {
    close: () => client.close(),
    call: (message, { path = tracesPath, deadlineMs = 15_000, headers = {}, cancelled } = {}) =>
      new Promise((resolve) => {
        const metadata = new grpc.Metadata();
        for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
        const call = client.makeUnaryRequest(
          path,
          asIs,
          asIs,
          Buffer.from(message),
          metadata,
          { deadline: Date.now() + deadlineMs },
          (error, body) => {
            if (error !== null) resolve({ code: error.code, details: error.details, metadata: error.metadata });
            else
              resolve({ code: 0, details: "", metadata: new grpc.Metadata(), ...(body === undefined ? {} : { body }) });
          },
        );
        cancelled?.addEventListener("abort", () => call.cancel(), { once: true });
      }),
  };
}

export type PeerReply = {
  readonly code?: number;
  readonly details?: string;
  readonly body?: Uint8Array;
  readonly trailers?: Readonly<Record<string, string | Buffer>>;
};
export type PeerServer = {
  readonly address: string;
  readonly port: number;
  readonly received: readonly Buffer[];
  readonly metadata: readonly grpc.Metadata[];
  stop(): void;
};

/** A server of grpc-js that answers every Export as told. */
export async function grpcServer(
  answer: (message: Buffer, index: number) => PeerReply | Promise<PeerReply> = () => ({}),
  options: {
    readonly port?: number;
    readonly credentials?: grpc.ServerCredentials;
    readonly server?: grpc.ServerOptions;
    readonly address?: string;
    /** Whether what is received is kept; true unless said otherwise. */
    readonly keep?: boolean;
  } = {},
): Promise<PeerServer> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, ...options.server });
  const received: Buffer[] = [];
  const metadata: grpc.Metadata[] = [];
  let count = 0;
  const Export: grpc.handleUnaryCall<Buffer, Buffer> = (call, done) => {
    const index = count++;
    if (options.keep !== false) {
      received.push(call.request);
      metadata.push(call.metadata);
    }
    void Promise.resolve(answer(call.request, index)).then(
      ({ code = 0, details = "", body = Buffer.alloc(0), trailers = {} }) => {
        const extra = new grpc.Metadata();
        for (const [name, value] of Object.entries(trailers)) extra.set(name, value);
        if (code === 0) done(null, Buffer.from(body), extra);
        else done({ code, details, metadata: extra });
      },
    );
  };
  for (const path of [tracesPath, logsPath]) {
    const method = {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    } as const;
    server.addService({ Export: method }, { Export });
  }
  const address = options.address ?? `127.0.0.1:${options.port ?? 0}`;
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, options.credentials ?? grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    address: options.address ?? `127.0.0.1:${port}`,
    port,
    received,
    metadata,
    stop: () => server.forceShutdown(),
  };
}

/** Options of our server on any port of 127.0.0.1. */
export function serverOptions(changes: Partial<ServerOptions> = {}): ServerOptions {
  return {
    endpoint: at("127.0.0.1:0"),
    tls: undefined,
    limits: serverLimits,
    keepalive: serverKeepalive,
    onRefusal: () => {},
    ...changes,
  };
}

/** Options of our client, with short waits between attempts to connect. */
export function clientOptions(address: string, changes: Partial<ClientOptions> = {}): ClientOptions {
  return {
    endpoint: at(address),
    tls: undefined,
    compression: "none",
    headers: {},
    authority: undefined,
    userAgent: "podstamp/test",
    maxResponseBytes: 4 * 1024 * 1024,
    keepalive: undefined,
    backoff: { initialMs: 50, maxMs: 200, multiplier: 1.6, jitter: 0.2 },
    ...changes,
  };
}

/** One call of our client. */
export function request(message: Uint8Array, changes: Partial<UnaryRequest> = {}): UnaryRequest {
  return { path: tracesPath, message, timeoutMs: 15_000, signal: new AbortController().signal, ...changes };
}

export function at(address: string): Endpoint {
  const parsed = parseEndpoint(address);
  if (typeof parsed === "string") throw new Error(`Cannot use ${address}: ${parsed}`);
  return parsed;
}
