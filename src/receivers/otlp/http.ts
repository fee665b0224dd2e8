import { createCors } from "../../net/http1/cors.ts";
import type { Cors } from "../../net/http1/cors.ts";
import { createHttpServer } from "../../net/http1/server.ts";
import type {
  HttpCall,
  HttpDecision,
  HttpHead,
  HttpReply,
  HttpServer,
  HttpServerOptions,
} from "../../net/http1/server.ts";
import { Code } from "../../net/status.ts";
import type { Status } from "../../net/status.ts";
import { serverTls } from "../../net/socket/tls.ts";
import { shapes, signals } from "../../otlp/signals.ts";
import type { Signal } from "../../otlp/signals.ts";
import type { Host, Outlets } from "../../pipeline/contract.ts";
import { createDoor, turnAway } from "./answer.ts";
import type { Door } from "./answer.ts";
import { codecOf, json, protobuf } from "./codec.ts";
import type { Codec } from "./codec.ts";
import type { HttpConfig } from "./config.ts";
import { isFromSdk } from "./from-sdk.ts";
import { listenAt } from "./listen-at.ts";
import { room } from "./room.ts";
import { problemReply, replyOf, statusReply } from "./replies.ts";
import { createStrangers } from "./strangers.ts";
import type { Port } from "./strangers.ts";
import type { SenderOf } from "./trusted-proxies.ts";

const defaultBodySize = 20 * 1024 * 1024;

/** What lies behind one path. */
type Entrance = { readonly signal: Signal; readonly door: Door };

type Entrances = {
  readonly byPath: ReadonlyMap<string, Entrance>;
  readonly encodings: ReadonlySet<string>;
  readonly maxBodyBytes: number;
  readonly cors: Cors | undefined;
  readonly onRefusal: ReturnType<typeof turnAway>;
  readonly senderOf: SenderOf;
};

/** The OTLP/HTTP server: one path for each signal that a pipeline takes, POST, protobuf or JSON. */
export function createOtlpHttpServer(port: Port<HttpConfig>, host: Host, outlets: Outlets): HttpServer {
  const { config } = port;
  const entrances: Entrances = {
    byPath: entrancesOf(config, host, outlets),
    encodings: new Set(config.compression_algorithms),
    senderOf: config.trusted_proxies,
    maxBodyBytes: config.max_request_body_size > 0 ? config.max_request_body_size : defaultBodySize,
    cors: corsOf(config, host),
    onRefusal: turnAway(host, "http"),
  };
  return createHttpServer(serverOptions(port, host, entrances), (head) => decide(head, entrances));
}

function entrancesOf(config: HttpConfig, host: Host, outlets: Outlets): ReadonlyMap<string, Entrance> {
  const paths: Readonly<Record<Signal, string>> = {
    traces: config.traces_url_path,
    metrics: config.metrics_url_path,
    logs: config.logs_url_path,
    profiles: shapes.profiles.httpPath,
  };
  const byPath = new Map<string, Entrance>();
  for (const signal of signals) {
    const consumer = outlets[signal];
    const path = paths[signal].startsWith("/") ? paths[signal] : `/${paths[signal]}`;
    if (consumer !== undefined)
      byPath.set(path, { signal, door: createDoor(consumer, { host, transport: "http", signal }) });
  }
  return byPath;
}

function corsOf({ cors }: HttpConfig, host: Host): Cors | undefined {
  if (cors === undefined) return undefined;
  if (cors.allowed_origins.length > 0)
    return createCors({
      allowedOrigins: cors.allowed_origins,
      allowedHeaders: cors.allowed_headers,
      exposedHeaders: cors.exposed_headers,
      maxAgeSeconds: cors.max_age,
    });
  if (cors.allowed_headers.length > 0)
    host.log.warn({}, "cors has allowed_headers and no allowed_origins, and is therefore ignored");
  return undefined;
}

