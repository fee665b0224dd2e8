import { readArgs } from "../terminal/args.ts";
import { exitCode, type Io } from "../terminal/output.ts";
import type { RunOptions } from "../run.ts";
import { shapes } from "../terminal/shapes.ts";
import { checkConfiguration } from "./checks/configuration.ts";
import { checkCounts } from "./checks/counts.ts";
import { checkExporters } from "./checks/exporters.ts";
import { type Finding, findingsOf, messageOf } from "./finding.ts";
import { checkFolders } from "./checks/folders.ts";
import { checkListeners } from "./checks/listeners.ts";
import { checkNodeName } from "./checks/node-name.ts";
import { checkProbes } from "./checks/probes.ts";
import { askRuntime, checkCgroups, checkClock, checkContents } from "./checks/runtimes.ts";
import { asJson, asText, asYaml } from "./show.ts";
import { checkSecondSources } from "./checks/second-sources.ts";
import { checkSockets } from "./checks/sockets.ts";
import { readSubject, type Subject } from "./subject.ts";

/** Whatever hangs, the answer is there by then. */
const limitMs = 30_000;

/** `podstamp doctor`: walks the usual reasons for telemetry without k8s.*, and says of each what to do. */
export async function doctor(argv: readonly string[], io: Io, options: RunOptions): Promise<number> {
  const args = readArgs(argv, shapes.doctor);
  const subject = await readSubject(args, io, options);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limitMs);
  const findings = await examine(subject, AbortSignal.any([io.signal, limit.signal]));
  clearTimeout(timer);
  const format = args.text("output") ?? "table";
  if (format === "json") io.out(asJson(findings));
  else if (format === "yaml") io.out(await asYaml(findings));
  else io.out(asText(findings, io));
  return findings.some(({ status }) => status === "problem") ? exitCode.failed : exitCode.ok;
}

async function examine(subject: Subject, signal: AbortSignal): Promise<readonly Finding[]> {
  const { self, config } = subject;
  const sockets = checkSockets(subject);
  const asking = Promise.all(sockets.reachable.map((each) => askRuntime(each, signal)));
  const needsHost = [...(config?.receivers.values() ?? [])].some(({ type }) => type.type === "ebpf");
  const parts = await Promise.all([
    safely("configuration", () => checkConfiguration(subject)),
    safely("socket", () => sockets.findings),
    safely("runtime", async () => [
      ...(await asking).flatMap(({ findings }) => findings),
      ...checkContents(await asking),
    ]),
    safely("cgroups", async () => checkCgroups(await asking, self.hasHostCgroups, needsHost)),
    safely("node name", () => checkNodeName(subject)),
    safely("kubelet", () => checkSecondSources(subject, signal)),
    safely("clock", async () => checkClock(await asking, Date.now())),
    safely("ebpf", () => checkProbes(subject, signal)),
    safely("listener", () => checkListeners(subject)),
    safely("folder", () => checkFolders(subject)),
    safely("exporter", () => checkExporters(subject, signal)),
    safely("running", () => checkCounts(subject, signal)),
  ]);
  return parts.flat();
}

/** A check that fails says nothing of the others. */
async function safely(
  check: string,
  look: () => readonly Finding[] | Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    const todo = "tell podstamp's maintainers: this check should have an answer";
    return [findingsOf(check).problem(`Cannot find out: ${messageOf(error)}`, todo)];
  }
}
