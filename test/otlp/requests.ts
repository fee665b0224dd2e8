import fc from "fast-check";
import type { AttributeValue } from "../../src/otlp/attribute.ts";
import type { Signal } from "../../src/otlp/signals.ts";
import { field, type Field, varint } from "./wire.ts";

/** A request as its fields, and the signal it is of. */
export type Request = { readonly signal: Signal; readonly fields: readonly Field[] };

/** What is to be stamped, and how. */
export type StampCase = { readonly attributes: ReadonlyMap<string, AttributeValue>; readonly override: boolean };

/** The keys that occur in requests and stamps: few, so that they meet. */
export const keys = ["container.id", "k8s.pod.uid", "k8s.pod.name", "host.name", "größe", ""];

const anyKey = fc.constantFrom(...keys);
const anyText = fc.oneof(
  { weight: 2, arbitrary: fc.constant("") },
  { weight: 3, arbitrary: fc.constantFrom("a", "b", "ä", "ab") },
);

/** Mostly the shortest encoding, else one to nine bytes more for tag or length. */
const pads = fc
  .integer({ min: 0, max: 399 })
  .map((n) => ({ tagPad: padOf(n % 20), lengthPad: padOf(Math.floor(n / 20)) }));
const padOf = (n: number) => (n < 14 ? 0 : ([1, 2, 3, 4, 8, 9][n - 14] ?? 0));

const padded = (
  no: number,
  content: fc.Arbitrary<Uint8Array | readonly Field[]>,
  wire: Field["wire"] = 2,
): fc.Arbitrary<Field> =>
  fc.record({ content, pad: pads }).map((made) => ({ no, wire, ...made.pad, content: made.content }));

const text = (no: number, value: fc.Arbitrary<string> = anyText) =>
  padded(
    no,
    value.map((string) => Buffer.from(string)),
  );
const integer = (no: number, max = (1n << 64n) - 1n) =>
  padded(
    no,
    fc.tuple(fc.bigInt({ min: 0n, max }), fc.constantFrom(0, 1, 9)).map(([value, pad]) => varint(value, pad)),
    0,
  );
const fixed = (no: number, length: 4 | 8) =>
  padded(no, fc.uint8Array({ minLength: length, maxLength: length }), length === 8 ? 1 : 5);
const message = (no: number, fields: fc.Arbitrary<Field>, maxLength: number) =>
  padded(no, fc.array(fields, { maxLength }));

/** Fields that no version of OTLP knows, of every wire type, with two and five bytes of tag. */
const unknown: fc.Arbitrary<Field> = fc
  .constantFrom(17, 500, 2 ** 29 - 1)
  .chain((no) =>
    fc.oneof(integer(no), fixed(no, 8), fixed(no, 4), padded(no, fc.uint8Array({ maxLength: 4 })), group(no)),
  );

const group = (no: number) =>
  padded(
    no,
    fc.array(fc.oneof(integer(1), fixed(2, 4), text(3), padded(4, fc.array(integer(5), { maxLength: 2 }), 3)), {
      maxLength: 3,
    }),
    3,
  );

/** AnyValue: every kind of value, and kinds that do not exist yet. */
const anyValue = fc.oneof(
  { weight: 12, arbitrary: text(1) },
  ...[
    integer(2, 1n),
    integer(3),
    fixed(4, 8),
    padded(5, fc.array(padded(1, fc.array(text(1), { maxLength: 1 })), { maxLength: 2 })),
    padded(6, fc.constant([])),
    text(7),
    integer(8, 100n),
    integer(9),
    unknown,
  ].map((arbitrary) => ({ weight: 1, arbitrary })),
);
const value = (no: number) =>
  padded(
    no,
    fc.oneof(
      { weight: 5, arbitrary: fc.array(anyValue, { minLength: 1, maxLength: 1 }) },
      { weight: 1, arbitrary: fc.array(anyValue, { maxLength: 2 }) },
    ),
  );

