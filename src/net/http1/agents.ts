import type http from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import type { LookupFunction } from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import { openTunnel } from "../socket/proxy.ts";
import type { Proxy } from "../socket/proxy.ts";
import { upToDate } from "../socket/tls-reload.ts";
import type { ClientTls } from "../socket/tls.ts";
import type { HttpClientOptions } from "./client.ts";

/** What connections are made with. */
export type Means = HttpClientOptions & { readonly lookup: LookupFunction };

/** An agent that shows the certificate which is in its file when it connects. */
export class DirectAgent extends https.Agent {
  readonly #tls: ClientTls | undefined;

  constructor(options: Means) {
    super(secureOptions(options));
    this.#tls = options.tls;
  }

  override createConnection(to: https.RequestOptions, done?: (error: Error | null, socket: Duplex) => void) {
    return super.createConnection({ ...to, ...this.#tls?.renewed?.() }, done);
  }
}

/** An agent whose TLS connections go through a proxy. */
export class TunnelAgent extends https.Agent {
  readonly #proxy: Proxy;
  readonly #options: Means;
  readonly #closing = new AbortController();

  constructor(proxy: Proxy, options: Means) {
    super(secureOptions(options));
    this.#proxy = proxy;
    this.#options = options;
  }

  override createConnection(to: https.RequestOptions, done?: (error: Error | null, socket: Duplex) => void): null {
    const host = String(to.host);
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(connectTimeoutMs)]);
    const { userAgent, lookup, tls: secure } = this.#options;
    openTunnel({ proxy: this.#proxy, host, port: Number(to.port), userAgent, lookup, tls: secure, signal }).then(
      (socket) => done?.(null, tls.connect({ ...(secure && upToDate(secure)), ...serverName(host, secure), socket })),
      // Node reads no stream beside an error.
      (error: Error) => (done as ((error: Error) => void) | undefined)?.(error),
    );
    return null;
  }

  override destroy(): void {
    this.#closing.abort();
    super.destroy();
  }
}

/** Connecting and CONNECT, together. */
const connectTimeoutMs = 20_000;

function serverName(host: string, secure: ClientTls | undefined): { servername?: string } {
  if (secure?.servername !== undefined) return { servername: secure.servername };
  return isIP(host) === 0 ? { servername: host } : {};
}

/** How long and how many connections are kept. */
export function agentOptions({ keepAlive, maxIdle, maxOpen, maxIdleMs, lookup }: Means): http.AgentOptions {
  return {
    keepAlive,
    maxFreeSockets: maxIdle,
    maxSockets: maxOpen,
    noDelay: true,
    ...(maxIdleMs > 0 ? { timeout: maxIdleMs } : {}),
    lookup,
  };
}

function secureOptions(options: Means): https.AgentOptions {
  // A session that is taken up again stands for the certificate that was shown when it began.
  const sessions = options.tls?.renewed === undefined ? {} : { maxCachedSessions: 0 };
  return { ...agentOptions(options), ...options.tls, ...sessions };
}
