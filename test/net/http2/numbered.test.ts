import fc from "fast-check";
import { expect, test } from "vitest";
import { Numbered } from "../../../src/net/http2/numbered.ts";

test("what belongs to numbers is found, kept and forgotten as in a Map", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ kind: "open" } as const) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("end" as const), which: fc.nat(60) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("skip" as const), by: fc.integer({ min: 1, max: 5000 }) }) },
    { weight: 1, arbitrary: fc.constant({ kind: "clear" } as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.constantFrom(1, 0x3ffffff1), (steps, first) => {
      const [numbered, map] = [new Numbered<string>(), new Map<number, string>()];
      const gone: number[] = [];
      let next = first;
      for (const one of steps) {
        const open = [...map.keys()];
        if (one.kind === "open") {
          numbered.set(next, `value ${next}`);
          map.set(next, `value ${next}`);
          next += 2;
        } else if (one.kind === "skip") next += 2 * one.by;
        else if (one.kind === "end" && open.length > 0) {
          const number = open[one.which % open.length] ?? 0;
          gone.push(number);
          expect([numbered.delete(number), numbered.delete(number)]).toEqual([map.delete(number), false]);
        } else if (one.kind === "clear") {
          gone.push(...open);
          numbered.clear();
          map.clear();
        }
        expect(numbered.size).toBe(map.size);
        for (const number of [...map.keys(), ...gone, next]) expect(numbered.get(number)).toBe(map.get(number));
      }
      expect(numbered.values()).toEqual([...map.values()]);
    }),
  );
});

test("thousands at once, and one that stays while a million come and go, are found", () => {
  const numbered = new Numbered<number>();
  for (let n = 1; n < 40_000; n += 2) numbered.set(n, n);
  expect([numbered.size, numbered.values().every((value, at) => value === 2 * at + 1)]).toEqual([20_000, true]);
  for (let n = 3; n < 40_000; n += 2) numbered.delete(n);
  for (let n = 40_001; n < 2_040_001; n += 2) {
    numbered.set(n, n);
    if (numbered.get(n) !== n || numbered.get(1) !== 1 || !numbered.delete(n)) expect.fail(`${n} is not found`);
  }
  expect(numbered.values()).toEqual([1]);
});
