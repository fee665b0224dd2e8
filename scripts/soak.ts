// The long form of the tests of reliability: steady load while containers come and go, then every fault again and for longer.
// Every span is accounted for. Usage: npm run soak -- [--minutes N] [--only steady|faults] [--svg FILE]
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ofTheBackend } from "../test/support/faults/of-the-backend.ts";
import { ofTheProcess } from "../test/support/faults/of-the-process.ts";
import type { Row } from "../test/support/faults/ledger.ts";
import { tableOf } from "../test/support/faults/stage.ts";
import { playSteady, slopePerTenMinutes } from "../test/support/faults/steady.ts";
import { sweep, wipeOwn } from "../test/support/workspace.ts";
import { plotOf } from "./soak/plot.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string" }, only: { type: "string" }, svg: { type: "string" } },
});
const minutes = Number(values.minutes ?? 30);
if (!(minutes > 0) || (values.only !== undefined && values.only !== "steady" && values.only !== "faults")) {
  console.error("Usage: npm run soak -- [--minutes N] [--only steady|faults] [--svg FILE]");
  process.exit(2);
}

const spansPerSecond = 10_000;
const changesPerSecond = 5;
/** Growth that is none: in MiB and in handles, in ten minutes. */
const maxRssSlope = 1;
const maxHandleSlope = 1;
/** Growth of so short a run says nothing. */
const leastMinutes = 10;
/** 50 kills of six each time, and not longer than an hour. */
const faultScale = Math.min(9, Math.max(1, Math.round(minutes / 3)));

const rows: Row[] = [];
const problems: string[] = [];
await sweep();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => void wipeOwn().finally(() => process.exit(1)));

if (values.only !== "faults") await steady();
if (values.only !== "steady") await faults();
console.log(`\n${tableOf(rows)}\n`);
for (const { scenario, lost } of rows)
  if (lost > 0) problems.push(`${scenario}: ${lost} spans were acknowledged and lost`);
for (const problem of problems) console.log(problem);
console.log(problems.length === 0 ? "Nothing that was acknowledged was lost" : "FAILED");
process.exitCode = problems.length === 0 ? 0 : 1;

async function steady(): Promise<void> {
  console.log(
    `${minutes} minutes of ${spansPerSecond} spans/s while ${changesPerSecond} containers a second begin and end:`,
  );
  const warmUp = Math.min(300, minutes * 20);
  let told = 0;
  const { row, samples, changes } = await playSteady({
    minutes,
    spansPerSecond,
    changesPerSecond,
    sampleMs: 2000,
    say: ({ seconds, rssMiB, handles, threads, acknowledged }) => {
      if (seconds < told) return;
      told = seconds + 30;
      console.log(
        `${seconds} s: ${rssMiB.toFixed(1)} MiB, ${handles} handles, ${threads} threads, ${acknowledged} spans acknowledged`,
      );
    },
  });
  rows.push(row);
  const rss = slopePerTenMinutes(samples, (sample) => sample.rssMiB, warmUp);
  const handles = slopePerTenMinutes(samples, (sample) => sample.handles, warmUp);
  console.log(
    `${changes} containers; after ${warmUp} s of warm-up ${rss.toFixed(2)} MiB and ${handles.toFixed(2)} handles per 10 minutes`,
  );
  if (minutes >= leastMinutes && rss > maxRssSlope)
    problems.push(`Memory grew by ${rss.toFixed(2)} MiB per 10 minutes`);
  if (minutes >= leastMinutes && handles > maxHandleSlope)
    problems.push(`Handles grew by ${handles.toFixed(2)} per 10 minutes`);
  if (values.svg !== undefined) {
    const title = `${spansPerSecond} spans/s, ${changesPerSecond} container changes/s: ${rss.toFixed(2)} MiB per 10 minutes`;
    writeFileSync(values.svg, plotOf(samples, { title, warmUpSeconds: warmUp }));
    console.log(`Wrote ${values.svg}`);
  }
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
