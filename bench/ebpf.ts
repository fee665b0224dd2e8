// npm run bench:ebpf [-- --rounds N] [--seconds S]: what the eBPF probes cost nginx and a Node server under the load of wrk, in paired
// rounds: without podstamp, with the default probes, with HTTP; then how often and how long each program ran, as the kernel counts
// it. As root, on Debian. Kept in bench/results/ebpf.md.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startCriServer } from "../test/support/cri/server.ts";
import { setUpProbes } from "../test/support/ebpf/set-up.ts";
import { installMissing } from "../test/support/machine/machine.ts";
import { type Podstamp, startPodstamp } from "../test/support/agent/podstamp.ts";
import { freePort } from "../test/support/net/ports.ts";
import { createWorkspace, wipe } from "../test/support/machine/workspace.ts";
import { countRuns, programIds, type Runs, watchPrograms } from "./ebpf/programs.ts";
import { type Exchange, load, type Served, startServers } from "./ebpf/servers.ts";
import { atMost } from "./sections/section.ts";
import { startSink } from "./sink/sinking.ts";
import { median, renderTable, type Table } from "./tables/table.ts";
import { usageOf } from "./stage/usage.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, seconds: { type: "string", default: "3" } },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
const say = (line: string) => void process.stderr.write(`${line}\n`);

/** What runs beside the servers; the settings of the receiver. */
const modes = [
  { name: "off", settings: undefined },
  { name: "default set", settings: "{}" },
  { name: "HTTP", settings: "{probes: {http: {}}}" },
  // Every request of both ends is told: what one costs is not hidden behind the limit of a thousand a second.
  { name: "HTTP, no limit", settings: "{probes: {http: {}}, rate_limit: 0}" },
] as const;
type Mode = (typeof modes)[number];

type Sample = Exchange & {
  /** CPU of podstamp and its loader, us per request. */
  readonly agentMicros: number;
};

const why = setUpProbes(say);
if (why !== undefined) throw new Error(`Cannot measure: ${why}`);
installMissing([{ program: "wrk", package: "wrk" }], say);

const folder = createWorkspace();
await using stack = new AsyncDisposableStack();
stack.defer(() => wipe(folder));
const runtime = stack.adopt(await startCriServer(), (server) => server.close());
const sinkPort = await freePort();
const podsFile = join(folder, "pods.json");
writeFileSync(podsFile, "{}");
stack.adopt(await startSink([String(sinkPort), podsFile]), (sink) => sink.stop());
const servers = stack.use(await startServers(folder));

const samples = new Map<string, Sample[]>();
for (let round = 0; round <= rounds; round++) {
  // Each round begins with another mode, so that none is always first.
  for (let i = 0; i < modes.length; i++) {
    const mode = modes[(round + i) % modes.length];
    if (mode !== undefined) await measure(mode, round > 0);
  }
  say(`round ${round} of ${rounds}${round === 0 ? " (warms up)" : ""}`);
}
const ran = await measurePrograms();
const idle = await measureIdle();
const thousands = recordsOfOneCore();
show();

async function measure(mode: Mode, isCounted: boolean): Promise<void> {
  const podstamp = mode.settings === undefined ? undefined : await start(mode.settings);
  try {
    for (const server of servers.all) {
      const before = podstamp === undefined ? 0 : usageOf(podstamp.pid).cpuSeconds();
      const exchange = await load(server, isCounted ? seconds : 1);
      const agent = podstamp === undefined ? 0 : usageOf(podstamp.pid).cpuSeconds() - before;
      const key = keyOf(server, mode.name);
      const list = samples.get(key) ?? [];
      samples.set(key, list);
      if (isCounted) list.push({ ...exchange, agentMicros: (agent / exchange.requests) * 1e6 });
    }
  } finally {
    await podstamp?.stop();
  }
}

async function start(settings: string): Promise<Podstamp> {
  const endpoint = JSON.stringify([{ type: "cri", endpoint: runtime.endpoint }]);
  const podstamp = await startPodstamp({
    config: `receivers:
  ebpf: ${settings.replace(/\}$/, `${settings === "{}" ? "" : ", "}runtimes: ${endpoint}}`)}
exporters:
  otlp_grpc: {endpoint: "127.0.0.1:${sinkPort}", tls: {insecure: true}}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {receivers: [ebpf], exporters: [otlp_grpc]}
    logs: {receivers: [ebpf], exporters: [otlp_grpc]}
`,
  });
  await podstamp.line(/eBPF probes attached/, 30_000);
  await sleep(500);
  return podstamp;
}

/** What a program did while a server was asked with a mode. */
type Run = Runs & { readonly server: string; readonly mode: string; readonly requests: number };

/** In a turn of its own, since the counting costs too. */
async function measurePrograms(): Promise<readonly Run[]> {
  const found: Run[] = [];
  using _ = countRuns();
  for (const { name: mode, settings } of modes) {
    if (settings === undefined) continue;
    const others = programIds();
    const podstamp = await start(settings);
    try {
      for (const server of servers.all) {
        const runsSince = watchPrograms(others);
        const { requests } = await load(server, seconds);
        found.push(...runsSince().map((runs) => ({ ...runs, server: server.name, mode, requests })));
      }
    } finally {
      await podstamp.stop();
    }
  }
  return found;
}

