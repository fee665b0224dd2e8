import fc from "fast-check";
import { expect, test } from "vitest";
import { check } from "../../../src/otlp/check.ts";
import { merge } from "../../../src/otlp/parting/merge.ts";
import { whole } from "../../../src/otlp/rope/rope.ts";
import { decode } from "../decoded.ts";
import { anyRequestOf } from "../requests.ts";
import { encode } from "../wire.ts";

test.each(["traces", "metrics", "logs"] as const)(
  "merged requests decode to the resources of all of them, in order: %s",
  (signal) => {
    const prove = fc.property(fc.array(anyRequestOf(signal), { maxLength: 4 }), (requests) => {
      const each = requests.map(({ fields }) => encode(fields, 5));
      const merged = whole(merge(each));
      const decoded = each.map((bytes) => decode(signal, bytes));
      expect(decode(signal, merged).containers).toEqual(decoded.flatMap(({ containers }) => containers));
      expect(check(signal, merged)).toEqual({
        status: "valid",
        items: each.reduce((sum, bytes) => sum + itemsOf(check(signal, bytes)), 0),
      });
    });
    fc.assert(prove, { seed: 301, numRuns: 200 });
  },
);

test("nothing merged is an empty request", () => {
  expect(whole(merge([]))).toEqual(Buffer.alloc(0));
});

function itemsOf(checked: ReturnType<typeof check>): number {
  return checked.status === "valid" ? checked.items : NaN;
}
