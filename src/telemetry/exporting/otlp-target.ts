import { readFileSync } from "node:fs";
import { credentials, Metadata } from "@grpc/grpc-js";
import type { ChannelCredentials } from "@grpc/grpc-js";
import type { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { trustedAuthorities } from "../../authorities.ts";

/** Where our own telemetry is sent to over OTLP. */
export type OtlpTarget = {
  readonly protocol: "grpc" | "http/protobuf";
  /** "http://host:port", "https://host:port" or "host:port". */
  readonly endpoint: string;
  readonly insecure: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: "none" | "gzip";
  readonly timeoutMs: number;
  /** Files in PEM. */
  readonly certificate: string | undefined;
  readonly clientCertificate: string | undefined;
  readonly clientKey: string | undefined;
};

/** The options of an exporter of the SDK over gRPC. */
export function grpcOptions(target: OtlpTarget) {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(target.headers)) metadata.set(name, value);
  return { ...common(target), url: target.endpoint, metadata, credentials: grpcCredentials(target) };
}

/** The options of an exporter of the SDK over HTTP; `path` is that of the signal. */
export function httpOptions(target: OtlpTarget, path: string) {
  const written = target.endpoint;
  const url = new URL(/^https?:\/\//i.test(written) ? written : `${target.insecure ? "http" : "https"}://${written}`);
  if (url.pathname === "/") url.pathname = path;
  if (url.protocol === "https:") trustedAuthorities();
  const { ca, cert, key } = certificates(target);
  const agent = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  return { ...common(target), url: url.href, headers: { ...target.headers }, httpAgentOptions: agent };
}

function common({ compression, timeoutMs }: OtlpTarget) {
  return { timeoutMillis: timeoutMs, compression: compression as Compression };
}

/** The SDK's enumeration, which has these two words for its values. */
type Compression = NonNullable<NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>["compression"]>;

function grpcCredentials(target: OtlpTarget): ChannelCredentials {
  const { endpoint, insecure } = target;
  if (/^http:/i.test(endpoint) || (insecure && !/^https:/i.test(endpoint))) return credentials.createInsecure();
  trustedAuthorities();
  const { ca, cert, key } = certificates(target);
  return credentials.createSsl(ca ?? null, key ?? null, cert ?? null);
}

function certificates({ certificate, clientCertificate, clientKey }: OtlpTarget) {
  const read = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path));
  return { ca: read(certificate), cert: read(clientCertificate), key: read(clientKey) };
}
