import http from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { inflate } from "./compression.ts";
import type { Endpoint } from "./endpoint.ts";
import { Gatherer } from "./gather.ts";
import { listen } from "./listen.ts";
import type { Listening } from "./listen.ts";
import { peerAddress } from "./peer.ts";
import type { ServerTls } from "./tls.ts";
import type { Refusal } from "./transport.ts";

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
};

/** Why a body was not read to its end. */
export type BodyProblem =
  | { readonly kind: "too_large"; readonly limit: number }
  | { readonly kind: "unknown_encoding"; readonly encoding: string }
  | { readonly kind: "broken_encoding"; readonly problem: string }
  | { readonly kind: "busy" };

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
  readonly onRefusal: (refusal: Refusal) => void;
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
  bytesInFlight: number;
  /** Replies end their connections from here on. */
  isStopping: boolean;
};

/** HTTP/1.1 for requests that are answered whole, on node:http. */
export function createHttpServer(options: HttpServerOptions, decide: (head: HttpHead) => HttpDecision): HttpServer {
  const shared: Shared = { options, decide, bytesInFlight: 0, isStopping: false };
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
  const server =
    options.tls === undefined
      ? http.createServer(settings, listener)
      : https.createServer({ ...settings, ...options.tls }, listener);
  server.maxRequestsPerSocket = options.keepAlive ? 0 : 1;
  return server;
}

async function serve(request: IncomingMessage, response: ServerResponse, shared: Shared): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  // A request that breaks off ends with the "close" of its response.
  request.on("error", () => {});
  response.on("error", () => {});
  const exchange: Exchange = { request, response, shared };
  const decision = shared.decide(headOf(request));
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
    const reply = await decision.handle({ body, peer: peerAddress(request.socket), signal: gone.signal });
    answer(exchange, reply);
  } catch (error) {
    // A handler does not reject; if it does, the client gets an answer and the process lives on.
    const message = error instanceof Error ? error.message : String(error);
    answer(exchange, { status: 500, headers: { "content-type": "text/plain" }, body: Buffer.from(message) });
  } finally {
    hold(shared, held, 0);
  }
}

function headOf(request: IncomingMessage): HttpHead {
  const url = request.url ?? "/";
  const query = url.indexOf("?");
  return {
    method: request.method ?? "",
    path: query < 0 ? url : url.slice(0, query),
    header: (name) => {
      const value = request.headers[name];
      return typeof value === "string" ? value : value?.join(",");
    },
  };
}

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse; readonly shared: Shared };

/**
 * Writes the reply. What the client still sends of its request is read and dropped, within requestTimeout, so that it
 * gets to see the reply; one that was not invited to send it cannot use the connection any more.
 */
function answer({ request, response, shared }: Exchange, reply: HttpReply): void {
  if (response.destroyed || response.headersSent) return;
  const isUninvited = request.headers.expect !== undefined && !request.complete;
  const last = isUninvited || shared.isStopping ? { connection: "close" } : {};
  response.writeHead(reply.status, { ...reply.headers, ...last, "content-length": String(reply.body.length) });
  response.end(reply.body);
  if (!request.complete) request.resume();
}

type Reading = { readonly response: ServerResponse; readonly shared: Shared; readonly held: { bytes: number } };

async function readBody(request: IncomingMessage, reading: Reading): Promise<Buffer | BodyProblem | "gone"> {
  const { options } = reading.shared;
  const named = request.headers["content-encoding"] ?? "";
  const encoding = named === "identity" ? "" : named;
  const algorithm = algorithmOf(encoding);
  if (algorithm === undefined || !options.encodings.has(encoding)) return { kind: "unknown_encoding", encoding };
  if (Number(request.headers["content-length"] ?? 0) > options.maxBodyBytes)
    return { kind: "too_large", limit: options.maxBodyBytes };
  if (request.headers.expect !== undefined) reading.response.writeContinue();
  const raw = await collect(request, reading);
  if (!Buffer.isBuffer(raw) || algorithm === "identity") return raw;
  const inflated = await inflate(algorithm, raw, options.maxBodyBytes);
  switch (inflated.status) {
    case "ok":
      return inflated.bytes;
    case "too_large":
      return { kind: "too_large", limit: options.maxBodyBytes };
    case "broken":
      return { kind: "broken_encoding", problem: inflated.problem };
  }
}

/** "deflate" is the zlib format in HTTP; clients of the Collector may also call it "zlib". */
function algorithmOf(encoding: string): "identity" | "gzip" | "deflate" | undefined {
  switch (encoding) {
    case "":
      return "identity";
    case "gzip":
      return "gzip";
    case "deflate":
    case "zlib":
      return "deflate";
  }
  return undefined;
}

function collect(request: IncomingMessage, { shared, held }: Reading): Promise<Buffer | BodyProblem | "gone"> {
  const { maxBodyBytes, maxBytesInFlight } = shared.options;
  return new Promise((resolve) => {
    const gathered = new Gatherer();
    const onData = (chunk: Buffer): void => {
      gathered.push(chunk);
      hold(shared, held, gathered.held);
      if (gathered.length > maxBodyBytes) finish({ kind: "too_large", limit: maxBodyBytes });
      else if (shared.bytesInFlight > maxBytesInFlight) finish({ kind: "busy" });
    };
    const onEnd = (): void => finish(gathered.whole());
    const onClose = (): void => finish("gone");
    const finish = (outcome: Buffer | BodyProblem | "gone"): void => {
      request.off("data", onData);
      request.off("end", onEnd);
      request.off("close", onClose);
      resolve(outcome);
    };
    request.on("data", onData);
    request.on("end", onEnd);
    request.on("close", onClose);
  });
}

function hold(shared: Shared, held: { bytes: number }, bytes: number): void {
  shared.bytesInFlight += bytes - held.bytes;
  held.bytes = bytes;
}

function refusalOf(problem: BodyProblem): Refusal {
  switch (problem.kind) {
    case "too_large":
      return "message_size";
    case "busy":
      return "bytes_in_flight";
    case "unknown_encoding":
    case "broken_encoding":
      return "malformed";
  }
}
