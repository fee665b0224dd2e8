import { bare, native, onNode } from "../contenders/all.ts";
import { collector } from "../contenders/collector.ts";
import { type Cost, direct, inTurn, plain } from "../stage/measure.ts";
import type { Quantiles } from "../load/loading.ts";
import { makeRequest } from "../load/requests.ts";
import { createStage } from "../stage/stage.ts";
import { atMost, type Section } from "./section.ts";

const spans = 100;
const seconds = 20;
/** A server has been there for longer; who was idle for a minute or is new costs up to twice as much. */
const warmUpSeconds = 90;

/** At fixed rates: CPU, memory, and how much later an answer comes than without anybody between. */
export const ratesSection: Section = async ({ rounds, part, say }) => {
  await using stage = await createStage(bare, [collector, native, onNode]);
  const request = makeRequest({ spans, ids: "resource", containerIds: stage.containerIds });
  const rows: string[][] = [];
  const verdicts: string[] = [];
  for (const spansPerSecond of [1000, 10_000, 50_000]) {
    const rate = spansPerSecond / spans;
    const name = `${spansPerSecond} spans/s`;
    const requests = Math.max(10, Math.round(rate * seconds * part));
    const warmUp = Math.max(10, Math.round(rate * warmUpSeconds * part));
    const work = { ...plain, name, request, items: spans, requests, warmUp, rate };
    const floor = await direct(stage, work);
    const costs = await inTurn(stage, work, rounds);
    say(
      `${name}: ${costs.map((one) => `${one.name} ${one.microsPerRequest.toFixed(0)} us, ${one.peakMiB.toFixed(0)} MiB`).join("; ")}`,
    );
    for (const cost of costs) rows.push([String(spansPerSecond), ...cells(cost, { floor, rate })]);
    if (spansPerSecond === 10_000) verdicts.push(...targets(costs, floor));
  }
  return {
    tables: [
      {
        title: "At a fixed rate",
        about:
          "Requests of 100 spans, IDs on the resource, when they have come for 90 s at this rate. CPU in parts of one core; latency beyond that of sending to the sink directly, in ms.",
        columns: ["spans/s", "process", "% of a core", "added p50", "added p99", "added p99.9", "peak RSS MiB"],
        rows,
      },
    ],
    verdicts,
  };
};

type Floor = { readonly floor: Quantiles; readonly rate: number };

function cells({ name, microsPerRequest, latencyMs, peakMiB }: Cost, { floor, rate }: Floor): string[] {
  const added = [latencyMs.p50 - floor.p50, latencyMs.p99 - floor.p99, latencyMs.p999 - floor.p999];
  return [name, ((microsPerRequest * rate) / 1e4).toFixed(2), ...added.map((ms) => ms.toFixed(2)), peakMiB.toFixed(0)];
}

function targets(costs: readonly Cost[], floor: Quantiles): readonly string[] {
  const own = costs.find(({ name }) => name === "podstamp");
  const peer = costs.find(({ name }) => name === "Collector");
  if (own === undefined) return [];
  return [
    ...(peer === undefined
      ? []
      : [
          atMost("10,000 spans/s: podstamp's CPU / the Collector's", own.microsPerRequest / peer.microsPerRequest, 0.5),
        ]),
    atMost("10,000 spans/s: podstamp's peak RSS in MiB", own.peakMiB, 90),
    atMost("10,000 spans/s: podstamp's added p99 in ms", own.latencyMs.p99 - floor.p99, 2),
  ];
}
