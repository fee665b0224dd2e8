import http2 from "node:http2";
import type { Http2Server, ServerHttp2Session, ServerHttp2Stream, ServerOptions as Http2Options } from "node:http2";
import type { Server, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { ForeignProtocol } from "../socket/foreign.ts";
import { watchHandshakes } from "../socket/handshakes.ts";
import { listen } from "../socket/listen.ts";
import type { Listening } from "../socket/listen.ts";
import { NodeCall } from "./call.ts";
import type { CallHost } from "./call.ts";
import { createFront, turnAway } from "../socket/first-bytes.ts";
import { SessionKeeper } from "./keeper.ts";
import { isGrpcContentType } from "../grpc/headers.ts";
import { trailersOnly } from "../grpc/grpc-status.ts";
import { peerAddress } from "../socket/peer.ts";
import { tcpKeepAlive } from "../socket/tcp-keepalive.ts";
import { followFiles } from "../socket/tls-reload.ts";
import { Code } from "../status.ts";
import { windowsOf } from "../transport.ts";
import type { ServerOptions, UnaryMethods, UnaryServer } from "../transport.ts";

/** Unary gRPC on node:http2. */
export function createNodeServer(options: ServerOptions, methods: UnaryMethods): UnaryServer {
  const host: CallHost = {
    limits: options.limits,
    onRefusal: options.onRefusal,
    bytesInFlight: 0,
    receiving: new Set(),
  };
  const keeper = new SessionKeeper({
    settings: options.keepalive,
    handshakeMs: options.limits.maxReceiveMs,
    onFlood: () => options.onRefusal("flood"),
    onSweep: () => endSlow(host),
  });
  const connections = new Set<Socket>();
  let listening: Listening | undefined;
  let isStopping = false;

  const serving: Serving = { host, methods };

  const onStream = (stream: ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void => {
    stream.on("error", ignore);
    // When the end of it, or of its connection, came at once, Node tells of that first: to answer would throw.
    if (stream.destroyed || stream.closed) return;
    keeper.enter(stream);
    serve(stream, headers, serving);
  };
  const make = (): Server => {
    const server = makeServer(options);
    const front = putFront(server, options);
    front.on("connection", (socket: Socket) => {
      if (connections.size >= options.limits.maxConnections) {
        options.onRefusal("connections");
        socket.destroy();
        return;
      }
      connections.add(socket);
      socket.setNoDelay(true);
      socket.once("close", () => connections.delete(socket));
    });
    server.on("session", (session: ServerHttp2Session) => {
      session.on("error", ignore);
      // A connection whose handshake ends after stop() began.
      if (isStopping) session.close();
      else openSession(session, keeper, windowsOf(options.limits).connection);
    });
    server.on("stream", onStream);
    server.on("sessionError", ignore);
    server.on("error", ignore);
    return front;
  };

  return {
    async start() {
      listening = await listen(options.endpoint, make);
      keeper.start();
      return listening.address;
    },
    async stop(signal) {
      isStopping = true;
      listening?.close();
      listening = undefined;
      await keeper.closeAll(signal);
      keeper.stop();
      for (const socket of connections) socket.destroy();
    },
  };
}

function makeServer(options: ServerOptions): Http2Server {
  const { limits, tls } = options;
  const settings: Http2Options = {
    settings: {
      initialWindowSize: windowsOf(limits).stream,
      maxFrameSize: 1024 * 1024,
      maxConcurrentStreams: limits.maxConcurrentStreams,
      maxHeaderListSize: limits.maxHeaderBytes,
      enablePush: false,
    },
    maxSessionMemory: 64,
    maxHeaderListPairs: limits.maxHeaderFields,
    maxOutstandingPings: 10,
    maxSettings: 32,
    // Streams that a peer may open and reset: a burst, then so many a second (rapid reset); more ends its connection.
    streamResetBurst: limits.resets.burst,
    streamResetRate: limits.resets.perSecond,
  } as Http2Options;
  if (tls === undefined) return http2.createServer(settings);
  const server = http2.createSecureServer({ ...settings, ...tls, ...tcpKeepAlive, handshakeTimeout: 10_000 });
  followFiles(server, tls);
  return server as unknown as Http2Server;
}

/** What listens for the server: without TLS something that looks at the first bytes of each connection. */
function putFront(server: Http2Server, options: ServerOptions): Server {
  const answer = options.foreignAnswer ?? "This port speaks gRPC, which is HTTP/2";
  const onForeign = (protocol: ForeignProtocol, peer: string | undefined): void => {
    options.onRefusal("wrong_protocol");
    options.onForeign?.(protocol, peer);
  };
  if (options.tls === undefined) {
    const front = createFront({
      onConnection: (socket) => void server.emit("connection", socket),
      onForeign,
      answer,
      timeoutMs: options.limits.maxReceiveMs,
    });
    front.on("error", ignore);
    return front;
  }
  watchHandshakes(server, { ...options, onForeign: (protocol, socket) => onForeign(protocol, peerAddress(socket)) });
  server.on("unknownProtocol", (socket: TLSSocket) => {
    onForeign("HTTP/1.1", peerAddress(socket));
    turnAway(socket, "HTTP/1.1", answer);
  });
  return server as unknown as Server;
}

function openSession(session: ServerHttp2Session, keeper: SessionKeeper, window: number): void {
  // The peer may have hung up already.
  if (!session.destroyed) session.setLocalWindowSize(window);
  keeper.add(session);
}

type Serving = { readonly host: CallHost; readonly methods: UnaryMethods };

/** Answers what can be refused by its headers, and lets a call read its message for the rest. */
function serve(stream: ServerHttp2Stream, headers: http2.IncomingHttpHeaders, { host, methods }: Serving): void {
  if (headers[":method"] !== "POST") return refuse(stream, { ":status": 405, allow: "POST" });
  if (!isGrpcContentType(headers["content-type"])) return refuse(stream, { ":status": 415 });
  const path = headers[":path"] ?? "";
  const handler = methods.get(path);
  if (handler === undefined) {
    host.onRefusal("unknown_method");
    return refuse(
      stream,
      trailersOnly({ code: Code.UNIMPLEMENTED, message: `Cannot call ${path.slice(0, 200)}: no such method here` }),
    );
  }
  new NodeCall(stream, { headers, path, handler, host }).read();
}

/** Ends calls whose message has been coming for too long. The set is in order of arrival. */
function endSlow(host: CallHost): void {
  const oldest = performance.now() - host.limits.maxReceiveMs;
  for (const call of host.receiving) {
    if (call.born > oldest) return;
    call.tooSlow();
  }
}

/** Node resets the stream by itself after an answer to a request whose body nobody reads. */
function refuse(stream: ServerHttp2Stream, headers: http2.OutgoingHttpHeaders): void {
  stream.respond(headers, { endStream: true });
}

/** Errors of single sessions and streams end with their "close", which is where they are handled. */
function ignore(): void {}
