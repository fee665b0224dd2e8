import { afterAll, describe, expect, test } from "vitest";
import { ofTheBackend } from "../../support/faults/of-the-backend.ts";
import { ofTheProcess } from "../../support/faults/of-the-process.ts";
import type { Row } from "../../support/faults/ledger.ts";
import { tableOf } from "../../support/faults/stage.ts";

const rows: Row[] = [];

describe("what was acknowledged arrives", () => {
  for (const { name, cannot, play } of [...ofTheBackend, ...ofTheProcess]) {
    const why = cannot?.();
    test.skipIf(why !== undefined)(`${name}${why === undefined ? "" : ` (skipped: ${why})`}`, async () => {
      const row = await play(1);
      rows.push(row);
      expect(row.acknowledged).toBeGreaterThan(100);
      expect({ scenario: name, lost: row.lost }).toEqual({ scenario: name, lost: 0 });
    });
  }
});

afterAll(() => console.log(`\nSpans under faults:\n${tableOf(rows)}\n`));
