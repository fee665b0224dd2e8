import fc from "fast-check";
import { expect, test } from "vitest";
import { check } from "../../../src/otlp/check.ts";
import { split } from "../../../src/otlp/parting/split.ts";
import { type Container, decode, type Decoded, type Frame } from "../decoded.ts";
import { recordsIn } from "../model.ts";
import { anyRequestOf } from "../requests.ts";
import { encode, field, type Field, otherFieldsOf, recordsOf } from "../wire.ts";

const rules = (seed: number) => ({ seed, numRuns: 500 });
/** What can be cut. */
const anyRequest = fc.oneof(...(["traces", "metrics", "logs"] as const).map(anyRequestOf));
const anySize = fc.integer({ min: 1, max: 6 });

test("each piece decodes to its share of the decoded request, and all are full but the last", () => {
  const prove = fc.property(anyRequest, anySize, ({ signal, fields }, maxItems) => {
    const bytes = encode(fields);
    const pieces = split(signal, bytes, maxItems);
    const expected = shares(decode(signal, bytes), maxItems);
    expect(pieces.map((piece) => decode(signal, piece.bytes).containers)).toEqual(expected);
    expect(pieces.slice(0, -1).every(({ items }) => items === maxItems)).toBe(true);
  });
  fc.assert(prove, rules(201));
});

test("no record and no other field of the request is lost, doubled, changed or moved", () => {
  const prove = fc.property(anyRequest, anySize, ({ signal, fields }, maxItems) => {
    const bytes = encode(fields, 10);
    const pieces = split(signal, bytes, maxItems);
    expect(pieces.flatMap((piece) => recordsOf(signal, piece.bytes))).toEqual(recordsOf(signal, bytes));
    expect(pieces.flatMap((piece) => otherFieldsOf(piece.bytes))).toEqual(otherFieldsOf(bytes));
    expect(pieces.map((piece) => check(signal, piece.bytes))).toEqual(
      pieces.map(({ items }) => ({ status: "valid", items })),
    );
  });
  fc.assert(prove, rules(202));
});

test("a request that fits comes back as the same bytes", () => {
  const prove = fc.property(anyRequest, ({ signal, fields }) => {
    const bytes = encode(fields, 10);
    const items = recordsOf(signal, bytes).length;
    expect(split(signal, bytes, Math.max(items, 1))).toEqual([{ bytes, items }]);
  });
  fc.assert(prove, rules(203));
});

test("a scope that is cut stands in both pieces with its name and schema_url, as its resource does", () => {
  const scope = (...spans: string[]) =>
    field(2, [field(1, [field(1, "lib")]), ...spans.map((name) => field(2, [field(5, name)])), field(3, "s:1")]);
  const request = (...scopes: Field[]) => encode([field(1, [field(1, [field(2, 7)]), ...scopes, field(3, "r:1")])]);
  expect(split("traces", request(scope("a"), scope("b", "c")), 2)).toEqual([
    { bytes: request(scope("a"), scope("b")), items: 2 },
    { bytes: request(scope("c")), items: 1 },
  ]);
});

test("a metric that is cut stands in both pieces with all that is not a data point", () => {
  const sum = (...times: number[]) =>
    field(7, [...times.map((time) => field(1, [field(8, time)])), field(2, 2), field(3, 1)]);
  const metric = (data: Field) =>
    field(2, [field(1, "requests"), field(3, "{request}"), data, field(12, [field(1, "k")])]);
  const request = (...metrics: Field[]) => encode([field(1, [field(2, [field(1, [field(1, "lib")]), ...metrics])])]);
  expect(split("metrics", request(metric(sum(1, 2)), metric(sum(3))), 1)).toEqual([
    { bytes: request(metric(sum(1))), items: 1 },
    { bytes: request(metric(sum(2))), items: 1 },
    { bytes: request(metric(sum(3))), items: 1 },
  ]);
});

test("a request of profiles is never cut: all in it point to its one dictionary", () => {
  const bytes = encode([
    field(1, [field(2, [field(2, [field(2, [field(1, 1)]), field(2, [field(1, 1)])])])]),
    field(2, [field(5, "")]),
  ]);
  expect(split("profiles", bytes, 1)).toEqual([{ bytes, items: 2 }]);
});

test("a request of one long metric and very many data points is not made a thousand times as large", () => {
  const points = Buffer.alloc(200_000, encode([field(1, [])]));
  const bytes = encode([field(1, [field(2, [field(2, [field(1, "m".repeat(100_000)), field(5, points)])])])]);
  expect(split("metrics", bytes, 100)).toEqual([{ bytes, items: 100_000 }]);
  expect(split("metrics", bytes, 10_000)).toHaveLength(10);
});

test("a size below one is a mistake of the caller", () => {
  expect(() => split("traces", Buffer.alloc(0), 0)).toThrow(
    new RangeError("Cannot split a request: maxItems must be >= 1, is 0"),
  );
});

/**
 * The containers of each piece. A record's piece follows from how many stand before it; a frame without records goes with
 * the record before it in what it is in, else with the first one there; a resource without records with the record before it.
 */
function shares(decoded: Decoded, maxItems: number): Container[][] {
  const pieces: Container[][] = [[]];
  let begin = 0;
  const pieceOf = (index: number) => Math.floor(Math.max(index, 0) / maxItems);
  for (const container of decoded.containers) {
    const end = begin + recordsIn(container.frames).length;
    const last = pieceOf(end - 1);
    for (let piece = begin === end ? last : pieceOf(begin); piece <= last; piece++) {
      const slice = { from: piece * maxItems, to: (piece + 1) * maxItems };
      const frames = begin === end ? container.frames : partOf(container.frames, begin, slice);
      (pieces[piece] ??= []).push({ ...container, frames });
    }
    begin = end;
  }
  return pieces;
}

/** What a piece has of frames in a row, of which the first record is number `first`. */
function partOf(frames: readonly Frame[], first: number, slice: { from: number; to: number }): Frame[] {
  const isIn = (record: number) => record >= slice.from && record < slice.to;
  let begin = first;
  return frames.flatMap((frame) => {
    const from = begin;
    const count = recordsIn([frame]).length;
    begin += count;
    if (count === 0) return isIn(Math.max(from - 1, first)) ? [frame] : [];
    if (slice.to <= from || slice.from >= begin) return [];
    return frame.records === undefined
      ? [{ ...frame, frames: partOf(frame.frames ?? [], from, slice) }]
      : [{ ...frame, records: frame.records.filter((_, index) => isIn(from + index)) }];
  });
}
