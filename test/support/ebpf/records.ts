import { connAt, execAt, exitAt, headerAt, httpAt, oomAt, recordType, signalAt } from "../../../src/ebpf/abi.ts";

/** A record as tests look at it. */
export type TestRecord = {
  readonly type: keyof typeof recordType;
  readonly bytes: Buffer;
  readonly flags: number;
  readonly ts: bigint;
  readonly cgroup: number;
  readonly hierarchy: number;
  readonly tgid: number;
  readonly netns: number;
  u8(offset: number): number;
  u16(offset: number): number;
  u32(offset: number): number;
  i32(offset: number): number;
  u64(offset: number): number;
  text(offset: number, length: number): string;
};

/** Copies the record at bytes[at]. */
export function recordAt(source: Buffer, at: number): TestRecord {
  const bytes = Buffer.from(source.subarray(at, at + source.readUInt32LE(at + headerAt.len)));
  const number = bytes.readUInt16LE(headerAt.type);
  const type = Object.entries(recordType).find(([, value]) => value === number)?.[0];
  if (type === undefined) throw new Error(`Cannot use a record: its type must be known, is ${number}`);
  return {
    type: type as keyof typeof recordType,
    bytes,
    flags: bytes.readUInt8(headerAt.flags),
    ts: bytes.readBigUInt64LE(headerAt.ts),
    cgroup: Number(bytes.readBigUInt64LE(headerAt.cgroup)),
    hierarchy: bytes.readUInt32LE(headerAt.hier),
    tgid: bytes.readUInt32LE(headerAt.tgid),
    netns: bytes.readUInt32LE(headerAt.netns),
    u8: (offset) => bytes.readUInt8(offset),
    u16: (offset) => bytes.readUInt16LE(offset),
    u32: (offset) => bytes.readUInt32LE(offset),
    i32: (offset) => bytes.readInt32LE(offset),
    u64: (offset) => Number(bytes.readBigUInt64LE(offset)),
    text: (offset, length) => {
      const text = bytes.toString("utf8", offset, offset + length);
      return text.includes("\0") ? text.slice(0, text.indexOf("\0")) : text;
    },
  };
}

/** The name of its process, of the records that have one. */
export function commOf(record: TestRecord): string | undefined {
  const offsets = {
    exec: execAt.comm,
    exit: exitAt.comm,
    conn: connAt.comm,
    http: httpAt.comm,
    oom: oomAt.comm,
    signal: signalAt.comm,
  };
  const offset = record.type in offsets ? offsets[record.type as keyof typeof offsets] : undefined;
  return offset === undefined ? undefined : record.text(offset, 16);
}

/** "10.0.0.1" or "fe80:…" of 16 bytes. */
export function addressAt(record: TestRecord, offset: number): string {
  const bytes = record.bytes.subarray(offset, offset + 16);
  if (bytes.subarray(0, 12).toString("hex") === "00000000000000000000ffff") return bytes.subarray(12).join(".");
  return Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16)).join(":");
}
