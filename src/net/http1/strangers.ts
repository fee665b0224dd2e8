import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { endWith } from "../socket/first-bytes.ts";
import { recognise } from "../socket/foreign.ts";
import type { ForeignProtocol, OnFailedHandshake, OnForeign } from "../socket/foreign.ts";
import { watchHandshakes } from "../socket/handshakes.ts";
import { peerAddress } from "../socket/peer.ts";
import type { Refusal } from "../transport.ts";

type Doorkeeper = {
  /** Connections on which an answer is due: nothing else may be written there. */
  readonly busy: WeakSet<Duplex>;
  readonly onRefusal: (refusal: Refusal) => void;
  readonly onForeign: OnForeign | undefined;
  readonly onFailedHandshake: OnFailedHandshake | undefined;
};

/** Answers what is no request, as Node would, but counted, and with a word about another protocol. */
export function turnStrangersAway(server: Server, doorkeeper: Doorkeeper): void {
  const { busy, onRefusal, onForeign: told, onFailedHandshake } = doorkeeper;
  const onForeign = (protocol: ForeignProtocol, peer: string | undefined): void => {
    onRefusal("wrong_protocol");
    told?.(protocol, peer);
  };
  server.on("clientError", (error: Error & { code?: string; rawPacket?: Buffer }, socket: Duplex) => {
    const peer = peerAddress(socket as Socket);
    const protocol = error.rawPacket === undefined ? undefined : recognise(error.rawPacket);
    if (protocol === "HTTP/2" || protocol === "TLS") onForeign(protocol, peer);
    else if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") onRefusal("slow");
    else if (error.code?.startsWith("HPE_") === true) onRefusal("malformed");
    if (!socket.writable || busy.has(socket) || protocol === "TLS" || protocol === "HTTP/2") {
      socket.destroy();
      return;
    }
    endWith(socket, `HTTP/1.1 ${statusOf(error.code)}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  });
  watchHandshakes(server, {
    onRefusal,
    onFailedHandshake,
    onForeign: (protocol, socket) => onForeign(protocol, peerAddress(socket)),
  });
}

function statusOf(code: string | undefined): string {
  if (code === "HPE_HEADER_OVERFLOW") return "431 Request Header Fields Too Large";
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? "408 Request Timeout" : "400 Bad Request";
}
