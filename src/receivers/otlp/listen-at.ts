import type { Destination } from "../../config/component-type.ts";
import { parseEndpoint } from "../../net/socket/endpoint.ts";
import type { Endpoint } from "../../net/socket/endpoint.ts";
import { isLoopback } from "../../net/socket/peer.ts";
import type { Host } from "../../pipeline/contract.ts";

type Where = {
  readonly endpoint: string;
  readonly transport: "tcp" | "tcp4" | "tcp6" | "unix" | "native" | "node";
  readonly mode?: number | undefined;
  readonly group?: string | undefined;
};

/** Where a protocol listens. With `transport: unix` the endpoint may be a bare path, as the Collector writes it. */
export function listenAt(where: Where, host: Host): Endpoint {
  const parsed = parsedEndpoint(where);
  if (typeof parsed === "string") throw new Error(`Cannot use receivers.${host.id}: endpoint ${parsed}`);
  const { transport, mode, group } = where;
  if (parsed.kind === "unix") {
    const access = { ...(mode === undefined ? {} : { mode }), ...(group === undefined ? {} : { group }) };
    return { ...parsed, access };
  }
  if (transport === "tcp4") return { ...parsed, host: ipv4Host(parsed.host), isIpv4Only: true };
  if (transport === "tcp6" && (parsed.host === "" || parsed.host === "localhost"))
    return { ...parsed, host: parsed.host === "" ? "::" : "::1" };
  return parsed;
}

function parsedEndpoint({ endpoint, transport }: Where): Endpoint | string {
  return parseEndpoint(transport === "unix" && !endpoint.startsWith("unix:") ? `unix://${endpoint}` : endpoint);
}

/** Whether a protocol that listens there is reached at a destination, as far as the addresses tell. */
export function isReached(where: Where, { host, port }: Pick<Destination, "host" | "port">): boolean {
  const at = parsedEndpoint(where);
  if (typeof at === "string" || at.kind !== "tcp" || at.port !== port) return false;
  const isHere = (name: string) => name === "localhost" || isLoopback(name);
  if (everywhere.has(at.host)) return everywhere.has(host) || isHere(host);
  return at.host === host || ([at.host, host].includes("localhost") && isHere(at.host) && isHere(host));
}

const everywhere: ReadonlySet<string> = new Set(["", "0.0.0.0", "::"]);

function ipv4Host(host: string): string {
  return host === "" ? "0.0.0.0" : host === "localhost" ? "127.0.0.1" : host;
}
