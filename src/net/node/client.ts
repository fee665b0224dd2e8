import { compress } from "../compress.ts";
import { NodeConnection } from "./connection.ts";
import { NodeExchange } from "./exchange.ts";
import type { Payload } from "./exchange.ts";
import { Code } from "../status.ts";
import type { ClientOptions, UnaryClient, UnaryReply, UnaryRequest } from "../transport.ts";
import { whole } from "../../otlp/rope.ts";

/** Unary gRPC over one node:http2 connection at a time. */
export function createNodeClient(options: ClientOptions): UnaryClient {
  const connection = new NodeConnection(options);

  const send = (request: UnaryRequest, payload: Payload): Promise<UnaryReply> => {
    const exchange = new NodeExchange(request, { payload, connection, maxResponseBytes: options.maxResponseBytes });
    connection.enter(exchange);
    return exchange.reply;
  };
  const sendCompressed = async (request: UnaryRequest, compressing: Promise<Buffer>): Promise<UnaryReply> => {
    const begun = performance.now();
    try {
      const bytes = await compressing;
      return await send(
        { ...request, timeoutMs: request.timeoutMs - (performance.now() - begun) },
        { bytes, compressed: true },
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
      if (options.compression === "none") return send(request, { bytes: request.message, compressed: false });
      const compressed = compress(options.compression, whole(request.message));
      return compressed instanceof Promise
        ? sendCompressed(request, compressed)
        : send(request, { bytes: compressed, compressed: true });
    },
    isReady: () => connection.isReady(),
    connect: () => connection.connect(),
    async close() {
      connection.close();
    },
  };
}
