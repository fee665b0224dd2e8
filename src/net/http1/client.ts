import http from "node:http";
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import https from "node:https";
import { proxyName } from "../socket/proxy.ts";
import type { Proxy, Target } from "../socket/proxy.ts";
import { lookupBy, resolveWithSystem } from "../socket/resolve.ts";
import type { Resolve } from "../socket/resolve.ts";
import { distrust } from "../socket/tls.ts";
import type { ClientTls } from "../socket/tls.ts";
import { trustedAuthorities } from "../../authorities.ts";
import type { CancelSignal } from "../../otlp/cancel.ts";
import { longestTimerMs } from "../../longest-timer.ts";
import { agentOptions, DirectAgent, TunnelAgent } from "./agents.ts";
import type { Means } from "./agents.ts";
import { maxRequests, redirectOf } from "./redirect.ts";

export type HttpClientOptions = {
  /** All URLs that will be posted to. */
  readonly urls: readonly URL[];
  /** For https:// URLs. */
  readonly tls: ClientTls | undefined;
  /** The proxy for a target, if any. */
  readonly proxyFor: (target: Target) => Proxy | undefined;
  readonly userAgent: string;
  /** Whether connections are used again. */
  readonly keepAlive: boolean;
  /** Connections kept while nothing is sent on them. */
  readonly maxIdle: number;
  /** Connections open at the same time; requests beyond wait. */
  readonly maxOpen: number;
  /** How long a connection is kept while nothing is sent on it; 0 is for ever. */
  readonly maxIdleMs: number;
  /** Of one response body; what comes after is not read. */
  readonly maxResponseBytes: number;
  /** Told of each redirect that is followed, and where to. */
  readonly onRedirect?: (to: URL) => void;
  /** Instead of the system's resolver; every new connection asks, and tries the addresses one after the other. */
  readonly resolve?: Resolve | undefined;
};

export type PostRequest = {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** How long all of it may take. */
  readonly timeoutMs: number;
  readonly signal: CancelSignal;
};

/** answered: there was a status, whatever it says. failed: there was none, for a reason in words. */
export type PostOutcome =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: Buffer;
    }
  | { readonly kind: "failed"; readonly reason: "timeout" | "aborted" | "network"; readonly message: string };

/** Posts over HTTP/1.1 on connections that are kept. Redirects are followed where redirect.ts says so, and answers like any other else. */
export type HttpClient = {
  /** Answers with what became of it; rejects only for a URL that it was not made for. */
  post(request: PostRequest): Promise<PostOutcome>;
  /** Ends all connections; requests under way fail. */
  close(): void;
};

/** Nothing is opened before the first request. Throws what `proxyFor` throws. */
export function createHttpClient(given: HttpClientOptions): HttpClient {
  // One may take connections and be of no use (it hangs, or stands before nothing): each failure makes another one the first.
  let failures = 0;
  const options: Means = { ...given, lookup: lookupBy(given.resolve ?? resolveWithSystem, () => failures) };
  const direct = { http: new http.Agent(agentOptions(options)), https: new DirectAgent(options) };
  const tunnels = new Map<string, TunnelAgent>();
  const context: RouteContext = { options, direct, tunnels };
  const routes = new Map(options.urls.map((url) => [url.href, routeTo(url, context)]));

  const postOnce = async (route: Route, request: PostRequest): Promise<PostOutcome> => {
    const begun = performance.now();
    const before = failures;
    const noted = ({ outcome }: Exchanged): PostOutcome => {
      // Those that fail together count once.
      if (outcome.kind === "failed" && outcome.reason !== "aborted" && failures === before) failures++;
      return outcome;
    };
    const first = await exchange(route, request, options.maxResponseBytes);
    // A kept connection that the server was just closing: the request was not answered, and a new one costs no wait.
    if (!first.wasStale) return noted(first);
    const timeoutMs = request.timeoutMs - (performance.now() - begun);
    return noted(await exchange(route, { ...request, timeoutMs }, options.maxResponseBytes));
  };

  return {
    async post(request) {
      const route = routes.get(request.url.href);
      if (route === undefined) throw new Error("Cannot post: must be one of the URLs that the client was made for");
      const begun = performance.now();
      let outcome = await postOnce(route, request);
      let { url } = request;
      for (let requests = 1; requests < maxRequests; requests++) {
        const next = redirectOf(outcome, url);
        if (next === undefined) break;
        url = next;
        options.onRedirect?.(url);
        const timeoutMs = request.timeoutMs - (performance.now() - begun);
        outcome = await postOnce(routeTo(url, context), { ...request, timeoutMs });
      }
      return outcome;
    },
    close() {
      for (const agent of [direct.http, direct.https, ...tunnels.values()]) agent.destroy();
    },
  };
}

/** How requests to one URL are sent. */
type Route = {
  readonly agent: http.Agent | https.Agent;
  readonly isSecure: boolean;
  readonly request: Pick<http.RequestOptions, "host" | "port" | "path">;
  /** Those that the way demands. */
  readonly headers: Readonly<Record<string, string>>;
  /** For messages: without credentials, path and query. */
  readonly name: string;
};

