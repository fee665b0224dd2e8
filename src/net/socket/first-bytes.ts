import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { recognise } from "./foreign.ts";
import type { OnForeign } from "./foreign.ts";
import { peerAddress } from "./peer.ts";
import { tcpKeepAlive } from "./tcp-keepalive.ts";

type FirstBytesOptions = {
  /** Takes the connections that speak HTTP/2, with their first bytes unread. */
  readonly onConnection: (socket: Socket) => void;
  readonly onForeign: OnForeign;
  /** What a client of HTTP/1.1 is told. */
  readonly answer: string;
  /** How long the first bytes may take to come. */
  readonly timeoutMs: number;
};

/** A server in front of one of HTTP/2 without TLS: it looks at the first bytes, so that who came to the wrong port is told so. */
export function createFront(options: FirstBytesOptions): Server {
  return createServer({ noDelay: true, ...tcpKeepAlive }, (socket) => {
    const giveUp = (): void => void socket.destroy();
    socket.on("error", ignore);
    socket.setTimeout(options.timeoutMs, giveUp);
    socket.once("data", (first: Buffer) => {
      socket.setTimeout(0);
      socket.off("timeout", giveUp);
      const protocol = recognise(first);
      if (protocol === "TLS" || protocol === "HTTP/1.1") {
        options.onForeign(protocol, peerAddress(socket));
        turnAway(socket, protocol, options.answer);
        return;
      }
      socket.pause();
      socket.unshift(first);
      options.onConnection(socket);
    });
  });
}

/** A client of TLS waits for a handshake and understands nothing else; one of HTTP/1.1 understands an answer. */
export function turnAway(socket: Socket, protocol: "TLS" | "HTTP/1.1", answer: string): void {
  if (protocol === "TLS") {
    socket.destroy();
    return;
  }
  // Read, or its end would not be noticed.
  socket.resume();
  endWith(socket, badRequest(answer));
}

const farewellMs = 1000;

/** Ends a connection with these words. One that keeps its side open, or goes on sending, has had them after a moment. */
export function endWith(socket: Duplex, words: string): void {
  socket.end(words);
  const timer = setTimeout(() => socket.destroy(), farewellMs);
  socket.once("close", () => clearTimeout(timer));
}

/** An HTTP/1.1 answer for a request that is of another protocol. */
function badRequest(text: string): string {
  const body = `${text}\n`;
  return `HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
}

/** What goes wrong with a connection ends with its "close". */
function ignore(): void {}
