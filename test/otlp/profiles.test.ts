import { describe, expect, test } from "vitest";
import { check } from "../../src/otlp/check.ts";
import { areNamesUnreadable, beginOf, group } from "../../src/otlp/parting/grouping.ts";
import { keySet } from "../../src/otlp/wire/keys.ts";
import { read } from "../../src/otlp/reading.ts";
import { encode, field, type Field, hex, varint } from "./wire.ts";
import { regroup, stampRecords, stampResources } from "./writing.ts";

const containerId = keySet(["container.id"]);

/*
 * Written by the Collector's own library: three samples, of container c1, of c2 and of none, in a resource whose container.id is
 * "agent". The layouts differ: pdata 0.158 points to keys and values of resources, 0.140 has its attributes elsewhere in a sample.
 */
const byPdata158 = hex(`
  124a3a0032021200320812040a0263310801320812040a0263320801320a12060a046d61696e08022a002a0c636f6e7461696e65722e6964
  2a0b7468726561642e6e616d652a056167656e740a7c1a057265733a311269125f3a100102030405060708090a0b0c0d0e0f1030322a0020
  80e497d0121900002a36fe9c971712112a0801002a36fe9c97172201071202010312112a0801002a36fe9c97172201081202020312102a08
  01002a36fe9c97172201091201030a000a060a04656270660a080a06180112024003`);
const byPdata140 = hex(`
  12433a0032021200320812040a0263310801320812040a0263320801320a12060a046d61696e08022a002a0c636f6e7461696e65722e6964
  2a0b7468726561642e6e616d650a8d011a057265733a311269125f3a100102030405060708090a0b0c0d0e0f1030322a002080e497d01219
  00002a36fe9c971712112a0801002a36fe9c97171a02010312010712112a0801002a36fe9c97171a02020312010812102a0801002a36fe9c
  97171a01031201090a000a060a04656270660a190a1712070a056167656e740a0c636f6e7461696e65722e6964`);

const times = Buffer.alloc(8, 1);
const packed = (...numbers: number[]) => Buffer.concat(numbers.map((number) => varint(BigInt(number))));
const strings = ["", "container.id", "c1", "c2"];
/** Attributes 1 and 2 are container.id c1 and c2 in each way of writing them, 3 is something else. */
const positions = [
  field(6, []),
  field(6, [field(1, 1), field(2, [field(1, "c1")])]),
  field(6, [field(1, 1), field(2, [field(8, 3)])]),
  field(6, [field(1, 2), field(2, [field(1, "x")])]),
];
const keys = [
  field(6, []),
  field(6, [field(1, "container.id"), field(2, [field(1, "c1")])]),
  field(6, [field(1, "container.id"), field(2, [field(1, "c2")])]),
  field(6, [field(1, "c1"), field(2, [field(1, "x")])]),
];
const dictionary = (attributes: readonly Field[]) =>
  field(2, [...strings.map((text) => field(5, text)), ...attributes]);
const sample = (...fields: Field[]) => field(2, fields);
const profile = (...fields: Field[]) => field(2, fields);
const request = (attributes: readonly Field[], ...profiles: Field[]) =>
  encode([field(1, [field(2, profiles)]), dictionary(attributes)]);

/** What each sample is named by, in order; or that nobody can tell. */
function named(bytes: Uint8Array): readonly (string | undefined)[] | "unreadable" {
  expect(check("profiles", bytes).status).toBe("valid");
  const reading = read("profiles", bytes, containerId);
  if (areNamesUnreadable(reading, containerId)) return "unreadable";
  return reading.resources.flatMap((resource) => {
    const grouping = group(reading, resource, containerId);
    const names: (string | undefined)[] = [];
    for (let index = 0; index < grouping.groups; index++) {
      const name = grouping.value(index, 0);
      for (let place = beginOf(grouping, index); place < (grouping.ends[index] ?? 0); place++)
        names[grouping.order[place] ?? 0] = name;
    }
    return names;
  });
}

describe("samples written by the Collector's library", () => {
  test.each([
    ["of the current layout", byPdata158],
    ["of the previous layout", byPdata140],
  ])("%s name their containers, and so does their resource", (_, bytes) => {
    expect(check("profiles", bytes)).toEqual({ status: "valid", items: 3 });
    expect(read("profiles", bytes, containerId).resources[0]?.values).toEqual(["agent"]);
    expect(named(bytes)).toEqual(["c1", "c2", undefined]);
  });
});