type RouteContext = {
  readonly options: Means;
  readonly direct: { readonly http: http.Agent; readonly https: https.Agent };
  /** By their proxies, with what these are told; made when one is used. */
  readonly tunnels: Map<string, TunnelAgent>;
};

function routeTo(url: URL, { options, direct, tunnels }: RouteContext): Route {
  const isSecure = url.protocol === "https:";
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? (isSecure ? 443 : 80) : Number(url.port);
  const path = `${url.pathname}${url.search}`;
  const proxy = options.proxyFor({ scheme: isSecure ? "https" : "http", host, port });
  if ((isSecure || proxy?.isSecure === true) && options.tls?.ca === undefined) trustedAuthorities();
  const request = { host, port, path };
  const headers = { host: url.host };
  if (proxy === undefined) {
    const agent = isSecure ? direct.https : direct.http;
    return { agent, isSecure, request, headers, name: url.host };
  }
  const name = `${url.host} through the proxy ${proxyName(proxy)}`;
  if (isSecure) {
    const way = JSON.stringify(proxy);
    const agent = tunnels.get(way) ?? new TunnelAgent(proxy, options);
    tunnels.set(way, agent);
    return { agent, isSecure, request, headers, name: url.host };
  }
  return {
    agent: proxy.isSecure ? direct.https : direct.http,
    isSecure: proxy.isSecure,
    name,
    request: { host: proxy.host, port: proxy.port, path: `http://${url.host}${path}` },
    headers: {
      ...headers,
      ...(proxy.authorization === undefined ? {} : { "proxy-authorization": proxy.authorization }),
    },
  };
}

type Exchanged = { readonly outcome: PostOutcome; readonly wasStale: boolean };

function exchange(route: Route, post: PostRequest, maxResponseBytes: number): Promise<Exchanged> {
  if (post.signal.aborted) return Promise.resolve(failed("aborted", "the sender gave up"));
  if (post.timeoutMs <= 0) return Promise.resolve(failed("timeout", "there was no time left"));
  return new Promise((resolve) => {
    const request: ClientRequest = (route.isSecure ? https : http).request({
      ...route.request,
      method: "POST",
      agent: route.agent,
      headers: { ...route.headers, ...post.headers, "content-length": String(post.body.length) },
    });
    const settle = (exchanged: Exchanged): void => {
      clearTimeout(timer);
      post.signal.removeEventListener("abort", onAbort);
      resolve(exchanged);
    };
    const onAbort = (): void => {
      settle(failed("aborted", `Gave up waiting for ${route.name}`));
      request.destroy();
    };
    const onTimeout = (): void => {
      settle(failed("timeout", `Cannot reach ${route.name}: no answer within ${Math.round(post.timeoutMs)} ms`));
      request.destroy();
    };
    const timer = setTimeout(onTimeout, Math.min(post.timeoutMs, longestTimerMs));
    post.signal.addEventListener("abort", onAbort, { once: true });
    let hasAnswer = false;
    request.on("response", (response) => {
      hasAnswer = true;
      readBody(response, maxResponseBytes, (body) => settle({ outcome: answered(response, body), wasStale: false }));
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      if (hasAnswer) return;
      const wasStale = request.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      settle({ ...failed("network", `Cannot reach ${route.name}: ${reasonOf(error, route.isSecure)}`), wasStale });
    });
    request.end(post.body);
  });
}

function failed(reason: "timeout" | "aborted" | "network", message: string): Exchanged {
  return { outcome: { kind: "failed", reason, message }, wasStale: false };
}

function answered({ statusCode = 0, headers }: IncomingMessage, body: Buffer): PostOutcome {
  return { kind: "answered", status: statusCode, headers, body };
}

const nothing = Buffer.alloc(0);

/**
 * The first bytes of a body. With more than that, or an end before its time, the connection is not used again: the status
 * has been said, and it is what counts. `done` may be told twice.
 */
function readBody(response: IncomingMessage, limit: number, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const end = (): void => done(chunks.length === 0 ? nothing : Buffer.concat(chunks));
  response.on("data", (chunk: Buffer) => {
    if (length < limit) chunks.push(chunk.subarray(0, limit - length));
    length += chunk.length;
    if (length > limit) response.destroy();
  });
  response.once("end", end);
  response.once("close", end);
  response.on("error", () => response.destroy());
}

/** The reason in a few words. With several addresses Node answers an error without a message around one for each. */
function reasonOf(error: NodeJS.ErrnoException & { readonly reason?: string }, isSecure: boolean): string {
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.map((each: unknown) => (each instanceof Error ? each.message : String(each))).join(", ");
  // Depending on where it strikes, OpenSSL's words are the code or only in the message.
  if (/wrong.version.number|packet.length.too.long/i.test(`${error.code} ${error.message}`))
    return "the server does not speak TLS (http:// is without it)";
  if (error.code === "HPE_INVALID_CONSTANT" || error.code === "HPE_INVALID_HTTP_TOKEN")
    return `the server does not speak HTTP/1.1${isSecure ? "" : " (is it a gRPC port, or does it want https://?)"}`;
  if (error.message === "socket hang up")
    return `the connection was closed${isSecure ? "" : " (does the server want https://?)"}`;
  return distrust(error.reason ?? error.message);
}
