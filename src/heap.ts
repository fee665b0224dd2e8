import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/*
 * V8 doubles the two halves for what is new whenever some of it lives on, up to 16 MB each, and gives nothing back. The 1 MB with which it
 * begins is enough while there is little to do: 10 MB less than what the start alone would make of it. When collections come thick and
 * fast it may grow to 4 MB, which saves up to a quarter of the CPU; beyond that nothing more, for 12 to 70 MB. It is watched from the
 * start of whatever runs for long.
 */
const grownBytes = 8 * 1024 * 1024;
/** In one second: some 60,000 spans. The start has a dozen. */
const manyCollections = 40;

setFlagsFromString("--semi-space-growth-factor=1");
let mayGrow = false;
let since = performance.now();
let collections = 0;
const watching = new PerformanceObserver((list) => {
  if (mayGrow) return stopWhenGrown();
  const now = performance.now();
  if (now - since > 1000) [since, collections] = [now, 0];
  collections += list.getEntries().length;
  if (collections < manyCollections) return;
  mayGrow = true;
  setFlagsFromString("--semi-space-growth-factor=2");
});
watching.observe({ entryTypes: ["gc"] });

function stopWhenGrown(): void {
  const young = getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
  if (young === undefined || young.space_size < grownBytes) return;
  setFlagsFromString("--semi-space-growth-factor=1");
  watching.disconnect();
}
