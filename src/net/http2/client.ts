import { compressing } from "../payload.ts";
import type { ClientOptions, UnaryClient } from "../transport.ts";
import { Connector } from "./connector.ts";
import { Exchange } from "./exchange.ts";

/** Unary gRPC on our own HTTP/2, over one connection at a time. */
export function createNativeClient(options: ClientOptions): UnaryClient {
  const connector = new Connector(options);
  const { compression, maxResponseBytes } = options;
  return {
    call: compressing(compression, (request, payload) => {
      const exchange = new Exchange(request, { payload, connector, maxResponseBytes });
      if (!exchange.isSettled) connector.enter(exchange);
      return exchange.reply;
    }),
    isReady: () => connector.isReady(),
    connect: () => connector.connect(),
    async close() {
      connector.close();
    },
  };
}
