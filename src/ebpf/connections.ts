import { connAt, connFlag, role } from "./abi.ts";
import { putAddress } from "./encoding/address.ts";
import { errorName } from "./names.ts";
import type { Outbox } from "./outbox.ts";
import type { RingRecord } from "./ring.ts";
import type { Source } from "./sources.ts";
import { putErrorStatus, putName, putNewTrace, putTimes } from "./encoding/span-parts.ts";
import { keyOf, type Writer } from "./encoding/writer.ts";

const keys = {
  transport: keyOf("network.transport"),
  type: keyOf("network.type"),
  localAddress: keyOf("network.local.address"),
  localPort: keyOf("network.local.port"),
  peerAddress: keyOf("network.peer.address"),
  peerPort: keyOf("network.peer.port"),
  serverAddress: keyOf("server.address"),
  serverPort: keyOf("server.port"),
  clientAddress: keyOf("client.address"),
  clientPort: keyOf("client.port"),
  sent: keyOf("podstamp.tcp.sent_bytes"),
  received: keyOf("podstamp.tcp.received_bytes"),
  retransmits: keyOf("podstamp.tcp.retransmits"),
  rtt: keyOf("podstamp.tcp.rtt_us"),
  connecting: keyOf("podstamp.tcp.connect_ns"),
  late: keyOf("podstamp.connection.late"),
  error: keyOf("error.type"),
};

/** What is said of each role: the span's name and its kind, which is internal where nobody saw who began. */
const shapes = [
  { name: "TCP connection", kind: 1 },
  { name: "TCP connect", kind: 3 },
  { name: "TCP accept", kind: 2 },
] as const;

/** Writes a span of a connection that has closed, or could not be made, from its begin to its end. */
export function putConnection(outbox: Outbox, record: RingRecord, source: Source): void {
  const { writer } = outbox;
  const who = record.u8(connAt.role);
  const flags = record.u8(connAt.flags);
  const error = record.i32(connAt.error);
  const isFailed = (flags & connFlag.failed) !== 0;
  const { name, kind } = shapes[who] ?? shapes[role.unknown];
  const from = writer.length;
  const message = writer.open(0x12);
  putNewTrace(writer);
  putName(writer, name, kind);
  putTimes(writer, record.clock, { start: record.ns(connAt.start), end: record.ns(connAt.end) });
  putEnds(writer, record, who);
  if (!isFailed) putTraffic(writer, record, who);
  writer.int(keys.retransmits, record.u32(connAt.retransmits));
  if ((flags & connFlag.late) !== 0) writer.flag(keys.late, true);
  if (error !== 0 || isFailed) {
    writer.text(keys.error, error === 0 ? "connection_failed" : errorName(error));
    putErrorStatus(writer);
  }
  writer.close(message);
  outbox.add(source, from);
}

function putEnds(writer: Writer, record: RingRecord, who: number): void {
  const { bytes, at } = record;
  const local = { address: at + connAt.local, port: record.u16(connAt.localPort) };
  const remote = { address: at + connAt.remote, port: record.u16(connAt.remotePort) };
  writer.text(keys.transport, "tcp");
  writer.text(keys.type, record.u16(connAt.family) === 2 ? "ipv4" : "ipv6");
  putAddress(writer, keys.localAddress, bytes, local.address);
  if (local.port > 0) writer.int(keys.localPort, local.port);
  putAddress(writer, keys.peerAddress, bytes, remote.address);
  writer.int(keys.peerPort, remote.port);
  if (who === role.unknown) return;
  const server = who === role.server ? local : remote;
  putAddress(writer, keys.serverAddress, bytes, server.address);
  writer.int(keys.serverPort, server.port);
  if (who !== role.server) return;
  putAddress(writer, keys.clientAddress, bytes, remote.address);
  writer.int(keys.clientPort, remote.port);
}

function putTraffic(writer: Writer, record: RingRecord, who: number): void {
  writer.int(keys.sent, record.u64(connAt.tx));
  writer.int(keys.received, record.u64(connAt.rx));
  const rtt = record.u32(connAt.srttUs);
  if (rtt > 0) writer.int(keys.rtt, rtt);
  const took = record.ns(connAt.established) - record.ns(connAt.start);
  if (who === role.client && took > 0) writer.int(keys.connecting, took);
}
