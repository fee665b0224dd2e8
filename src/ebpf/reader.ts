import { cgroupAt, clockAt, connAt, disposition, execAt, exitAt, httpAt, oomAt, recordType, signalAt } from "./abi.ts";
import { Clock } from "./encoding/clock.ts";
import { putConnection } from "./connections.ts";
import { putExec, putExit, putLifetime, putOom, putSignal } from "./events.ts";
import { createAssembler } from "./http/assembler.ts";
import type { Unknown } from "./http/exchange.ts";
import { Kind } from "./http/record.ts";
import { createHttpSpans } from "./http/spans.ts";
import type { Unwanted } from "./http/spans.ts";
import { Outbox } from "./outbox.ts";
import { RingRecord } from "./ring.ts";
import { createSources, type Identify, type Source, type SourcesOptions, textAt } from "./sources.ts";
import { Tag } from "./encoding/writer.ts";

/** What is made of each probe's records. */
export type ReaderSettings = {
  readonly process: { readonly spans: boolean; readonly logs: boolean; readonly withArguments: boolean };
  readonly http: {
    readonly excludedPaths: readonly string[];
    readonly knownMethods: readonly string[];
    readonly withQuery: boolean;
    readonly requestHeaders: readonly string[];
    readonly responseHeaders: readonly string[];
    readonly link: boolean;
    readonly respectsSampling: boolean;
    readonly maxConnections: number;
  };
  /** Records of a container a second, and in one moment; 0: no limit. Requests of HTTP are limited in the kernel. */
  readonly rate: number;
  readonly burst: number;
  /** Bytes that are held until they leave, of each signal. */
  readonly maxHeldBytes: number;
};

export type ReaderOptions = {
  readonly settings: ReaderSettings;
  readonly identify: Identify;
  /** See SourcesOptions. */
  nameOf?(tgid: number, cgroup: string): string | undefined;
  /** Signals that somebody takes. */
  readonly takes: { readonly traces: boolean; readonly logs: boolean };
  readonly version: string;
  onKnown: SourcesOptions["onKnown"];
  /** False while memory is short. */
  hasRoom(): boolean;
  /** Counts records, or requests of HTTP, of which nothing is made. */
  dropped(reason: Dropped, count: number): void;
};

/** unreadable: the time is not known yet. runtime: of a runtime's own threads. */
export type Dropped = Unwanted | Unknown | "rate_limited" | "unreadable" | "runtime";

/** Turns the kernel's records into telemetry. */
export type Reader = {
  /** Takes one record that begins at bytes[at]; the bytes may be used again behind the call. */
  take(bytes: Uint8Array, at: number): void;
  readonly spans: Outbox;
  readonly logs: Outbox;
  /** Ends what has ended as far as anybody can tell, as of the time of the last record and `passedMs` since. */
  sweep(passedMs: number): void;
  /** More is known of containers than before. */
  review(): void;
  /** The records to come are of another loader. */
  reset(): void;
  counts(): {
    readonly connections: number;
    readonly unsettled: number;
    readonly cgroups: number;
    readonly waiting: number;
  };
};

/** The semantic conventions that the names are of. */
const schemaUrl = "https://opentelemetry.io/schemas/1.42.0";

/** Threads of a runtime that end within the container that they have made. */
const runtimeThread = "runc:[";

