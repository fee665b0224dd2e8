import http from "node:http";
import https from "node:https";
import { BlockList, isIP } from "node:net";
import type { LookupFunction, Socket } from "node:net";
import { domainToASCII } from "node:url";
import { trustedAuthorities } from "../../authorities.ts";
import { isLoopback } from "./peer.ts";
import { distrust } from "./tls.ts";
import type { ClientTls } from "./tls.ts";

/** The variables that a process was started with. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy that takes HTTP requests and CONNECT. */
export type Proxy = {
  readonly host: string;
  readonly port: number;
  /** Whether TLS is spoken with the proxy itself. */
  readonly isSecure: boolean;
  /** The Proxy-Authorization header; never shown. */
  readonly authorization: string | undefined;
};

/** What a connection is for. */
export type Target = { readonly scheme: "http" | "https"; readonly host: string; readonly port: number };

/** Reads a proxy's URL; "http://" may be left out. Answers a sentence when it is none, in which no password appears. */
export function parseProxy(text: string): Proxy | string {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || url.hostname === "") return "must be the URL of a proxy, as in http://user:password@proxy:3128";
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return `must be an http:// or https:// proxy, has the scheme "${url.protocol.slice(0, -1)}"`;
  const isSecure = url.protocol === "https:";
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? (isSecure ? 443 : 80) : Number(url.port),
    isSecure,
    authorization: basicAuthorization(url),
  };
}

/** The Basic credentials in a URL as the value of a header; undefined when it has none. */
export function basicAuthorization(url: URL): string | undefined {
  if (url.username === "" && url.password === "") return undefined;
  const plain = `${decoded(url.username)}:${decoded(url.password)}`;
  return `Basic ${Buffer.from(plain).toString("base64")}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign stands for itself.
    return text;
  }
}

/**
 * The proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY (or their lower-case names) say for a target, as Go's clients read them:
 * by the target's scheme, never for localhost and loopback addresses. Throws with the variable's name when it is no proxy.
 */
export function proxyFromEnvironment(target: Target, environment: Environment): Proxy | undefined {
  const name = target.scheme === "https" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const text = either(environment, name);
  if (text === "" || !isProxied(target, either(environment, "NO_PROXY"))) return undefined;
  const proxy = parseProxy(text);
  if (typeof proxy === "string") throw new Error(`Cannot use the environment's ${name}: ${proxy}`);
  return proxy;
}

function either(environment: Environment, name: string): string {
  const upper = environment[name] ?? "";
  return upper === "" ? (environment[name.toLowerCase()] ?? "") : upper;
}

/** Whether a target is none of those that a NO_PROXY list (hosts, .suffixes, *.suffixes, addresses, CIDRs, each with a port if wanted; *) leaves out. */
function isProxied({ host, port }: Target, noProxy: string): boolean {
  const name = ascii(host);
  if (name === "localhost" || isLoopback(name)) return false;
  const entries = noProxy.split(",").map((entry) => entry.trim().toLowerCase());
  return !entries.some((entry) => entry !== "" && isExcluded(entry, name, port));
}

function ascii(host: string): string {
  const lower = host.toLowerCase().replace(/\.$/, "");
  return isIP(lower) === 0 ? domainToASCII(lower) || lower : lower;
}

function isExcluded(entry: string, name: string, port: number): boolean {
  if (entry === "*") return true;
  const network = /^([0-9a-f.:]+)\/([0-9]{1,3})$/.exec(entry);
  if (network !== null) return isIn(name, network[1] ?? "", Number(network[2]));
  const { host, port: onlyPort } = splitPort(entry);
  if (host === "" || (onlyPort !== "" && onlyPort !== String(port))) return false;
  if (isIP(host) !== 0) return isIP(name) !== 0 && sameAddress(host, name);
  if (isIP(name) !== 0) return false;
  const suffix = host.startsWith("*.") ? host.slice(1) : host;
  // A leading dot leaves out what is below a name and not the name itself.
  return suffix.startsWith(".") ? name.endsWith(suffix) : name === ascii(suffix) || name.endsWith(`.${ascii(suffix)}`);
}

function splitPort(entry: string): { readonly host: string; readonly port: string } {
  const bracketed = /^\[([^\]]*)\](?::([0-9]+))?$/.exec(entry);
  if (bracketed !== null) return { host: bracketed[1] ?? "", port: bracketed[2] ?? "" };
  const named = /^([^:]*):([0-9]+)$/.exec(entry);
  return named === null ? { host: entry, port: "" } : { host: named[1] ?? "", port: named[2] ?? "" };
}

function sameAddress(one: string, other: string): boolean {
  return isIn(other, one, isIP(one) === 6 ? 128 : 32);
}

/** Whether a name is an address in a network; an IPv4 address in IPv6's clothes counts as IPv4. */
function isIn(name: string, network: string, prefix: number): boolean {
  const family = isIP(network);
  const longest = family === 6 ? 128 : 32;
  if (isIP(name) === 0 || family === 0 || prefix > longest) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, family === 6 ? "ipv6" : "ipv4");
  return list.check(name, isIP(name) === 6 ? "ipv6" : "ipv4");
}

/** How a proxy is named in messages. */
export function proxyName({ host, port }: Proxy): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

export type TunnelOptions = {
  readonly proxy: Proxy;
  /** Where the tunnel is to end. */
  readonly host: string;
  readonly port: number;
  readonly userAgent: string;
  /** For the TLS with the proxy itself; which authorities count. */
  readonly tls?: Pick<ClientTls, "ca" | "rejectUnauthorized"> | undefined;
  readonly lookup?: LookupFunction | undefined;
  readonly signal: AbortSignal;
};

/** Opens a connection through a proxy with CONNECT. Rejects with the proxy's name and its answer when there is none. */
export function openTunnel(options: TunnelOptions): Promise<Socket> {
  const { proxy, host, port, signal, lookup } = options;
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (proxy.isSecure && options.tls?.ca === undefined) trustedAuthorities();
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const request = (proxy.isSecure ? https : http).request({
    method: "CONNECT",
    path: authority,
    host: proxy.host,
    port: proxy.port,
    agent: false,
    signal,
    maxHeaderSize: 16_384,
    ...(lookup === undefined ? {} : { lookup }),
    ...(proxy.isSecure ? tlsOf(options) : {}),
    headers: {
      host: authority,
      "user-agent": options.userAgent,
      ...(proxy.authorization === undefined ? {} : { "proxy-authorization": proxy.authorization }),
    },
  });
  const fail = (why: string, cause?: Error): void =>
    reject(
      new Error(`Cannot reach ${authority} through the proxy ${proxyName(proxy)}: ${why}`, cause ? { cause } : {}),
    );
  request.once("connect", (answer, socket, head) => {
    const { statusCode = 0, statusMessage = "" } = answer;
    if (statusCode < 200 || statusCode > 299) {
      socket.destroy();
      return fail(`it answered ${statusCode} ${statusMessage}`.trimEnd());
    }
    if (head.length > 0) socket.unshift(head);
    resolve(socket as Socket);
  });
  // A proxy that answers CONNECT like any other request says no in this way too.
  request.once("response", (answer) => {
    answer.destroy();
    fail(`it answered ${answer.statusCode ?? 0}`);
  });
  request.on("error", (error) => fail(distrust(error.message), error));
  request.end();
  return promise;
}

function tlsOf({ tls, proxy }: TunnelOptions): https.RequestOptions {
  return {
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    rejectUnauthorized: tls?.rejectUnauthorized ?? true,
    ...(isIP(proxy.host) === 0 ? { servername: proxy.host } : {}),
  };
}
