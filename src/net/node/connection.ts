import http2 from "node:http2";
import type { ClientHttp2Session, OutgoingHttpHeaders } from "node:http2";
import type net from "node:net";
import tls from "node:tls";
import { openSocket, reasonOf } from "../dial.ts";
import { grpcEncodings } from "../grpc/encoding.ts";
import { keepAlive } from "../grpc/keepalive.ts";
import { authorityOf, formatEndpoint } from "../socket/endpoint.ts";
import { formatTimeout } from "../grpc/headers.ts";
import { openTunnel, proxyName } from "../socket/proxy.ts";
import { lookupBy } from "../socket/resolve.ts";
import { Code } from "../status.ts";
import type { Status } from "../status.ts";
import type { ClientOptions } from "../transport.ts";

/** A connection that the peer has greeted. Several may be open while old ones end their calls; one is current. */
export type Live = {
  readonly session: ClientHttp2Session;
  readonly socket: net.Socket;
  /** Calls on it now, and how many the peer allows. */
  open: number;
  maxOpen: number;
  /** No new call goes onto it. */
  isRetired: boolean;
  /** Whether a call ever went onto it. */
  isUsed: boolean;
};

/** A call that wants a connection. Either run or fail is called, once; delay before it when that is not at once. */
export type Waiter = {
  delay(): void;
  run(live: Live): void;
  fail(status: Status): void;
};

/** Each state owns what it has opened; `enter…` below are the only places that change it. */
type State =
  | { readonly kind: "idle" }
  | { readonly kind: "tunnelling"; readonly giveUp: AbortController; readonly timer: NodeJS.Timeout }
  | { readonly kind: "connecting"; readonly session: ClientHttp2Session; readonly timer: NodeJS.Timeout }
  | { readonly kind: "ready"; readonly live: Live }
  | { readonly kind: "failed"; readonly until: number; readonly status: Status }
  | { readonly kind: "closed" };

/** Calls that may wait for a connection or a free stream; the next one is told to come back. */
const maxWaiting = 10_000;
/** Connecting, TLS and the peer's first frame, together. */
const connectTimeoutMs = 20_000;
const streamWindow = 4 * 1024 * 1024;
const connectionWindow = 16 * 1024 * 1024;

