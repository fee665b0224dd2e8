import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { inputOf, targets } from "./targets.ts";

const found = fileURLToPath(new URL("found/", import.meta.url));
/** Inputs of each target: always the same ones. */
const inputs = 150;
const mostMs = 1000;

describe("whatever comes", () => {
  test.each(targets)("$name takes or refuses it, keeps its promises, and is done in a second", async (target) => {
    for (let number = 0; number < inputs; number++) {
      const begun = performance.now();
      const cpu = process.cpuUsage();
      await target.run(inputOf(target, number));
      const { user } = process.cpuUsage(cpu);
      // Another process may have had the processor meanwhile.
      expect(Math.min(performance.now() - begun, user / 1000)).toBeLessThan(mostMs);
    }
    await target.end?.();
  });

  test("what was found once does no harm any more", async () => {
    const files = existsSync(found) ? readdirSync(found) : [];
    for (const file of files) {
      const target = targets.find(({ name }) => file.startsWith(`${name}.`));
      await target?.run(readFileSync(join(found, file)));
      await target?.end?.();
      expect(target?.name).toBeDefined();
    }
  });
});
