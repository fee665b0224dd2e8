import { describe, expect, test } from "vitest";
import type { AttributeValue } from "../../src/otlp/wire/attribute.ts";
import { split } from "../../src/otlp/parting/split.ts";
import { encode, field, type Field, hex } from "./wire.ts";
import { regroup, stampRecords, stampResources } from "./writing.ts";

const attribute = (no: number, key: string, value: string) => field(no, [field(1, key), field(2, [field(1, value)])]);
const span = (name: string, containerId?: string) =>
  field(2, [field(5, name), ...(containerId === undefined ? [] : [attribute(9, "container.id", containerId)])]);
const pod = (value: AttributeValue, override = false) => ({ attributes: new Map([["pod", value]]), override });
const both = {
  attributes: new Map([
    ["pod", "p"],
    ["node", "n"],
  ]),
  override: false,
};

describe("a stamp on a resource, byte for byte", () => {
  test.each<[string, string, string]>([
    [
      "is put behind its attributes",
      "0a0d 0a09 0a07 0a0161 1202 0801 1200",
      "0a19 0a15 0a07 0a0161 1202 0801 0a0a 0a03706f64 1203 0a0170 1200",
    ],
    ["makes a Resource where there is none", "0a02 1200", "0a10 0a0c 0a0a 0a03706f64 1203 0a0170 1200"],
    [
      "fills an attribute that is an empty string",
      "0a0d 0a0b 0a09 0a03706f64 1202 0a00",
      "0a0e 0a0c 0a0a 0a03706f64 1203 0a0170",
    ],
    ["fills an attribute without a value", "0a09 0a07 0a05 0a03706f64", "0a0e 0a0c 0a0a 0a03706f64 1203 0a0170"],
    [
      "leaves an attribute that says something",
      "0a0e 0a0c 0a0a 0a03706f64 1203 0a0178",
      "0a0e 0a0c 0a0a 0a03706f64 1203 0a0178",
    ],
    [
      "leaves a value of a kind that nobody knows yet",
      "0a0d 0a0b 0a09 0a03706f64 1202 4801",
      "0a0d 0a0b 0a09 0a03706f64 1202 4801",
    ],
    [
      "keeps a length that is longer than needed where it changes nothing",
      "0a8e8000 0a8b00 0a09 0a03706f64 1202 4801",
      "0a8e8000 0a8b00 0a09 0a03706f64 1202 4801",
    ],
  ])("%s", (_, before, after) => {
    expect(stampResources("traces", hex(before), [pod("p")]).toString("hex")).toBe(hex(after).toString("hex"));
  });

  test("replaces the first of an attribute's occurrences and takes the others out, over all Resource messages", () => {
    const request = (...resources: Field[][]) =>
      encode([field(1, [...resources.map((content) => field(1, content)), field(3, "url")])]);
    const before = request(
      [attribute(1, "pod", "x"), field(2, 1)],
      [attribute(1, "a", "1")],
      [attribute(1, "pod", "y"), attribute(1, "b", "2")],
    );
    const after = request([attribute(1, "pod", "p"), field(2, 1)], [attribute(1, "a", "1")], [attribute(1, "b", "2")]);
    expect(stampResources("traces", before, [pod("p", true)])).toEqual(after);
  });

  test("what is missing goes behind the last Resource message, even one behind the scopes", () => {
    const request = (...last: Field[]) =>
      encode([field(1, [field(1, [attribute(1, "pod", "x")]), field(2, [span("s")]), field(1, last)])]);
    expect(stampResources("traces", request(), [both])).toEqual(request(attribute(1, "node", "n")));
  });

  test("fields between the resources of a request stay where they are", () => {
    const request = (...resource: Field[]) =>
      encode([field(9, "a"), field(1, resource), field(9, "b"), field(1, []), field(9, "c")]);
    expect(stampResources("logs", request(), [pod("p"), undefined])).toEqual(
      request(field(1, [attribute(1, "pod", "p")])),
    );
  });
});

