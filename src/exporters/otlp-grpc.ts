import type { Output } from "../config/schema/schema.ts";
import {
  choice,
  duration,
  endpoint,
  flag,
  headers,
  notYet,
  optionalSection,
  section,
  textOrNone,
} from "../config/fields/fields.ts";
import { sendingFields, storagesOf } from "../config/sending-fields.ts";
import { clientTlsFields, reviewTls } from "../config/fields/tls-fields.ts";
import { parseEndpoint } from "../net/socket/endpoint.ts";
import type { Endpoint } from "../net/socket/endpoint.ts";
import { proxyFromEnvironment } from "../net/socket/proxy.ts";
import { createRenewingClient } from "../net/renewing-client.ts";
import { Code, StatusError, isRetryable } from "../net/status.ts";
import { clientTls } from "../net/socket/tls.ts";
import { createClient } from "../net/transport-choice.ts";
import { connectBackoff, defaultTransport, transportNames } from "../net/transport.ts";
import type { UnaryClient, UnaryReply } from "../net/transport.ts";
import { decodePartialSuccess } from "../otlp/response.ts";
import { shapes, signals } from "../otlp/signals.ts";
import { accepted, sent } from "../pipeline/contract.ts";
import type { Batch, Delivery, Exporter, Host } from "../pipeline/contract.ts";
import type { ExporterFactory } from "../pipeline/graph/factory.ts";
import { createQuietLog } from "../pipeline/quiet-log.ts";
import { createSenders } from "../pipeline/sending/senders.ts";
import type { Labels } from "../telemetry/metrics.ts";
import type { CancelSignal } from "../otlp/cancel.ts";
import { longestTimerMs } from "../longest-timer.ts";

/** Fields that belong to a connection or to the body: a request over HTTP/2 that has them is malformed (RFC 9113, section 8.2.2). */
const ofConnections: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

const keepaliveFields = section({
  time: duration({ default: "10s", min: "1s" }).describe("A ping is sent after this time without traffic."),
  timeout: duration({ default: "10s", min: "1ms" }).describe(
    "A connection that does not answer a ping in this time is given up.",
  ),
  permit_without_stream: flag(false).describe("Whether to ping also while nothing is being sent."),
});

const schema = section({
  endpoint: endpoint({ schemes: ["http", "https", "dns", "passthrough", "unix"] })
    .refine((written) => typeof parseEndpoint(written, defaultPort) !== "string", {
      message: "must be host:port without a path",
    })
    .describe("Where to send to, host:port; https:// switches TLS on whatever tls says."),
  compression: choice(["gzip", "zstd", "snappy", "none", ""], "gzip").describe("How requests are compressed."),
  tls: clientTlsFields.describe("TLS is on; `insecure: true` switches it off."),
  keepalive: optionalSection(keepaliveFields, { absent: "off", empty: "on" }).describe(
    "Pings that find out whether a silent connection still lives.",
  ),
  headers: headers(ofConnections).describe("Headers sent with each request; their values are never shown."),
  timeout: duration({ default: "5s" }).describe("How long one attempt may take; 0 is without end."),
  ...sendingFields,
  transport: choice(transportNames, defaultTransport).describe(
    "Who speaks HTTP/2: podstamp's own implementation (native), or Node's (node).",
  ),
  authority: textOrNone().describe("The :authority header, when it is not the endpoint."),
  user_agent: textOrNone().describe("The User-Agent header, when it is not podstamp's own."),
  balancer_name: choice(["round_robin", "pick_first", ""], "").describe(
    "Of a name with several addresses: round_robin connects to each and calls one after the other, pick_first calls the first that can be reached. Without it dns:/// means round_robin, any other endpoint pick_first.",
  ),
  wait_for_ready: notYet("waiting for a connection inside one attempt; the retries wait", "warn"),
  read_buffer_size: notYet("the size of the read buffer; Node's is used", "warn"),
  write_buffer_size: notYet("the size of the write buffer; Node's is used", "warn"),
  auth: notYet("authenticators; use headers", "error"),
  middlewares: notYet("middlewares", "error"),
});

type OtlpGrpcConfig = Output<typeof schema>;

/** Sends to any OTLP/gRPC server: a Collector, Jaeger, Tempo. */
export const otlpGrpcExporter: ExporterFactory<OtlpGrpcConfig> = {
  kind: "exporter",
  type: "otlp_grpc",
  aliases: [{ name: "otlp", deprecated: true }],
  signals,
  stability: "beta",
  summary: "Sends OTLP over gRPC, with a queue and retries.",
  schema,
  review: (settings) => reviewTls((settings as OtlpGrpcConfig).tls, ["tls"]),
  sendsTo(settings) {
    const where = parseEndpoint((settings as OtlpGrpcConfig).endpoint, defaultPort);
    return typeof where === "string" || where.kind !== "tcp" ? undefined : { ...where, protocol: "grpc" };
  },
  storagesOf,
  create: createOtlpGrpcExporter,
};

