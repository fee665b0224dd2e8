import net from "node:net";
import type { Server, Socket } from "node:net";
import tls from "node:tls";
import { PingGuard } from "../../grpc/ping-guard.ts";
import type { ForeignProtocol } from "../../socket/foreign.ts";
import { watchHandshakes } from "../../socket/handshakes.ts";
import { listen } from "../../socket/listen.ts";
import type { Listening } from "../../socket/listen.ts";
import { turnAway } from "../../socket/first-bytes.ts";
import { peerAddress } from "../../socket/peer.ts";
import { tcpKeepAlive } from "../../socket/tcp-keepalive.ts";
import { followFiles } from "../../socket/tls-reload.ts";
import { windowsOf } from "../../transport.ts";
import type { ServerOptions, UnaryMethods, UnaryServer } from "../../transport.ts";
import { Arena } from "../../../otlp/rope/arena.ts";
import { allocateSlab } from "../../../otlp/rope/moving.ts";
import { awaitGreeting } from "../frames/greeting.ts";
import { Setting } from "../frames/protocol.ts";
import { Keeper } from "./keeper.ts";
import { Intake, takeOver } from "../frames/reading.ts";
import { Numbered } from "../numbered.ts";
import { ServerConnection } from "./connection.ts";
import type { ServerShared } from "./stream.ts";

/** How long a TLS handshake may take. */
const handshakeMs = 10_000;

/** Unary gRPC on our own HTTP/2. */
export function createNativeServer(options: ServerOptions, methods: UnaryMethods): UnaryServer {
  const { limits, onRefusal } = options;
  const { pingPolicy } = options.keepalive;
  const shared: ServerShared = {
    limits,
    onRefusal,
    bytesInFlight: 0,
    arena: new Arena(allocateSlab),
    receiving: new Numbered(),
    lastReceiving: 0,
  };
  const keeper = new Keeper({
    settings: options.keepalive,
    patienceMs: limits.maxReceiveMs,
    onSlow: () => onRefusal("slow"),
    onStalled: () => onRefusal("stalled"),
    onSweep: (now) => endSlow(shared, now),
  });
  const sockets = new Set<Socket>();
  let listening: Listening | undefined;
  let isStopping = false;

  const begin = (socket: Socket, intake: Intake, rest: Buffer): void => {
    if (isStopping) return void socket.destroy();
    const windows = windowsOf(limits);
    const connection = new ServerConnection({
      socket,
      shared,
      methods,
      connectionWindow: windows.connection,
      streamWindow: windows.stream,
      settings: [
        [Setting.MAX_CONCURRENT_STREAMS, limits.maxConcurrentStreams],
        [Setting.INITIAL_WINDOW_SIZE, windows.stream],
        [Setting.MAX_HEADER_LIST_SIZE, limits.maxHeaderBytes],
      ],
      pings: pingPolicy === undefined ? undefined : new PingGuard(pingPolicy),
      foreignAnswer: answerOf(options),
      onClosed: () => keeper.remove(connection),
    });
    keeper.add(connection);
    const { link } = connection;
    intake.onBytes = (chunk, start, end) => link.push(chunk, start, end);
    link.push(rest, 0, rest.length);
  };
  const greet = (socket: Socket, intake: Intake): void =>
    awaitGreeting(socket, {
      intake,
      timeoutMs: limits.maxReceiveMs,
      onTimeout: () => onRefusal("slow"),
      onGreeting: (greeting) => {
        if (greeting.kind === "http2") return begin(socket, intake, greeting.rest);
        const { protocol } = greeting;
        if (protocol === undefined) {
          onRefusal("protocol_error");
          return void socket.destroy();
        }
        onForeign(options, protocol, socket);
        turnAway(socket, protocol, answerOf(options));
      },
    });
  const make = (): Server => {
    const server = makeServer(options, greet);
    server.on("connection", (accepted: Socket) => {
      if (isStopping || sockets.size >= limits.maxConnections) {
        onRefusal("connections");
        accepted.on("error", ignore);
        return void accepted.destroy();
      }
      const intake = new Intake();
      const socket = options.tls === undefined ? takeOver(accepted, intake) : accepted;
      socket.on("error", ignore);
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      if (options.tls === undefined) greet(socket, intake);
    });
    server.on("error", ignore);
    return server;
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
      for (const socket of sockets) socket.destroy();
    },
  };
}

function makeServer(options: ServerOptions, greet: (socket: Socket, intake: Intake) => void): Server {
  if (options.tls === undefined) return net.createServer({ pauseOnConnect: true, ...tcpKeepAlive });
  const server = tls.createServer(
    { ...options.tls, ALPNProtocols: ["h2"], handshakeTimeout: handshakeMs, noDelay: true, ...tcpKeepAlive },
    (socket) => {
      // HTTP/2 forbids it (RFC 9113, section 9.2.1). That somebody tries is told as an error, after which Node would go on.
      socket.disableRenegotiation();
      socket.on("error", () => void socket.destroy());
      if (socket.alpnProtocol === "h2") {
        const intake = new Intake();
        intake.attach(socket);
        return greet(socket, intake);
      }
      onForeign(options, "HTTP/1.1", socket);
      turnAway(socket, "HTTP/1.1", answerOf(options));
    },
  );
  followFiles(server, options.tls);
  watchHandshakes(server, { ...options, onForeign: (protocol, socket) => onForeign(options, protocol, socket) });
  return server;
}

function answerOf({ foreignAnswer }: ServerOptions): string {
  return foreignAnswer ?? "This port speaks gRPC, which is HTTP/2";
}

function onForeign(options: ServerOptions, protocol: ForeignProtocol, socket: Socket): void {
  options.onRefusal("wrong_protocol");
  options.onForeign?.(protocol, peerAddress(socket));
}

/** Ends calls whose message has been coming for too long. */
function endSlow({ receiving, limits }: ServerShared, now: number): void {
  const oldest = now - limits.maxReceiveMs;
  for (const stream of receiving.values()) {
    if (stream.born <= oldest) stream.tooSlow();
  }
}

/** What goes wrong with a connection ends with its "close". */
function ignore(): void {}