/** KeyValue: mostly a key and a value, else any fields in any order and number. */
const keyValue = (no: number) =>
  padded(
    no,
    fc.oneof(
      { weight: 5, arbitrary: fc.tuple(text(1, anyKey), value(2)) },
      {
        weight: 1,
        arbitrary: fc.array(fc.oneof(text(1, anyKey), value(2), integer(3, 100n), unknown), { maxLength: 4 }),
      },
    ),
  );

const resource = (no: number) =>
  message(
    no,
    fc.oneof(
      { weight: 6, arbitrary: keyValue(1) },
      { weight: 1, arbitrary: integer(2, 100n) },
      { weight: 1, arbitrary: message(3, text(2), 2) },
      { weight: 1, arbitrary: unknown },
    ),
    6,
  );

const record = (signal: Signal) => {
  const attribute = { weight: 4, arbitrary: keyValue(signal === "traces" ? 9 : 6) };
  const others =
    signal === "traces"
      ? [text(5), integer(6, 5n), fixed(7, 8), message(13, text(3), 2)]
      : [fixed(1, 8), text(3), value(5), integer(2, 24n)];
  return message(2, fc.oneof(attribute, ...[...others, unknown].map((arbitrary) => ({ weight: 1, arbitrary }))), 5);
};

const scope = (signal: Signal) =>
  message(
    2,
    fc.oneof(
      { weight: 1, arbitrary: message(1, fc.oneof(text(1), keyValue(3)), 2) },
      { weight: 4, arbitrary: record(signal) },
      { weight: 1, arbitrary: text(3) },
      { weight: 1, arbitrary: unknown },
    ),
    5,
  );

const container = (signal: Signal) =>
  message(
    1,
    fc.oneof(
      { weight: 3, arbitrary: resource(1) },
      { weight: 3, arbitrary: scope(signal) },
      { weight: 1, arbitrary: text(3) },
      { weight: 1, arbitrary: unknown },
    ),
    6,
  );

/** Whole requests of one signal; see anyRequest. */
export const anyRequestOf = (signal: Signal): fc.Arbitrary<Request> =>
  fc
    .array(fc.oneof({ weight: 5, arbitrary: container(signal) }, { weight: 1, arbitrary: unknown }), { maxLength: 3 })
    .map((fields) => ({ signal, fields: numbered(signal, fields) }));

/**
 * Whole requests of both signals: no, one or more Resource messages before, between and behind the scopes, attributes with
 * repeated keys and fields, fields in any order, unknown fields at every level, varints longer than needed.
 */
export const anyRequest: fc.Arbitrary<Request> = fc.oneof(anyRequestOf("traces"), anyRequestOf("logs"));

/** Stamps of none to five attributes. */
export const anyStamp: fc.Arbitrary<StampCase> = fc.record({
  attributes: fc
    .uniqueArray(
      fc.tuple(anyKey, fc.oneof(anyText, fc.constantFrom(0, 127, 128, 2 ** 40), fc.array(anyText, { maxLength: 2 }))),
      { maxLength: 5, selector: ([key]) => key },
    )
    .map((entries) => new Map<string, AttributeValue>(entries)),
  override: fc.boolean(),
});

/** Gives every record a span_id of its own, so that no two have the same bytes. */
function numbered(signal: Signal, fields: readonly Field[]): Field[] {
  let count = 0;
  const inside = (each: Field, no: number, change: (inner: Field) => Field): Field =>
    each.no === no && !(each.content instanceof Uint8Array) ? { ...each, content: each.content.map(change) } : each;
  const label = (each: Field): Field =>
    each.no === 2 && !(each.content instanceof Uint8Array)
      ? {
          ...each,
          content: [
            ...each.content,
            field(signal === "traces" ? 2 : 10, Buffer.from([0, 0, 0, 0, 0, 0, count >> 8, count++])),
          ],
        }
      : each;
  return fields.map((request) => inside(request, 1, (container) => inside(container, 2, label)));
}
