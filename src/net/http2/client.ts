import { compress } from "../compress.ts";
import { Connector } from "./connector.ts";
import { Exchange } from "./exchange.ts";
import type { Payload } from "./exchange.ts";
import { Code } from "../status.ts";
import type { ClientOptions, UnaryClient, UnaryReply, UnaryRequest } from "../transport.ts";
import { whole } from "../../otlp/rope.ts";

/** Unary gRPC on our own HTTP/2, over one connection at a time. */
export function createNativeClient(options: ClientOptions): UnaryClient {
  const connector = new Connector(options);

  const send = (request: UnaryRequest, payload: Payload): Promise<UnaryReply> => {
    const exchange = new Exchange(request, { payload, connector, maxResponseBytes: options.maxResponseBytes });
    if (!exchange.isSettled) connector.enter(exchange);
    return exchange.reply;
  };
  const sendCompressed = async (request: UnaryRequest, compressing: Promise<Buffer>): Promise<UnaryReply> => {
    const begun = performance.now();
    try {
      const bytes = await compressing;
      return await send(
        { ...request, timeoutMs: request.timeoutMs - (performance.now() - begun) },
        { bytes, isCompressed: true },
      );
    } catch (cause) {
      return {
        status: {
          code: Code.INTERNAL,
          message: `Cannot compress the message: ${cause instanceof Error ? cause.message : String(cause)}`,
        },
      };
    }
  };

  return {
    call(request) {
      if (options.compression === "none") return send(request, { bytes: request.message, isCompressed: false });
      const compressed = compress(options.compression, whole(request.message));
      return compressed instanceof Promise
        ? sendCompressed(request, compressed)
        : send(request, { bytes: compressed, isCompressed: true });
    },
    isReady: () => connector.isReady(),
    connect: () => connector.connect(),
    async close() {
      connector.close();
    },
  };
}
