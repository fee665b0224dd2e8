import { isIP } from "node:net";
import { createBalancedClient } from "./balanced-client.ts";
import { formatEndpoint } from "./socket/endpoint.ts";
import { createNativeClient } from "./http2/client/client.ts";
import { createNativeServer } from "./http2/server/server.ts";
import { createNodeClient } from "./node/client.ts";
import { createNodeServer } from "./node/server.ts";
import { resolveWithSystem } from "./socket/resolve.ts";
import { defaultTransport } from "./transport.ts";
import type {
  ClientOptions,
  ServerOptions,
  StreamingClient,
  UnaryClient,
  UnaryMethods,
  UnaryServer,
} from "./transport.ts";

/** A server for unary gRPC calls; it listens once started. */
export function createServer(options: ServerOptions, methods: UnaryMethods): UnaryServer {
  switch (options.transport ?? defaultTransport) {
    case "native":
      return createNativeServer(options, methods);
    case "node":
      return createNodeServer(options, methods);
  }
}

/** A client for unary gRPC calls, which connects with the first call. */
export function createClient(options: ClientOptions): UnaryClient {
  const { endpoint, tls, proxy, balancing, resolve = resolveWithSystem } = options;
  if (balancing !== "round_robin" || proxy !== undefined || endpoint.kind !== "tcp" || isIP(endpoint.host) !== 0)
    return createStreamingClient(options);
  const host = endpoint.host === "" ? "localhost" : endpoint.host;
  return createBalancedClient({
    host,
    resolve,
    create: (address) =>
      createStreamingClient({
        ...options,
        endpoint: { ...endpoint, host: address },
        // The server is called by its name wherever it is.
        tls: tls === undefined ? undefined : { ...tls, servername: tls.servername ?? host },
        authority: options.authority ?? formatEndpoint({ ...endpoint, host }),
      }),
  });
}

/** A client of the one server at an address, also for calls that are answered by a stream. */
export function createStreamingClient(options: ClientOptions): StreamingClient {
  switch (options.transport ?? defaultTransport) {
    case "native":
      return createNativeClient(options);
    case "node":
      return createNodeClient(options);
  }
}
