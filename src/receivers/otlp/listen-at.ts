import { parseEndpoint } from "../../net/socket/endpoint.ts";
import type { Endpoint } from "../../net/socket/endpoint.ts";
import type { Host } from "../../pipeline/contract.ts";

type Where = {
  readonly endpoint: string;
  readonly transport: "tcp" | "tcp4" | "tcp6" | "unix" | "native" | "node";
  readonly mode?: number | undefined;
  readonly group?: string | undefined;
};

/** Where a protocol listens. With `transport: unix` the endpoint may be a bare path, as the Collector writes it. */
export function listenAt({ endpoint, transport, mode, group }: Where, host: Host): Endpoint {
  const text = transport === "unix" && !endpoint.startsWith("unix:") ? `unix://${endpoint}` : endpoint;
  const parsed = parseEndpoint(text);
  if (typeof parsed === "string") throw new Error(`Cannot use receivers.${host.id}: endpoint ${parsed}`);
  if (parsed.kind === "unix") {
    const access = { ...(mode === undefined ? {} : { mode }), ...(group === undefined ? {} : { group }) };
    return { ...parsed, access };
  }
  if (transport === "tcp4") return { ...parsed, host: ipv4Host(parsed.host), isIpv4Only: true };
  if (transport === "tcp6" && (parsed.host === "" || parsed.host === "localhost"))
    return { ...parsed, host: parsed.host === "" ? "::" : "::1" };
  return parsed;
}

function ipv4Host(host: string): string {
  return host === "" ? "0.0.0.0" : host === "localhost" ? "127.0.0.1" : host;
}
