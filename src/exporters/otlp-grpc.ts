import type { z } from "zod";
import {
  choice,
  decimal,
  duration,
  endpoint,
  flag,
  headers,
  integer,
  notYet,
  optionalSection,
  section,
  text,
} from "../config/fields.ts";
import { clientTlsFields } from "../config/tls-fields.ts";
import { parseEndpoint } from "../net/endpoint.ts";
import { Code, StatusError, isRetryable } from "../net/status.ts";
import { clientTls } from "../net/tls.ts";
import { createClient } from "../net/transport-choice.ts";
import { connectBackoff } from "../net/transport.ts";
import type { UnaryClient, UnaryReply } from "../net/transport.ts";
import { decodePartialSuccess } from "../otlp/response.ts";
import { shapes } from "../otlp/signals.ts";
import type { Signal } from "../otlp/signals.ts";
import { accepted } from "../pipeline/contract.ts";
import type { Batch, Delivery, Exporter, Host } from "../pipeline/contract.ts";
import type { ExporterFactory } from "../pipeline/factory.ts";
import { createQuietLog } from "../pipeline/quiet-log.ts";
import type { RetrySettings } from "../pipeline/retry.ts";
import type { QueueSettings } from "../pipeline/queue.ts";
import { createSender } from "../pipeline/sender.ts";
import type { Sender } from "../pipeline/sender.ts";

const queueFields = section({
  num_consumers: integer({ default: 10, min: 1, max: 1000 }).describe("How many batches are sent at the same time."),
  queue_size: integer({ default: 1000, min: 1 }).describe(
    "How much the queue holds, in the unit of sizer; what is being sent counts.",
  ),
  sizer: choice(["requests", "items", "bytes"], "requests").describe("What queue_size counts."),
  block_on_overflow: flag(false).describe("Whether a batch waits for room in a full queue instead of being refused."),
  wait_for_result: flag(false).describe("Whether the sender is answered only when its data was sent."),
  storage: notYet("a queue on disk; the queue is in memory and dies with the process", "error"),
  batch: notYet("batches made by the queue; use the batch processor", "error"),
});

const retryFields = section({
  initial_interval: duration({ default: "5s" }).describe("Wait before the first retry."),
  randomization_factor: decimal({ default: 0.5, min: 0, max: 1 }).describe(
    "Share of a wait by which it is randomly shorter or longer.",
  ),
  multiplier: decimal({ default: 1.5, min: 1 }).describe("How much longer each wait is than the one before."),
  max_interval: duration({ default: "30s" }).describe(
    "The longest wait, unless the destination asks for a longer one.",
  ),
  max_elapsed_time: duration({ default: "5m" }).describe("A batch is given up after this time; 0 is never."),
});

const keepaliveFields = section({
  time: duration({ default: "10s", min: "1s" }).describe("A ping is sent after this time without traffic."),
  timeout: duration({ default: "10s", min: "1ms" }).describe(
    "A connection that does not answer a ping in this time is given up.",
  ),
  permit_without_stream: flag(false).describe("Whether to ping also while nothing is being sent."),
});

const schema = section({
  endpoint: endpoint({ schemes: ["http", "https", "dns", "passthrough", "unix"] }).describe(
    "Where to send to, host:port; https:// switches TLS on whatever tls says.",
  ),
  compression: choice(["gzip", "none", "", "snappy", "zstd"], "gzip")
    .refine((name) => name !== "snappy" && name !== "zstd", {
      message: "must be gzip or none (snappy and zstd are known from the Collector and not built yet)",
    })
    .describe("How requests are compressed."),
  tls: clientTlsFields.describe("TLS is on; `insecure: true` switches it off."),
  keepalive: optionalSection(keepaliveFields, { absent: "off", empty: "on" }).describe(
    "Pings that find out whether a silent connection still lives.",
  ),
  headers: headers().describe("Headers sent with each request; their values are never shown."),
  timeout: duration({ default: "5s" }).describe("How long one attempt may take; 0 is without end."),
  sending_queue: optionalSection(queueFields, { absent: "on", empty: "on" }).describe(
    "The queue in memory that acknowledges before data is sent.",
  ),
  retry_on_failure: optionalSection(retryFields, { absent: "on", empty: "on" }).describe(
    "How what could not be sent is sent again.",
  ),
  authority: text({ minLength: 1 }).optional().describe("The :authority header, when it is not the endpoint."),
  user_agent: text({ minLength: 1 }).optional().describe("The User-Agent header, when it is not podstamp's own."),
  balancer_name: notYet("a choice of load balancing; one connection to one address is used", "warn"),
  wait_for_ready: notYet("waiting for a connection inside one attempt; the retries wait", "warn"),
  read_buffer_size: notYet("the size of the read buffer; Node's is used", "warn"),
  write_buffer_size: notYet("the size of the write buffer; Node's is used", "warn"),
  auth: notYet("authenticators; use headers", "error"),
  middlewares: notYet("middlewares", "error"),
});

