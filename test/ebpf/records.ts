import {
  cgroupAt,
  clockAt,
  connAt,
  execAt,
  exitAt,
  headerAt,
  httpAt,
  oomAt,
  recordType,
  signalAt,
} from "../../src/ebpf/abi.ts";

/** Boot of the test's machine in ns since 1970; beyond what a number holds exactly. */
export const bootedAt = 1_790_000_000_123_456_789n;
/** Time since boot of the test's begin: more than 2^53 ns. */
export const startedAt = 9_123_456_789_012_345n;

type Common = {
  readonly at?: bigint;
  readonly cgroup?: number;
  readonly hierarchy?: number;
  readonly tgid?: number;
  readonly flags?: number;
};

/** A record of the kernel's as bytes: the layout's offsets with these values in them. */
function record(
  type: number,
  size: number,
  { at = 0n, cgroup = 7, hierarchy = 0, tgid = 100, flags = 0 }: Common,
): Buffer {
  const bytes = Buffer.alloc((size + 7) & ~7);
  bytes.writeUInt32LE(bytes.length, headerAt.len);
  bytes.writeUInt16LE(type, headerAt.type);
  bytes.writeUInt8(flags, headerAt.flags);
  bytes.writeBigUInt64LE(startedAt + at, headerAt.ts);
  bytes.writeBigUInt64LE(BigInt(cgroup), headerAt.cgroup);
  bytes.writeUInt32LE(hierarchy, headerAt.hier);
  bytes.writeUInt32LE(tgid, headerAt.tgid);
  return bytes;
}

export function clockRecord(at = 0n): Buffer {
  const bytes = record(recordType.clock, clockAt.size, { at });
  bytes.writeBigUInt64LE(startedAt + at, clockAt.bootNs);
  bytes.writeBigUInt64LE(bootedAt + startedAt + at, clockAt.realNs);
  return bytes;
}

/** The path from the root on; the record has it from the leaf up. */
export function cgroupRecord(path: string, common: Common = {}): Buffer {
  const names = Buffer.from(
    path
      .split("/")
      .filter((name) => name !== "")
      .toReversed()
      .map((name) => `${name}/`)
      .join(""),
  );
  const bytes = record(recordType.cgroup, cgroupAt.path + names.length, common);
  bytes.writeUInt32LE(names.length, cgroupAt.pathLen);
  names.copy(bytes, cgroupAt.path);
  return bytes;
}

export function execRecord(
  file: string,
  details: Common & { args?: readonly string[]; ppid?: number; nsPid?: number; start?: bigint } = {},
): Buffer {
  const args = Buffer.from((details.args ?? [file]).map((arg) => `${arg}\0`).join(""));
  const bytes = record(recordType.exec, execAt.args + args.length, details);
  bytes.writeBigUInt64LE(startedAt + (details.start ?? 0n), execAt.start);
  bytes.writeUInt32LE(details.ppid ?? 1, execAt.ppid);
  bytes.writeUInt32LE(1000, execAt.uid);
  bytes.writeUInt32LE(details.nsPid ?? 5, execAt.nsPid);
  bytes.writeUInt32LE(args.length, execAt.argsLen);
  bytes.writeUInt32LE(file.length, execAt.fileLen);
  bytes.write(file, execAt.file);
  bytes.write(file.slice(file.lastIndexOf("/") + 1).slice(0, 15), execAt.comm);
  args.copy(bytes, execAt.args);
  return bytes;
}

export function exitRecord(
  details: Common & { start: bigint; status?: number; signal?: number; flagBits?: number; comm?: string },
): Buffer {
  const bytes = record(recordType.exit, exitAt.size, details);
  bytes.writeBigUInt64LE(startedAt + details.start, exitAt.start);
  bytes.writeUInt32LE(details.status ?? 0, exitAt.status);
  bytes.writeUInt32LE(details.signal ?? 0, exitAt.signal);
  bytes.writeUInt32LE(details.flagBits ?? 0, exitAt.flags);
  bytes.writeBigUInt64LE(1_000n, exitAt.utimeNs);
  bytes.writeBigUInt64LE(2_000n, exitAt.stimeNs);
  bytes.writeBigUInt64LE(4_096n, exitAt.maxrssBytes);
  bytes.write(details.comm ?? "app", exitAt.comm);
  return bytes;
}

export type End = { readonly address: readonly number[]; readonly port: number };
export const ipv4 = (a: number, b: number, c: number, d: number): readonly number[] => [
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  255,
  255,
  a,
  b,
  c,
  d,
];

