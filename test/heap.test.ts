import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const heap = fileURLToPath(new URL("../src/heap.ts", import.meta.url));

/** MiB of the space for new objects after so many collections in it, each of which something lives through. */
function youngAfter(collections: number): number {
  const script = `
    import { getHeapSpaceStatistics } from "node:v8";
    import { setImmediate as turn } from "node:timers/promises";
    await import(${JSON.stringify(heap)});
    const young = () => getHeapSpaceStatistics().find((space) => space.space_name === "new_space").space_size;
    let seen = 0;
    new PerformanceObserver((list) => (seen += list.getEntries().length)).observe({ entryTypes: ["gc"] });
    let living = [];
    while (seen < ${collections}) {
      living = Array.from({ length: 4000 }, (_, i) => ({ i, text: [i] }));
      await turn();
    }
    console.log(young() / 2 ** 20, living.length);`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return Number(stdout.split(" ")[0]);
}

test("the space for new objects stays as small as it begins while there is little to do, and has its limit when there is much", () => {
  const [little, much] = [youngAfter(20), youngAfter(300)];
  expect(little).toBeLessThanOrEqual(3);
  expect(much).toBeGreaterThan(little);
  expect(much).toBeLessThanOrEqual(10);
});
