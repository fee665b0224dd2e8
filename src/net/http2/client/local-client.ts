import net from "node:net";
import { Code } from "../../status.ts";
import type { Status } from "../../status.ts";
import type { StreamingClient, StreamRequest, UnaryReply, UnaryRequest } from "../../transport.ts";
import { ClientSession } from "./session.ts";
import type { Connections, Waiter } from "./connector.ts";
import { Exchange } from "./exchange.ts";
import { requestHeaders } from "./request-headers.ts";

export type LocalClientOptions = {
  /** Of the unix socket. */
  readonly path: string;
  readonly userAgent: string;
  readonly maxResponseBytes: number;
};

/** Nobody asks whether it is connected. */
export type LocalClient = Pick<StreamingClient, "call" | "stream" | "close">;

/** Calls that may wait for a free stream; the next one is told to come back. */
const maxWaiting = 10_000;

/**
 * gRPC over one connection to a unix socket, made with the first call and not again: for a program that asks a few times and
 * ends. Beside the other clients it loads neither TLS nor anything else that takes longer than the asking, and its first calls
 * do not wait for the server's settings.
 */
export function createLocalClient(options: LocalClientOptions): LocalClient {
  const { path, maxResponseBytes } = options;
  const connection = createConnection(options);
  const call = (request: UnaryRequest | StreamRequest): Promise<UnaryReply> => {
    const payload = { bytes: request.message, isCompressed: false };
    const exchange = new Exchange(request, { payload, connector: connection, maxResponseBytes });
    if (!exchange.isSettled) connection.enter(exchange);
    return exchange.reply;
  };
  return {
    call,
    stream: async (request) => (await call(request)).status,
    async close() {
      connection.close(`Cannot call unix://${path}: the client is closed`);
    },
  };
}

type Connection = Connections & { close(reason: string): void };

type State =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" | "ready"; readonly session: ClientSession; readonly socket: net.Socket }
  | { readonly kind: "over"; readonly status: Status };

function createConnection({ path, userAgent }: LocalClientOptions): Connection {
  let state: State = { kind: "idle" };
  const waiting = new Set<Waiter>();
  /** Those that were run before the server has said that it speaks HTTP/2. */
  const hasty = new Set<Waiter>();
  const lines = requestHeaders({ endpoint: { kind: "unix", path }, headers: {}, userAgent });

  const end = (message: string): void => {
    const status: Status = { code: Code.UNAVAILABLE, message };
    if (state.kind === "connecting" || state.kind === "ready") state.socket.destroy();
    state = { kind: "over", status };
    for (const waiter of [...hasty, ...waiting]) waiter.fail(status);
    hasty.clear();
    waiting.clear();
  };
  const runWaiting = (session: ClientSession): void => {
    for (const waiter of waiting) {
      if (state.kind === "over" || !session.hasRoom) return;
      waiting.delete(waiter);
      waiter.run(session);
    }
  };
  const connect = (): ClientSession => {
    const socket = net.connect({ path });
    // Before the session's own, which can only say that the connection was lost.
    socket.once("close", () => {
      if (state.kind !== "over") end(`Cannot reach unix://${path}: ${session.problem ?? reason}`);
    });
    const session: ClientSession = new ClientSession(socket, {
      headers: lines,
      events: {
        onReady: () => {
          hasty.clear();
          if (state.kind === "connecting") state = { kind: "ready", session, socket };
        },
        onFree: runWaiting,
        onRetired: () => {},
      },
    });
    let reason = "the connection was closed";
    socket.on("error", (error) => (reason = error.message));
    socket.on("data", (chunk: Buffer) => session.link.push(chunk, 0, chunk.length));
    state = { kind: "connecting", session, socket };
    session.link.greet();
    return session;
  };

  return {
    enter(waiter) {
      if (state.kind === "over") return waiter.fail(state.status);
      const session = state.kind === "idle" ? connect() : state.session;
      if (waiting.size === 0 && session.hasRoom) {
        if (state.kind === "connecting") hasty.add(waiter);
        return waiter.run(session);
      }
      if (waiting.size >= maxWaiting)
        return waiter.fail({ code: Code.UNAVAILABLE, message: `Cannot call unix://${path}: too many calls wait` });
      waiter.delay();
      waiting.add(waiter);
    },
    leave: (waiter) => void waiting.delete(waiter),
    close: end,
  };
}
