import { bare, native, passing } from "../contenders/all.ts";
import { inTurn, microsOf, plain } from "../stage/measure.ts";
import { containersInRequest, makeRequest } from "../load/requests.ts";
import { createStage } from "../stage/stage.ts";
import { median } from "../tables/table.ts";
import { atMost, type Section } from "./section.ts";

const spans = 100;
/** Of two processes each is counted in turn, so often and so many. */
const turns = 7;
const requests = 6000;
/** Times of what passing costs. */
const targets = { resource: 1.15, records: 1.6 } as const;

/**
 * What stamping costs over passing: the two alone, since a difference of a few microseconds drowns in what the machine does for a crowd. Two
 * processes of one program differ by a tenth: each round has its own, and the middle one of the rounds' ratios counts.
 */
export const stampingSection: Section = async ({ rounds, part, say }) => {
  const rows: string[][] = [];
  const verdicts: string[] = [];
  for (const ids of ["resource", "records"] as const) {
    const pairs: { readonly stamping: number; readonly passing: number }[] = [];
    for (let round = 0; round < rounds; round++) {
      const pair = await costsOf(ids, part);
      pairs.push(pair);
      say(`IDs on ${ids}: ${pair.stamping.toFixed(1)} us stamping, ${pair.passing.toFixed(1)} us passing`);
    }
    const ratios = pairs.map((pair) => pair.stamping / pair.passing).toSorted((a, b) => a - b);
    const times = median(ratios);
    rows.push([
      ids,
      median(pairs.map((pair) => pair.passing)).toFixed(1),
      median(pairs.map((pair) => pair.stamping)).toFixed(1),
      times.toFixed(2),
      `${ratios[0]?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)}`,
    ]);
    verdicts.push(atMost(`IDs on ${ids}: stamping / passing`, times, targets[ids]));
  }
  return {
    tables: [
      {
        title: "Stamping over passing",
        about: `CPU of the whole process per request of ${spans} spans at full load; IDs on the records are of ${containersInRequest} containers, and the records are sorted by them.`,
        columns: ["IDs on", "passing us", "stamping us", "stamping / passing", "of each round"],
        rows,
      },
    ],
    verdicts,
  };
};

/** The middle of the turns of two new processes. */
async function costsOf(ids: "resource" | "records", part: number): Promise<Record<"stamping" | "passing", number>> {
  await using stage = await createStage({ ...bare, ids }, [native, passing]);
  const request = makeRequest({ spans, ids, containerIds: stage.containerIds.slice(0, containersInRequest) });
  const work = { ...plain, name: `stamping ${ids}`, request, items: spans, requests: requests * part };
  const costs = await inTurn(stage, work, turns);
  const of = (name: string) => microsOf(costs, name) ?? Number.NaN;
  return { stamping: of("podstamp"), passing: of("podstamp, passing") };
}