test("spans of two containers leave in a resource for each, with scope and schema_url, and the others before them", () => {
  const scope = (name: string, ...spans: Field[]) =>
    field(2, [field(1, [field(1, name)]), ...spans, field(3, "scope:1")]);
  const resource = (pods: Field[], ...scopes: Field[]) =>
    field(1, [field(1, [attribute(1, "agent", "x"), ...pods]), ...scopes, field(3, "res:1")]);
  const before = [
    resource(
      [],
      scope("http", span("1", "c"), span("2", "d"), span("3")),
      scope("sql", span("4", "d"), span("5", "c")),
    ),
  ];
  const after = [
    resource([], scope("http", span("3"))),
    resource([attribute(1, "pod", "c")], scope("http", span("1", "c")), scope("sql", span("5", "c"))),
    resource([attribute(1, "pod", "d")], scope("http", span("2", "d")), scope("sql", span("4", "d"))),
  ];
  expect(regroup("traces", encode(before), (group) => [undefined, pod("c"), pod("d")][group])).toEqual(encode(after));
});

describe("data points", () => {
  const point = (no: number, id: string, ...more: Field[]) =>
    field(1, [attribute(no, "container.id", id), field(3, 1), ...more]);
  const request = (...resources: Field[][]) =>
    encode(
      resources.map(([resource, ...metrics]) =>
        field(1, [
          resource ?? field(1, []),
          field(2, [field(1, [field(1, "meter")]), ...metrics, field(3, "s:1")]),
          field(3, "r:1"),
        ]),
      ),
    );
  const agent = attribute(1, "agent", "x");
  const stamped = (id: string) => field(1, [agent, attribute(1, "pod", id)]);
  const unknown = field(900, "?");
  const about = [field(1, "requests"), field(2, "How many"), field(3, "1"), unknown];
  const sum = (...points: Field[]) => field(7, [...points, field(2, 2), field(3, 1), unknown]);
  const metric = (...data: Field[]) => field(2, [...about, ...data, attribute(12, "from", "x")]);
  const cd = (group: number) => [undefined, pod("c"), pod("d")][group];

  test("leave in a resource for each container, in metrics with all that is not a data point", () => {
    const before = request([
      field(1, [agent]),
      metric(sum(point(7, "c"), point(7, "d"), point(7, "c", field(8, 1)))),
      field(2, [field(1, "empty")]),
      field(2, [field(1, "h"), field(9, [point(9, "d"), field(2, 1)])]),
      field(2, [field(1, "e"), field(10, [point(1, "c"), point(1, "d")])]),
    ]);
    const after = request(
      [
        stamped("c"),
        metric(sum(point(7, "c"), point(7, "c", field(8, 1)))),
        field(2, [field(1, "e"), field(10, [point(1, "c")])]),
      ],
      [
        stamped("d"),
        metric(sum(point(7, "d"))),
        field(2, [field(1, "h"), field(9, [point(9, "d"), field(2, 1)])]),
        field(2, [field(1, "e"), field(10, [point(1, "d")])]),
      ],
    );
    expect(regroup("metrics", before, cd)).toEqual(after);
  });

  test("of a sum in two pieces, which are one, are in one again; those of another kind before it stay nobody's", () => {
    const gauge = field(5, [point(7, "d")]);
    const pieces = [
      field(7, [point(7, "c"), field(2, 1)]),
      field(1, "later"),
      field(7, [field(2, 2), point(7, "d"), field(3, 1)]),
    ];
    const before = request([field(1, [agent]), field(2, [gauge, ...pieces])]);
    // Own fields stand before the points that they stood before: of the first piece behind its point, all others behind any.
    const piece = (id: string) => field(7, [point(7, id), field(2, 1), field(2, 2), field(3, 1)]);
    expect(regroup("metrics", before, cd)).toEqual(
      request(
        [stamped("c"), field(2, [gauge, piece("c"), field(1, "later")])],
        [stamped("d"), field(2, [gauge, piece("d"), field(1, "later")])],
      ),
    );
  });

  test("carry the stamp themselves, inline, behind their attributes", () => {
    const one = (...more: Field[]) => field(2, [field(10, [point(1, "c", ...more), point(1, "e")])]);
    const stampedSum = metric(sum(point(7, "c", attribute(7, "pod", "c")), point(7, "d", attribute(7, "pod", "d"))));
    const before = request([field(1, [agent]), metric(sum(point(7, "c"), point(7, "d"))), one()]);
    expect(stampRecords("metrics", before, cd)).toEqual(
      request([field(1, [agent]), stampedSum, one(attribute(1, "pod", "c"))]),
    );
  });
});

