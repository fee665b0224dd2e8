import fc from "fast-check";
import { expect, test } from "vitest";
import { AttributeReader } from "../../src/otlp/wire/attribute.ts";
import { Cursor, Wire } from "../../src/otlp/wire/cursor.ts";
import { keySet } from "../../src/otlp/wire/keys.ts";
import { attributeNames } from "../../src/otlp/record-names.ts";

const wanted = keySet(["container.id", "k8s.pod.uid"]);
const attributes = 9;

/** A field with a content of up to 300 bytes, so that lengths of one and of two bytes occur. */
function lengthDelimited(field: number, content: readonly number[]): number[] {
  const length = content.length > 127 ? [(content.length & 127) | 128, content.length >> 7] : [content.length];
  return [(field << 3) | Wire.LEN, ...length, ...content];
}

const text = (value: string) => [...Buffer.from(value)];
const keyField = fc.constantFrom("container.id", "k8s.pod.uid", "container.ix", "http.route", "");
const stringValue = fc.string({ maxLength: 140 }).map((value) => lengthDelimited(2, lengthDelimited(1, text(value))));
const oddValue = fc.constantFrom([0x12, 0x02, 0x18, 0x05], [0x18, 0x01], [0x12, 0x00], [0x12, 0x05, 0x0a], []);
const keyValue = fc
  .tuple(fc.array(keyField, { minLength: 0, maxLength: 2 }), fc.oneof(stringValue, oddValue), fc.boolean())
  .map(([keys, value, isKeyLast]) => {
    const written = keys.flatMap((key) => lengthDelimited(1, text(key)));
    return lengthDelimited(attributes, isKeyLast ? [...value, ...written] : [...written, ...value]);
  });
const otherField = fc.oneof(
  fc.constantFrom([0x08, 0x96, 0x01], [0x39, 1, 2, 3, 4, 5, 6, 7, 8], [0x85, 0x01, 1, 2, 3, 4], [0x83, 0x01], [0x00]),
  fc.uint8Array({ maxLength: 300 }).map((content) => lengthDelimited(2, [...content])),
);
const record = fc
  .tuple(fc.array(fc.oneof(keyValue, otherField), { maxLength: 8 }), fc.nat({ max: 3 }))
  .map(([fields, cut]) => fields.flat().slice(0, fields.flat().length - cut));

/** The same by a Cursor alone, which reads every shape. */
function byCursor(bytes: Uint8Array): readonly (readonly [number, number] | undefined)[] {
  const found: ([number, number] | undefined)[] = [undefined, undefined];
  const attribute = new AttributeReader();
  const cursor = new Cursor(bytes);
  while (cursor.next()) {
    if (cursor.field !== attributes || cursor.wire !== Wire.LEN) continue;
    const index = attribute.find(cursor, wanted);
    if (index >= 0 && attribute.kind === "string") found[index] ??= [attribute.valueStart, attribute.valueStop];
  }
  return found;
}

test("the names of a record are the same whether its fields are of the usual shape or not", () => {
  fc.assert(
    fc.property(record, (content) => {
      // In a request something stands behind the record, which is not to be read.
      const bytes = Uint8Array.from([...content, ...lengthDelimited(attributes, [0x0a, 0x01, 0x61])]);
      const names = attributeNames(wanted, { bytes, view: new DataView(bytes.buffer) });
      const cursor = new Cursor(bytes, 0, bytes.length);
      cursor.start = 0;
      cursor.stop = content.length;
      names.read(cursor, attributes);
      const read = names.starts.map((start, key) => (start < 0 ? undefined : [start, names.stops[key]]));
      expect(read).toEqual(byCursor(Uint8Array.from(content)));
      expect(cursor.pos).toBe(content.length);
    }),
    { numRuns: 2000 },
  );
});
