import { bare, native } from "../contenders/all.ts";
import { collector } from "../contenders/collector.ts";
import { type Cost, inTurn, plain } from "../stage/measure.ts";
import { makeRequest } from "../load/requests.ts";
import { createStage } from "../stage/stage.ts";
import { median, ratio } from "../tables/table.ts";
import { atMost, type Section } from "./section.ts";

const spans = 100;
/**
 * So many requests warm up, and as many are counted: with more that is known a collection of all of it costs more and comes less often, so
 * that a short round has one or has none.
 */
const requests = 20_000;

/** CPU per request by how many containers are known, all of which send in turn. Two processes of one program differ by a tenth: each round has its own. */
export const knownSection: Section = async ({ rounds, part, say }) => {
  const levels = [10, 100, 1000, 10_000].map((known) => ({ known, samples: new Map<string, Cost[]>() }));
  for (let round = 0; round < rounds; round++)
    for (const { known, samples } of levels)
      for (const cost of await costsWith(known, requests * part)) {
        samples.set(cost.name, [...(samples.get(cost.name) ?? []), cost]);
        say(`${known} known: ${cost.name} ${cost.microsPerRequest.toFixed(0)} us`);
      }
  const rows: string[][] = [];
  const own: number[] = [];
  for (const { known, samples } of levels) {
    const micros = (name: string) => median((samples.get(name) ?? []).map(({ microsPerRequest }) => microsPerRequest));
    own.push(micros("podstamp"));
    for (const [name, costs] of samples) {
      const peer = samples.has("Collector") ? micros("Collector") : undefined;
      const peak = median(costs.map(({ peakMiB }) => peakMiB));
      rows.push([String(known), name, micros(name).toFixed(0), ratio(micros(name), peer), peak.toFixed(0)]);
    }
  }
  const [few = Number.NaN] = own;
  const many = own.at(-1) ?? Number.NaN;
  return {
    tables: [
      {
        title: "By known containers",
        about: "CPU per request of 100 spans of ten containers, IDs on the records, at full load.",
        columns: ["known", "process", "us/request", "x Collector", "peak RSS MiB"],
        rows,
      },
    ],
    verdicts: [atMost("CPU per request with 10,000 known containers / with 10", many / few, 1.1)],
  };
};

/** What new processes need for a request once they are warm. */
async function costsWith(known: number, count: number): Promise<readonly Cost[]> {
  await using stage = await createStage({ ...bare, ids: "records", known }, [collector, native]);
  // IDs from all over the list, as many in each request, so that only the number of known ones differs.
  const containerIds = Array.from(
    { length: 10 },
    (_, index) => stage.containerIds[Math.floor((index * known) / 10)] ?? "",
  );
  const request = makeRequest({ spans, ids: "records", containerIds });
  const work = { ...plain, name: `${known} known`, request, items: spans, requests: count, warmUp: count };
  return await inTurn(stage, work, 1);
}
