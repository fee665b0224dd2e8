import { compressing } from "../payload.ts";
import type { ClientOptions, UnaryClient } from "../transport.ts";
import { NodeConnection } from "./connection.ts";
import { NodeExchange } from "./exchange.ts";

/** Unary gRPC over one node:http2 connection at a time. */
export function createNodeClient(options: ClientOptions): UnaryClient {
  const connection = new NodeConnection(options);
  const { compression, maxResponseBytes } = options;
  return {
    call: compressing(compression, (request, payload) => {
      const exchange = new NodeExchange(request, { payload, connection, maxResponseBytes });
      connection.enter(exchange);
      return exchange.reply;
    }),
    isReady: () => connection.isReady(),
    connect: () => connection.connect(),
    async close() {
      connection.close();
    },
  };
}