describe("where samples have their attributes", () => {
  const link = field(4, 5);
  test.each<[string, Buffer, ReturnType<typeof named>]>([
    [
      "current, told by the values",
      request(positions, profile(sample(field(2, packed(1)), field(4, packed(2))))),
      ["c1"],
    ],
    ["current, told by the link", request(positions, profile(sample(field(2, packed(2)), field(3, 4)))), ["c2"]],
    [
      "current, told by more attributes than timestamps",
      request(positions, profile(sample(field(2, packed(1, 3)), field(5, times)))),
      ["c1"],
    ],
    [
      "previous, told by the attributes",
      request(positions, profile(sample(field(2, packed(2)), field(3, packed(1))))),
      ["c1"],
    ],
    ["previous, told by the link", request(positions, profile(sample(field(2, packed(2)), link))), [undefined]],
    [
      "previous, told by a list without times, which then can only be values",
      request(positions, profile(sample(field(2, packed(1))))),
      [undefined],
    ],
    [
      "one sample that tells is enough for all",
      request(positions, profile(sample(field(2, packed(1)), field(5, times)), sample(field(4, packed(7))))),
      ["c1", undefined],
    ],
    [
      "oldest, told by the keys of the attribute table",
      request(
        keys,
        profile(
          sample(field(1, 3), field(2, 4), field(3, packed(1)), field(4, packed(2))),
          sample(field(3, packed(1))),
        ),
      ),
      ["c2", undefined],
    ],
    [
      "as many attributes as timestamps",
      request(positions, profile(sample(field(2, packed(1)), field(5, times)))),
      "unreadable",
    ],
    [
      "samples of two layouts",
      request(positions, profile(sample(field(2, packed(1)), field(3, packed(2))), sample(field(3, 4)))),
      "unreadable",
    ],
    ["numbers that are not packed", request(positions, profile(sample(field(2, 1), field(3, 4)))), "unreadable"],
    [
      "the oldest table with today's samples",
      request(keys, profile(sample(field(2, packed(1)), field(4, packed(2))))),
      "unreadable",
    ],
    [
      "a table of keys and of positions",
      request([...keys, ...positions], profile(sample(field(4, packed(1))))),
      "unreadable",
    ],
    [
      "a table that names no container, whatever the samples are like",
      request([], profile(sample(field(2, packed(1)), field(3, packed(2)), field(3, 4)))),
      [undefined],
    ],
    ["no list at all", request(positions, profile(sample(field(5, times)))), [undefined]],
  ])("%s", (_, bytes, names) => {
    expect(named(bytes)).toEqual(names);
  });
});

describe("a profile's own attributes", () => {
  const one = sample(field(2, packed(3)), field(4, packed(7)));
  const oldest = sample(field(3, packed(7)));
  test.each<[string, Buffer, ReturnType<typeof named>]>([
    ["name its samples", request(positions, profile(one, field(11, packed(1)))), ["c1"]],
    [
      "stand behind those of a sample",
      request(positions, profile(sample(field(2, packed(2)), field(4, packed(7))), one, field(11, packed(1)))),
      ["c2", "c1"],
    ],
    ["end with it", request(positions, profile(one, field(11, packed(1))), profile(one)), ["c1", undefined]],
    ["of 1.8 are elsewhere", request(positions, profile(one, field(8, times), field(12, packed(2)))), ["c2"]],
    [
      "of 1.8 are not its payload",
      request(positions, profile(one, field(10, "pprof"), field(11, packed(1)))),
      [undefined],
    ],
    [
      "of the oldest are elsewhere still",
      request(keys, profile(oldest, field(14, packed(2)), field(13, packed(1)))),
      ["c2"],
    ],
  ])("%s", (_, bytes, names) => {
    expect(named(bytes)).toEqual(names);
  });
});

