import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AttributeReader } from "../../src/otlp/wire/attribute.ts";
import { Cursor, Wire } from "../../src/otlp/wire/cursor.ts";
import { type KeySet, keySet } from "../../src/otlp/wire/keys.ts";
import { allocateSlab } from "../../src/otlp/rope/moving.ts";
import { beginOf, group } from "../../src/otlp/parting/grouping.ts";
import { read } from "../../src/otlp/reading.ts";

const attributes = 9;

function lengthDelimited(field: number, content: readonly number[]): number[] {
  return [(field << 3) | Wire.LEN, ...sized(content)];
}

/** A content behind its length, of one, two or three bytes. */
function sized(content: readonly number[]): number[] {
  const { length } = content;
  const rest = length >> 14;
  if (length < 128) return [length, ...content];
  if (rest === 0) return [(length & 127) | 128, length >> 7, ...content];
  return [(length & 127) | 128, ((length >> 7) & 127) | 128, rest, ...content];
}

const text = (value: string) => [...Buffer.from(value)];
const keyField = fc.constantFrom("container.id", "k8s.pod.uid", "container.ix", "http.route", "id", "");
// Few values, so that records share them, and long ones.
const stringValue = fc
  .oneof(fc.constantFrom("", "a", "b", "6".repeat(64), `${"5".repeat(63)}6`), fc.string({ maxLength: 140 }))
  .map((value) => lengthDelimited(2, lengthDelimited(1, text(value))));
const oddValue = fc.constantFrom([0x12, 0x02, 0x18, 0x05], [0x18, 0x01], [0x12, 0x00], [0x12, 0x05, 0x0a], []);
/** Another value or key behind the first one, which then counts; or a field that nobody knows. */
const more = fc.constantFrom(
  [],
  [],
  [],
  [0x12, 0x03, 0x0a, 0x01, 0x7a],
  [0x18, 0x01],
  ...["id", "container.id"].map((key) => lengthDelimited(1, text(key))),
);
const keyValue = fc
  .tuple(fc.array(keyField, { minLength: 0, maxLength: 2 }), fc.oneof(stringValue, oddValue), fc.boolean(), more)
  .map(([keys, value, isKeyLast, rest]) => {
    const written = keys.flatMap((key) => lengthDelimited(1, text(key)));
    return lengthDelimited(attributes, isKeyLast ? [...value, ...written] : [...written, ...value, ...rest]);
  });
/** The shortest that names a record. */
const shortest = fc.constant(lengthDelimited(attributes, [0x0a, 0x02, 0x69, 0x64, 0x12, 0x03, 0x0a, 0x01, 0x61]));
const otherField = fc.oneof(
  fc.constantFrom([0x08, 0x96, 0x01], [0x39, 1, 2, 3, 4, 5, 6, 7, 8], [0x85, 0x01, 1, 2, 3, 4], [0x83, 0x01], [0x00]),
  // Field numbers above 15: a varint, 64 bits, a message; and a name behind a tag that is longer than it need be.
  fc.constantFrom(
    [0x80, 0x01, 0x07],
    [0x81, 0x01, 1, 2, 3, 4, 5, 6, 7, 8],
    [0x82, 0x01, 0x03, 1, 2, 3],
    [0xca, 0x00, ...sized([0x0a, 0x02, 0x69, 0x64, 0x12, 0x03, 0x0a, 0x01, 0x78])],
  ),
  fc.uint8Array({ maxLength: 300 }).map((content) => lengthDelimited(2, [...content])),
);
const record = fc
  .tuple(
    fc.array(fc.oneof({ weight: 4, arbitrary: keyValue }, { weight: 4, arbitrary: otherField }, shortest), {
      maxLength: 8,
    }),
    fc.nat({ max: 3 }),
  )
  .map(([fields, cut]) => fields.flat().slice(0, fields.flat().length - cut));

/** Records behind one another: fields 2 with the tag in one byte or in two, sometimes with another field between them. */
const scope = fc
  .array(
    fc.tuple(
      record,
      fc.constantFrom([0x12], [0x12], [0x12], [0x92, 0x00]),
      fc.constantFrom([], [], [0x1a, 0x01, 0x61], [0x0a, 0x00]),
    ),
    { maxLength: 8 },
  )
  .map((records) => ({
    content: records.flatMap(([content, tag, between]) => [...tag, ...sized(content), ...between]),
    records: records.map(([content, tag]) => ({ content, whole: [...tag, ...sized(content)] })),
  }));

