import type { Destination, Finding } from "../../config/component-type.ts";
import type { Output } from "../../config/schema/schema.ts";
import { choice, duration, flag, headers, integer, notYet, section, text } from "../../config/fields/fields.ts";
import { sendingFields } from "../../config/sending-fields.ts";
import { clientTlsFields, reviewTls } from "../../config/fields/tls-fields.ts";
import { httpUrl } from "../../config/fields/url-field.ts";
import type { Signal } from "../../otlp/signals.ts";

/** The settings of otlp_http, under the Collector's names. */
export const otlpHttpSchema = section({
  endpoint: httpUrl().describe(
    "Base URL, https://host:port/path; the path of each signal, such as /v1/traces, is added to it.",
  ),
  traces_endpoint: httpUrl().describe("The whole URL for traces; endpoint does not count for them then."),
  logs_endpoint: httpUrl().describe("The whole URL for logs."),
  metrics_endpoint: httpUrl().describe("The whole URL for metrics."),
  profiles_endpoint: httpUrl().describe("The whole URL for profiles."),
  encoding: choice(["proto", "json"], "proto").describe("Whether requests are protobuf or JSON."),
  compression: choice(["gzip", "zstd", "deflate", "zlib", "snappy", "x-snappy-framed", "none", "", "lz4"], "gzip")
    .refine((name) => name !== "lz4", {
      message:
        "must be gzip, zstd, deflate, zlib, snappy, x-snappy-framed or none (lz4 is known from the Collector and not built yet)",
    })
    .describe("How requests are compressed."),
  tls: clientTlsFields.describe("For https:// URLs; whether TLS is spoken is what the URL says."),
  headers: headers().describe("Headers sent with each request, such as an API key; their values are never shown."),
  timeout: duration({ default: "30s" }).describe("How long one attempt may take; 0 is without end."),
  ...sendingFields,
  proxy_url: text({ default: "" }).describe(
    "The proxy to go through, whatever HTTPS_PROXY, HTTP_PROXY and NO_PROXY say; empty means what they say.",
  ),
  disable_keep_alives: flag(false).describe("Whether each request has a connection of its own."),
  max_idle_conns: integer({ default: 100, min: 0, max: 10_000 }).describe(
    "Connections kept while nothing is sent on them; 0 is 10000.",
  ),
  max_idle_conns_per_host: integer({ default: 0, min: 0, max: 10_000 }).describe(
    "The same for one host; 0 leaves it to max_idle_conns.",
  ),
  max_conns_per_host: integer({ default: 0, min: 0, max: 10_000 }).describe(
    "Connections to one host at the same time; 0 is as many as there are requests.",
  ),
  idle_conn_timeout: duration({ default: "90s" }).describe(
    "How long a connection is kept while nothing is sent on it; 0 is for ever.",
  ),
  compression_params: notYet("levels of compression; the fast ones are used", "warn"),
  read_buffer_size: notYet("the size of the read buffer; Node's is used", "warn"),
  write_buffer_size: notYet("the size of the write buffer; Node's is used", "warn"),
  force_attempt_http2: notYet("OTLP/HTTP over HTTP/2; HTTP/1.1 is spoken", "warn"),
  http2_read_idle_timeout: notYet("OTLP/HTTP over HTTP/2; HTTP/1.1 is spoken", "warn"),
  http2_ping_timeout: notYet("OTLP/HTTP over HTTP/2; HTTP/1.1 is spoken", "warn"),
  cookies: notYet("cookies", "error"),
  auth: notYet("authenticators; use headers", "error"),
  middlewares: notYet("middlewares", "error"),
}).superRefine((config, context) => {
  const all = ["endpoint", "traces_endpoint", "logs_endpoint", "metrics_endpoint", "profiles_endpoint"] as const;
  if (all.some((name) => config[name] !== undefined)) return;
  context.addIssue({
    message: "must be set, or one of traces_endpoint, logs_endpoint, metrics_endpoint, profiles_endpoint",
    path: ["endpoint"],
  });
});

/** An endpoint for each signal that comes; else all of it would be lost. */
export function lacksEndpoint(config: OtlpHttpConfig, signal: Signal): string | undefined {
  return config.endpoint === undefined && config[`${signal}_endpoint`] === undefined
    ? `must have endpoint or ${signal}_endpoint, has neither`
    : undefined;
}

/** Where a signal is sent; undefined where the path is one that no receiver of podstamp's has. */
export function destinationOf(config: OtlpHttpConfig, signal: Signal): Destination | undefined {
  const url = config[`${signal}_endpoint`] ?? config.endpoint;
  if (url === undefined || (url === config.endpoint && url.pathname !== "/")) return undefined;
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  return { protocol: "http", host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port };
}

/** What is probably not meant so, and what is weak. */
export function reviewOtlpHttp({ endpoint, tls }: OtlpHttpConfig): readonly Finding[] {
  return [...reviewEndpoint(endpoint), ...reviewTls(tls, ["tls"])];
}

/** What an endpoint has at its end that is put there anyway: the server would not know the URL, which some SDKs want whole. */
function reviewEndpoint(endpoint: OtlpHttpConfig["endpoint"]): readonly Finding[] {
  const [path] = /\/v1(?:development)?\/(?:traces|metrics|logs|profiles)\/?$/.exec(endpoint?.pathname ?? "") ?? [];
  if (path === undefined) return [];
  const text = `is a base URL, behind which the path of each signal is put: take ${path} out of it, or write it as ${path.split("/")[2]}_endpoint`;
  return [{ severity: "warning", path: ["endpoint"], text }];
}

export type OtlpHttpConfig = Output<typeof otlpHttpSchema>;