describe("a dictionary that is not as it should be", () => {
  const four = field(4, packed(7));
  const most = 2 ** 31 - 1;
  const negative = Buffer.concat([varint((1n << 64n) - 1n), varint(1n)]);
  const cut = Buffer.concat([packed(1), Buffer.from([0x80])]);
  const withDictionaries = (...dictionaries: Field[]) =>
    encode([...dictionaries, field(1, [field(2, [profile(sample(field(2, packed(1)), four))])])]);
  test.each<[string, Buffer, ReturnType<typeof named>]>([
    [
      "indices that are too large",
      request(positions, profile(sample(field(2, packed(4, most, 2 ** 40)), four))),
      [undefined],
    ],
    ["indices below zero", request(positions, profile(sample(field(2, negative), four))), ["c1"]],
    ["indices that are cut short", request(positions, profile(sample(field(2, cut), four))), ["c1"]],
    ["no dictionary", withDictionaries(), [undefined]],
    ["one that is broken", withDictionaries(dictionary(positions), field(2, hex("2a05 00"))), [undefined]],
    [
      "one in two pieces, which count as one",
      withDictionaries(
        field(
          2,
          strings.map((text) => field(5, text)),
        ),
        field(2, positions),
      ),
      ["c1"],
    ],
    [
      "keys that point nowhere",
      withDictionaries(field(2, [field(6, []), field(6, [field(1, 99), field(2, [field(1, "c")])])])),
      [undefined],
    ],
    [
      "values that point nowhere",
      withDictionaries(
        field(2, [
          field(5, ""),
          field(5, "container.id"),
          field(6, []),
          field(6, [field(1, 1), field(2, [field(8, 77)])]),
        ]),
      ),
      [undefined],
    ],
  ])("%s", (_, bytes, names) => {
    expect(named(bytes)).toEqual(names);
  });

  test("one of 100,000 attributes, a sample that names all of them, and 100,000 samples of one long name are read at once", () => {
    const count = 100_000;
    const long = "c".repeat(1_000_000);
    const wide = Buffer.alloc(count * 8, encode([field(6, [field(1, 1), field(2, [field(8, 2)])])]));
    const names = Buffer.concat([encode(["", "container.id", long].map((text) => field(5, text)))]);
    const all = Buffer.concat(Array.from({ length: count }, (_, index) => varint(BigInt(index))));
    const each = encode([sample(field(2, packed(1)), four), sample(field(2, packed(2)), four)]);
    const samples = Buffer.concat([
      encode([sample(field(2, all), four)]),
      Buffer.alloc((count / 2) * each.length, each),
    ]);
    const agents = Buffer.alloc(
      50_000 * 12,
      encode([field(1, [field(1, [field(1, [field(3, 1), field(2, [field(8, 2)])])])])]),
    );
    const bytes = Buffer.concat([
      encode([field(1, [field(2, [field(2, samples)])]), field(2, Buffer.concat([names, wide]))]),
      agents,
    ]);
    const found = named(bytes);
    expect(found).toHaveLength(count + 1);
    expect(new Set(found)).toEqual(new Set([long]));
  });
});

describe("samples of two containers", () => {
  const of = (index: number) => sample(field(2, packed(index)), field(4, packed(7)));
  const own = [field(3, 9), field(6, 50)];
  const id = [field(7, "id"), field(9, "pprof"), field(10, "payload")];
  const resource = (attributes: Field[], ...profiles: Field[]) =>
    field(1, [
      field(1, attributes),
      field(2, [field(1, [field(1, "ebpf")]), ...profiles, field(3, "scope:1")]),
      field(3, "res:1"),
    ]);
  const agent = field(1, [field(1, "agent"), field(2, [field(1, "x")])]);
  const pod = (name: string) => ({ attributes: new Map([["pod", name]]), override: false });
  const stamped = (name: string) => field(1, [field(1, "pod"), field(2, [field(1, name)])]);

  test("leave in a resource for each, with what the profile has once at the first of them, and one dictionary", () => {
    const before = encode([
      resource([agent], profile(of(1), of(2), of(1), ...own, ...id), profile(of(2))),
      dictionary(positions),
    ]);
    const after = encode([
      resource([agent, stamped("c1")], profile(...id, of(1), of(1), ...own)),
      resource([agent, stamped("c2")], profile(of(2), ...own), profile(of(2))),
      dictionary(positions),
    ]);
    expect(regroup("profiles", before, (index) => pod(`c${index}`))).toEqual(after);
  });

  test("have no attributes of their own to be stamped", () => {
    const bytes = encode([resource([agent], profile(of(1), of(2))), dictionary(positions)]);
    expect(stampRecords("profiles", bytes, () => pod("c"))).toEqual(bytes);
  });

  test("an attribute of a resource that is there by its position is kept, filled when it points to the empty string, and replaced when told", () => {
    const byPosition = (value: Field) => field(1, [field(3, 1), field(2, [value])]);
    const bytes = (attribute: Field) => encode([resource([attribute], profile(of(1))), dictionary(positions)]);
    const id = (override: boolean) => ({ attributes: new Map([["container.id", "new"]]), override });
    const made = field(1, [field(1, "container.id"), field(2, [field(1, "new")])]);
    const kept = bytes(byPosition(field(8, 2)));
    expect(stampResources("profiles", kept, [id(false)])).toEqual(kept);
    expect(stampResources("profiles", kept, [id(true)])).toEqual(bytes(made));
    expect(stampResources("profiles", bytes(byPosition(field(8, 0))), [id(false)])).toEqual(bytes(made));
    const nowhere = bytes(byPosition(field(8, 99)));
    expect(stampResources("profiles", nowhere, [id(false)])).toEqual(nowhere);
  });
});
