import { backend, headerAt, helloAt, probeAt, probeId, probeStatus, readyAt, reason, statsAt } from "../abi.ts";

/** The probes, by the names that the loader's commands use. */
export type ProbeName = keyof typeof probeId;

/** What has become of a probe. */
export type ProbeReport = {
  readonly probe: ProbeName;
  readonly status: keyof typeof probeStatus;
  /** Why it failed. */
  readonly reason: keyof typeof reason;
  /** Where HTTP's bytes are read; none for other probes. */
  readonly backend: keyof typeof backend;
  /** A sentence for the operator, and below it the end of the verifier's log; empty unless it failed. */
  readonly text: string;
};

/** What a loader says of itself, first of all. */
export type Hello = { readonly magic: number; readonly layoutHash: number; readonly kernel: string };

/** The loader has attached what it could. */
export type Ready = {
  /** Mask of bits 1 << probeId. */
  readonly probes: number;
  /** Process IDs in the root PID namespace. */
  readonly loaderPid: number;
  readonly parentPid: number;
  /** Milliseconds that loading and attaching took. */
  readonly loadMs: number;
};

/** Totals since the loader's start; named as in EV_STATS. */
export type Totals = Readonly<Record<keyof typeof statNames, number>>;

const statNames = {
  lost: statsAt.lost,
  lostCgroup: statsAt.lostCgroup,
  muted: statsAt.muted,
  unread: statsAt.unread,
  tableFull: statsAt.tableFull,
  malformed: statsAt.malformed,
  written: statsAt.written,
};

/** Reads an EV_HELLO at bytes[at]. */
export function readHello(bytes: Buffer, at: number): Hello {
  return {
    magic: bytes.readUInt32LE(at + helloAt.magic),
    layoutHash: bytes.readUInt32LE(at + helloAt.layoutHash),
    kernel: textOf(bytes, at + helloAt.kernel, helloAt.machine - helloAt.kernel),
  };
}

/** Reads an EV_READY at bytes[at]. */
export function readReady(bytes: Buffer, at: number): Ready {
  return {
    probes: bytes.readUInt32LE(at + readyAt.probes),
    loaderPid: bytes.readUInt32LE(at + readyAt.selfTgid),
    parentPid: bytes.readUInt32LE(at + readyAt.parentTgid),
    loadMs: Number(bytes.readBigUInt64LE(at + readyAt.loadNs) / 1_000_000n),
  };
}

/** Reads an EV_PROBE at bytes[at]; undefined for a probe that this version does not know. */
export function readProbe(bytes: Buffer, at: number): ProbeReport | undefined {
  const probe = nameOf(probeId, bytes.readUInt32LE(at + probeAt.probe));
  const room = bytes.readUInt32LE(at + headerAt.len) - probeAt.text;
  if (probe === undefined) return undefined;
  return {
    probe,
    status: nameOf(probeStatus, bytes.readUInt32LE(at + probeAt.status)) ?? "failed",
    reason: nameOf(reason, bytes.readUInt32LE(at + probeAt.reason)) ?? "other",
    backend: nameOf(backend, bytes.readUInt32LE(at + probeAt.backend)) ?? "none",
    text: textOf(bytes, at + probeAt.text, Math.min(room, bytes.readUInt32LE(at + probeAt.textLen))),
  };
}

/** Reads an EV_STATS at bytes[at]. */
export function readTotals(bytes: Buffer, at: number): Totals {
  const entries = Object.entries(statNames).map(([name, offset]) => [name, Number(bytes.readBigUInt64LE(at + offset))]);
  return Object.fromEntries(entries) as Totals;
}

function nameOf<T extends Readonly<Record<string, number>>>(names: T, value: number): (keyof T & string) | undefined {
  return Object.keys(names).find((name) => names[name] === value);
}

/** Up to the first 0. */
function textOf(bytes: Buffer, from: number, length: number): string {
  const text = bytes.toString("utf8", from, from + length);
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}