export function connRecord(
  details: Common & {
    start: bigint;
    established?: bigint;
    end: bigint;
    role?: number;
    flagBits?: number;
    error?: number;
    local: End;
    remote: End;
    tx?: bigint;
    rx?: bigint;
  },
): Buffer {
  const bytes = record(recordType.conn, connAt.size, details);
  bytes.writeBigUInt64LE(startedAt + details.start, connAt.start);
  bytes.writeBigUInt64LE(details.established === undefined ? 0n : startedAt + details.established, connAt.established);
  bytes.writeBigUInt64LE(startedAt + details.end, connAt.end);
  bytes.writeBigUInt64LE(details.tx ?? 0n, connAt.tx);
  bytes.writeBigUInt64LE(details.rx ?? 0n, connAt.rx);
  bytes.writeUInt32LE(321, connAt.srttUs);
  bytes.writeUInt32LE(2, connAt.retransmits);
  bytes.writeInt32LE(details.error ?? 0, connAt.error);
  bytes.writeUInt8(details.role ?? 1, connAt.role);
  bytes.writeUInt8(details.flagBits ?? 0, connAt.flags);
  bytes.writeUInt16LE(2, connAt.family);
  bytes.writeUInt16LE(details.local.port, connAt.localPort);
  bytes.writeUInt16LE(details.remote.port, connAt.remotePort);
  bytes.set(details.local.address, connAt.local);
  bytes.set(details.remote.address, connAt.remote);
  bytes.write("app", connAt.comm);
  return bytes;
}

export type HttpRecordDetails = Common & {
  readonly connection?: number;
  readonly kind: number;
  readonly role: number;
  readonly direction: number;
  readonly offset?: number;
  readonly rx?: number;
  readonly tx?: number;
  readonly lastRx?: bigint;
  readonly lastTx?: bigint;
  readonly text?: string;
  readonly chunk?: number;
  readonly ordinal?: number;
  readonly sequence?: number;
  readonly connFlags?: number;
  readonly local?: End;
  readonly remote?: End;
  readonly comm?: string;
};

export const server: End = { address: ipv4(10, 0, 0, 2), port: 8080 };
export const client: End = { address: ipv4(10, 0, 0, 1), port: 40_000 };

export function httpRecord(details: HttpRecordDetails): Buffer {
  const { text = "" } = details;
  const isServer = details.role === 2;
  const [local, remote] = [
    details.local ?? (isServer ? server : client),
    details.remote ?? (isServer ? client : server),
  ];
  const bytes = record(recordType.http, httpAt.data + text.length, details);
  bytes.writeBigUInt64LE(BigInt(details.connection ?? 1), httpAt.conn);
  bytes.writeBigUInt64LE(BigInt(details.offset ?? 0), httpAt.offset);
  bytes.writeBigUInt64LE(BigInt(details.rx ?? 0), httpAt.rx);
  bytes.writeBigUInt64LE(BigInt(details.tx ?? 0), httpAt.tx);
  bytes.writeBigUInt64LE(startedAt + (details.lastRx ?? 0n), httpAt.lastRx);
  bytes.writeBigUInt64LE(startedAt + (details.lastTx ?? 0n), httpAt.lastTx);
  bytes.writeUInt32LE(details.chunk ?? text.length, httpAt.chunk);
  bytes.writeUInt32LE(text.length, httpAt.captured);
  bytes.writeUInt32LE(details.ordinal ?? 1, httpAt.ordinal);
  bytes.writeUInt32LE(details.sequence ?? 5000, httpAt.tcpSeq);
  bytes.writeUInt8(details.kind, httpAt.kind);
  bytes.writeUInt8(details.role, httpAt.role);
  bytes.writeUInt8(details.direction, httpAt.direction);
  bytes.writeUInt8(details.connFlags ?? 0, httpAt.connFlags);
  bytes.writeUInt16LE(2, httpAt.family);
  bytes.writeUInt16LE(local.port, httpAt.localPort);
  bytes.writeUInt16LE(remote.port, httpAt.remotePort);
  bytes.set(local.address, httpAt.local);
  bytes.set(remote.address, httpAt.remote);
  bytes.write(details.comm ?? "app", httpAt.comm);
  bytes.write(text, httpAt.data, "latin1");
  return bytes;
}

export function oomRecord(common: Common & { trigger?: number } = {}): Buffer {
  const bytes = record(recordType.oom, oomAt.size, common);
  bytes.writeUInt32LE(common.trigger ?? 0, oomAt.triggerTgid);
  bytes.write("hungry", oomAt.comm);
  return bytes;
}

export function signalRecord(
  details: Common & { signal: number; code?: number; disposition?: number; sender?: number },
): Buffer {
  const bytes = record(recordType.signal, signalAt.size, details);
  bytes.writeInt32LE(details.signal, signalAt.signal);
  bytes.writeInt32LE(details.code ?? 0, signalAt.code);
  bytes.writeUInt32LE(details.disposition ?? 0, signalAt.disposition);
  bytes.writeUInt32LE(details.sender ?? 1, signalAt.senderTgid);
  bytes.write("app", signalAt.comm);
  bytes.write("killer", signalAt.senderComm);
  return bytes;
}
