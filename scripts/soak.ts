// The long form of the tests of reliability: steady load while containers come and go, load against a backend that answers nothing,
// then every fault again and for longer. Every span is accounted for.
// Usage: npm run soak -- [--minutes N] [--only steady|stalled|faults] [--svg FILE]
import { writeFileSync } from "node:fs";
import { ofTheBackend } from "../test/support/faults/of-the-backend.ts";
import { ofTheProcess } from "../test/support/faults/of-the-process.ts";
import type { Row } from "../test/support/faults/ledger.ts";
import { tableOf } from "../test/support/faults/stage.ts";
import { slopePerTenMinutes } from "../test/support/faults/sampling.ts";
import type { Sample } from "../test/support/faults/sampling.ts";
import { playStalled } from "../test/support/faults/stalled.ts";
import { playSteady } from "../test/support/faults/steady.ts";
import { buildProgram } from "../test/support/agent/packed.ts";
import { sweep, wipeOwn } from "../test/support/machine/workspace.ts";
import { readOptions } from "./arguments.ts";
import { plotOf } from "./soak/plot.ts";

const parts = { steady, stalled, faults };
const usage = `Usage: npm run soak -- [--minutes N] [--only ${Object.keys(parts).join("|")}] [--svg FILE]`;
const values = readOptions({ minutes: { type: "string" }, only: { type: "string" }, svg: { type: "string" } }, usage);
const minutes = Number(values.minutes ?? 30);
const only = values.only;
if (!(minutes > 0) || (only !== undefined && !Object.hasOwn(parts, only))) {
  console.error(usage);
  process.exit(2);
}

const spansPerSecond = 10_000;
const changesPerSecond = 5;
/** Growth that is none: in MiB and in handles, in ten minutes. */
const maxRssSlope = 1;
const maxHandleSlope = 1;
/** Growth of so short a run says nothing. */
const leastMinutes = 10;
/**
 * When memory is to be at rest, or after a third of a shorter run: all that fills up is full by then. IDs of what is gone, kept for a
 * minute, after 80 seconds; the 1000 tombstones after two minutes; the first regular list comes after five.
 */
const restSeconds = 300;
const mostStalledMinutes = 10;
const maxThirds = 1.05;
/** 50 kills of six each time, and not longer than an hour. */
const faultScale = Math.min(9, Math.max(1, Math.round(minutes / 3)));

const rows: Row[] = [];
const problems: string[] = [];
await sweep();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => void wipeOwn().finally(() => process.exit(1)));

for (const [name, play] of Object.entries(parts)) if (only === undefined || only === name) await play();
console.log(`\n${tableOf(rows)}\n`);
for (const { scenario, lost } of rows)
  if (lost > 0) problems.push(`${scenario}: ${lost} spans were acknowledged and lost`);
for (const problem of problems) console.log(problem);
console.log(problems.length === 0 ? "Nothing that was acknowledged was lost" : "FAILED");
process.exitCode = problems.length === 0 ? 0 : 1;

async function steady(): Promise<void> {
  const { program, remove } = await buildProgram();
  console.log(
    `${minutes} minutes of ${spansPerSecond} spans/s while ${changesPerSecond} containers a second begin and end:`,
  );
  const { row, samples, changes } = await playSteady({
    minutes,
    spansPerSecond,
    changesPerSecond,
    sampleMs: 2000,
    say: sayNowAndThen(),
    program,
  });
  await remove();
  rows.push(row);
  console.log(`${changes} containers`);
  const title = `${spansPerSecond} spans/s, ${changesPerSecond} container changes/s: ${judge("Steady load", samples)}`;
  if (values.svg === undefined) return;
  writeFileSync(values.svg, plotOf(samples, { title, warmUpSeconds: warmUpOf(samples) }));
  console.log(`Wrote ${values.svg}`);
}

async function stalled(): Promise<void> {
  const { program, remove } = await buildProgram();
  const long = Math.min(minutes, mostStalledMinutes);
  for (const queue of ["a queue in memory", "no queue"] as const) {
    console.log(`${long} minutes of load against a backend that answers nothing, ${queue}:`);
    const { row, samples } = await playStalled(queue, { minutes: long, sampleMs: 2000, say: sayNowAndThen(), program });
    rows.push(row);
    judgeShort(row.scenario, samples);
  }
  await remove();
}

/** Of so short a time V8's collections would tell a slope of their own: here the last third is held against the one before. */
function judgeShort(what: string, samples: readonly Sample[]): void {
  const third = Math.floor(samples.length / 3);
  const mean = (from: number, to: number) =>
    samples.slice(from, to).reduce((sum, { rssMiB }) => sum + rssMiB, 0) / Math.max(1, to - from);
  const [middle, last] = [mean(third, 2 * third), mean(2 * third, samples.length)];
  const most = Math.max(...samples.map(({ rssMiB }) => rssMiB));
  console.log(
    `${middle.toFixed(1)} MiB in the middle third, ${last.toFixed(1)} in the last, at most ${most.toFixed(1)}`,
  );
  if (last > maxThirds * middle)
    problems.push(`${what}: memory grew from ${middle.toFixed(1)} to ${last.toFixed(1)} MiB`);
}

function sayNowAndThen(): (sample: Sample) => void {
  let told = 0;
  return ({ seconds, rssMiB, handles, threads, acknowledged }) => {
    if (seconds < told) return;
    told = seconds + 30;
    console.log(
      `${seconds} s: ${rssMiB.toFixed(1)} MiB, ${handles} handles, ${threads} threads, ${acknowledged} spans acknowledged`,
    );
  };
}

function warmUpOf(samples: readonly Sample[]): number {
  return Math.min(restSeconds, (samples.at(-1)?.seconds ?? 0) / 3);
}

/** Says how memory and handles grew, and notes it as a problem when they should not have; gives the memory's growth in words. */
function judge(what: string, samples: readonly Sample[]): string {
  const warmUp = warmUpOf(samples);
  const rss = slopePerTenMinutes(samples, (sample) => sample.rssMiB, warmUp);
  const handles = slopePerTenMinutes(samples, (sample) => sample.handles, warmUp);
  const most = Math.max(...samples.map(({ rssMiB }) => rssMiB));
  console.log(
    `After ${warmUp.toFixed(0)} s of warm-up ${rss.toFixed(2)} MiB and ${handles.toFixed(2)} handles per 10 minutes; at most ${most.toFixed(1)} MiB`,
  );
  const isLong = (samples.at(-1)?.seconds ?? 0) >= leastMinutes * 60 - 10;
  if (isLong && rss > maxRssSlope) problems.push(`${what}: memory grew by ${rss.toFixed(2)} MiB per 10 minutes`);
  if (isLong && handles > maxHandleSlope)
    problems.push(`${what}: handles grew by ${handles.toFixed(2)} per 10 minutes`);
  return `${rss.toFixed(2)} MiB per 10 minutes`;
}

async function faults(): Promise<void> {
  for (const { name, cannot, play } of [...ofTheBackend, ...ofTheProcess]) {
    const why = cannot?.();
    if (why !== undefined) {
      console.log(`Skipped: ${name}: ${why}`);
      continue;
    }
    console.log(`${name} ...`);
    rows.push(await play(faultScale));
  }
}
