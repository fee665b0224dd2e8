import type { Finding } from "../../config/component-type.ts";
import type { Output } from "../../config/schema/schema.ts";
import {
  byteCount,
  choice,
  duration,
  endpoint,
  flag,
  headers,
  integer,
  mebibytes,
  notYet,
  optionalSection,
  section,
  stringList,
  subsection,
  text,
} from "../../config/fields/fields.ts";
import { reviewTls, serverTlsFields } from "../../config/fields/tls-fields.ts";
import { bytesInFlight } from "../../net/total-memory.ts";
import { defaultTransport, serverLimits, transportNames } from "../../net/transport.ts";
import { checkSocket, socketFields } from "./socket-fields.ts";
import { trustedProxies } from "./trusted-proxies.ts";

const mebibyte = 1024 * 1024;
const tls = optionalSection(serverTlsFields, { absent: "off", empty: "on" }).describe(
  "TLS for those who connect; off unless set.",
);
const auth = notYet(
  "authenticators; take it out once only those reach the endpoint who may send (localhost, a unix socket, tls::client_ca_file)",
  "error",
);
const middlewares = notYet("middlewares", "error");
const includeMetadata = notYet("headers of requests for processors; none uses them", "warn");

const parametersFields = subsection({
  max_connection_idle: duration({ default: "0s" }).describe(
    "A connection without calls for this time is closed; 0 is never.",
  ),
  max_connection_age: duration({ default: "0s" }).describe(
    "A connection is closed after this time, a tenth more or less, so that clients spread anew; 0 is never.",
  ),
  max_connection_age_grace: duration({ default: "0s" }).describe(
    "How long calls may go on after that; 0 is without end.",
  ),
  time: duration({ default: "2h", min: "1s" }).describe("A ping is sent after this time without calls."),
  timeout: duration({ default: "20s", min: "1s" }).describe(
    "A connection that does not answer a ping in this time is closed.",
  ),
});

const policyFields = section({
  min_time: duration({ default: "5m", min: "0s" }).describe(
    "A client that pings sooner than this after its last ping, three times without an answer of ours in between, is sent away (`too_many_pings`).",
  ),
  permit_without_stream: flag(false).describe("Whether a client may ping so often without calls, too."),
});

const keepaliveFields = subsection({
  server_parameters: parametersFields.describe("When connections end."),
  enforcement_policy: optionalSection(policyFields, { absent: "off", empty: "on" }).describe(
    "How often clients may ping. Off unless set: then limits::idle_frame_burst is all that bounds it.",
  ),
});

const many = { min: 1, max: 1_000_000 };
const { resets, idleFrames, tinyFrames } = serverLimits;

const limitsFields = subsection({
  max_header_list_size: byteCount({ default: serverLimits.maxHeaderBytes, min: 4096, max: mebibyte }).describe(
    "The headers of a call, in bytes with 32 for each field.",
  ),
  max_header_fields: integer({ default: serverLimits.maxHeaderFields, min: 16, max: 10_000 }).describe(
    "The fields in the headers of a call.",
  ),
  receive_timeout: duration({ default: "60s", min: "1s" }).describe(
    "How long a client may take for its first bytes, for a whole request, and to read an answer.",
  ),
  reset_burst: integer({ default: resets.burst, ...many }).describe(
    "Calls that may end by a reset at once, and as many each second as resets_per_second says; more ends the connection.",
  ),
  resets_per_second: integer({ default: resets.perSecond, ...many }).describe("See reset_burst."),
  idle_frame_burst: integer({ default: idleFrames.burst, ...many }).describe(
    "Frames that bring nothing (pings, settings, window updates) that may come at once, beyond those that calls need; more than that and idle_frames_per_second ends the connection.",
  ),
  idle_frames_per_second: integer({ default: idleFrames.perSecond, ...many }).describe("See idle_frame_burst."),
  tiny_frame_burst: integer({ default: tinyFrames.burst, ...many }).describe(
    "Frames with less than 64 bytes of data that may come at once; more than that and tiny_frames_per_second ends the connection.",
  ),
  tiny_frames_per_second: integer({ default: tinyFrames.perSecond, ...many }).describe("See tiny_frame_burst."),
});

const inFlight = byteCount({ default: 0 })
  .transform((written) => bytesInFlight(written))
  .describe(
    "Bytes of all requests that have arrived and are not answered; above it callers are told to come back. 0 is a sixteenth of the memory that there is, at most 256 MiB. It is never less than one request.",
  );

const grpcFields = section({
  endpoint: endpoint({ default: "localhost:4317", schemes: ["unix"], paths: true }).describe(
    "Where to listen, host:port; localhost is 127.0.0.1 and ::1.",
  ),
  ...socketFields,
  transport: choice(["tcp", "tcp4", "tcp6", "unix", ...transportNames], "tcp").describe(
    `The kind of socket, as in the Collector (with unix the endpoint is a path); or who speaks HTTP/2 on it, podstamp's own implementation (native) or Node's (node), which is ${defaultTransport} unless set.`,
  ),
  tls,
  max_recv_msg_size_mib: mebibytes({ default: 0, max: 1024 }).describe(
    "The largest request, before and after decompression, in MiB; 0 is 4.",
  ),
  max_concurrent_streams: integer({ default: 0, min: 0, max: 2 ** 31 - 1 }).describe(
    "Calls at a time on one connection; 0 is 1000.",
  ),
  max_connections: integer({ default: serverLimits.maxConnections, min: 1 }).describe(
    "Connections at a time; the next one is closed at once.",
  ),
  max_bytes_in_flight: inFlight,
  trusted_proxies: trustedProxies().describe(
    "Senders whose X-Forwarded-For is believed, as addresses and CIDR ranges; without one a sender is who is connected.",
  ),
  keepalive: keepaliveFields.describe("When connections end."),
  limits: limitsFields.describe("What one connection may ask of HTTP/2; the last four are those of transport: native."),
  read_buffer_size: notYet("the size of the read buffer; Node's is used", "warn"),
  write_buffer_size: notYet("the size of the write buffer; Node's is used", "warn"),
  auth,
  include_metadata: includeMetadata,
  middlewares,
}).superRefine(checkSocket);

