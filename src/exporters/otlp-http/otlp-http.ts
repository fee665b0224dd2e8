import { storagesOf } from "../../config/sending-fields.ts";
import { compress } from "../../net/compress.ts";
import { createHttpClient } from "../../net/http1/client.ts";
import type { HttpClient } from "../../net/http1/client.ts";
import { basicAuthorization, parseProxy, proxyFromEnvironment } from "../../net/socket/proxy.ts";
import type { Proxy, Target } from "../../net/socket/proxy.ts";
import { Code, StatusError } from "../../net/status.ts";
import { clientTls } from "../../net/socket/tls.ts";
import { requestNames } from "../../otlp/json/schema.ts";
import { protobufToJson } from "../../otlp/json/write.ts";
import { shapes, signals } from "../../otlp/signals.ts";
import type { Signal } from "../../otlp/signals.ts";
import type { Batch, Delivery, Exporter, Host } from "../../pipeline/contract.ts";
import type { Labels } from "../../telemetry/metrics.ts";
import type { ExporterFactory } from "../../pipeline/graph/factory.ts";
import { createQuietLog } from "../../pipeline/quiet-log.ts";
import { createSenders } from "../../pipeline/sending/senders.ts";
import { deliveryOf, isWorthSplitting } from "./outcome.ts";
import { destinationOf, lacksEndpoint, otlpHttpSchema, reviewOtlpHttp } from "./settings.ts";
import type { OtlpHttpConfig } from "./settings.ts";
import { whole } from "../../otlp/rope/rope.ts";
import type { CancelSignal } from "../../otlp/cancel.ts";
import { longestTimerMs } from "../../longest-timer.ts";

/** Sends to any OTLP/HTTP server: a Collector, Jaeger, Tempo, a vendor with an API key. */
export const otlpHttpExporter: ExporterFactory<OtlpHttpConfig> = {
  kind: "exporter",
  type: "otlp_http",
  aliases: [{ name: "otlphttp", deprecated: true }],
  signals,
  stability: "beta",
  summary: "Sends OTLP over HTTP/1.1, with a queue and retries.",
  schema: otlpHttpSchema,
  review: (settings) => reviewOtlpHttp(settings as OtlpHttpConfig),
  lacksFor: (settings, signal) => lacksEndpoint(settings as OtlpHttpConfig, signal as Signal),
  sendsTo: (settings, signal) => destinationOf(settings as OtlpHttpConfig, signal as Signal),
  storagesOf,
  create: createOtlpHttpExporter,
};

/** As much of a response as the Collector reads. */
const maxResponseBytes = 64 * 1024;

