import { bare, native, onNode } from "../contenders/all.ts";
import { collector } from "../contenders/collector.ts";
import type { Setup } from "../contenders/contender.ts";
import { inTurn, microsOf, plain, type Work } from "../stage/measure.ts";
import { makeRequest } from "../load/requests.ts";
import { createStage } from "../stage/stage.ts";
import { ratio } from "../tables/table.ts";
import type { Section } from "./section.ts";

const spans = 100;

type Way = { readonly name: string; readonly setup: Partial<Setup>; readonly work: Partial<Work> };

const ways: readonly Way[] = [
  { name: "gzip in and out", setup: { compression: "gzip" }, work: { compression: "gzip" } },
  { name: "zstd in and out", setup: { compression: "zstd" }, work: { compression: "zstd" } },
  { name: "TLS in and out", setup: { hasTls: true }, work: { hasTls: true } },
  { name: "OTLP/HTTP in", setup: {}, work: { how: "http" } },
  { name: "queue and batch", setup: { hasQueue: true }, work: {} },
];

/** CPU per request of 100 spans, however it comes and goes. */
export const waysSection: Section = async ({ rounds, part, say }) => {
  const rows: string[][] = [];
  for (const { name, setup, work } of ways) {
    await using stage = await createStage({ ...bare, ...setup }, [collector, native, onNode]);
    const request = makeRequest({ spans, ids: "resource", containerIds: stage.containerIds });
    const costs = await inTurn(
      stage,
      { ...plain, name, request, items: spans, requests: 3000 * part, ...work },
      rounds,
    );
    say(`${name}: ${costs.map((one) => `${one.name} ${one.microsPerRequest.toFixed(0)} us`).join(", ")}`);
    const peer = microsOf(costs, "Collector");
    for (const cost of costs)
      rows.push([
        name,
        cost.name,
        cost.microsPerRequest.toFixed(0),
        ratio(cost.microsPerRequest, peer),
        cost.peakMiB.toFixed(0),
      ]);
  }
  return {
    tables: [
      {
        title: "Other ways in and out",
        about: "CPU per request of 100 spans, IDs on the resource, at full load.",
        columns: ["way", "process", "us/request", "x Collector", "peak RSS MiB"],
        rows,
      },
    ],
    verdicts: [],
  };
};
