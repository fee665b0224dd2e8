import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const heap = fileURLToPath(new URL("../src/heap.ts", import.meta.url));

/** What a program writes that runs after some first lines. */
function told(first: string, program: string, flags: readonly string[] = []): string {
  const script = `import { getHeapSpaceStatistics } from "node:v8";
    import { setImmediate as turn } from "node:timers/promises";
    ${first}
    ${program}`;
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, "--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout;
}

const settings = `await import(${JSON.stringify(heap)});`;

/** Writes the MiB of the space for new objects after 300 collections in it, each of which something lives through. */
const manyCollections = `
  let seen = 0;
  new PerformanceObserver((list) => (seen += list.getEntries().length)).observe({ entryTypes: ["gc"] });
  let living = [];
  while (seen < 300) {
    living = Array.from({ length: 4000 }, (_, i) => ({ i, text: [i] }));
    await turn();
  }
  const young = getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
  console.log(young.space_size / 2 ** 20, living.length);`;

test("the space for new objects stays as small as it begins, which without the settings it does not", () => {
  expect(Number.parseFloat(told(settings, manyCollections))).toBeLessThanOrEqual(3);
  expect(Number.parseFloat(told("", manyCollections))).toBeGreaterThan(3);
});

/** Calls a function so often that each compiler that may takes it. */
const hot = `
  function add(a, b) { return a + b; }
  let sum = 0;
  for (let i = 0; i < 300_000; i++) sum = add(sum, i);
  await turn();
  for (let i = 0; i < 5_000_000; i++) sum = add(sum, i) | 0;`;

test("what is hot is optimised, by the last compiler alone", () => {
  const compilers = (output: string) => new Set([...output.matchAll(/\(target (\w+)\)/g)].map(([, name]) => name));
  expect(compilers(told(settings, hot, ["--trace-opt"]))).toEqual(new Set(["TURBOFAN_JS"]));
  expect(compilers(told("", hot, ["--trace-opt"]))).toContain("MAGLEV");
});

/** Calls a long function until it is optimised, and writes after how many calls. */
const seldom = `
  const body = Array.from({ length: 400 }, (_, i) => "a = (a + " + i + ") | 0;").join("");
  const long = new Function("a", body + "return a;");
  const isOptimised = new Function("f", "return (%GetOptimizationStatus(f) & 64) !== 0;");
  let calls = 0;
  for (let a = 0; calls < 2900 && !isOptimised(long); calls += 100) {
    for (let i = 0; i < 100; i++) a = long(a);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  console.log(calls);`;

test("what runs a hundred times a second is optimised after seconds, not after half a minute", () => {
  const flags = ["--allow-natives-syntax"];
  expect(Number(told(settings, seldom, flags))).toBeLessThan(2900);
  expect(Number(told("", seldom, flags))).toBe(2900);
});