type OtlpGrpcConfig = z.output<typeof schema>;

/** Sends to any OTLP/gRPC server: a Collector, Jaeger, Tempo. */
export const otlpGrpcExporter: ExporterFactory<OtlpGrpcConfig> = {
  kind: "exporter",
  type: "otlp_grpc",
  aliases: [{ name: "otlp", deprecated: true }],
  signals: ["traces", "logs"],
  stability: "beta",
  summary: "Sends OTLP over gRPC, with a queue and retries.",
  schema,
  create: createOtlpGrpcExporter,
};

/** A response has no reason to be larger than this. */
const maxResponseBytes = 4 * 1024 * 1024;
/** gRPC's own default, for a name without a port behind https:// or dns:///. */
const defaultPort = 443;
const longestTimerMs = 2 ** 31 - 1;

function createOtlpGrpcExporter(config: OtlpGrpcConfig, host: Host): Exporter {
  const quiet = createQuietLog(host.log);
  const timeout = config.timeout === 0 ? longestTimerMs : config.timeout;
  let client: UnaryClient | undefined;
  let inFlight = 0;
  host.metrics.gauge("otelcol_exporter_in_flight_requests", { exporter: host.id }, () => inFlight);

  const push = async (batch: Batch, signal: AbortSignal): Promise<Delivery> => {
    if (client === undefined) return notRunning;
    const timeoutMs = batch.deadline === undefined ? timeout : Math.min(timeout, batch.deadline - Date.now());
    if (timeoutMs <= 0) return tooLate;
    inFlight++;
    const reply = await client.call({ path: shapes[batch.signal].grpcPath, message: batch.bytes, timeoutMs, signal });
    inFlight--;
    return deliveryOf(reply, (message) => quiet.warn({ message }, "The destination took a batch with a warning"));
  };
  const options = {
    host,
    push,
    queue: queueSettings(config.sending_queue),
    retry: retrySettings(config.retry_on_failure),
    isWorthSplitting,
  };
  const senders: Readonly<Record<Signal, Sender>> = {
    traces: createSender({ ...options, signal: "traces" }),
    logs: createSender({ ...options, signal: "logs" }),
  };

  return {
    async start() {
      client = createClient(clientOptions(config, host));
    },
    async stop(signal) {
      await Promise.all([senders.traces.stop(signal), senders.logs.stop(signal)]);
      await client?.close();
      client = undefined;
    },
    consume: (batch, signal) => senders[batch.signal].consume(batch, signal),
    whenIdle() {
      const waits = [senders.traces.whenIdle(), senders.logs.whenIdle()].filter((wait) => wait !== undefined);
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => {});
    },
  };
}

const notRunning: Delivery = { status: "retry", cause: new Error("The exporter is not running") };
const tooLate: Delivery = {
  status: "retry",
  cause: new StatusError({ code: Code.DEADLINE_EXCEEDED, message: "The sender's time ended before its data was sent" }),
};

/** What a reply means, by OTLP's rules: a partial success is never sent again. */
function deliveryOf({ status, body }: UnaryReply, onWarning: (message: string) => void): Delivery {
  if (status.code === Code.OK) {
    const partial = body === undefined ? undefined : decodePartialSuccess(body);
    if (partial === undefined) return accepted;
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

function clientOptions(config: OtlpGrpcConfig, host: Host): Parameters<typeof createClient>[0] {
  const where = parseEndpoint(config.endpoint, defaultPort);
  if (typeof where === "string") throw new Error(`Cannot use exporters.${host.id}.endpoint: ${where}`);
  const { keepalive } = config;
  return {
    endpoint: where,
    tls: clientTls(config.tls, where.kind === "tcp" ? where.scheme : undefined),
    compression: config.compression === "gzip" ? "gzip" : "none",
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
  };
}

function queueSettings(config: OtlpGrpcConfig["sending_queue"]): QueueSettings | undefined {
  if (config === undefined) return undefined;
  const { num_consumers: consumers, queue_size: capacity, sizer } = config;
  return {
    consumers,
    capacity,
    sizer,
    blockOnOverflow: config.block_on_overflow,
    waitForResult: config.wait_for_result,
  };
}

function retrySettings(config: OtlpGrpcConfig["retry_on_failure"]): RetrySettings | undefined {
  if (config === undefined) return undefined;
  return {
    initialIntervalMs: config.initial_interval,
    randomizationFactor: config.randomization_factor,
    multiplier: config.multiplier,
    maxIntervalMs: config.max_interval,
    maxElapsedMs: config.max_elapsed_time,
  };
}
