import { healthMethods } from "../../net/grpc/health.ts";
import { serverTls } from "../../net/socket/tls.ts";
import { createServer } from "../../net/transport-choice.ts";
import { serverLimits } from "../../net/transport.ts";
import type { ServerOptions, UnaryHandler, UnaryServer } from "../../net/transport.ts";
import { shapes, signals } from "../../otlp/signals.ts";
import type { Host, Outlets } from "../../pipeline/contract.ts";
import { createDoor, turnAway } from "./answer.ts";
import type { Door } from "./answer.ts";
import type { GrpcConfig } from "./config.ts";
import { isFromSdk } from "./from-sdk.ts";
import { listenAt } from "./listen-at.ts";
import { room } from "./room.ts";
import { createStrangers } from "./strangers.ts";
import type { Port } from "./strangers.ts";

/** The OTLP/gRPC server: one method for each signal that a pipeline takes, and the health of the service (as health_check tells it). */
export function createGrpcServer(port: Port<GrpcConfig>, host: Host, outlets: Outlets): UnaryServer {
  const methods = new Map<string, UnaryHandler>();
  for (const signal of signals) {
    const consumer = outlets[signal];
    if (consumer !== undefined)
      methods.set(
        shapes[signal].grpcPath,
        methodOf(createDoor(consumer, { host, transport: "grpc", signal }), port.config),
      );
  }
  const services = [...methods.keys()].map((path) => path.slice(1, path.lastIndexOf("/")));
  const isServing = (): boolean => {
    const status = host.status?.();
    return status === undefined || (status.phase === "running" && status.waitingFor.length === 0);
  };
  return createServer(serverOptions(port, host), new Map([...methods, ...healthMethods(services, isServing)]));
}

function methodOf(door: Door, { trusted_proxies: senderOf }: GrpcConfig): UnaryHandler {
  return (call) => {
    const peer = senderOf(call.peer, () => call.metadata("x-forwarded-for"));
    return door({
      bytes: call.message,
      peer,
      isFromSdk: isFromSdk((name) => call.metadata(name), peer !== call.peer),
      deadline: call.deadline,
      signal: call.signal,
    });
  };
}

function serverOptions({ config, elsewhere }: Port<GrpcConfig>, host: Host): ServerOptions {
  const strangers = createStrangers(host, { name: "gRPC", elsewhere });
  const { server_parameters: parameters, enforcement_policy: policy } = config.keepalive;
  const { limits } = config;
  const maxMessageBytes = config.max_recv_msg_size_mib || serverLimits.maxMessageBytes;
  return {
    transport: config.transport === "native" || config.transport === "node" ? config.transport : undefined,
    endpoint: listenAt(config, host),
    tls: config.tls === undefined ? undefined : serverTls(config.tls, host.log),
    limits: {
      ...serverLimits,
      maxMessageBytes,
      maxConcurrentStreams: config.max_concurrent_streams || serverLimits.maxConcurrentStreams,
      maxConnections: config.max_connections,
      maxHeaderBytes: limits.max_header_list_size,
      maxHeaderFields: limits.max_header_fields,
      maxReceiveMs: limits.receive_timeout,
      resets: { burst: limits.reset_burst, perSecond: limits.resets_per_second },
      idleFrames: { burst: limits.idle_frame_burst, perSecond: limits.idle_frames_per_second },
      tinyFrames: { burst: limits.tiny_frame_burst, perSecond: limits.tiny_frames_per_second },
      get maxBytesInFlight() {
        return room(config.max_bytes_in_flight, maxMessageBytes, host);
      },
    },
    keepalive: {
      maxIdleMs: parameters.max_connection_idle,
      maxAgeMs: parameters.max_connection_age,
      maxAgeGraceMs: parameters.max_connection_age_grace,
      pingMs: parameters.time,
      pingTimeoutMs: parameters.timeout,
      pingPolicy:
        policy === undefined
          ? undefined
          : { minMs: policy.min_time, permitWithoutStream: policy.permit_without_stream },
    },
    onRefusal: turnAway(host, "grpc"),
    onForeign: strangers.onForeign,
    onFailedHandshake: strangers.onFailedHandshake,
    foreignAnswer: strangers.answer,
  };
}
