import { compressing, type Payload } from "../payload.ts";
import type { ClientOptions, StreamingClient, StreamRequest, UnaryReply, UnaryRequest } from "../transport.ts";
import { NodeConnection } from "./connection.ts";
import { NodeExchange } from "./exchange.ts";

/** gRPC over one node:http2 connection at a time. */
export function createNodeClient(options: ClientOptions): StreamingClient {
  const connection = new NodeConnection(options);
  const { compression, maxResponseBytes } = options;
  const send = (request: UnaryRequest | StreamRequest, payload: Payload): Promise<UnaryReply> => {
    const exchange = new NodeExchange(request, { payload, connection, maxResponseBytes });
    connection.enter(exchange);
    return exchange.reply;
  };
  const call = compressing(compression, send);
  return {
    call,
    stream: async (request) => (await call(request)).status,
    isReady: () => connection.isReady(),
    connect: () => connection.connect(),
    hurry: () => connection.hurry(),
    async close() {
      connection.close();
    },
  };
}
