// Feeds everything in podstamp that takes bytes of others with damaged ones, in parallel: nothing may throw, hang or grow.
// What is found is written to test/fuzz/found, where npm test plays it from then on.
// Usage: npm run fuzz -- [--seconds N] [--target NAME ...] [--workers N] [--first N]
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { inputOf, targets } from "../test/fuzz/targets.ts";
import type { Finding, FuzzJob } from "../test/fuzz/worker.ts";
import { readOptions } from "./arguments.ts";

const usage = `Usage: npm run fuzz -- [--seconds N] [--target NAME ...] [--workers N] [--first N]
Targets: ${targets.map(({ name }) => name).join(", ")}`;
const values = readOptions(
  {
    seconds: { type: "string" },
    target: { type: "string", multiple: true },
    workers: { type: "string" },
    first: { type: "string" },
  },
  usage,
);
const seconds = Number(values.seconds ?? 60);
const names = values.target ?? [];
const workers = Number(values.workers ?? availableParallelism());
// Each run has others, unless it is told where to begin.
const first = Number(values.first ?? Math.floor(Math.random() * 2 ** 30));
const unknown = names.filter((name) => targets.every((target) => target.name !== name));
if (!(seconds > 0) || !(workers > 0) || !Number.isSafeInteger(first) || unknown.length > 0) {
  console.error(usage);
  process.exit(2);
}

const folder = fileURLToPath(new URL("../test/fuzz/found/", import.meta.url));
const mine = targets.filter(({ name }) => names.length === 0 || names.includes(name));
const maxHeapMiB = 512;
/** An input that takes longer hangs, on a machine that has other work to do too; that each is done in a second of processor time is what npm test asks. */
const hangMs = 10_000;
const until = Date.now() + seconds * 1000;
const found = new Map<string, Finding>();
/** Of each target. */
const inputs = mine.map(() => 0);

console.log(
  `${seconds} s, ${workers} workers, inputs from number ${first} on: ${mine.map(({ name }) => name).join(", ")}`,
);
await Promise.all(Array.from({ length: workers }, (_, index) => work(first + index)));
for (const finding of found.values()) keep(finding);
mine.forEach(({ name }, index) => {
  const problems = [...found.values()].filter(({ target }) => target === name).length;
  console.log(`${name.padEnd(20)} ${String(inputs[index]).padStart(10)} inputs, ${problems} problems`);
});
console.log(
  `${inputs.reduce((sum, count) => sum + count, 0)} inputs, ${found.size} problems, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB at the end`,
);
process.exitCode = found.size === 0 ? 0 : 1;

/** Lets one worker play; one that hangs or dies is told of and another one goes on behind that input. */
async function work(start: number): Promise<void> {
  for (let at = start; Date.now() < until;) {
    const shared = new Int32Array(new SharedArrayBuffer(4 * (4 + mine.length)));
    const job: FuzzJob = { names, first: at, step: workers, until, shared: shared.buffer as SharedArrayBuffer };
    const outcome = await play(job, shared);
    mine.forEach((_, index) => (inputs[index] = (inputs[index] ?? 0) + Atomics.load(shared, 4 + index)));
    if (outcome === "done") return;
    const target = mine[Atomics.load(shared, 0)]?.name ?? "";
    const number = Atomics.load(shared, 1);
    note({ target, number, problem: outcome });
    // Of the others some may be skipped or played again, which does no harm.
    at = number + workers;
  }
}

function play(job: FuzzJob, shared: Int32Array): Promise<string> {
  const worker = new Worker(new URL("../test/fuzz/worker.ts", import.meta.url), {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMiB },
  });
  return new Promise((resolve) => {
    let last = -1;
    let since = performance.now();
    let hasHung = false;
    const watching = setInterval(() => {
      const count = Atomics.load(shared, 2);
      const isPlaying = Atomics.load(shared, 3) === 1;
      if (count !== last || !isPlaying) {
        last = count;
        since = performance.now();
      } else if (performance.now() - since > hangMs) {
        hasHung = true;
        void worker.terminate();
      }
    }, 100);
    worker.on("message", note);
    worker.on("error", (error) => finish(error instanceof Error ? error.message : String(error)));
    worker.on("exit", () => finish(hasHung ? `takes longer than ${hangMs} ms` : "done"));
    const finish = (outcome: string): void => {
      clearInterval(watching);
      resolve(outcome);
    };
  });
}

/** One of each kind is enough: its target and the first line of what it said. */
function note(finding: Finding): void {
  const kind = `${finding.target} ${finding.problem.split("\n", 2).join(" ").replaceAll(/\d+/g, "N")}`;
  if (found.has(kind)) return;
  found.set(kind, finding);
  console.log(`${finding.target}, input ${finding.number}: ${finding.problem.split("\n").slice(0, 6).join("\n  ")}`);
}

function keep({ target: name, number }: Finding): void {
  const target = targets.find((one) => one.name === name);
  if (target === undefined) return;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.${number}`);
  writeFileSync(file, inputOf(target, number));
  console.log(`Wrote ${file}`);
}
