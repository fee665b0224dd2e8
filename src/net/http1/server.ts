import http from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Endpoint } from "../socket/endpoint.ts";
import type { OnFailedHandshake, OnForeign } from "../socket/foreign.ts";
import { hold, readBody, refusalOf } from "./body.ts";
import type { BodyProblem } from "./body.ts";
import { turnStrangersAway } from "./strangers.ts";
import { listen } from "../socket/listen.ts";
import type { Listening } from "../socket/listen.ts";
import { peerAddress } from "../socket/peer.ts";
import { followFiles } from "../socket/tls-reload.ts";
import type { ServerTls } from "../socket/tls.ts";
import type { Refusal } from "../transport.ts";

/** The head of a request, before anything of its body is read. */
export type HttpHead = {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** A header by its lower-case name. */
  header(name: string): string | undefined;
};

export type HttpReply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/** A request whose body has arrived and is decompressed. */
export type HttpCall = {
  readonly body: Buffer;
  readonly peer: string | undefined;
  /** Aborted when the caller hung up or the server stops for good. */
  readonly signal: AbortSignal;
  /** Says how many bytes the request takes from here on, when something was made of its body. */
  hold(bytes: number): void;
};

/** What is to be done with a request, decided on its head: an answer at once, or the body first. */
export type HttpDecision =
  | { readonly kind: "reply"; readonly reply: HttpReply }
  | { readonly kind: "read"; handle(call: HttpCall): Promise<HttpReply>; refuse(problem: BodyProblem): HttpReply };

export type HttpServerOptions = {
  readonly endpoint: Endpoint;
  readonly tls: ServerTls | undefined;
  /** Of one body, before and after decompression. */
  readonly maxBodyBytes: number;
  readonly maxConnections: number;
  /** Of all bodies that have arrived, in part or whole, and are not answered. */
  readonly maxBytesInFlight: number;
  /** Content-Encoding values that are taken; "" is none. */
  readonly encodings: ReadonlySet<string>;
  /** Times that a client may take for its headers, for its whole request, and between two of them; 0 is without end. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly keepAlive: boolean;
  /** Put on every answer to a request with this head. */
  readonly headersFor?: (head: HttpHead) => Readonly<Record<string, string>>;
  readonly onRefusal: (refusal: Refusal) => void;
  /** Told of each connection that does not speak HTTP/1.1, with or without TLS as this server does. */
  readonly onForeign?: OnForeign;
  readonly onFailedHandshake?: OnFailedHandshake;
};

export type HttpServer = {
  /** Listens; throws an error with the address in its message when it cannot. Returns the address as bound. */
  start(): Promise<string>;
  /** Takes no new request, lets those in flight end until `signal` is aborted, then cuts. */
  stop(signal: AbortSignal): Promise<void>;
};

type Shared = {
  readonly options: HttpServerOptions;
  readonly decide: (head: HttpHead) => HttpDecision;
  /** Connections on which an answer is due: nothing else may be written there. */
  readonly busy: WeakSet<Duplex>;
  bytesInFlight: number;
  /** Replies end their connections from here on. */
  isStopping: boolean;
};

/** HTTP/1.1 for requests that are answered whole, on node:http. */
export function createHttpServer(options: HttpServerOptions, decide: (head: HttpHead) => HttpDecision): HttpServer {
  const shared: Shared = { options, decide, busy: new WeakSet(), bytesInFlight: 0, isStopping: false };
  const servers: Server[] = [];
  const connections = new Set<Socket>();
  let listening: Listening | undefined;

  const make = (): Server => {
    const server = makeServer(options, (request, response) => void serve(request, response, shared));
    // Without a listener Node would invite the body before it is known whether it is wanted.
    server.on(
      "checkContinue",
      (request: IncomingMessage, response: ServerResponse) => void serve(request, response, shared),
    );
    server.on("connection", (socket: Socket) => {
      if (connections.size >= options.maxConnections) {
        options.onRefusal("connections");
        socket.destroy();
        return;
      }
      connections.add(socket);
      socket.once("close", () => connections.delete(socket));
    });
    const { onRefusal, onForeign, onFailedHandshake } = options;
    turnStrangersAway(server, { busy: shared.busy, onRefusal, onForeign, onFailedHandshake });
    // A listener that fails after it was opened has nothing to say to anybody; requests already taken go on.
    server.on("error", () => {});
    servers.push(server);
    return server;
  };

  return {
    async start() {
      listening = await listen(options.endpoint, make);
      return listening.address;
    },
    async stop(signal) {
      shared.isStopping = true;
      if (listening === undefined) return;
      listening = undefined;
      const cut = (): void => {
        for (const socket of connections) socket.destroy();
      };
      signal.addEventListener("abort", cut, { once: true });
      const closed = servers.splice(0).map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
      if (signal.aborted) cut();
      await Promise.all(closed);
      signal.removeEventListener("abort", cut);
    },
  };
}