function createOtlpHttpExporter(config: OtlpHttpConfig, host: Host): Exporter {
  const quiet = createQuietLog(host.log);
  const targets = targetsOf(config, host);
  // Certificates that cannot be used are found before a reload stops what runs.
  const tls = clientTls(config.tls, { scheme: "https", log: host.log });
  const timeout = config.timeout === 0 ? longestTimerMs : config.timeout;
  let client: HttpClient | undefined;

  const push = async (batch: Batch, signal: CancelSignal): Promise<Delivery> => {
    const target = targets.get(batch.signal);
    if (target === undefined)
      return {
        status: "rejected",
        cause: new Error(`Cannot send ${batch.signal}: ${lacksEndpoint(config, batch.signal)}`),
      };
    if (client === undefined) return notRunning;
    const timeoutMs = batch.deadline === undefined ? timeout : Math.min(timeout, batch.deadline - Date.now());
    if (timeoutMs <= 0) return tooLate;
    try {
      const body = await bodyOf(batch, config);
      if (body.status === "malformed") return { status: "rejected", cause: new Error(body.problem) };
      const outcome = await client.post({ ...target, body: body.bytes, timeoutMs, signal });
      return deliveryOf(outcome, (message) => quiet.warn({ message }, "The destination took a batch with a warning"));
    } catch (cause) {
      return { status: "rejected", cause: cause instanceof Error ? cause : new Error(String(cause)) };
    }
  };
  const serverOf = (signal: Signal): Labels => serverLabels(targets.get(signal)?.url);
  const senders = createSenders({ ...config, host, push, isWorthSplitting, serverOf });

  return {
    async start() {
      client = createClient(
        [...targets.values()].map(({ url }) => url),
        { config, host, tls },
      );
      await senders.start();
    },
    async stop(signal) {
      await senders.stop(signal);
      client?.close();
      client = undefined;
    },
    async release(signal) {
      const batches = await senders.release(signal);
      client?.close();
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

type PostTarget = { readonly url: URL; readonly headers: Readonly<Record<string, string>> };

/** Where each signal goes and with which headers; none for a signal that has no endpoint. */
function targetsOf(config: OtlpHttpConfig, host: Host): ReadonlyMap<Signal, PostTarget> {
  const encoding = config.compression === "none" ? "" : config.compression;
  const shared = {
    "user-agent": host.userAgent,
    ...Object.fromEntries([...config.headers].map(([name, secret]) => [name, secret.reveal()])),
    "content-type": config.encoding === "json" ? "application/json" : "application/x-protobuf",
    ...(encoding === "" ? {} : { "content-encoding": encoding }),
  };
  return new Map(
    signals.flatMap((signal): [Signal, PostTarget][] => {
      const url = config[`${signal}_endpoint`] ?? below(config.endpoint, shapes[signal].httpPath);
      if (url === undefined) return [];
      const credentials = basicAuthorization(url);
      const headers = credentials === undefined ? shared : { authorization: credentials, ...shared };
      return [[signal, { url, headers }]];
    }),
  );
}

/** The Collector's: a port is there where the URL has one. */
function serverLabels(url: URL | undefined): Labels {
  if (url === undefined) return {};
  const { hostname, port, pathname } = url;
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  return { server_address: address, ...(port === "" ? {} : { server_port: port }), url_path: pathname };
}

/** The URL with a path added to its own. */
function below(base: URL | undefined, path: string): URL | undefined {
  if (base === undefined) return undefined;
  const url = new URL(base);
  url.pathname = `${base.pathname.replace(/\/+$/, "")}${path}`;
  return url;
}

type Body =
  | { readonly status: "ok"; readonly bytes: Uint8Array }
  | { readonly status: "malformed"; readonly problem: string };

/** The body of a request; a sentence when its bytes cannot be written as JSON. */
async function bodyOf({ signal, bytes }: Batch, { encoding, compression }: OtlpHttpConfig): Promise<Body> {
  const transcoded: Body =
    encoding === "json" ? protobufToJson(requestNames[signal], whole(bytes)) : { status: "ok", bytes: whole(bytes) };
  if (transcoded.status === "malformed") return transcoded;
  switch (compression) {
    case "gzip":
    case "zstd":
    case "deflate":
    case "zlib":
    case "snappy":
    case "x-snappy-framed":
      return { status: "ok", bytes: await compress(compression, transcoded.bytes) };
    case "none":
    case "":
    // Refused by the schema.
    case "lz4":
      return transcoded;
  }
}

type ClientContext = {
  readonly config: OtlpHttpConfig;
  readonly host: Host;
  readonly tls: ReturnType<typeof clientTls>;
};

function createClient(urls: readonly URL[], { config, host, tls }: ClientContext): HttpClient {
  return createHttpClient({
    urls,
    tls,
    proxyFor: proxyChoice(config, host),
    userAgent: host.userAgent,
    keepAlive: !config.disable_keep_alives,
    maxIdle: config.max_idle_conns_per_host || config.max_idle_conns || 10_000,
    maxOpen: config.max_conns_per_host || Number.POSITIVE_INFINITY,
    maxIdleMs: config.idle_conn_timeout,
    maxResponseBytes,
    onRedirect: tellOnce(host),
  });
}

/** That it is followed is no reason to send all data twice. */
function tellOnce({ log }: Host): (to: URL) => void {
  let isTold = false;
  return (to) => {
    if (isTold) return;
    isTold = true;
    log.warn(
      { to: `${to.origin}${to.pathname}` },
      "The destination redirects each request, which is sent twice: name the final address in the endpoint",
    );
  };
}

/** proxy_url for every target, else what the environment says. */
function proxyChoice({ proxy_url }: OtlpHttpConfig, host: Host): (target: Target) => Proxy | undefined {
  if (proxy_url === "") return (target) => proxyFromEnvironment(target, host.environment);
  const proxy = parseProxy(proxy_url);
  if (typeof proxy === "string") throw new Error(`Cannot use exporters.${host.id}.proxy_url: ${proxy}`);
  return () => proxy;
}