/** The record's names, read by a Cursor alone, which reads every shape. */
function byCursor(bytes: Uint8Array, wanted: KeySet): readonly (string | undefined)[] {
  const found: (string | undefined)[] = wanted.keys.map(() => undefined);
  const attribute = new AttributeReader();
  const cursor = new Cursor(bytes);
  while (cursor.next()) {
    if (cursor.field !== attributes || cursor.wire !== Wire.LEN) continue;
    const index = attribute.find(cursor, wanted);
    if (index >= 0 && attribute.kind === "string")
      found[index] ??= new TextDecoder().decode(bytes.subarray(attribute.valueStart, attribute.valueStop));
  }
  return found;
}

const slab = allocateSlab(512 * 1024);

/** The same bytes where a program of WebAssembly sorts their records. */
function inSlab(bytes: readonly number[]): Uint8Array {
  slab.set(bytes, 1000);
  // What stands behind them is not of them.
  slab.fill(0xff, 1000 + bytes.length, 1100 + bytes.length);
  return slab.subarray(1000, 1000 + bytes.length);
}

describe.each([
  { memory: "any memory", placed: (bytes: readonly number[]) => Uint8Array.from(bytes) },
  { memory: "a slab", placed: inSlab },
])("in $memory", ({ placed }) => {
  test.each([[["container.id"]], [["id"]], [["k8s.pod.uid", "container.id"]], [[""]]])(
    "records are sorted by %j whether their fields are of the usual shape or not",
    (keys) => {
      const wanted = keySet(keys);
      fc.assert(
        fc.property(scope, ({ content, records }) => {
          const bytes = placed(lengthDelimited(1, lengthDelimited(2, content)));
          const reading = read("traces", bytes, wanted);
          const [resource] = reading.resources;
          if (resource === undefined) throw new Error("There is no resource");
          const grouping = group(reading, resource, wanted);
          const found = records.map((_, index) => bytes.subarray(grouping.starts[index], grouping.stops[index]));
          expect(found.map((one) => [...one])).toEqual(records.map(({ whole }) => whole));
          expect(grouping.count).toBe(records.length);
          const named = records.map((): readonly (string | undefined)[] => []);
          for (let number = 0; number < grouping.groups; number++)
            for (let at = beginOf(grouping, number); at < (grouping.ends[number] ?? 0); at++)
              named[grouping.order[at] ?? -1] = keys.map((_, key) => grouping.value(number, key));
          expect(named).toEqual(records.map(({ content: own }) => byCursor(Uint8Array.from(own), wanted)));
          const groups = new Set(named.filter((names) => names.some((name) => name !== undefined)).map(String));
          expect(grouping.groups).toBe(groups.size + 1);
          grouping.giveBack();
        }),
        { numRuns: 1000 },
      );
    },
  );

  test("records of more containers than the tables have room for are sorted as well", () => {
    const names = Array.from({ length: 5000 }, (_, index) => `${(index * 7919) % 1700}`.padStart(20, "0"));
    const spans = names.map((name) =>
      lengthDelimited(
        2,
        lengthDelimited(attributes, [
          ...lengthDelimited(1, text("container.id")),
          ...lengthDelimited(2, lengthDelimited(1, text(name))),
        ]),
      ),
    );
    const wanted = keySet(["container.id"]);
    const bytes = placed(lengthDelimited(1, lengthDelimited(2, spans.flat())));
    const reading = read("traces", bytes, wanted);
    const [resource] = reading.resources;
    if (resource === undefined) throw new Error("There is no resource");
    const grouping = group(reading, resource, wanted);
    const sorted = new Map<string, number[]>();
    for (const [index, name] of names.entries()) sorted.set(name, [...(sorted.get(name) ?? []), index]);
    const found = Array.from({ length: grouping.groups - 1 }, (_, index) => [
      grouping.value(index + 1, 0),
      grouping.order.slice(beginOf(grouping, index + 1), grouping.ends[index + 1]),
    ]);
    expect(found).toEqual([...sorted]);
    grouping.giveBack();
  });
});