/** A response has no reason to be larger than this. */
const maxResponseBytes = 4 * 1024 * 1024;
/** gRPC's own default, for a name without a port behind https:// or dns:///. */
const defaultPort = 443;
/** A connection on which so many attempts, one after the other, have brought nothing is left behind. */
const silentAttempts = 2;

function createOtlpGrpcExporter(config: OtlpGrpcConfig, host: Host): Exporter {
  const quiet = createQuietLog(host.log);
  const timeout = config.timeout === 0 ? longestTimerMs : config.timeout;
  // Certificates that cannot be used are found before a reload stops what runs.
  const options = clientOptions(config, host);
  let client: UnaryClient | undefined;

  const onWarning = (message: string): void => quiet.warn({ message }, "The destination took a batch with a warning");
  const onReply = (reply: UnaryReply): Delivery => deliveryOf(reply, onWarning);
  const push = (batch: Batch, signal: CancelSignal): Promise<Delivery> => {
    if (client === undefined) return Promise.resolve(notRunning);
    const timeoutMs = batch.deadline === undefined ? timeout : Math.min(timeout, batch.deadline - Date.now());
    if (timeoutMs <= 0) return Promise.resolve(tooLate);
    const { grpcPath: path } = shapes[batch.signal];
    return client.call({ path, message: batch.bytes, timeoutMs, signal }).then(onReply);
  };
  const server = serverLabels(options.endpoint);
  const senders = createSenders({ ...config, host, push, isWorthSplitting, serverOf: () => server });

  return {
    async start() {
      client = createRenewingClient(
        (firstAddress) => createClient({ ...options, firstAddress }),
        silentAttempts * timeout,
      );
      await senders.start();
    },
    async stop(signal) {
      // What is sent now is sent for the last time.
      client?.hurry();
      await senders.stop(signal);
      await client?.close();
      client = undefined;
    },
    async release(signal) {
      const batches = await senders.release(signal);
      await client?.close();
      client = undefined;
      return batches;
    },
    consume: senders.consume,
    whenIdle: senders.whenIdle,
  };
}

const notRunning: Delivery = { status: "retry", cause: new Error("The exporter is not running") };
const tooLate: Delivery = {
  status: "retry",
  cause: new StatusError({ code: Code.DEADLINE_EXCEEDED, message: "The sender's time ended before its data was sent" }),
};

/** What a reply means, by OTLP's rules: a partial success is never sent again. */
function deliveryOf({ status, body, letGo }: UnaryReply, onWarning: (message: string) => void): Delivery {
  if (status.code === Code.OK) {
    const partial = body === undefined ? undefined : decodePartialSuccess(body);
    if (partial === undefined) return letGo === true ? sent : accepted;
    if (partial.rejected > 0) return { status: "rejected", cause: new Error(partial.message), items: partial.rejected };
    onWarning(partial.message);
    return accepted;
  }
  const cause = new StatusError(status);
  if (!isRetryable(status)) return { status: "rejected", cause };
  return status.retryAfterMs === undefined
    ? { status: "retry", cause }
    : { status: "retry", cause, afterMs: status.retryAfterMs };
}

/** Codes that say something of the sender or the server, so that another request would fare no better. */
const regardless: ReadonlySet<number> = new Set([Code.UNIMPLEMENTED, Code.PERMISSION_DENIED, Code.UNAUTHENTICATED]);

function isWorthSplitting(cause: Error): boolean {
  return !(cause instanceof StatusError && regardless.has(cause.status.code));
}

/** The Collector's, where it can read the endpoint. */
function serverLabels(endpoint: Endpoint): Labels {
  return endpoint.kind === "tcp"
    ? { server_address: endpoint.host, server_port: String(endpoint.port) }
    : { server_address: endpoint.path };
}

function clientOptions(config: OtlpGrpcConfig, host: Host): Parameters<typeof createClient>[0] {
  const where = parseEndpoint(config.endpoint, defaultPort);
  if (typeof where === "string") throw new Error(`Cannot use exporters.${host.id}.endpoint: ${where}`);
  const { keepalive } = config;
  return {
    transport: config.transport,
    endpoint: where,
    tls: clientTls(config.tls, { scheme: where.kind === "tcp" ? where.scheme : undefined, log: host.log }),
    compression: config.compression === "" ? "none" : config.compression,
    headers: Object.fromEntries([...config.headers].map(([name, secret]) => [name, secret.reveal()])),
    authority: config.authority,
    userAgent: config.user_agent ?? host.userAgent,
    maxResponseBytes,
    keepalive:
      keepalive === undefined
        ? undefined
        : {
            timeMs: keepalive.time,
            timeoutMs: keepalive.timeout,
            permitWithoutStream: keepalive.permit_without_stream,
          },
    backoff: connectBackoff,
    balancing: config.balancer_name || (config.endpoint.startsWith("dns:") ? "round_robin" : "pick_first"),
    // As gRPC does it: HTTPS_PROXY counts with and without TLS.
    proxy: where.kind === "tcp" ? proxyFromEnvironment({ ...where, scheme: "https" }, host.environment) : undefined,
  };
}