const encodings = ["", "gzip", "zstd", "zlib", "snappy", "deflate", "x-snappy-framed"] as const;

const origins = stringList({ default: [], maxItems: 100 }).refine(
  (list) => list.every((origin) => origin.split("*").length <= 2),
  { message: "must have at most one * in each origin" },
);

const corsFields = section({
  allowed_origins: origins.describe("Origins that may send, as in https://*.example.com; * alone is every one."),
  allowed_headers: stringList({ default: [], maxItems: 100 }).describe(
    "Request headers that they may add to the usual ones; * is every one.",
  ),
  exposed_headers: stringList({ default: [], maxItems: 100 }).describe("Response headers that their scripts may read."),
  max_age: integer({ default: 0, min: 0, max: 2 ** 31 - 1 }).describe(
    "Seconds for which a browser may remember that it may send; 0 leaves that to the browser.",
  ),
});

const httpFields = section({
  endpoint: endpoint({ default: "localhost:4318", schemes: ["unix"], paths: true }).describe(
    "Where to listen, host:port; localhost is 127.0.0.1 and ::1.",
  ),
  ...socketFields,
  tls,
  max_request_body_size: byteCount({ default: 20 * mebibyte, min: -1, max: 1024 * mebibyte }).describe(
    "The largest body, before and after decompression, in bytes; 0 and -1 are the default.",
  ),
  compression_algorithms: stringList({
    default: encodings,
    words: encodings,
    later: ["lz4"],
  }).describe('Content-Encoding values that are taken; "" is none.'),
  traces_url_path: text({ default: "/v1/traces", minLength: 1 }).describe("Path of traces."),
  logs_url_path: text({ default: "/v1/logs", minLength: 1 }).describe(
    "Path of logs; that of profiles is always /v1development/profiles.",
  ),
  metrics_url_path: text({ default: "/v1/metrics", minLength: 1 }).describe("Path of metrics."),
  read_timeout: duration({ default: "60s" }).describe(
    "How long a client may take for a whole request; 0 is without end.",
  ),
  read_header_timeout: duration({ default: "10s" }).describe(
    "How long a client may take for the headers of a request; 0 is without end.",
  ),
  idle_timeout: duration({ default: "60s" }).describe(
    "A connection without requests for this time is closed; 0 is never.",
  ),
  write_timeout: notYet("a limit on writing an answer; answers are small", "warn"),
  keep_alives_enabled: flag(true).describe("Whether a connection may be used for more than one request."),
  max_connections: integer({ default: serverLimits.maxConnections, min: 1 }).describe(
    "Connections at a time; the next one is closed at once.",
  ),
  max_bytes_in_flight: inFlight,
  trusted_proxies: trustedProxies().describe(
    "Senders whose X-Forwarded-For is believed, as addresses and CIDR ranges; without one a sender is who is connected.",
  ),
  cors: optionalSection(corsFields, { absent: "off", empty: "on" }).describe(
    "Which pages may send from a browser; none unless allowed_origins is set.",
  ),
  response_headers: headers().describe("Headers added to every answer."),
  auth,
  include_metadata: includeMetadata,
  middlewares,
}).superRefine(checkSocket);

const protocols = section({
  grpc: optionalSection(grpcFields, { absent: "off", empty: "on" }).describe("OTLP over gRPC."),
  http: optionalSection(httpFields, { absent: "off", empty: "on" }).describe("OTLP over HTTP/1.1, protobuf and JSON."),
}).refine(({ grpc, http }) => grpc !== undefined || http !== undefined, { message: "must have grpc or http or both" });

/** The settings of the receiver. */
export const schema = section({
  protocols: protocols.describe("What is listened for; a protocol that is not named is off."),
});

export type OtlpConfig = Output<typeof schema>;
export type GrpcConfig = NonNullable<OtlpConfig["protocols"]["grpc"]>;
export type HttpConfig = NonNullable<OtlpConfig["protocols"]["http"]>;

/** What has no effect, and what is weak. */
export function reviewConfig({ protocols: { grpc, http } }: OtlpConfig): readonly Finding[] {
  return [
    ...reviewTls(grpc?.tls, ["protocols", "grpc", "tls"]),
    ...reviewTls(http?.tls, ["protocols", "http", "tls"]),
    ...reviewLimits(grpc),
  ];
}

/** Node's HTTP/2 counts no frames. */
function reviewLimits(grpc: GrpcConfig | undefined): readonly Finding[] {
  if (grpc?.transport !== "node") return [];
  const { limits } = grpc;
  const isSet = {
    idle_frame_burst: limits.idle_frame_burst !== idleFrames.burst,
    idle_frames_per_second: limits.idle_frames_per_second !== idleFrames.perSecond,
    tiny_frame_burst: limits.tiny_frame_burst !== tinyFrames.burst,
    tiny_frames_per_second: limits.tiny_frames_per_second !== tinyFrames.perSecond,
  };
  return Object.entries(isSet)
    .filter(([, isOwn]) => isOwn)
    .map(([name]) => ({
      severity: "warning",
      path: ["protocols", "grpc", "limits", name],
      text: "does nothing with transport: node",
    }));
}
