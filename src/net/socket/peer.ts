import type { Socket } from "node:net";

/** The address of a connection's other side without its port; undefined on a unix socket and when it is gone. */
export function peerAddress(socket: Pick<Socket, "remoteAddress"> | undefined): string | undefined {
  const address = socket?.remoteAddress;
  return address?.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
}
