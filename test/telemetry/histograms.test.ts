import { expect, test } from "vitest";
import { createHistograms } from "../../src/telemetry/exporting/histograms.ts";
import { createRegistry } from "../../src/telemetry/registry.ts";
import { ownResource } from "../../src/telemetry/resource.ts";

const name = "otelcol_processor_batch_batch_send_size";
const bounds = [10, 25];

/** What one reader gets: temporality, count, sum and the first buckets of each series. */
async function read(producer: ReturnType<typeof createHistograms>) {
  const { resourceMetrics } = await producer.collect();
  return resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
    metrics.flatMap(({ aggregationTemporality, dataPoints }) =>
      dataPoints.map(({ value, startTime, endTime }) => {
        if (typeof value === "number" || !("buckets" in value)) throw new Error("No histogram");
        const { buckets, count, sum } = value;
        expect(buckets.boundaries.slice(0, bounds.length)).toEqual(bounds);
        expect(endTime[0] * 1e9 + endTime[1]).toBeGreaterThanOrEqual(startTime[0] * 1e9 + startTime[1]);
        return { aggregationTemporality, count, sum, counts: buckets.counts.slice(0, 3) };
      }),
    ),
  );
}

test("readers of totals and of differences each get all, whenever they ask", async () => {
  const resource = ownResource({ version: "1", instanceId: "an-id" });
  const registry = createRegistry({ level: "normal", version: "1", resource });
  const [totals, differences] = [createHistograms(registry, "cumulative"), createHistograms(registry, "delta")];
  expect([await read(totals), await read(differences)]).toEqual([[], []]);
  const sizes = registry.histogram(name, { processor: "batch" });
  for (const size of [0, 10, 11, 25, 26]) sizes.record(size);
  const first = { count: 5, sum: 72, counts: [2, 2, 1] };
  expect(await read(totals)).toEqual([{ aggregationTemporality: 1, ...first }]);
  expect(await read(differences)).toEqual([{ aggregationTemporality: 0, ...first }]);
  sizes.record(5);
  expect(await read(totals)).toEqual([{ aggregationTemporality: 1, count: 6, sum: 77, counts: [3, 2, 1] }]);
  expect(await read(differences)).toEqual([{ aggregationTemporality: 0, count: 1, sum: 5, counts: [1, 0, 0] }]);
  expect(await read(differences)).toEqual([{ aggregationTemporality: 0, count: 0, sum: 0, counts: [0, 0, 0] }]);
});
