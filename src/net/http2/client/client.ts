import { compressing, type Payload } from "../../payload.ts";
import type { ClientOptions, StreamingClient, StreamRequest, UnaryReply, UnaryRequest } from "../../transport.ts";
import { Connector } from "./connector.ts";
import { Exchange } from "./exchange.ts";

/** gRPC on our own HTTP/2, over one connection at a time. */
export function createNativeClient(options: ClientOptions): StreamingClient {
  const connector = new Connector(options);
  const { compression, maxResponseBytes } = options;
  const send = (request: UnaryRequest | StreamRequest, payload: Payload): Promise<UnaryReply> => {
    const exchange = new Exchange(request, { payload, connector, maxResponseBytes });
    if (!exchange.isSettled) connector.enter(exchange);
    return exchange.reply;
  };
  const call = compressing(compression, send);
  return {
    call,
    stream: async (request) => (await call(request)).status,
    isReady: () => connector.isReady(),
    connect: () => connector.connect(),
    hurry: () => connector.hurry(),
    async close() {
      connector.close();
    },
  };
}
