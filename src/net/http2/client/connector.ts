import type { Socket } from "node:net";
import tls from "node:tls";
import { openSocket, reasonOf } from "../../dial.ts";
import { keepAlive } from "../../grpc/keepalive.ts";
import { formatEndpoint } from "../../socket/endpoint.ts";
import { openTunnel, proxyName } from "../../socket/proxy.ts";
import { lookupBy } from "../../socket/resolve.ts";
import { Code } from "../../status.ts";
import type { Status } from "../../status.ts";
import type { ClientOptions } from "../../transport.ts";
import { ClientSession } from "./session.ts";
import { Intake } from "../frames/reading.ts";
import { requestHeaders } from "./request-headers.ts";
import type { RequestHeaders } from "./request-headers.ts";

/** A call that wants a connection. Either run or fail is called, once; delay before it when that is not at once. */
export type Waiter = {
  delay(): void;
  run(session: ClientSession): void;
  fail(status: Status): void;
};

/** Who gives calls a connection. */
export type Connections = {
  /** Gives the waiter a connection, now or as soon as there is one, or the reason why there is none. */
  enter(waiter: Waiter): void;
  /** Takes back a waiter that was neither run nor failed. */
  leave(waiter: Waiter): void;
};

/** Each state owns what it has opened; `#enter…` below are the only places that change it. */
type State =
  | { readonly kind: "idle" }
  | { readonly kind: "tunnelling"; readonly giveUp: AbortController; readonly timer: NodeJS.Timeout }
  | { readonly kind: "connecting"; readonly session: ClientSession; readonly timer: NodeJS.Timeout }
  | { readonly kind: "ready"; readonly session: ClientSession }
  | { readonly kind: "failed"; readonly until: number; readonly status: Status }
  | { readonly kind: "closed" };

/** Calls that may wait for a connection or a free stream; the next one is told to come back. */
const maxWaiting = 10_000;
/** No pings are further apart than this many times what the file says. */
const mostCalm = 1024;
/** Connecting, TLS and the peer's first frame, together. */
const connectTimeoutMs = 20_000;

const closed: Status = { code: Code.UNAVAILABLE, message: "Cannot call: the client is closed" };

/** Gives calls the one connection of a client: made with the first call, made again after a loss, not before its backoff has passed. */
export class Connector implements Connections {
  readonly #options: ClientOptions;
  readonly #name: string;
  readonly #headers: RequestHeaders;
  readonly #waiting = new Set<Waiter>();
  readonly #sockets = new Set<Socket>();
  #state: State = { kind: "idle" };
  #failures = 0;
  /** How much longer than told is waited before a ping: each server that finds them too many doubles it (gRPC's proposal A8). */
  #calm = 1;

  constructor(options: ClientOptions) {
    this.#options = options;
    const where = formatEndpoint(options.endpoint);
    this.#name = options.proxy === undefined ? where : `${where} through the proxy ${proxyName(options.proxy)}`;
    this.#headers = requestHeaders(options);
  }

  enter(waiter: Waiter): void {
    const state = this.#state;
    switch (state.kind) {
      case "closed":
        return waiter.fail(closed);
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
        if (!state.session.hasRoom || this.#waiting.size > 0) return this.#wait(waiter);
        return waiter.run(state.session);
    }
  }

  isReady(): boolean {
    return this.#state.kind === "ready";
  }

  /** Whether there is a connection, after an attempt to make one if that is due. */
  connect(): Promise<boolean> {
    if (this.isReady()) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.enter({ delay: () => {}, run: () => resolve(true), fail: () => resolve(false) });
    });
  }

  hurry(): void {
    if (this.#state.kind === "failed") this.#state = { kind: "idle" };
  }

  leave(waiter: Waiter): void {
    this.#waiting.delete(waiter);
  }

  close(): void {
    if (this.#state.kind === "connecting" || this.#state.kind === "tunnelling") clearTimeout(this.#state.timer);
    if (this.#state.kind === "tunnelling") this.#state.giveUp.abort();
    this.#state = { kind: "closed" };
    this.#failWaiting(closed);
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
    if (proxy === undefined || endpoint.kind === "unix") return this.#dial(undefined);
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
        if (this.#state === state) this.#dial(socket);
        else socket.destroy();
      },
      (error: Error) => {
        clearTimeout(timer);
        if (this.#state === state) this.#enterFailed(error.message);
      },
    );
  }

  /** Connects, or goes on with a connection through a proxy, and waits for the other side's first words. */
  #dial(tunnel: Socket | undefined): void {
    const intake = new Intake();
    const socket = openSocket(this.#options, { tunnel, onread: intake.onread, failures: this.#failures });
    intake.attach(socket);
    const timer = setTimeout(
      () => socket.destroy(new Error(`no answer within ${connectTimeoutMs / 1000} s`)),
      connectTimeoutMs,
    );
    let reason =
      this.#options.tls === undefined
        ? "the connection was closed (does the server want TLS?)"
        : "the connection was closed";
    socket.on("error", (error) => (reason = reasonOf(error)));
    const session = new ClientSession(socket, {
      headers: this.#headers,
      events: {
        onReady: (ready) => this.#enterReady(ready),
        onFree: (free) => this.#runWaiting(free),
        onRetired: (retired) => this.#onRetired(retired),
      },
    });
    this.#sockets.add(socket);
    this.#state = { kind: "connecting", session, timer };
    if (this.#options.tls === undefined) session.link.greet();
    else
      socket.once("secureConnect", () => {
        if (socket instanceof tls.TLSSocket && socket.alpnProtocol === "h2") session.link.greet();
        else socket.destroy(new Error("the server does not offer HTTP/2 (ALPN h2)"));
      });
    intake.onBytes = (chunk, start, end) => session.link.push(chunk, start, end);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#onClose(session, session.problem ?? reason);
    });
  }

  #enterReady(session: ClientSession): void {
    if (this.#state.kind !== "connecting" || this.#state.session !== session) return;
    clearTimeout(this.#state.timer);
    this.#state = { kind: "ready", session };
    this.#failures = 0;
    const { keepalive } = this.#options;
    if (keepalive === undefined) return;
    const { link } = session;
    keepAlive(
      { socket: link.socket, open: () => session.open, ping: (onPong) => link.ping(onPong) },
      { ...keepalive, timeMs: keepalive.timeMs * this.#calm },
    );
  }

  /** The next call connects. Whoever waits for a free stream of the old connection is such a call. */
  #onRetired(session: ClientSession): void {
    if (this.#state.kind !== "ready" || this.#state.session !== session) return;
    if (session.hasPingedTooOften) this.#calm = Math.min(mostCalm, 2 * this.#calm);
    // The next one would let no call through either.
    if (this.#waiting.size > 0 && !session.isUsed)
      return this.#enterFailed(`Cannot call ${this.#name}: the server takes no calls`);
    this.#state = { kind: "idle" };
    if (this.#waiting.size > 0) this.#connect();
  }

  #onClose(session: ClientSession, reason: string): void {
    const state = this.#state;
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

  #runWaiting(session: ClientSession): void {
    if (this.#waiting.size === 0 || this.#state.kind !== "ready" || this.#state.session !== session) return;
    for (const waiter of this.#waiting) {
      if (!session.hasRoom) return;
      this.#waiting.delete(waiter);
      waiter.run(session);
    }
  }

  #failWaiting(status: Status): void {
    for (const waiter of this.#waiting) {
      this.#waiting.delete(waiter);
      waiter.fail(status);
    }
  }
}
