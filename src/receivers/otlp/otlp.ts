import { signals } from "../../otlp/signals.ts";
import type { Host, Outlets, Receiver } from "../../pipeline/contract.ts";
import type { ReceiverFactory } from "../../pipeline/graph/factory.ts";
import { reviewConfig, schema } from "./config.ts";
import type { OtlpConfig } from "./config.ts";
import { createGrpcServer } from "./grpc.ts";
import { createOtlpHttpServer } from "./http.ts";
import { isReached } from "./listen-at.ts";

/** Takes OTLP over gRPC and over HTTP. */
export const otlpReceiver: ReceiverFactory<OtlpConfig> = {
  kind: "receiver",
  type: "otlp",
  aliases: [],
  signals,
  stability: "beta",
  summary: "Takes OTLP over gRPC and over HTTP, with protobuf and JSON.",
  schema,
  // The schema has put them out.
  review: (settings) => reviewConfig(settings as OtlpConfig),
  isReachedAt(settings, { protocol, ...destination }) {
    const where = (settings as OtlpConfig).protocols[protocol];
    return where !== undefined && isReached(where, destination);
  },
  create: createOtlpReceiver,
};

type Listener = {
  readonly name: string;
  start(): Promise<string>;
  stop(signal: AbortSignal): Promise<void>;
};

function createOtlpReceiver(config: OtlpConfig, host: Host, outlets: Outlets): Receiver {
  const { grpc, http } = config.protocols;
  const listeners: Listener[] = [];
  if (grpc !== undefined)
    listeners.push({ name: "gRPC", ...createGrpcServer({ config: grpc, elsewhere: http?.endpoint }, host, outlets) });
  if (http !== undefined)
    listeners.push({
      name: "HTTP",
      ...createOtlpHttpServer({ config: http, elsewhere: grpc?.endpoint }, host, outlets),
    });
  const stopAll = async (signal: AbortSignal): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.stop(signal)));
  };

  return {
    listens: true,
    async start() {
      try {
        for (const listener of listeners) {
          const address = await listener.start();
          host.log.info({ endpoint: address }, `Listening for OTLP over ${listener.name}`);
        }
      } catch (error) {
        await stopAll(AbortSignal.abort());
        throw error;
      }
    },
    stop: stopAll,
  };
}
