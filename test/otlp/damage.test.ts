import fc from "fast-check";
import { expect, test } from "vitest";
import { check } from "../../src/otlp/check.ts";
import { signals } from "../../src/otlp/signals.ts";
import { split } from "../../src/otlp/parting/split.ts";
import { anyDamage } from "./damage.ts";
import { anyRequest, anyStamp } from "./requests.ts";
import { encode, otherFieldsOf, recordsOf } from "./wire.ts";
import { regroup, stampRecords, stampResources } from "./writing.ts";

/*
 * What check() lets in can still be broken inside its records, scopes and attributes.
 */
const anyDamaged = fc
  .tuple(anyRequest, anyDamage)
  .map(([{ signal, fields }, damage]) => ({ signal, bytes: damage(encode(fields, 10)) }))
  .filter(({ signal, bytes }) => check(signal, bytes).status === "valid");

test("a damaged request that is let in leaves with all its records as they were, stamped or regrouped or cut", () => {
  const prove = fc.property(anyDamaged, anyStamp, ({ signal, bytes }, stamp) => {
    const pieces = split(signal, bytes, 2).map((piece) => piece.bytes);
    expect(recordsOf(signal, stampResources(signal, bytes, [stamp, stamp, stamp]))).toEqual(recordsOf(signal, bytes));
    expect(
      recordsOf(
        signal,
        regroup(signal, bytes, () => stamp),
      ).toSorted(Buffer.compare),
    ).toEqual(recordsOf(signal, bytes).toSorted(Buffer.compare));
    expect(pieces.flatMap((piece) => recordsOf(signal, piece))).toEqual(recordsOf(signal, bytes));
    expect(pieces.flatMap(otherFieldsOf)).toEqual(otherFieldsOf(bytes));
  });
  fc.assert(prove, { seed: 601, numRuns: 1000 });
});

test("a damaged request that is let in is let in again after whatever was done to it", () => {
  const prove = fc.property(anyDamaged, anyStamp, ({ signal, bytes }, stamp) => {
    const changed = [
      stampResources(signal, bytes, [stamp, stamp, stamp]),
      regroup(signal, bytes, () => stamp),
      stampRecords(signal, bytes, () => stamp),
    ];
    expect(changed.map((each) => check(signal, each))).toEqual(Array(3).fill(check(signal, bytes)));
  });
  fc.assert(prove, { seed: 602, numRuns: 1000 });
});

test("random bytes that are let in are written without a fault", () => {
  const anyBytes = fc
    .array(fc.constantFrom(0x0a, 0x12, 0x2a, 0x4a, 0x32, 0, 1, 2, 3, 4, 5, 6, 0x80, 0x0b, 0x0c), { maxLength: 40 })
    .map((bytes) => Buffer.from(bytes));
  const prove = fc.property(fc.constantFrom(...signals), anyBytes, anyStamp, (signal, bytes, stamp) => {
    fc.pre(check(signal, bytes).status === "valid");
    expect(
      recordsOf(
        signal,
        regroup(signal, bytes, () => stamp),
      ).length,
    ).toBe(recordsOf(signal, bytes).length);
    expect(
      recordsOf(
        signal,
        stampRecords(signal, bytes, () => stamp),
      ).length,
    ).toBe(recordsOf(signal, bytes).length);
  });
  fc.assert(prove, { seed: 603, numRuns: 500, maxSkipsPerRun: 1000 });
});
