import { disposition, execAt, exitAt, exitFlag, oomAt, signalAt } from "./abi.ts";
import { signalName } from "./names.ts";
import type { Outbox } from "./outbox.ts";
import type { RingRecord } from "./ring.ts";
import { type Source, textAt } from "./sources.ts";
import { putErrorStatus, putName, putNewTrace, putTimes } from "./encoding/span-parts.ts";
import { keyOf, type Writer } from "./encoding/writer.ts";

const keys = {
  code: keyOf("process.exit.code"),
  error: keyOf("error.type"),
  signal: keyOf("podstamp.process.signal"),
  isOom: keyOf("podstamp.process.oom_killed"),
  user: keyOf("podstamp.process.cpu_user_ns"),
  system: keyOf("podstamp.process.cpu_system_ns"),
  memory: keyOf("podstamp.process.max_rss_bytes"),
  trigger: keyOf("podstamp.oom.trigger_pid"),
  senderPid: keyOf("podstamp.signal.sender_pid"),
  senderName: keyOf("podstamp.signal.sender_name"),
  disposition: keyOf("podstamp.signal.disposition"),
  siCode: keyOf("podstamp.signal.code"),
};

/** SeverityNumber. */
const info = { number: 9, text: "INFO" } as const;
const warn = { number: 13, text: "WARN" } as const;
const error = { number: 17, text: "ERROR" } as const;

type Event = {
  readonly name: string;
  readonly severity: { readonly number: number; readonly text: string };
  readonly body: string;
  readonly attributes?: (writer: Writer) => void;
};

/** Writes a log record with the name of an event. */
function putEvent(
  outbox: Outbox,
  record: RingRecord,
  source: Source,
  { name, severity, body, attributes }: Event,
): void {
  const { writer } = outbox;
  const from = writer.length;
  const message = writer.open(0x12);
  // 1 time_unix_nano, 11 observed_time_unix_nano, 2 severity_number, 3 severity_text, 5 body, 12 event_name
  record.clock.write(writer, 0x09, record.time);
  record.clock.write(writer, 0x59, record.time);
  writer.byte(0x10);
  writer.byte(severity.number);
  putText(writer, 0x1a, severity.text);
  const value = writer.open(0x2a);
  putText(writer, 0x0a, body);
  writer.close(value);
  attributes?.(writer);
  putText(writer, 0x62, name);
  writer.close(message);
  outbox.add(source, from);
}

function putText(writer: Writer, tag: number, text: string): void {
  const bytes = Buffer.from(text);
  writer.byte(tag);
  writer.varint(bytes.length);
  writer.all(bytes);
}

/** A process has begun to be another program. */
export function putExec(outbox: Outbox, record: RingRecord, source: Source): void {
  const length = Math.min(record.u32(execAt.fileLen), execAt.args - execAt.file);
  const path = textAt(record.bytes, record.at + execAt.file, length);
  const body = `Process ${source.tgid} has begun to run ${path}`;
  putEvent(outbox, record, source, { name: "process.exec", severity: info, body });
}

/** How a process ended. */
type End = { readonly code: number; readonly signal: number; readonly isOom: boolean };

function endOf(record: RingRecord): End {
  const signal = record.u32(exitAt.signal);
  // As shells and container runtimes have it.
  const code = signal > 0 ? 128 + signal : record.u32(exitAt.status);
  return { code, signal, isOom: (record.u32(exitAt.flags) & exitFlag.oom) !== 0 };
}

/** A process has ended. */
export function putExit(outbox: Outbox, record: RingRecord, source: Source): void {
  const end = endOf(record);
  const how =
    end.signal === 0
      ? `exited with ${end.code}`
      : `was killed by ${signalName(end.signal)}${end.isOom ? " for want of memory" : ""}`;
  putEvent(outbox, record, source, {
    name: "process.exit",
    severity: end.signal > 0 ? error : end.code > 0 ? warn : info,
    body: `Process ${source.tgid} (${source.name}) ${how}`,
    attributes: (writer) => putEnd(writer, record, end),
  });
}

/** The life of a process, from its fork to its end, as a span. */
export function putLifetime(outbox: Outbox, record: RingRecord, source: Source): void {
  const { writer } = outbox;
  const end = endOf(record);
  const from = writer.length;
  const message = writer.open(0x12);
  putNewTrace(writer);
  putName(writer, `process ${source.name}`, 1);
  putTimes(writer, record.clock, { start: record.ns(exitAt.start), end: record.time });
  putEnd(writer, record, end);
  if (end.code !== 0) {
    writer.text(
      keys.error,
      end.isOom ? "OOMKilled" : end.signal > 0 ? signalName(end.signal) : `exit_code_${end.code}`,
    );
    putErrorStatus(writer);
  }
  writer.close(message);
  outbox.add(source, from);
}

function putEnd(writer: Writer, record: RingRecord, { code, signal, isOom }: End): void {
  writer.int(keys.code, code);
  if (signal > 0) writer.text(keys.signal, signalName(signal));
  if (isOom) writer.flag(keys.isOom, true);
  writer.int(keys.user, record.u64(exitAt.utimeNs));
  writer.int(keys.system, record.u64(exitAt.stimeNs));
  writer.int(keys.memory, record.u64(exitAt.maxrssBytes));
}

/** The kernel has chosen a process to end, for want of memory. */
export function putOom(outbox: Outbox, record: RingRecord, source: Source): void {
  const trigger = record.u32(oomAt.triggerTgid);
  putEvent(outbox, record, source, {
    name: "process.oom_kill",
    severity: error,
    body: `Process ${source.tgid} (${source.name}) is killed for want of memory`,
    attributes: (writer) => trigger > 0 && writer.int(keys.trigger, trigger),
  });
}

/** si_code of signals that the kernel sends itself. */
const fromKernel = 128;

/** A signal that can kill was sent to a process. */
export function putSignal(outbox: Outbox, record: RingRecord, source: Source): void {
  const name = signalName(record.i32(signalAt.signal));
  const sender = {
    pid: record.u32(signalAt.senderTgid),
    name: textAt(record.bytes, record.at + signalAt.senderComm, 16),
  };
  const code = record.i32(signalAt.code);
  const isHandled = record.u32(signalAt.disposition) === disposition.handled;
  const by = code === fromKernel ? "the kernel" : `process ${sender.pid} (${sender.name})`;
  putEvent(outbox, record, source, {
    name: "process.signal",
    severity: isHandled ? info : warn,
    body: `Process ${source.tgid} (${source.name}) was sent ${name} by ${by}`,
    attributes(writer) {
      writer.text(keys.signal, name);
      writer.text(keys.disposition, isHandled ? "handled" : "default");
      if (code >= 0) writer.int(keys.siCode, code);
      if (code === fromKernel) return;
      writer.int(keys.senderPid, sender.pid);
      writer.text(keys.senderName, sender.name);
    },
  });
}