/** The one connection of a client: made with the first call, made again after a loss, not before its backoff has passed. */
export class NodeConnection {
  readonly #options: ClientOptions;
  readonly #name: string;
  readonly #headers: OutgoingHttpHeaders;
  readonly #waiting = new Set<Waiter>();
  readonly #sockets = new Set<net.Socket>();
  #state: State = { kind: "idle" };
  #failures = 0;
  #last: { path: string; timeout: string; headers: OutgoingHttpHeaders } | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    const where = formatEndpoint(options.endpoint);
    this.#name = options.proxy === undefined ? where : `${where} through the proxy ${proxyName(options.proxy)}`;
    this.#headers = {
      ...options.headers,
      ":method": "POST",
      ":scheme": options.tls === undefined ? "http" : "https",
      ":authority": authorityOf(options),
      "content-type": "application/grpc",
      te: "trailers",
      "user-agent": options.userAgent,
      "grpc-accept-encoding": grpcEncodings,
      ...(options.compression === "none" ? {} : { "grpc-encoding": options.compression }),
    };
  }

  /** Gives the waiter a connection, now or as soon as there is one, or the reason why there is none. */
  enter(waiter: Waiter): void {
    const state = this.#state;
    switch (state.kind) {
      case "closed":
        return waiter.fail({ code: Code.UNAVAILABLE, message: "Cannot call: the client is closed" });
      case "failed":
        if (performance.now() < state.until) return waiter.fail(state.status);
        this.#wait(waiter);
        return this.#connect();
      case "idle":
        this.#wait(waiter);
        return this.#connect();
      case "tunnelling":
      case "connecting":
        return this.#wait(waiter);
      case "ready":
        if (state.live.session.destroyed) {
          // It has ended, and its socket has not heard of it.
          state.live.isRetired = true;
          this.#wait(waiter);
          return this.#enterIdle(state.live);
        }
        if (state.live.open >= state.live.maxOpen) return this.#wait(waiter);
        return run(waiter, state.live);
    }
  }

  isReady(): boolean {
    return this.#state.kind === "ready";
  }

  /** Whether there is a connection, after an attempt to make one if that is due. */
  connect(): Promise<boolean> {
    if (this.isReady()) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.enter({
        delay: () => {},
        run: (live) => {
          this.release(live);
          resolve(true);
        },
        fail: () => resolve(false),
      });
    });
  }

  hurry(): void {
    if (this.#state.kind === "failed") this.#state = { kind: "idle" };
  }

  /** Takes back a waiter that was neither run nor failed. */
  leave(waiter: Waiter): void {
    this.#waiting.delete(waiter);
  }

  /** Gives a stream back. */
  release(live: Live): void {
    live.open--;
    if (live.isRetired) {
      if (live.open === 0) live.socket.destroy();
      return;
    }
    this.#runWaiting(live);
  }

  /** A call heard nothing in all its time: the next ones go onto a new connection, in case this one is dead. */
  suspect(live: Live): void {
    if (this.#state.kind === "ready" && this.#state.live === live) this.#enterIdle(live);
    live.isRetired = true;
  }

  /** The request headers of a call; one object as long as path and timeout stay the same. */
  headersFor(path: string, timeoutMs: number): OutgoingHttpHeaders {
    const timeout = Number.isFinite(timeoutMs) ? formatTimeout(timeoutMs) : "";
    if (this.#last === undefined || this.#last.path !== path || this.#last.timeout !== timeout) {
      const limit = timeout === "" ? {} : { "grpc-timeout": timeout };
      this.#last = { path, timeout, headers: { ...this.#headers, ":path": path, ...limit } };
    }
    return this.#last.headers;
  }

  close(): void {
    if (this.#state.kind === "connecting" || this.#state.kind === "tunnelling") clearTimeout(this.#state.timer);
    if (this.#state.kind === "tunnelling") this.#state.giveUp.abort();
    this.#state = { kind: "closed" };
    this.#failWaiting({ code: Code.UNAVAILABLE, message: "Cannot call: the client is closed" });
    for (const socket of this.#sockets) socket.destroy();
  }

  #wait(waiter: Waiter): void {
    if (this.#waiting.size >= maxWaiting)
      return waiter.fail({
        code: Code.UNAVAILABLE,
        message: `Cannot call ${this.#name}: ${maxWaiting} calls are waiting already`,
      });
    waiter.delay();
    this.#waiting.add(waiter);
  }

  #connect(): void {
    const { proxy, endpoint } = this.#options;
    if (proxy === undefined || endpoint.kind === "unix")
      return this.#greet(openSocket(this.#options, { failures: this.#failures }));
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), connectTimeoutMs);
    const state: State = { kind: "tunnelling", giveUp, timer };
    this.#state = state;
    const { host, port } = endpoint;
    const { userAgent, tls: secure, resolve } = this.#options;
    const lookup = resolve === undefined ? undefined : lookupBy(resolve);
    openTunnel({ proxy, host, port, userAgent, tls: secure, lookup, signal: giveUp.signal }).then(
      (socket) => {
        clearTimeout(timer);
        if (this.#state === state) this.#greet(openSocket(this.#options, { tunnel: socket }));
        else socket.destroy();
      },
      (error: Error) => {
        clearTimeout(timer);
        if (this.#state === state) this.#enterFailed(error.message);
      },
    );
  }

  /** Waits for the other side's first words. */
  #greet(socket: net.Socket): void {
    // The URL says nothing beside the socket and the headers: an authority need not fit into one.
    const session = http2.connect("http://localhost", {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: streamWindow },
      // Counts what is queued to be sent, in MB: a few large requests pass the default of 10.
      maxSessionMemory: 1024,
    });
    const timer = setTimeout(
      () => socket.destroy(new Error(`no answer within ${connectTimeoutMs / 1000} s`)),
      connectTimeoutMs,
    );
    this.#sockets.add(socket);
    this.#state = { kind: "connecting", session, timer };
    let reason =
      this.#options.tls === undefined
        ? "the connection was closed (does the server want TLS?)"
        : "the connection was closed";
    // The socket decides: Node does not tell the session of every error of a TLS socket (an alert after the handshake,
    // for one), and a session that says goodbye on a dead connection would wait for it for ever.
    const onError = (error: Error): void => {
      reason = reasonOf(error);
      session.destroy();
      socket.destroy();
    };
    socket.on("error", onError);
    session.on("error", onError);
    session.once("close", () => socket.destroy());
    socket.once("close", () => {
      this.#sockets.delete(socket);
      session.destroy();
      this.#onClose(session, reason);
    });
    session.once("connect", () => {
      if (socket instanceof tls.TLSSocket && socket.alpnProtocol !== "h2")
        socket.destroy(new Error("the server does not offer HTTP/2 (ALPN h2)"));
    });
    session.once("remoteSettings", () => this.#enterReady(session, socket));
  }

  #enterReady(session: ClientHttp2Session, socket: net.Socket): void {
    if (this.#state.kind !== "connecting" || this.#state.session !== session) return;
    clearTimeout(this.#state.timer);
    session.setLocalWindowSize(connectionWindow);
    const live: Live = {
      session,
      socket,
      open: 0,
      maxOpen: session.remoteSettings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY,
      isRetired: false,
      isUsed: false,
    };
    this.#state = { kind: "ready", live };
    this.#failures = 0;
    if (this.#options.keepalive !== undefined)
      keepAlive({ socket, open: () => live.open, ping: (onPong) => session.ping(onPong) }, this.#options.keepalive);
    session.on("remoteSettings", (settings) => {
      live.maxOpen = settings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
      this.#runWaiting(live);
    });
    session.once("goaway", () => {
      live.isRetired = true;
      if (this.#state.kind === "ready" && this.#state.live === live) this.#enterIdle(live);
    });
    this.#runWaiting(live);
  }

  /** The next call connects. Whoever waits for a free stream of the old connection is such a call. */
  #enterIdle(live: Live): void {
    // The next one would let no call through either.
    if (this.#waiting.size > 0 && !live.isUsed)
      return this.#enterFailed(`Cannot call ${this.#name}: the server takes no calls`);
    this.#state = { kind: "idle" };
    if (this.#waiting.size > 0) this.#connect();
  }

  #onClose(session: ClientHttp2Session, reason: string): void {
    const state = this.#state;
    if (state.kind === "ready" && state.live.session === session) {
      state.live.isRetired = true;
      this.#enterIdle(state.live);
    }
    if (state.kind !== "connecting" || state.session !== session) return;
    clearTimeout(state.timer);
    this.#enterFailed(`Cannot reach ${this.#name}: ${reason}`);
  }

  /** No attempt to connect before the backoff has passed. */
  #enterFailed(message: string): void {
    const { initialMs, maxMs, multiplier, jitter } = this.#options.backoff;
    const wait = Math.min(maxMs, initialMs * multiplier ** this.#failures) * (1 + jitter * (2 * Math.random() - 1));
    this.#failures++;
    const status: Status = { code: Code.UNAVAILABLE, message };
    this.#state = { kind: "failed", until: performance.now() + wait, status };
    this.#failWaiting(status);
  }

  #runWaiting(live: Live): void {
    for (const waiter of this.#waiting) {
      if (live.open >= live.maxOpen || live.isRetired) return;
      this.#waiting.delete(waiter);
      run(waiter, live);
    }
  }

  #failWaiting(status: Status): void {
    for (const waiter of this.#waiting) {
      this.#waiting.delete(waiter);
      waiter.fail(status);
    }
  }
}

function run(waiter: Waiter, live: Live): void {
  live.open++;
  live.isUsed = true;
  waiter.run(live);
}
