import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ledger } from "./ledger.ts";
import type { Subject } from "./subject.ts";

/** What podstamp was using at a moment. */
export type Sample = {
  readonly seconds: number;
  readonly rssMiB: number;
  readonly handles: number;
  readonly threads: number;
  /** Spans that were acknowledged since the start. */
  readonly acknowledged: number;
};

/** How long and how often to look, and whom to tell. */
export type Watch = {
  readonly minutes: number;
  readonly sampleMs: number;
  readonly say: (sample: Sample) => void;
};

/** Looks at podstamp again and again until the time is over; the books are kept small meanwhile. */
export async function sampled(
  { minutes, sampleMs, say }: Watch,
  { subject, ledger }: { readonly subject: Subject; readonly ledger: Ledger },
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const begun = performance.now();
  while (performance.now() - begun < minutes * 60_000) {
    await sleep(sampleMs);
    const sample = {
      seconds: Math.round((performance.now() - begun) / 1000),
      ...usageOf(subject.pid()),
      acknowledged: ledger.acknowledgedCount(),
    };
    samples.push(sample);
    say(sample);
    ledger.settleOld();
  }
  return samples;
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
