import fc from "fast-check";
import type { AttributeValue } from "../../src/otlp/wire/attribute.ts";
import { type Signal, signals } from "../../src/otlp/signals.ts";
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

/** Positions in the tables of a dictionary: most of them are there. */
const position = (no: number) =>
  padded(
    no,
    fc
      .oneof(
        { weight: 8, arbitrary: fc.bigInt({ min: 0n, max: 8n }) },
        { weight: 1, arbitrary: fc.constantFrom(99n, (1n << 31n) - 1n, (1n << 64n) - 1n) },
      )
      .map((value) => varint(value)),
    0,
  );

/** KeyValue: mostly a key and a value, else any fields in any order and number. */
const keyValue = (no: number) =>
  padded(
    no,
    fc.oneof(
      { weight: 5, arbitrary: fc.tuple(text(1, anyKey), value(2)) },
      { weight: 2, arbitrary: fc.tuple(position(3), fc.oneof(value(2), padded(2, fc.tuple(position(8))))) },
      {
        weight: 1,
        arbitrary: fc.array(fc.oneof(text(1, anyKey), value(2), position(3), unknown), { maxLength: 4 }),
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

/** Positions in one field. */
const positions = (no: number) =>
  padded(
    no,
    fc.array(position(1), { maxLength: 3 }).map((list) => Buffer.concat(list.map(({ content }) => content as Buffer))),
  );

/** A kind of record: the number of its attributes, 0 for a sample, which has them by their positions; and some other fields. */
type Kind = { readonly attributes: number; readonly others: readonly fc.Arbitrary<Field>[] };

const span: Kind = { attributes: 9, others: [text(5), integer(6, 5n), fixed(7, 8), message(13, text(3), 2)] };
const logRecord: Kind = { attributes: 6, others: [fixed(1, 8), text(3), value(5), integer(2, 24n)] };
const sample: Kind = { attributes: 0, others: [integer(1, 9n), integer(3, 9n)] };
const exemplar = fc.oneof(fixed(2, 8), keyValue(7));
const numberPoint: Kind = { attributes: 7, others: [fixed(2, 8), fixed(4, 8), message(5, exemplar, 2)] };
/** The fields of Metric that are data, each with the kind of its points. */
const points: readonly (readonly [no: number, kind: Kind])[] = [
  [5, numberPoint],
  [7, numberPoint],
  [9, { attributes: 9, others: [fixed(4, 8), fixed(5, 8), message(8, exemplar, 2)] }],
  [10, { attributes: 1, others: [fixed(4, 8), message(8, integer(1, 9n), 2), integer(6, 9n)] }],
  [11, { attributes: 7, others: [fixed(4, 8), fixed(5, 8), message(6, fixed(1, 8), 2)] }],
];

/** Record no. `no` of its parent. */
const record = (no: number, { attributes, others }: Kind) => {
  const attribute = { weight: 4, arbitrary: attributes === 0 ? positions(2) : keyValue(attributes) };
  return message(no, fc.oneof(attribute, ...[...others, unknown].map((arbitrary) => ({ weight: 1, arbitrary }))), 5);
};

/** Metric: a name, and mostly data of one kind, else of several, of which the last one counts. */
const metric = message(
  2,
  fc.oneof(
    { weight: 2, arbitrary: fc.oneof(text(1), text(2), text(3), keyValue(12), unknown) },
    ...points.map(([no, kind]) => ({
      weight: no < 9 ? 2 : 1,
      arbitrary: message(
        no,
        fc.oneof(
          { weight: 4, arbitrary: record(1, kind) },
          { weight: 1, arbitrary: no === 5 || no === 11 ? unknown : integer(2, 2n) },
        ),
        4,
      ),
    })),
  ),
  3,
);

/** Profile of today's layout; see numbered() for what tells so. */
const profile = message(
  2,
  fc.oneof(
    { weight: 4, arbitrary: record(2, sample) },
    { weight: 2, arbitrary: positions(11) },
    ...[fixed(3, 8), text(7), integer(8, 9n), text(9), text(10), unknown].map((arbitrary) => ({
      weight: 1,
      arbitrary,
    })),
  ),
  6,
);

const contents: { readonly [S in Signal]: fc.Arbitrary<Field> } = {
  traces: record(2, span),
  metrics: metric,
  logs: record(2, logRecord),
  profiles: profile,
};

const scope = (signal: Signal) =>
  message(
    2,
    fc.oneof(
      { weight: 1, arbitrary: message(1, fc.oneof(text(1), keyValue(3)), 2) },
      { weight: 4, arbitrary: contents[signal] },
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

/** ProfilesDictionary: strings, attributes by the position of their key, and tables that do not matter here. */
const dictionary = padded(
  2,
  fc
    .tuple(
      fc.array(text(5, fc.oneof(anyKey, anyText)), { minLength: 4, maxLength: 8 }),
      fc.array(message(6, fc.oneof(position(1), value(2), padded(2, fc.tuple(position(8))), position(3)), 3), {
        maxLength: 8,
      }),
      fc.array(fc.oneof(message(7, integer(1, 9n), 1), message(2, integer(2, 9n), 1), unknown), { maxLength: 2 }),
    )
    .map(([strings, attributes, others]) => [field(5, ""), ...strings, ...others, ...attributes]),
);

/** Whole requests of one signal; see anyRequest. */
export const anyRequestOf = (signal: Signal): fc.Arbitrary<Request> =>
  fc
    .array(
      fc.oneof(
        { weight: 5, arbitrary: container(signal) },
        { weight: 1, arbitrary: unknown },
        ...(signal === "profiles" ? [{ weight: 3, arbitrary: dictionary }] : []),
      ),
      { maxLength: signal === "profiles" ? 4 : 3 },
    )
    .map((fields) => ({ signal, fields: numbered(signal, fields) }));

/**
 * Whole requests of all signals: no, one or more Resource messages before, between and behind the scopes, attributes with
 * repeated keys and fields, fields in any order, unknown fields at every level, varints longer than needed.
 */
export const anyRequest: fc.Arbitrary<Request> = fc.oneof(...signals.map(anyRequestOf));

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

/**
 * Gives every record a field of its own, so that no two have the same bytes: span_id of spans and log records, the time of data
 * points, values of samples, which also tell the layout that these are of.
 */
function numbered(signal: Signal, fields: readonly Field[]): Field[] {
  let count = 0;
  const mark = (): Field => {
    const number = Buffer.from([0, 0, 0, 0, 0, 0, count >> 8, count++]);
    if (signal === "metrics") return { ...field(3, number), wire: 1 };
    return signal === "profiles" ? field(4, varint(BigInt(count))) : field(signal === "traces" ? 2 : 10, number);
  };
  const steps: readonly (readonly number[])[] =
    signal === "metrics"
      ? [[1], [2], [2], [5, 7, 9, 10, 11], [1]]
      : [[1], ...Array(signal === "profiles" ? 3 : 2).fill([2])];
  const inside = (each: Field, depth: number): Field => {
    if (steps[depth]?.includes(each.no) !== true || each.content instanceof Uint8Array) return each;
    if (depth === steps.length - 1) return { ...each, content: [...each.content, mark()] };
    return { ...each, content: each.content.map((inner) => inside(inner, depth + 1)) };
  };
  return fields.map((each) => inside(each, 0));
}