export function createReader(options: ReaderOptions): Reader {
  const { settings, dropped, takes } = options;
  const clock = new Clock();
  const record = new RingRecord(clock);
  const sources = createSources({
    identify: options.identify,
    ...(options.nameOf === undefined ? {} : { nameOf: options.nameOf }),
    rate: settings.rate,
    burst: settings.burst,
    maxCgroups: 16_384,
    maxProcesses: 32_768,
    onKnown: options.onKnown,
  });
  const scope = scopeOf(options.version);
  const refused = (records: number) => dropped("refused", records);
  const spans = new Outbox({ signal: "spans", tag: Tag.span, scope, schemaUrl, refused });
  const logs = new Outbox({ signal: "logs", tag: Tag.log, scope, schemaUrl, refused });
  const hasRoom = (outbox: Outbox) => outbox.length < settings.maxHeldBytes && options.hasRoom();
  const assembler = createAssembler({
    ...settings.http,
    exchanges: createHttpSpans({
      ...settings.http,
      sources,
      clock,
      outbox: spans,
      hasRoom: () => hasRoom(spans),
      unwanted: (reason) => dropped(reason, 1),
    }),
    unknown: dropped,
  });
  let lastTime = 0;

  /** The source of the record, if it may be reported: what may not makes no object. */
  const wanted = (outbox: Outbox, comm: number): Source | undefined => {
    const source = sources.find(record.hierarchy, record.cgroup, record.tgid, record.bytes, record.at + comm);
    if (source === undefined) dropped("refused", 1);
    else if (!hasRoom(outbox)) dropped("full", 1);
    else if (!sources.take(source, record.time)) dropped("rate_limited", 1);
    else return source;
    return undefined;
  };

  const takeExec = (): void => {
    if (sources.isRefused(record.hierarchy, record.cgroup)) return dropped("refused", 1);
    const length = Math.min(record.u32(execAt.fileLen), execAt.args - execAt.file);
    const path = textAt(record.bytes, record.at + execAt.file, length);
    const process = {
      start: record.u64(execAt.start),
      name: path.slice(path.lastIndexOf("/") + 1),
      path,
      parent: record.u32(execAt.ppid),
      user: record.u32(execAt.uid),
      pidInside: record.u32(execAt.nsPid),
      args: settings.process.withArguments ? argumentsOf(record) : [],
    };
    sources.exec(record.hierarchy, record.cgroup, { tgid: record.tgid, process });
    if (!takes.logs || !settings.process.logs) return;
    const source = wanted(logs, execAt.comm);
    if (source !== undefined) putExec(logs, record, source);
  };

  const takeExit = (): void => {
    const { tgid, time } = record;
    sources.exit(record.hierarchy, record.cgroup, { tgid, start: record.u64(exitAt.start), time });
    if (isRuntimeThread(record)) return dropped("runtime", 1);
    if (takes.logs && settings.process.logs) {
      const source = wanted(logs, exitAt.comm);
      if (source === undefined) return;
      putExit(logs, record, source);
    }
    if (!takes.traces || !settings.process.spans) return;
    const source = wanted(spans, exitAt.comm);
    if (source !== undefined) putLifetime(spans, record, source);
  };

  const takeHttp = (): void => {
    const to = assembler.record;
    const { at } = record;
    to.kind = record.u8(httpAt.kind);
    // Of nobody who is wanted: not even a connection is remembered. What was before comes to its end all the same.
    if (to.kind !== Kind.end && sources.isRefused(record.hierarchy, record.cgroup)) return dropped("refused", 1);
    to.bytes = record.bytes;
    to.dataStart = at + httpAt.data;
    to.dataEnd = to.dataStart + record.u32(httpAt.captured);
    to.localAt = at + httpAt.local;
    to.remoteAt = at + httpAt.remote;
    to.localPort = record.u16(httpAt.localPort);
    to.remotePort = record.u16(httpAt.remotePort);
    to.commAt = at + httpAt.comm;
    to.hierarchy = record.hierarchy;
    to.cgroup = record.cgroup;
    to.tgid = record.tgid;
    to.time = record.time;
    to.connection = record.u64(httpAt.conn);
    to.role = record.u8(httpAt.role);
    to.direction = record.u8(httpAt.direction);
    to.flags = record.flags;
    to.connectionFlags = record.u8(httpAt.connFlags);
    to.offset = record.u64(httpAt.offset);
    to.chunk = record.u32(httpAt.chunk);
    to.ordinal = record.u32(httpAt.ordinal);
    to.tcpSequence = record.u32(httpAt.tcpSeq);
    to.received = record.u64(httpAt.rx);
    to.sent = record.u64(httpAt.tx);
    to.lastReceived = record.ns(httpAt.lastRx);
    to.lastSent = record.ns(httpAt.lastTx);
    assembler.take();
  };

  const take = (bytes: Uint8Array, at: number): void => {
    if (record.bytes !== bytes) record.point(bytes);
    record.at = at;
    const { type } = record;
    if (type === recordType.clock) {
      clock.set(record.view, at + clockAt.bootNs, at + clockAt.realNs);
      return;
    }
    if (type === recordType.cgroup) {
      sources.announce({ hierarchy: record.hierarchy, id: record.cgroup, path: cgroupPath(record) });
      return;
    }
    lastTime = record.time;
    if (!clock.isSet) return dropped("unreadable", 1);
    if (type === recordType.http) {
      if (takes.traces) takeHttp();
    } else if (type === recordType.exec) takeExec();
    else if (type === recordType.exit) takeExit();
    else if (type === recordType.conn) {
      const source = takes.traces ? wanted(spans, connAt.comm) : undefined;
      if (source !== undefined) putConnection(spans, record, source);
    } else if (type === recordType.oom) {
      const source = takes.logs ? wanted(logs, oomAt.comm) : undefined;
      if (source !== undefined) putOom(logs, record, source);
    } else if (type === recordType.signal) {
      const isIgnored = record.u32(signalAt.disposition) === disposition.ignored;
      const source = takes.logs && !isIgnored ? wanted(logs, signalAt.comm) : undefined;
      if (source !== undefined) putSignal(logs, record, source);
    }
  };

  return {
    take,
    spans,
    logs,
    sweep: (passedMs) => assembler.sweep(lastTime + passedMs * 1e6),
    review: () => sources.review(),
    reset: () => assembler.reset(),
    counts: () => ({
      connections: assembler.size(),
      unsettled: assembler.unsettled(),
      cgroups: sources.size(),
      waiting: sources.waiting(),
    }),
  };
}

/** InstrumentationScope: 1 name, 2 version. */
function scopeOf(version: string): Uint8Array {
  const [name, number] = [Buffer.from("podstamp/ebpf"), Buffer.from(version)];
  return Buffer.concat([Buffer.from([0x0a, name.length]), name, Buffer.from([0x12, number.length]), number]);
}

/** The path from the root on, of names that the kernel tells from the leaf up. */
function cgroupPath(record: RingRecord): string {
  const length = Math.min(record.u32(cgroupAt.pathLen), cgroupAt.size - cgroupAt.path);
  const names = textAt(record.bytes, record.at + cgroupAt.path, length).split("/");
  return `/${names
    .filter((name) => name !== "")
    .toReversed()
    .join("/")}`;
}

function argumentsOf(record: RingRecord): readonly string[] {
  const from = record.at + execAt.args;
  const length = Math.min(record.u32(execAt.argsLen), execAt.size - execAt.args);
  const whole = Buffer.from(record.bytes.subarray(from, from + length)).toString();
  return (whole.endsWith("\0") ? whole.slice(0, -1) : whole).split("\0");
}

function isRuntimeThread({ bytes, at }: RingRecord): boolean {
  for (let i = 0; i < runtimeThread.length; i++)
    if (bytes[at + exitAt.comm + i] !== runtimeThread.charCodeAt(i)) return false;
  return true;
}
