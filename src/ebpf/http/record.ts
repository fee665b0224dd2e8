import { connFlag, direction, httpFlag, httpKind, role } from "../abi.ts";

/** What a chunk of a connection's bytes is. */
export const Kind = {
  request: httpKind.request,
  response: httpKind.response,
  more: httpKind.cont,
  progress: httpKind.progress,
  end: httpKind.end,
} as const;
export const Role = role;
export const Direction = { received: direction.rx, sent: direction.tx } as const;
/** endsEmpty and endedByServer are of a connection's end. */
export const Flag = {
  endsChunked: httpFlag.endsChunked,
  endsEmpty: httpFlag.headWhole,
  endedByServer: httpFlag.endedByServer,
  capturedAll: httpFlag.capturedAll,
} as const;
/** inexact: some bytes were counted and not read. unseen: some were counted later than they moved. */
export const ConnectionFlag = {
  late: connFlag.late,
  muted: connFlag.muted,
  inexact: connFlag.unread | connFlag.sendfile,
  unseen: connFlag.unseen,
} as const;

/** Bytes of a head that is read in pieces which the kernel keeps until it can tell it: SHIFT_MAX of bpf/include/payload.h. */
const shiftMax = 7;

/**
 * One EV_HTTP record, read out of the ring's bytes. There is one object for all of them: who keeps something copies it.
 * Times are ns since the clock's base, offsets and totals bytes.
 */
export class HttpRecord {
  bytes: Uint8Array = new Uint8Array();
  /** The captured bytes are bytes[dataStart, dataEnd). */
  dataStart = 0;
  dataEnd = 0;
  /** Where 16 bytes of each address stand, IPv4 as ::ffff:a.b.c.d. */
  localAt = 0;
  remoteAt = 0;
  localPort = 0;
  remotePort = 0;
  /** Where the 16 bytes of the owner's name stand. */
  commAt = 0;
  hierarchy = 0;
  cgroup = 0;
  tgid = 0;
  time = 0;
  connection = 0;
  kind = 0;
  role = 0;
  direction = 0;
  flags = 0;
  connectionFlags = 0;
  /** Of the chunk's first byte in its direction. */
  offset = 0;
  /** Bytes that the call moved, of which `dataEnd - dataStart` are here. */
  chunk = 0;
  /** Of the head among those of its direction, from 1; 0 for 1xx responses and other kinds. */
  ordinal = 0;
  tcpSequence = 0;
  /** Bytes and the time of the last one of each direction, before this chunk. */
  received = 0;
  sent = 0;
  lastReceived = 0;
  lastSent = 0;

  /** Whether bytes of a head that is not whole at `end` are missing, or will not be told. */
  isCutAt(end: number): boolean {
    return end < this.offset + this.chunk || (this.flags & Flag.capturedAll) !== 0;
  }

  /** Leaves out the first bytes of the chunk. */
  skip(bytes: number): void {
    this.dataStart += bytes;
    this.offset += bytes;
    this.chunk -= bytes;
    this.tcpSequence = (this.tcpSequence + bytes) >>> 0;
  }

  /**
   * Leaves out what is of a message that ends at `end`, where that is a few bytes alone: they looked as if they began a head, and the
   * kernel tells them with what follows.
   */
  skipTail(end: number): void {
    const bytes = end - this.offset;
    if (bytes > 0 && bytes <= shiftMax && bytes < this.chunk && bytes < this.dataEnd - this.dataStart) this.skip(bytes);
  }
}
