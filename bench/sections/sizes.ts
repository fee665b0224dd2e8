import { bare, everybody, passing } from "../contenders/all.ts";
import { type Cost, inTurn, microsOf, plain } from "../stage/measure.ts";
import { containersInRequest, makeRequest } from "../load/requests.ts";
import { createStage } from "../stage/stage.ts";
import { ratio } from "../tables/table.ts";
import { atMost, type Section } from "./section.ts";

const sizes = [
  { spans: 10, requests: 20_000 },
  { spans: 100, requests: 6000 },
  { spans: 500, requests: 2000 },
];

/** CPU per request at full load: three sizes, IDs on the resource and on the records. */
export const sizesSection: Section = async ({ rounds, part, say }) => {
  const rows: string[][] = [];
  const verdicts: string[] = [];
  const bars: { group: string; name: string; value: number }[] = [];
  for (const ids of ["resource", "records"] as const) {
    await using stage = await createStage({ ...bare, ids }, [...everybody, passing]);
    for (const { spans, requests } of sizes) {
      const containerIds = stage.containerIds.slice(0, containersInRequest);
      const request = makeRequest({ spans, ids, containerIds });
      const name = `${spans} spans, IDs on ${ids}`;
      const costs = await inTurn(stage, { ...plain, name, request, items: spans, requests: requests * part }, rounds);
      say(`${name}: ${costs.map((one) => `${one.name} ${one.microsPerRequest.toFixed(0)} us`).join(", ")}`);
      for (const cost of costs) {
        rows.push([String(spans), ids, ...cells(cost, costs)]);
        bars.push({ group: name, name: cost.name, value: cost.microsPerRequest });
      }
      verdicts.push(...targets({ spans, ids, name }, costs));
    }
  }
  return {
    tables: [
      {
        title: "At full load",
        about:
          "CPU of the whole process per request, requests sent as fast as they are answered. No queue, no batch, no compression on either side; 110 pods known. Forwarders pass bytes and stamp nothing.",
        columns: [
          "spans",
          "IDs on",
          "process",
          "us/request",
          "x Collector",
          "x node:http2 forwarder",
          "x nginx",
          "peak RSS MiB",
        ],
        rows,
      },
    ],
    verdicts,
    bars,
  };
};

function cells(cost: Cost, costs: readonly Cost[]): string[] {
  const beside = (name: string) => ratio(cost.microsPerRequest, microsOf(costs, name));
  const peers = ["Collector", "node:http2 forwarder", "nginx grpc_pass"].map(beside);
  return [cost.name, cost.microsPerRequest.toFixed(0), ...peers, cost.peakMiB.toFixed(0)];
}

type Case = { readonly spans: number; readonly ids: "resource" | "records"; readonly name: string };

function targets({ spans, ids, name }: Case, costs: readonly Cost[]): readonly string[] {
  const own = microsOf(costs, "podstamp") ?? Number.NaN;
  const verdicts: string[] = [];
  const compare = (peer: string, limit: number) => {
    const other = microsOf(costs, peer);
    if (other !== undefined) verdicts.push(atMost(`${name}: podstamp's CPU / that of ${peer}`, own / other, limit));
  };
  compare("Collector", 0.25);
  if (ids === "resource") {
    compare("node:http2 forwarder", 1.5);
    compare("nginx grpc_pass", { 10: 1, 100: 2.5 }[spans] ?? 3.5);
  }
  return verdicts;
}