/** What the head alone decides. Every refusal has a google.rpc.Status as its body, in the type that the client speaks. */
function decide(head: HttpHead, entrances: Entrances): HttpDecision {
  const preflight = entrances.cors?.preflight(head);
  if (preflight !== undefined) return { kind: "reply", reply: preflight };
  const { byPath, encodings, onRefusal } = entrances;
  const refuse = (httpStatus: number, codec: Codec, status: Status): HttpDecision => {
    onRefusal(httpStatus === 404 ? "unknown_method" : "malformed");
    return { kind: "reply", reply: statusReply(httpStatus, codec, status) };
  };
  const contentType = head.header("content-type");
  const codec = codecOf(contentType);
  // SDKs put the signal's path behind an endpoint that ends with a slash. The Collector sends such clients to the right path.
  const entrance = byPath.get(head.path) ?? byPath.get(head.path.replace(/\/{2,}/g, "/"));
  if (entrance === undefined)
    return refuse(404, codec ?? protobuf, {
      code: Code.UNIMPLEMENTED,
      message: `Cannot find ${head.path.slice(0, 200)}: must be one of ${[...byPath.keys()].join(", ")}`,
    });
  if (head.method !== "POST")
    return refuse(405, codec ?? protobuf, {
      code: Code.UNIMPLEMENTED,
      message: `Cannot use the method ${head.method}: must be POST`,
    });
  if (codec === undefined)
    return refuse(415, protobuf, {
      code: Code.INVALID_ARGUMENT,
      message: `Cannot read the content type ${contentType?.slice(0, 100) ?? "that is missing"}: must be ${protobuf.mediaType} or ${json.mediaType}`,
    });
  return {
    kind: "read",
    handle: (call) => handle(call, { ...entrance, codec, entrances, head }),
    refuse: (problem) => problemReply(problem, codec, encodings),
  };
}

type Handling = Entrance & {
  readonly codec: Codec;
  readonly entrances: Entrances;
  readonly head: HttpHead;
};

async function handle(call: HttpCall, { codec, signal, door, entrances, head }: Handling): Promise<HttpReply> {
  const { maxBodyBytes, onRefusal, encodings } = entrances;
  const request = codec.request(signal, call.body);
  if (request.status === "malformed") {
    onRefusal("malformed");
    return statusReply(400, codec, { code: Code.INVALID_ARGUMENT, message: request.problem });
  }
  // Short numbers of JSON take up to four times as much in protobuf.
  if (request.bytes.length > maxBodyBytes) {
    onRefusal("message_size");
    return problemReply({ kind: "too_large", limit: maxBodyBytes }, codec, encodings);
  }
  if (request.bytes !== call.body) call.hold(call.body.length + request.bytes.length);
  const peer = entrances.senderOf(call.peer, () => head.header("x-forwarded-for"));
  const arrival = {
    bytes: request.bytes,
    peer,
    isFromSdk: isFromSdk(head.header, peer !== call.peer),
    deadline: undefined,
    signal: call.signal,
  };
  return replyOf(await door(arrival), codec, signal);
}

function serverOptions(port: Port<HttpConfig>, host: Host, entrances: Entrances): HttpServerOptions {
  const { config } = port;
  const { encodings, maxBodyBytes, cors, onRefusal } = entrances;
  const strangers = createStrangers(host, { name: "HTTP", elsewhere: port.elsewhere });
  const fixed = Object.fromEntries([...config.response_headers].map(([name, value]) => [name, value.reveal()]));
  return {
    endpoint: listenAt(config, host),
    tls: config.tls === undefined ? undefined : serverTls(config.tls, host.log),
    maxBodyBytes,
    maxConnections: config.max_connections,
    get maxBytesInFlight() {
      return room(config.max_bytes_in_flight, maxBodyBytes, host);
    },
    encodings,
    headersTimeoutMs: config.read_header_timeout,
    requestTimeoutMs: config.read_timeout,
    keepAliveTimeoutMs: config.idle_timeout,
    keepAlive: config.keep_alives_enabled,
    headersFor: (head) => (cors === undefined ? fixed : { ...fixed, ...cors.headers(head) }),
    onRefusal,
    onForeign: strangers.onForeign,
    onFailedHandshake: strangers.onFailedHandshake,
  };
}
