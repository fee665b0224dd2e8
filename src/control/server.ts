import { chmod, lstat, mkdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { dirname } from "node:path";
import type { Ended, Question, Reply } from "../telemetry/answers.ts";
import type { Logger } from "../telemetry/log.ts";
import { readLines } from "./lines.ts";
import { maxOrderBytes, protocol, readOrder } from "./protocol.ts";
import { createReply } from "./reply.ts";
import { isAnswered } from "./sockets.ts";

/*
 * The socket on which a running podstamp is asked and told things. Whoever may open it may do both: it is in a folder of its
 * user's own, and of mode 0600.
 */

export type ControlOptions = {
  readonly path: string;
  /** podstamp's own. */
  readonly version: string;
  /** Carries out an order; never rejects. */
  readonly take: (order: string, question: Question, reply: Reply) => Promise<Ended>;
  readonly log: Logger;
};

export type Listening = { close(): Promise<void> };

const maxConnections = 16;

/** Who has not given an order by then, or does not read what comes for so long, is cut off. */
const orderMs = 10_000;
const stuckMs = 60_000;

/** Between two looks whether the socket is still there: it lies among files that are cleaned up. */
const lookMs = 5000;

/** Listens at a path, and again when the socket was removed; rejects when another process listens there. */
export async function listenForOrders(options: ControlOptions): Promise<Listening> {
  const { path, log } = options;
  const connections = new Set<Socket>();
  const onConnection = (socket: Socket) => {
    socket.on("error", () => socket.destroy());
    if (connections.size >= maxConnections) {
      refuse(socket, options.version, `Cannot take more orders: ${maxConnections} are being carried out`);
      return;
    }
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    void answer(socket, options); // it never rejects
  };
  const open = async () => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    if (await isAnswered(path)) throw new Error(`Cannot listen on ${path}: another process does`);
    if ((await lstat(path).catch(() => undefined))?.isSocket() === true) await rm(path);
    const server = createServer(onConnection);
    await listening(server, path);
    server.on("error", (error) => log.warn({ error }, "The control socket failed"));
    await chmod(path, 0o600);
    return server;
  };

  let server = await open();
  let isTold = false;
  const look = async () => {
    if ((await lstat(path).catch(() => undefined)) !== undefined) return;
    server.close();
    try {
      server = await open();
      log.info({ path }, "The control socket was removed, and is there again");
      isTold = false;
    } catch (error) {
      if (!isTold) log.warn({ error }, "The control socket was removed, and cannot be made again");
      isTold = true;
    }
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, lookMs).unref();
  return {
    async close() {
      clearInterval(timer);
      await looking;
      for (const socket of connections) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** How long who is refused may take to hear it: closed with something unread, a socket loses what was written too. */
const refusedMs = 1000;

function refuse(socket: Socket, version: string, problem: string): void {
  const { say, end } = createReply(socket, AbortSignal.abort());
  say({ podstamp: version, protocol });
  end({ ok: false, lines: [problem] });
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), refusedMs);
  socket.on("close", () => clearTimeout(timer));
}

async function answer(socket: Socket, { version, take }: ControlOptions): Promise<void> {
  const gone = new AbortController();
  socket.on("close", () => gone.abort());
  const line = await firstLine(socket);
  if (line === "none") return void socket.destroy();
  // Who does not read holds what is written for it; who has nothing to read may wait for as long as it likes.
  socket.setTimeout(stuckMs, () => socket.writableLength > 0 && socket.destroy());
  const order = line === "long" ? tooLong : readOrder(line.text);
  if ("problem" in order) return refuse(socket, version, order.problem);
  const { reply, say, end } = createReply(socket, gone.signal);
  // As it was said before there were items and ends.
  if (order.isBare) return void socket.end(`${JSON.stringify(await take(order.order, {}, reply))}\n`);
  say({ podstamp: version, protocol });
  end(await take(order.order, order.question, reply));
}

const tooLong = { problem: `Cannot read the order: must be at most ${maxOrderBytes} bytes` };

/** The order, unless none comes in time, or one that is too long. */
function firstLine(socket: Socket): Promise<{ readonly text: string } | "none" | "long"> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve("none"), orderMs);
    socket.on("close", () => {
      clearTimeout(timer);
      resolve("none");
    });
    readLines(socket, {
      maxBytes: maxOrderBytes,
      onLine(line) {
        clearTimeout(timer);
        resolve({ text: line });
      },
      onLong() {
        clearTimeout(timer);
        resolve("long");
      },
    });
  });
}
