import { bare, native } from "../contenders/all.ts";
import { collector } from "../contenders/collector.ts";
import { inTurn, plain } from "../stage/measure.ts";
import { makeRequest } from "../load/requests.ts";
import { createStage } from "../stage/stage.ts";
import { ratio } from "../tables/table.ts";
import { atMost, type Section } from "./section.ts";

const spans = 100;
/**
 * Each number of containers has processes of its own, which are new: so many requests warm them up before each round. As many are counted,
 * since with more that is known a collection of all of it costs more and comes less often: a short round has one or has none.
 */
const requests = 20_000;

/** CPU per request by how many containers are known, all of which send in turn. */
export const knownSection: Section = async ({ rounds, part, say }) => {
  const rows: string[][] = [];
  const own: number[] = [];
  for (const known of [10, 100, 1000, 10_000]) {
    await using stage = await createStage({ ...bare, ids: "records", known }, [collector, native]);
    // IDs from all over the list, as many in each request, so that only the number of known ones differs.
    const containerIds = Array.from(
      { length: 10 },
      (_, index) => stage.containerIds[Math.floor((index * known) / 10)] ?? "",
    );
    const request = makeRequest({ spans, ids: "records", containerIds });
    const work = {
      ...plain,
      name: `${known} known`,
      request,
      items: spans,
      requests: requests * part,
      warmUp: requests * part,
    };
    const costs = await inTurn(stage, work, rounds);
    say(`${known} known: ${costs.map((one) => `${one.name} ${one.microsPerRequest.toFixed(0)} us`).join(", ")}`);
    const peer = costs.find((cost) => cost.name === "Collector")?.microsPerRequest;
    for (const cost of costs) {
      if (cost.name === "podstamp") own.push(cost.microsPerRequest);
      rows.push([
        String(known),
        cost.name,
        cost.microsPerRequest.toFixed(0),
        ratio(cost.microsPerRequest, peer),
        cost.peakMiB.toFixed(0),
      ]);
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
