import type { Filters, LoaderSettings } from "../../../src/ebpf/loader/commands.ts";
import { type Exit, type LoaderProcess, startLoader } from "../../../src/ebpf/loader/process.ts";
import { cgroupCommand, filterCommands, forgetCommand, loadCommands } from "../../../src/ebpf/loader/commands.ts";
import type { ProbeName, ProbeReport, Ready, Totals } from "../../../src/ebpf/loader/reports.ts";
import { eventually } from "../eventually.ts";
import type { Group } from "./groups.ts";
import { recordAt, type TestRecord } from "./records.ts";
import { loaderPath } from "./set-up.ts";

/** Running probes and what they have told. */
export type Probes = {
  readonly ready: Ready;
  readonly reports: readonly ProbeReport[];
  readonly records: readonly TestRecord[];
  readonly loader: LoaderProcess;
  readonly complaints: readonly string[];
  totals(): Totals | undefined;
  /** The first record that fits, when it comes. */
  record(what: string, fits: (record: TestRecord) => boolean): Promise<TestRecord>;
  /** Ends the loader; all that it had has come. */
  stop(): Promise<Exit>;
};

export type ProbesOptions = Partial<LoaderSettings> & {
  readonly filters?: Filters;
  /** Only these groups are watched. */
  readonly groups?: readonly Group[];
};

export const standard: LoaderSettings = {
  probes: ["process", "tcp", "http", "oom", "signal"],
  ringBytes: 8 << 20,
  connections: 4096,
  argsMax: 1024,
  requestMax: 1024,
  responseMax: 512,
  signals: [3, 4, 6, 7, 8, 9, 11, 15, 31],
  backend: "auto",
};

/** Starts the loader and waits until its probes are attached. */
export async function startProbes(options: ProbesOptions = {}): Promise<Probes> {
  const settings = { ...standard, ...options };
  const records: TestRecord[] = [];
  const reports: ProbeReport[] = [];
  const complaints: string[] = [];
  let ready: Ready | undefined;
  let totals: Totals | undefined;
  let exit: Exit | undefined;
  const { groups } = options;
  const filters = { ...options.filters, ...(groups === undefined ? {} : { probes: [] }) };
  const allowed = (groups ?? []).map((group) => cgroupCommand({ ...group, probes: settings.probes }));
  const loader = startLoader({
    path: loaderPath,
    commands: `${loadCommands(settings)}${filterCommands(filters)}${allowed.join("")}start\n`,
    onRecord: (bytes, at) => void records.push(recordAt(bytes, at)),
    onPause: () => undefined,
    onProbe: (report) => void reports.push(report),
    onReady: (told) => (ready = told),
    onTotals: (told) => (totals = told),
    onComplaint: (line) => void complaints.push(line),
    onExit: (how) => (exit = how),
  });
  const told = await eventually(
    () => {
      if (exit !== undefined) throw new Error(exit.text);
      return ready;
    },
    { what: "the probes attached", timeoutMs: 30_000 },
  );
  return {
    ready: told,
    reports,
    records,
    loader,
    complaints,
    totals: () => totals,
    record: (what, fits) => eventually(() => records.find(fits), { what }),
    async stop() {
      loader.close();
      return eventually(() => exit, { what: "the loader's end" });
    },
  };
}

/** Commands for one group. */
export function groupCommand(group: Group, probes: readonly ProbeName[] | undefined): string {
  return probes === undefined ? forgetCommand(group) : cgroupCommand({ ...group, probes });
}