/** Percent of a core that podstamp and its loader need with the default set while nobody asks the servers. */
async function measureIdle(): Promise<{ readonly loader: number; readonly all: number }> {
  const podstamp = await start("{}");
  try {
    await sleep(3000);
    const all = usageOf(podstamp.pid);
    const own = usageOf(podstamp.pid, "alone");
    const before = [all.cpuSeconds(), own.cpuSeconds()] as const;
    const waited = 15;
    await sleep(waited * 1000);
    const [both, alone] = [all.cpuSeconds() - before[0], own.cpuSeconds() - before[1]];
    return { loader: ((both - alone) / waited) * 100, all: (both / waited) * 100 };
  } finally {
    await podstamp.stop();
  }
}

function recordsOfOneCore(): number {
  const told = execFileSync(process.execPath, [join(import.meta.dirname, "ebpf-records.ts")], { encoding: "utf8" });
  return Number(/^(\d+) thousand records/.exec(told)?.[1]);
}

function keyOf(server: Served, mode: string): string {
  return `${server.name}/${mode}`;
}

/** The middle one of what a mode changes, each round beside its own round without podstamp. */
function paired(server: Served, mode: string, change: (with_: Sample, without: Sample) => number): number {
  const without = samples.get(keyOf(server, "off")) ?? [];
  const pairs = (samples.get(keyOf(server, mode)) ?? []).map((one, round) => ({ one, other: without[round] }));
  return median(pairs.flatMap(({ one, other }) => (other === undefined ? [] : [change(one, other)])));
}

/** Percent of the throughput that is gone. */
function slower(one: Sample, other: Sample): number {
  return (1 - one.perSecond / other.perSecond) * 100;
}

/** Microseconds of the server's CPU that a request costs more. */
function dearer(one: Sample, other: Sample): number {
  return one.serverMicros - other.serverMicros;
}

function show(): void {
  const rows = servers.all.flatMap((server) =>
    modes.map(({ name }) => {
      const of = (value: (sample: Sample) => number) => median((samples.get(keyOf(server, name)) ?? []).map(value));
      return [
        server.name,
        name,
        Math.round(of(({ perSecond }) => perSecond)).toLocaleString("en"),
        name === "off" ? "" : (-paired(server, name, slower)).toFixed(1),
        of(({ serverMicros }) => serverMicros).toFixed(1),
        name === "off" ? "" : paired(server, name, dearer).toFixed(2),
        name === "off" ? "" : of(({ agentMicros }) => agentMicros).toFixed(2),
      ];
    }),
  );
  const table: Table = {
    title: "eBPF probes",
    about: `wrk, 16 connections kept alive, ${seconds} s a round, on the cores that server, wrk and podstamp share. Changes are the middle ones of ${rounds} pairs.`,
    columns: [
      "server",
      "probes",
      "requests/s",
      "change %",
      "CPU us/request of the server",
      "more us",
      "podstamp and loader us/request",
    ],
    rows,
  };
  const verdicts = [
    ...servers.all.map((server) =>
      atMost(`throughput lost by ${server.name} with the default set in %`, paired(server, "default set", slower), 3),
    ),
    ...servers.all.map((server) =>
      atMost(
        `more CPU of ${server.name} for a request that HTTP sees on its side in us`,
        paired(server, "HTTP, no limit", dearer),
        3,
      ),
    ),
    atLeast("thousand records a second of a core, from ring to OTLP bytes", thousands, 300),
    atMost("podstamp and loader when nobody asks, % of a core", idle.all, 0.1),
    `of that the loader: ${idle.loader.toFixed(3)} %; the idle figure holds what else ran on the machine, since all of it is watched`,
  ];
  const text = `${renderTable(table)}\n${renderTable(tableOfRuns())}\n${verdicts.map((verdict) => `- ${verdict}\n`).join("")}`;
  process.stdout.write(`\n${text}`);
  // A look whether all runs is no result.
  if (rounds < 3) return;
  const results = join(import.meta.dirname, "results");
  mkdirSync(results, { recursive: true });
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), Node ${process.versions.node}`;
  const command = `npm run bench:ebpf -- --rounds ${rounds} --seconds ${seconds}`;
  writeFileSync(join(results, "ebpf.md"), `Made by \`${command}\` on ${date}, ${machine}.\n\n${text}`);
}

/** Both ends of each request are on this machine: what runs twice for a request runs once on each side. */
function tableOfRuns(): Table {
  return {
    title: "The probes' programs",
    about:
      "Runs as the kernel counts them (kernel.bpf_stats_enabled, whose clock is in the times: some 60 ns a run), of wrk and the server together.",
    columns: ["server", "probes", "program", "runs/request", "ns/run", "ns/request"],
    rows: ran.map(({ server, mode, name, runs, nanoseconds, requests }) => [
      server,
      mode,
      name,
      (runs / requests).toFixed(3),
      (nanoseconds / runs).toFixed(0),
      (nanoseconds / requests).toFixed(0),
    ]),
  };
}

function atLeast(what: string, value: number, limit: number): string {
  return `${value >= limit ? "met" : "MISSED"}: ${what}: ${value}, the target is at least ${limit}`;
}
