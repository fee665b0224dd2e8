import fc from "fast-check";
import { varint } from "./wire.ts";

/** Makes one to four random changes to bytes: flipped, cut, doubled, overwritten by numbers that hurt. */
export const anyDamage: fc.Arbitrary<(bytes: Uint8Array) => Buffer> = fc
  .array(
    fc.record({
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      change: fc.oneof(flip(), cut(), insert(), repeat()),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map(
    (damages) => (bytes) =>
      damages.reduce<Buffer>((now, { at, change }) => change(now, Math.floor(at * now.length)), Buffer.from(bytes)),
  );

type Change = (bytes: Buffer, at: number) => Buffer;

function flip(): fc.Arbitrary<Change> {
  return fc
    .integer({ min: 0, max: 7 })
    .map((bit) => (bytes, at) => Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ (1 << bit) : byte))));
}

function cut(): fc.Arbitrary<Change> {
  return fc
    .integer({ min: 1, max: 20 })
    .map((length) => (bytes, at) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]));
}

function repeat(): fc.Arbitrary<Change> {
  return fc
    .integer({ min: 1, max: 20 })
    .map((length) => (bytes, at) => Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]));
}

/** Lengths around every border a reader may have, tags of groups, and anything. */
function insert(): fc.Arbitrary<Change> {
  const borders = [7n, 31n, 32n, 35n, 53n, 63n].flatMap((bits) => [(1n << bits) - 1n, 1n << bits, (1n << bits) + 1n]);
  const hurting = fc.oneof(
    fc.constantFrom(...borders, 0n, (1n << 64n) - 1n).map((value) => varint(value)),
    fc.constantFrom(0x0b, 0x0c, 0x13, 0x14, 0x0e, 0x0f, 0x00).map((byte) => Buffer.from([byte])),
    fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
    fc.integer({ min: 9, max: 12 }).map((length) => Buffer.alloc(length, 0xff)),
  );
  return fc.tuple(hurting, fc.boolean()).map(
    ([bytes, over]) =>
      (all, at) =>
        Buffer.concat([all.subarray(0, at), bytes, all.subarray(over ? at + bytes.length : at)]),
  );
}