test("an attribute that is broken inside is nobody's: it stays, and the stamp's goes behind it", () => {
  const broken = field(1, Buffer.concat([encode([field(1, "pod"), field(2, [])]), hex("ff")]));
  const request = (...attributes: Field[]) => encode([field(1, [field(1, attributes)])]);
  expect(stampResources("traces", request(broken), [pod("p")])).toEqual(request(broken, attribute(1, "pod", "p")));
});

test("a record that breaks off gets no stamp of its own, since its end is not known", () => {
  const whole = [
    field(2, [attribute(9, "container.id", "c")]),
    field(2, [attribute(9, "container.id", "c"), attribute(9, "pod", "p")]),
  ];
  const broken = field(2, Buffer.concat([encode([attribute(9, "container.id", "c")]), hex("4a7f")]));
  const request = (...records: Field[]) => encode([field(1, [field(2, records)])]);
  expect(stampRecords("traces", request(whole[0] ?? broken, broken), () => pod("p"))).toEqual(
    request(whole[1] ?? broken, broken),
  );
});

/*
 * Requests that take minutes or overflow the stack when some step is done for each pair of things in them: these tests end by their time limit then.
 */
describe("a request made to be slow is not", () => {
  const id = "0123456789ab";
  const repeat = (bytes: Buffer, count: number) => Buffer.alloc(bytes.length * count, bytes);
  /** The bytes `count` times, each with an ID of its own. */
  const withIds = (bytes: Buffer, count: number) => {
    const all = repeat(bytes, count);
    for (let i = 0; i < count; i++)
      all.write(String(i).padStart(id.length, "0"), i * bytes.length + bytes.indexOf(id), "latin1");
    return all;
  };

  test("one with a Resource message in 100,000 pieces, each with the key", () => {
    const piece = encode([field(1, [attribute(1, "pod", "x")])]);
    const first = encode([field(1, [attribute(1, "pod", "p")])]);
    const after = encode([field(1, Buffer.concat([first, repeat(hex("0a00"), 99_999)]))]);
    const stamped = stampResources("traces", encode([field(1, repeat(piece, 100_000))]), [pod("p", true)]);
    expect(stamped.equals(after)).toBe(true);
  });

  test("one with 60,000 data points of as many containers in as many metrics", () => {
    const metric = (...attributes: Field[]) =>
      field(2, [field(5, [field(1, [attribute(7, "container.id", id), ...attributes])])]);
    const before = encode([field(1, [field(2, withIds(encode([metric()]), 60_000))])]);
    const moved = withIds(encode([field(1, [field(2, [metric()])])]), 60_000);
    const stamped = encode([field(1, [field(2, withIds(encode([metric(attribute(7, "pod", "p"))]), 60_000))])]);
    const stamp = pod("p");
    expect(regroup("metrics", before, () => undefined).equals(moved)).toBe(true);
    expect(stampRecords("metrics", before, () => stamp).equals(stamped)).toBe(true);
  });

  test("one with 60,000 pieces of one sum, cut into single points", () => {
    const piece = encode([field(7, [field(1, [field(3, 1)])])]);
    const pieces = split("metrics", encode([field(1, [field(2, [field(2, repeat(piece, 60_000))])])]), 1);
    expect(pieces).toHaveLength(60_000);
    expect(pieces[59_999]?.bytes).toEqual(encode([field(1, [field(2, [field(2, piece)])])]));
  });

  test("one with 60,000 records of as many containers in as many scopes", () => {
    const scope = (...attributes: Field[]) => field(2, [field(2, [attribute(9, "container.id", id), ...attributes])]);
    const before = encode([field(1, withIds(encode([scope()]), 60_000))]);
    const moved = withIds(encode([field(1, [scope()])]), 60_000);
    const stamped = encode([field(1, withIds(encode([scope(attribute(9, "pod", "p"))]), 60_000))]);
    const stamp = pod("p");
    expect(regroup("traces", before, () => undefined).equals(moved)).toBe(true);
    expect(stampRecords("traces", before, () => stamp).equals(stamped)).toBe(true);
  });
});
