import net from "node:net";
import type { OnReadOpts, Socket } from "node:net";
import tls from "node:tls";
import { trustedAuthorities } from "../authorities.ts";
import { lookupBy, resolveWithSystem } from "./socket/resolve.ts";
import { tcpKeepAlive } from "./socket/tcp-keepalive.ts";
import { upToDate } from "./socket/tls-reload.ts";
import { distrust } from "./socket/tls.ts";
import type { ClientOptions } from "./transport.ts";

type Means = {
  /** A connection through a proxy, to go on with. */
  readonly tunnel?: Socket | undefined;
  /** Reads into memory that is used again, where the socket allows it: not with TLS through a proxy. */
  readonly onread?: OnReadOpts | undefined;
  /** How many attempts have failed, the last ones in a row. */
  readonly failures?: number;
};

/**
 * Connects to where a client is to send, with TLS where it is wanted; what goes wrong is the socket's "error". Of a name with several
 * addresses the first that takes a connection is used. One may take it and be of no use (it hangs, or stands before nothing): each failure
 * makes another one the first.
 */
export function openSocket(options: ClientOptions, { tunnel, onread, failures = 0 }: Means = {}): Socket {
  const { endpoint, tls: secure, resolve = resolveWithSystem, firstAddress = 0 } = options;
  const where =
    endpoint.kind === "unix"
      ? { path: endpoint.path }
      : { host: endpoint.host === "" ? "localhost" : endpoint.host, port: endpoint.port };
  const lookup = { lookup: lookupBy(resolve, () => firstAddress + failures) };
  const reading = onread === undefined ? {} : { onread };
  if (secure === undefined)
    return tunnel?.setNoDelay(true) ?? net.connect({ ...where, ...lookup, ...reading, ...tcpKeepAlive, noDelay: true });
  if (secure.ca === undefined) trustedAuthorities();
  const servername =
    secure.servername ?? (endpoint.kind === "tcp" && net.isIP(endpoint.host) === 0 ? endpoint.host : undefined);
  const socket = tls.connect({
    ...(tunnel === undefined ? { ...where, ...lookup } : { socket: tunnel }),
    ...upToDate(secure),
    ...(servername === undefined ? {} : { servername }),
    ALPNProtocols: ["h2"],
  });
  return socket.setNoDelay(true).setKeepAlive(true, tcpKeepAlive.keepAliveInitialDelay);
}

/** Why a connection failed, in a few words. With several addresses Node answers an error without a message around one for each. */
export function reasonOf(error: Error & { readonly code?: string; readonly reason?: string }): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map((each: unknown) => (each instanceof Error ? each.message : String(each))).join(", ");
  }
  const speaksNoTls = error.code === "ERR_SSL_WRONG_VERSION_NUMBER" || error.code === "ERR_SSL_PACKET_LENGTH_TOO_LONG";
  if (speaksNoTls) return "the server does not speak TLS (tls.insecure: true switches it off)";
  return distrust(error.reason ?? error.message);
}
