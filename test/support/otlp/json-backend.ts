import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import type { Signal } from "../../../src/otlp/signals.ts";
import { eventually } from "../eventually.ts";
import type { Attributes, Plain } from "./plain.ts";

/** An OTLP/HTTP backend that takes JSON, and remembers the resource of each scope. */
export type JsonBackend = {
  readonly endpoint: string;
  /** The attributes of the resource under which this scope arrived. */
  resourceOf(signal: Signal, scope: string): Promise<Attributes>;
  stop(): Promise<void>;
};

type JsonValue = {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly JsonValue[] };
};
type JsonResource = {
  readonly resource?: { readonly attributes?: readonly { readonly key: string; readonly value?: JsonValue }[] };
} & Readonly<Record<string, unknown>>;

const names: {
  readonly [S in Signal]: { readonly resources: string; readonly scopes: string; readonly path: string };
} = {
  traces: { resources: "resourceSpans", scopes: "scopeSpans", path: "/v1/traces" },
  metrics: { resources: "resourceMetrics", scopes: "scopeMetrics", path: "/v1/metrics" },
  logs: { resources: "resourceLogs", scopes: "scopeLogs", path: "/v1/logs" },
  profiles: { resources: "resourceProfiles", scopes: "scopeProfiles", path: "/v1development/profiles" },
};

/** Starts a backend on a free port of loopback. */
export async function startJsonBackend(): Promise<JsonBackend> {
  const seen = new Map<string, Attributes>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const found = (Object.keys(names) as Signal[]).find((signal) => names[signal].path === request.url);
      if (found !== undefined) remember(seen, found, JSON.parse(Buffer.concat(chunks).toString()));
      response.writeHead(found === undefined ? 404 : 200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    resourceOf: (signal, scope) =>
      eventually(() => seen.get(`${signal} ${scope}`), { what: `${signal} of ${scope}`, timeoutMs: 15_000 }),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function remember(
  seen: Map<string, Attributes>,
  signal: Signal,
  body: Readonly<Record<string, readonly JsonResource[]>>,
): void {
  const { resources, scopes } = names[signal];
  for (const one of body[resources] ?? []) {
    const attributes = Object.fromEntries(
      (one.resource?.attributes ?? []).map(({ key, value }) => [key, plain(value)]),
    );
    for (const { scope } of (one[scopes] ?? []) as readonly { readonly scope?: { readonly name?: string } }[])
      seen.set(`${signal} ${scope?.name ?? ""}`, attributes);
  }
}

function plain(value: JsonValue = {}): Plain {
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plain);
  return value.stringValue ?? value.boolValue ?? value.doubleValue;
}

/** One record of a resource under a scope, as OTLP's JSON has it. */
export function jsonRequest(signal: Signal, resource: Attributes, scope: string): string {
  const { resources, scopes } = names[signal];
  const attributes = Object.entries(resource).map(([key, value]) => ({ key, value: jsonValue(value) }));
  const ids = { traceId: "5b8efff798038103d269b633813fc60c", spanId: "eee19b7ec3c1b174" };
  const records = {
    traces: { spans: [{ ...ids, name: "a", kind: 2, startTimeUnixNano: "1", endTimeUnixNano: "2" }] },
    metrics: { metrics: [{ name: "m", gauge: { dataPoints: [{ timeUnixNano: "1", asInt: "1" }] } }] },
    logs: { logRecords: [{ timeUnixNano: "1", body: { stringValue: "a" } }] },
    profiles: { profiles: [{ profileId: "5b8efff798038103d269b633813fc60c", samples: [{ values: ["1"] }] }] },
  };
  return JSON.stringify({
    [resources]: [{ resource: { attributes }, [scopes]: [{ scope: { name: scope }, ...records[signal] }] }],
  });
}

function jsonValue(value: Plain): JsonValue {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return Array.isArray(value) ? { arrayValue: { values: value.map(jsonValue) } } : {};
}

export type Post = {
  readonly port: number;
  readonly signal: Signal;
  readonly body: string;
  readonly from: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Sends a request from an address of loopback; gives the status. */
export function postJson({ port, signal, body, from, headers = {} }: Post): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = send({
      host: "127.0.0.1",
      port,
      localAddress: from,
      method: "POST",
      path: names[signal].path,
      headers: { "content-type": "application/json", ...headers },
    });
    call.on("error", reject);
    call.on("response", (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    call.end(body);
  });
}
