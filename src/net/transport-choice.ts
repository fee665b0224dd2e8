import { createNodeClient } from "./node/client.ts";
import { createNodeServer } from "./node/server.ts";
import type { ClientOptions, ServerOptions, UnaryClient, UnaryMethods, UnaryServer } from "./transport.ts";

/** A server for unary gRPC calls; it listens once started. */
export function createServer(options: ServerOptions, methods: UnaryMethods): UnaryServer {
  return createNodeServer(options, methods);
}

/** A client for unary gRPC calls on one connection, which is opened with the first call. */
export function createClient(options: ClientOptions): UnaryClient {
  return createNodeClient(options);
}
