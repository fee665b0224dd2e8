import fc from "fast-check";
import { expect, test } from "vitest";
import { check } from "../../src/otlp/check.ts";
import { split } from "../../src/otlp/split.ts";
import { type Container, decode, type Decoded } from "./decoded.ts";
import { anyRequest } from "./requests.ts";
import { encode, field, type Field, otherFieldsOf, recordsOf } from "./wire.ts";

const rules = (seed: number) => ({ seed, numRuns: 500 });
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
    expect(pieces.flatMap((piece) => recordsOf(piece.bytes))).toEqual(recordsOf(bytes));
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
    const items = recordsOf(bytes).length;
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

test("a size below one is a mistake of the caller", () => {
  expect(() => split("traces", Buffer.alloc(0), 0)).toThrow(
    new RangeError("Cannot split a request: maxItems must be >= 1, is 0"),
  );
});

/**
 * The containers of each piece. A record's piece follows from how many stand before it; a scope without records goes with
 * the record before it in its resource, else with the first one; a resource without records with the record before it.
 */
function shares(decoded: Decoded, maxItems: number): Container[][] {
  const pieces: Container[][] = [[]];
  let count = 0;
  const pieceOf = (index: number) => Math.floor(Math.max(index, 0) / maxItems);
  for (const container of decoded.containers) {
    const begin = count;
    const scopes = container.scopes.flatMap((scope) => {
      if (scope.records.length === 0) return [{ piece: pieceOf(Math.max(count - 1, begin)), scope }];
      return scope.records.map((record) => ({
        piece: pieceOf(count++),
        scope: { ...scope, records: [record] },
        of: scope,
      }));
    });
    const last = pieceOf(count - 1);
    for (let piece = count === begin ? last : pieceOf(begin); piece <= last; piece++) {
      const mine = count === begin ? scopes : scopes.filter((each) => each.piece === piece);
      (pieces[piece] ??= []).push({ ...container, scopes: joined(mine) });
    }
  }
  return pieces;
}

/** The records of one scope together again. */
function joined(
  parts: readonly { readonly scope: Container["scopes"][number]; readonly of?: object }[],
): Container["scopes"] {
  const scopes: { scope: Container["scopes"][number]; of: object | undefined }[] = [];
  for (const { scope, of } of parts) {
    const last = scopes.at(-1);
    if (last !== undefined && of !== undefined && last.of === of)
      last.scope = { ...scope, records: [...last.scope.records, ...scope.records] };
    else scopes.push({ scope, of });
  }
  return scopes.map(({ scope }) => scope);
}
