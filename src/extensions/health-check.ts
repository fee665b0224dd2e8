import type { Output } from "../config/schema/schema.ts";
import { formatDuration } from "../config/fields/duration.ts";
import { choice, endpoint, flag, notYet, optionalSection, section, text } from "../config/fields/fields.ts";
import { reviewTls, serverTlsFields } from "../config/fields/tls-fields.ts";
import { parseEndpoint } from "../net/socket/endpoint.ts";
import type { Endpoint } from "../net/socket/endpoint.ts";
import { createHttpServer } from "../net/http1/server.ts";
import type { HttpHead, HttpReply, HttpServer } from "../net/http1/server.ts";
import { serverTls } from "../net/socket/tls.ts";
import type { Extension, ExtensionHost, ServiceStatus } from "../pipeline/contract.ts";
import type { ExtensionFactory } from "../pipeline/graph/factory.ts";

const bodies = section({
  healthy: text({ default: "", maxLength: 65_536 }).describe("Body of the answer when podstamp is ready."),
  unhealthy: text({ default: "", maxLength: 65_536 }).describe("Body of the answer when it is not."),
});

const nodeHas = "Node's limits apply";
const v2 = "version 2 of the health check; `path` and `liveness_path` answer";

const schema = section({
  endpoint: endpoint({ default: "localhost:13133", schemes: ["unix"] }).describe(
    "Where to listen, host:port; localhost is 127.0.0.1 and ::1, so a kubelet needs 0.0.0.0:13133.",
  ),
  transport: choice(["tcp", "unix"], "tcp").describe("The kind of socket; with unix the endpoint is a path."),
  path: text({ default: "/", minLength: 1 }).describe(
    "Where readiness is answered: 200 while everything runs and every container runtime was listed or did not answer, else 503; `/` is every path but liveness_path.",
  ),
  liveness_path: text({ default: "/livez", minLength: 1 }).describe(
    "Where 200 is answered as long as the process lives, also while it starts and drains; podstamp's own key, for a livenessProbe.",
  ),
  response_body: optionalSection(bodies, { absent: "off", empty: "on" }).describe(
    "What is answered instead of the JSON of the Collector.",
  ),
  tls: optionalSection(serverTlsFields, { absent: "off", empty: "on" }).describe(
    "TLS for those who connect; off unless set.",
  ),
  keep_alives_enabled: flag(true).describe("Whether a connection may be used for more than one request."),
  check_collector_pipeline: notYet("failures of exporters as a reason not to be ready", "warn"),
  auth: notYet("authenticators; whoever reaches the endpoint may ask", "error"),
  cors: notYet("browsers of other origins", "warn"),
  response_headers: notYet("headers added to every answer", "warn"),
  max_request_body_size: notYet(nodeHas, "warn"),
  compression_algorithms: notYet("bodies of requests are not read", "warn"),
  include_metadata: notYet("headers of requests are not used", "warn"),
  middlewares: notYet("middlewares", "error"),
  read_timeout: notYet(nodeHas, "warn"),
  read_header_timeout: notYet(nodeHas, "warn"),
  write_timeout: notYet(nodeHas, "warn"),
  idle_timeout: notYet(nodeHas, "warn"),
  use_v2: notYet(v2, "warn"),
  component_health: notYet(v2, "warn"),
  http: notYet(v2, "warn"),
  grpc: notYet(v2, "error"),
});

type Settings = Output<typeof schema>;

/** Tells a kubelet whether podstamp lives and whether it is ready. */
export const healthCheckExtension: ExtensionFactory<Settings> = {
  kind: "extension",
  type: "health_check",
  aliases: [],
  signals: [],
  stability: "beta",
  summary: "Tells over HTTP whether podstamp lives and whether it is ready.",
  schema,
  review: (settings) => reviewTls((settings as Settings).tls, ["tls"]),
  create: createHealthCheck,
};

/** Whoever asks is one probe or a few; what comes above it is closed. */
const maxConnections = 64;
const timeoutMs = 5000;

function createHealthCheck(config: Settings, host: ExtensionHost): Extension {
  const where = endpointOf(config, host);
  const tls = config.tls === undefined ? undefined : serverTls(config.tls, host.log);
  let server: HttpServer | undefined;
  return {
    async start() {
      server = createHttpServer(
        {
          endpoint: where,
          tls,
          maxBodyBytes: 0,
          maxConnections,
          maxBytesInFlight: 0,
          encodings: new Set(),
          headersTimeoutMs: timeoutMs,
          requestTimeoutMs: timeoutMs,
          keepAliveTimeoutMs: timeoutMs,
          keepAlive: config.keep_alives_enabled,
          onRefusal: () => {},
        },
        (head) => ({ kind: "reply", reply: replyTo(head, config, host.status()) }),
      );
      const address = await server.start();
      host.log.info({ endpoint: address }, "Answering health checks");
    },
    async stop() {
      // A probe that keeps its connection open would hold up the end.
      await server?.stop(AbortSignal.abort());
      server = undefined;
    },
  };
}

function endpointOf({ endpoint: written, transport }: Settings, { id }: ExtensionHost): Endpoint {
  const parsed = parseEndpoint(transport === "unix" && !written.startsWith("unix:") ? `unix://${written}` : written);
  if (typeof parsed === "string") throw new Error(`Cannot use extensions::${id}::endpoint: ${parsed}`);
  return parsed;
}

function replyTo({ path }: HttpHead, config: Settings, status: ServiceStatus): HttpReply {
  if (path === config.liveness_path) return json(200, { status: "Server alive" });
  if (path !== config.path && config.path !== "/") return json(404, { status: "Not found" });
  const isReady = status.phase === "running" && status.waitingFor.length === 0;
  const code = isReady ? 200 : 503;
  const own = config.response_body;
  if (own !== undefined) return reply(code, isReady ? own.healthy : own.unhealthy, "text/plain; charset=utf-8");
  if (!isReady) return json(code, { status: "Server not available", upSince: zeroTime, uptime: "", ...why(status) });
  return json(code, {
    status: "Server available",
    upSince: new Date(status.since).toISOString(),
    uptime: formatDuration(Math.max(0, Date.now() - status.since)),
  });
}

/** Go's zero time, which the Collector answers while it is not ready. */
const zeroTime = "0001-01-01T00:00:00Z";

/** For the person who asks why a pod is not ready; the Collector says nothing of it. */
function why(status: ServiceStatus): Readonly<Record<string, unknown>> {
  return status.phase === "running" ? { waitingFor: status.waitingFor } : { phase: status.phase };
}

function json(status: number, body: object): HttpReply {
  return reply(status, JSON.stringify(body), "application/json");
}

function reply(status: number, body: string, contentType: string): HttpReply {
  return { status, headers: { "content-type": contentType, "cache-control": "no-store" }, body: Buffer.from(body) };
}
