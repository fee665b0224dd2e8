import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Exposition } from "./exposition.ts";
import type { Registry } from "../registry.ts";
import { codeOf } from "../../error-code.ts";

type EndpointOptions = {
  readonly host: string;
  readonly port: number;
  /** How podstamp listens everywhere: a host can be several addresses, each with a server of its own. */
  readonly listen: (
    at: { readonly host: string; readonly port: number },
    make: () => Server,
  ) => Promise<{ readonly address: string; close(): void }>;
};

/** The place where Prometheus reads our metrics. */
export type MetricsEndpoint = {
  /** Listens; throws an error that names the address and the setting when it cannot. Returns "host:port" as bound. */
  start(): Promise<string>;
  stop(): Promise<void>;
};

/** Serves GET /metrics in the text format of Prometheus, with the names as they stand in names.ts. */
export function createMetricsEndpoint(registry: Registry, { host, port, listen }: EndpointOptions): MetricsEndpoint {
  let exposition: Promise<Exposition> | undefined;
  // Made when somebody reads for the first time: until then the SDK is not in memory.
  const text = async () => (await (exposition ??= expose(registry))).text();
  const servers: Server[] = [];
  const make = () => {
    const server = createServer(
      { maxHeaderSize: 8192, headersTimeout: 5000, requestTimeout: 5000, keepAliveTimeout: 5000 },
      (request, response) => void answer(request, response, text),
    );
    server.maxConnections = 64;
    servers.push(server);
    return server;
  };

  return {
    async start() {
      try {
        const { address } = await listen({ host, port }, make);
        return `${host.includes(":") ? `[${host}]` : host}:${address.split(":").at(-1)}`;
      } catch (cause) {
        throw new Error(listenError(host, port, cause), { cause });
      }
    },
    async stop() {
      await Promise.all(servers.map(closed));
      await (await exposition)?.close();
    },
  };
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function expose(registry: Registry): Promise<Exposition> {
  const { createExposition } = await import("./exposition.ts");
  return createExposition(registry);
}

async function answer(request: IncomingMessage, response: ServerResponse, text: () => Promise<string>): Promise<void> {
  request.resume();
  const [path] = (request.url ?? "").split("?");
  if (path !== "/metrics") return plain(response, 404, "Not found: the metrics are at /metrics\n");
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET");
    return plain(response, 405, "Only GET is supported\n");
  }
  try {
    const body = await text();
    response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
    plain(response, 200, body);
  } catch (cause) {
    plain(response, 500, `Cannot read the metrics: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  }
}

function plain(response: ServerResponse, status: number, body: string): void {
  response.statusCode = status;
  if (!response.hasHeader("content-type")) response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end(body);
}

function listenError(host: string, port: number, error: unknown): string {
  const isTaken = codeOf(error) === "EADDRINUSE";
  // A Collector's usual port is the same one.
  const other = `podstamp doctor says who; for another port readers: [{pull: {exporter: {prometheus: {port: ${port + 1}}}}}]`;
  const rule = isTaken ? `somebody else listens there (${other})` : systemsWord(error);
  return `Cannot listen on ${host}:${port} for service::telemetry::metrics::readers: ${rule}`;
}

/** What the system said: the error around it names the address, as this one's does. */
function systemsWord(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}
