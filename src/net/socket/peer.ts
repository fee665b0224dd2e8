import { BlockList, isIP, type Socket } from "node:net";

/** The address of a connection's other side without its port; undefined on a unix socket and when it is gone. */
export function peerAddress(socket: Pick<Socket, "remoteAddress"> | undefined): string | undefined {
  const address = socket?.remoteAddress;
  return address?.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
}

/** The IP address in a text that may have brackets around it and a port behind it; undefined when there is none. */
export function addressIn(text: string): string | undefined {
  const address = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? text.replace(/^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/, "$1");
  return isIP(address) === 0 ? undefined : address;
}

const ownAddresses = new BlockList();
ownAddresses.addSubnet("127.0.0.0", 8, "ipv4");
ownAddresses.addAddress("::1", "ipv6");

/** Whether it is a loopback address, however it is written; an IPv4 address in IPv6's clothes counts as IPv4. */
export function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && ownAddresses.check(address, family === 6 ? "ipv6" : "ipv4");
}