function makeServer(options: HttpServerOptions, listener: RequestListener): Server {
  const settings: http.ServerOptions = {
    // Node refuses headers that may take longer than the whole request.
    headersTimeout:
      options.requestTimeoutMs === 0
        ? options.headersTimeoutMs
        : Math.min(options.headersTimeoutMs, options.requestTimeoutMs),
    requestTimeout: options.requestTimeoutMs,
    keepAliveTimeout: options.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.max(100, Math.min(5000, options.headersTimeoutMs / 2 || 5000)),
    maxHeaderSize: 64 * 1024,
    noDelay: true,
  };
  if (options.tls === undefined) return http.createServer(settings, listener);
  const server = https.createServer({ ...settings, ...options.tls }, listener);
  followFiles(server, options.tls);
  return server;
}

async function serve(request: IncomingMessage, response: ServerResponse, shared: Shared): Promise<void> {
  const gone = new AbortController();
  const { socket } = request;
  shared.busy.add(socket);
  response.on("close", () => {
    shared.busy.delete(socket);
    if (!response.writableFinished) gone.abort();
  });
  // A request that breaks off ends with the "close" of its response.
  request.on("error", () => {});
  response.on("error", () => {});
  const head = headOf(request);
  const exchange: Exchange = { request, response, shared, headers: shared.options.headersFor?.(head) ?? {} };
  const decision = shared.decide(head);
  if (decision.kind === "reply") return answer(exchange, decision.reply);
  const held = { bytes: 0 };
  try {
    const body = await readBody(request, { response, shared, held });
    if (gone.signal.aborted || body === "gone") return;
    if (!Buffer.isBuffer(body)) {
      shared.options.onRefusal(refusalOf(body));
      return answer(exchange, decision.refuse(body));
    }
    hold(shared, held, body.length);
    const reply = await decision.handle({
      body,
      peer: peerAddress(request.socket),
      signal: gone.signal,
      hold: (bytes) => hold(shared, held, bytes),
    });
    answer(exchange, reply);
  } catch (error) {
    // A handler does not reject; if it does, the client gets an answer and the process lives on.
    const message = error instanceof Error ? error.message : String(error);
    answer(exchange, { status: 500, headers: { "content-type": "text/plain" }, body: Buffer.from(message) });
  } finally {
    hold(shared, held, 0);
  }
}

/** A whole URL, as one asks a proxy for it: a server takes it too (RFC 9112, section 3.2.2). */
const origin = /^https?:\/\/[^/?]*/i;

function headOf(request: IncomingMessage): HttpHead {
  const [path = ""] = (request.url ?? "").replace(origin, "").split("?", 1);
  return {
    method: request.method ?? "",
    path: path === "" ? "/" : path,
    header: (name) => {
      const value = request.headers[name];
      return typeof value === "string" ? value : value?.join(",");
    },
  };
}

type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly shared: Shared;
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * Writes the reply. What the client still sends of its request is read and dropped, within requestTimeout, so that it
 * gets to see the reply; one that was not invited to send it cannot use the connection any more.
 */
function answer({ request, response, shared, headers }: Exchange, reply: HttpReply): void {
  if (response.destroyed || response.headersSent) return;
  const isUninvited = request.headers.expect !== undefined && !request.complete;
  const last = isUninvited || shared.isStopping || !shared.options.keepAlive ? { connection: "close" } : {};
  // No Content may not say how long its content is (RFC 9110, section 8.6).
  const length = reply.status === 204 ? {} : { "content-length": String(reply.body.length) };
  response.writeHead(reply.status, { ...headers, ...reply.headers, ...last, ...length });
  response.end(reply.body);
  if (!request.complete) request.resume();
}
