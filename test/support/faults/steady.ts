import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { startCriServer } from "../cri-server.ts";
import { newId } from "../cri-answers.ts";
import { createBackend } from "./backend.ts";
import { createLedger, startLoad, templateOf } from "./ledger.ts";
import type { Row } from "./ledger.ts";
import { createSubject } from "./subject.ts";

/** What podstamp was using at a moment. */
export type Sample = {
  readonly seconds: number;
  readonly rssMiB: number;
  readonly handles: number;
  readonly threads: number;
  /** Spans that were acknowledged since the start. */
  readonly acknowledged: number;
  readonly containers: number;
};

export type Steady = { readonly row: Row; readonly samples: readonly Sample[]; readonly changes: number };

export type SteadyOptions = {
  readonly minutes: number;
  readonly spansPerSecond: number;
  /** Containers that begin and end in a second. */
  readonly changesPerSecond: number;
  readonly sampleMs: number;
  readonly say: (sample: Sample) => void;
};

const spansPerRequest = 50;
const livingContainers = 100;

/** Days in the life of a node, in minutes: spans at a rate while containers come and go, with the queue on disk. */
export async function playSteady(options: SteadyOptions): Promise<Steady> {
  const { minutes, spansPerSecond, changesPerSecond, sampleMs, say } = options;
  const ledger = createLedger();
  const backend = await createBackend(ledger);
  await backend.up();
  const runtime = await startCriServer({ pods: [{ name: "web", namespace: "shop" }] });
  const subject = await createSubject({
    backend: backend.address,
    processors: {
      // So that soon as many are forgotten as come.
      cri_attributes: `{runtimes: [{type: cri, endpoint: "${runtime.endpoint}"}], max_tombstones: 1000}`,
      batch: "{}",
    },
  });
  await subject.start();
  const living: { readonly pod: string; readonly container: string }[] = [];
  let changes = 0;
  const change = (): void => {
    const container = newId();
    const pod = runtime.addPod({
      name: `job-${changes++}`,
      namespace: "shop",
      containers: [{ id: container, name: "job" }],
    });
    living.push({ pod, container });
    const oldest = living.length > livingContainers ? living.shift() : undefined;
    if (oldest === undefined) return;
    runtime.exit(oldest.container);
    runtime.remove(oldest.container);
    runtime.remove(oldest.pod);
  };
  const load = startLoad(ledger, {
    address: subject.address,
    template: templateOf({ spans: spansPerRequest, bytes: 100, container: () => living.at(-1)?.container ?? "" }),
    requestsPerSecond: spansPerSecond / spansPerRequest,
    maxInFlight: 50,
  });
  const changing = setInterval(change, 1000 / changesPerSecond);
  const samples: Sample[] = [];
  const begun = performance.now();
  try {
    while (performance.now() - begun < minutes * 60_000) {
      await sleep(sampleMs);
      const sample = {
        seconds: Math.round((performance.now() - begun) / 1000),
        ...usageOf(subject.pid()),
        acknowledged: ledger.acknowledgedCount(),
        containers: living.length,
      };
      samples.push(sample);
      say(sample);
      ledger.settleOld();
    }
    clearInterval(changing);
    await load.stop();
    for (let i = 0; i < 300 && ledger.missing() > 0; i++) await sleep(100);
    return { row: ledger.row(`${spansPerSecond} spans/s, ${changesPerSecond} container changes/s`), samples, changes };
  } finally {
    clearInterval(changing);
    await load.stop();
    await subject.clean();
    await runtime.close();
    backend.down();
  }
}

function usageOf(pid: number): { readonly rssMiB: number; readonly handles: number; readonly threads: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kib = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  const threads = Number(/^Threads:\s+(\d+)$/m.exec(status)?.[1] ?? 0);
  return { rssMiB: kib / 1024, handles: readdirSync(`/proc/${pid}/fd`).length, threads };
}

/** How much a value grows in ten minutes, by least squares over the samples behind the warm-up. */
export function slopePerTenMinutes(
  samples: readonly Sample[],
  valueOf: (sample: Sample) => number,
  warmUpSeconds: number,
): number {
  const points = samples.filter(({ seconds }) => seconds >= warmUpSeconds);
  const meanX = mean(points.map(({ seconds }) => seconds));
  const meanY = mean(points.map(valueOf));
  const up = points.reduce((sum, point) => sum + (point.seconds - meanX) * (valueOf(point) - meanY), 0);
  const down = points.reduce((sum, { seconds }) => sum + (seconds - meanX) ** 2, 0);
  return down === 0 ? 0 : (up / down) * 600;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
