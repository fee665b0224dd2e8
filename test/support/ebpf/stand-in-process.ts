/* A stand-in for the loader, see stand-in.ts: greets, reports on the probes it is asked for, and passes a recorded ring on. */
import { existsSync, readFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import {
  headerAt,
  helloAt,
  layoutHash,
  probeAt,
  probeId,
  probeStatus,
  readyAt,
  reason,
  recordType,
} from "../../../src/ebpf/abi.ts";
import type { ProbeName } from "../../../src/ebpf/loader/reports.ts";
import type { StandIn } from "./stand-in.ts";

const what = JSON.parse(process.argv[2] ?? "{}") as StandIn;
const asked = new Set<ProbeName>();
let hasStarted = false;

function send(type: number, size: number, fill: (bytes: Buffer) => void): void {
  const bytes = Buffer.alloc((size + 7) & ~7);
  bytes.writeUInt32LE(bytes.length, headerAt.len);
  bytes.writeUInt16LE(type, headerAt.type);
  fill(bytes);
  pass(bytes);
}

/** Waits, as the loader does, while nobody reads. */
function pass(bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(1, bytes, at);
}

function report(probe: ProbeName): void {
  const { fails } = what;
  const failure = fails?.probes.includes(probe) === true && !existsSync(fails.until) ? fails.reason : undefined;
  const text = failure === undefined ? "" : `Cannot load probe ${probe}: ${failure}`;
  send(recordType.probe, probeAt.text + text.length, (bytes) => {
    bytes.writeUInt32LE(probeId[probe], probeAt.probe);
    bytes.writeUInt32LE(failure === undefined ? probeStatus.attached : probeStatus.failed, probeAt.status);
    bytes.writeUInt32LE(reason[failure ?? "none"], probeAt.reason);
    bytes.writeUInt32LE(text.length, probeAt.textLen);
    bytes.write(text, probeAt.text);
  });
}

send(recordType.hello, helloAt.size, (bytes) => {
  bytes.write("PODS", helloAt.magic);
  bytes.writeUInt32LE(what.layoutHash ?? layoutHash, helloAt.layoutHash);
});
for await (const line of createInterface({ input: process.stdin })) {
  const [command, name] = line.split(" ");
  if (command === "probe") {
    asked.add(name as ProbeName);
    if (hasStarted) report(name as ProbeName);
  }
  if (command !== "start") continue;
  hasStarted = true;
  for (const probe of asked) report(probe);
  send(recordType.ready, readyAt.size, () => undefined);
  if (what.ring !== undefined) pass(readFileSync(what.ring));
}
