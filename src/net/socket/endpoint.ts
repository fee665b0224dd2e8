/** Where to listen or to connect. */
export type Endpoint =
  | {
      readonly kind: "tcp";
      readonly host: string;
      readonly port: number;
      readonly scheme: "http" | "https" | undefined;
      /** Of 0.0.0.0: no address of IPv6. */
      readonly isIpv4Only?: boolean;
    }
  | {
      readonly kind: "unix";
      readonly path: string;
      /** Of the socket that is made there; that of the process unless said otherwise. */
      readonly access?: SocketAccess;
    };

/** Who may connect to a unix socket: its permission bits, and its group by name or number. */
export type SocketAccess = { readonly mode?: number; readonly group?: string };

/**
 * Reads an endpoint as the Collector and gRPC write it: "host:port", ":port", "[::1]:port", "unix:///path", "unix:path",
 * "http://host:port", "https://host:port", "dns:///host:port", "passthrough:///host:port". Answers a sentence when it is none.
 * An empty host means every address; `defaultPort` fills in a missing port.
 */
export function parseEndpoint(text: string, defaultPort?: number): Endpoint | string {
  if (text.startsWith("unix:")) return parseUnix(text.slice("unix:".length));
  const scheme = /^(https?):\/\//.exec(text)?.[1];
  const bare = text.replace(/^(https?:\/\/|(dns|passthrough):(\/\/[^/]*\/)?)/, "").replace(/\/$/, "");
  const foreign = /^([a-z][a-z0-9+.-]*):\/\//.exec(bare)?.[1];
  if (foreign !== undefined) return `must be host:port or unix:///path, has the unknown scheme "${foreign}"`;
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([^:]*))?$/.exec(bare);
  if (match === null) return `must be host:port or unix:///path (an IPv6 address in brackets), is "${text}"`;
  const host = match[1] ?? match[2] ?? "";
  if (/[/?#@\s]/.test(host) || /[/?#]/.test(match[3] ?? "")) return `must be host:port without a path, is "${text}"`;
  if (match[3] === undefined && defaultPort === undefined) return `must have a port, is "${text}"`;
  const port = match[3] === undefined ? (defaultPort ?? 0) : Number(match[3]);
  if (match[3] !== undefined && (!/^[0-9]{1,5}$/.test(match[3]) || port > 65_535))
    return `must have a port from 0 to 65535, is "${text}"`;
  return { kind: "tcp", host, port, scheme: scheme === "http" || scheme === "https" ? scheme : undefined };
}

function parseUnix(rest: string): Endpoint | string {
  const path = rest.startsWith("//") ? rest.slice(2) : rest;
  if (path === "" || path.includes("\0")) return "must name a socket after unix://";
  // sun_path holds 108 bytes with its end on Linux; what is longer is cut off in silence by some systems.
  if (Buffer.byteLength(path) > 107) return `must be a path of at most 107 bytes, has ${Buffer.byteLength(path)}`;
  return { kind: "unix", path };
}

/** Writes an endpoint the way it is read. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === "unix") return `unix://${endpoint.path}`;
  return `${endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}`;
}

/** The ":authority" of a client. The zone of an IPv6 address is nobody else's business (RFC 6874, section 1). */
export function authorityOf(options: { readonly endpoint: Endpoint; readonly authority?: string | undefined }): string {
  const { endpoint, authority } = options;
  if (authority !== undefined) return authority;
  if (endpoint.kind === "unix") return "localhost";
  return formatEndpoint({ ...endpoint, host: endpoint.host.replace(/%.*$/, "") });
}
