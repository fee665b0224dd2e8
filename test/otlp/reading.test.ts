import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keySet } from "../../src/otlp/wire/keys.ts";
import { group, sizeOfGroup } from "../../src/otlp/parting/grouping.ts";
import { mostRepeatedBytes, repeatedBytes } from "../../src/otlp/parting/repeated.ts";
import { read } from "../../src/otlp/reading.ts";
import { text } from "../../src/otlp/wire/text.ts";
import type { Signal } from "../../src/otlp/signals.ts";
import { Splice } from "../../src/otlp/rope/splice.ts";
import { groupWriter, recordsOf } from "../../src/otlp/stamping/stamping.ts";
import { decode } from "./decoded.ts";
import { valuesOf } from "./model.ts";
import { anyRequest, keys } from "./requests.ts";
import { valuesOfGroups } from "./writing.ts";
import { encode, field, type Field, hex, ownFieldsOf } from "./wire.ts";

const containerId = keySet(["container.id"]);

describe("reading resources", () => {
  test("each wanted key has the first string of the decoded resource that is not empty", () => {
    const prove = fc.property(anyRequest, ({ signal, fields }) => {
      const bytes = encode(fields);
      const values = read(signal, bytes, keySet(keys)).resources.map((resource) =>
        keys.map((_, key) => resource.values[key]),
      );
      const { containers, strings } = decode(signal, bytes);
      expect(values).toEqual(containers.map(({ resource }) => valuesOf(resource?.attributes ?? [], keys, strings)));
    });
    fc.assert(prove, { seed: 501, numRuns: 1000 });
  });

  test("an ID is found where it lies, and the places of the resource and its message with it", () => {
    const bytes = hex("0a17 0a15 0a13 0a0c 636f6e7461696e65722e6964 1203 0a01 63");
    expect(read("traces", bytes, containerId).resources).toEqual([
      { tag: 0, start: 2, stop: 25, messages: [{ tag: 2, start: 4, stop: 25 }], values: ["c"], numbers: [] },
    ]);
  });

  test.each<[string, Field[], string | undefined]>([
    [
      "an empty string before the ID does not hide it",
      [attribute(1, "container.id", ""), attribute(1, "container.id", "c")],
      "c",
    ],
    ["of two IDs the first one counts", [attribute(1, "container.id", "c"), attribute(1, "container.id", "d")], "c"],
    ["a number is not an ID", [field(1, [field(1, "container.id"), field(2, [field(3, 7)])])], undefined],
    [
      "of two values in one attribute the last one counts",
      [field(1, [field(2, [field(1, "c")]), field(1, "container.id"), field(2, [field(1, "d")])])],
      "d",
    ],
    [
      "a string and then a number in one value is a number",
      [field(1, [field(1, "container.id"), field(2, [field(1, "c"), field(3, 7)])])],
      undefined,
    ],
    [
      "a broken attribute is nobody's, its neighbour is read",
      [field(1, hex("0a0c 636f6e7461696e65722e6964 1203 0a09 63")), attribute(1, "container.id", "d")],
      "d",
    ],
  ])("%s", (_, resource, value) => {
    const bytes = encode([field(1, [field(1, resource)])]);
    expect(read("traces", bytes, containerId).resources[0]?.values[0]).toBe(value);
  });
});

describe("grouping records", () => {
  test("a log record's attributes are others than a span's", () => {
    const bytes = encode([
      field(1, [field(2, [field(2, [attribute(6, "container.id", "log"), attribute(9, "container.id", "span")])])]),
    ]);
    expect(valuesIn("logs", bytes)).toEqual([[undefined], ["log"]]);
    expect(valuesIn("traces", bytes)).toEqual([[undefined], ["span"]]);
  });

  test("a record that breaks off is grouped by what stands before the break", () => {
    const broken = Buffer.concat([encode([attribute(9, "container.id", "c")]), hex("4a7f")]);
    expect(valuesIn("traces", encode([field(1, [field(2, [field(2, broken), field(2, [])])])]))).toEqual([
      [undefined],
      ["c"],
    ]);
  });

  test("more than 32 wanted keys are kept apart", () => {
    const many = Array.from({ length: 40 }, (_, index) => `key.${index}`);
    const bytes = encode([field(1, [field(2, [field(2, [attribute(9, "key.1", "a"), attribute(9, "key.33", "b")])])])]);
    const reading = read("traces", bytes, keySet([]));
    const [values] = reading.resources.map((resource) => {
      const grouping = group(reading, resource, keySet(many));
      return many.map((_, key) => grouping.value(1, key));
    });
    expect(values?.flatMap((value, index) => (value === undefined ? [] : [[index, value]]))).toEqual([
      [1, "a"],
      [33, "b"],
    ]);
  });

  test("lists that are given back twice serve one request at a time all the same", () => {
    const bytes = encode([field(1, [field(2, [field(2, [attribute(9, "container.id", "c")])])])]);
    const reading = read("traces", bytes, containerId);
    const groupings = () => reading.resources.map((resource) => group(reading, resource, containerId));
    const before = groupings();
    for (const grouping of [...before, ...before]) grouping.giveBack();
    const [one, two] = [...groupings(), ...groupings()];
    expect(one?.starts).not.toBe(two?.starts);
    for (const grouping of before) grouping.giveBack();
    const [three] = groupings();
    expect([one?.starts, two?.starts].some((starts) => starts === three?.starts)).toBe(false);
  });

  test("what regrouping repeats is known before it is written", () => {
    const prove = fc.property(anyRequest, ({ signal, fields }) => {
      const bytes = encode(fields, 10);
      const reading = read(signal, bytes, containerId);
      for (const resource of reading.resources) {
        const grouping = group(reading, resource, containerId);
        const out = new Splice(bytes);
        for (let index = 0; index < grouping.groups; index++)
          if (sizeOfGroup(grouping, index) > 0)
            groupWriter(out, reading, grouping)(recordsOf(grouping, index), undefined);
        const came = grouping.count === 0 ? 0 : besideRecords(signal, bytes.subarray(resource.tag, resource.stop));
        expect(repeatedBytes(grouping)).toBe(besideRecords(signal, out.toBytes()) - came);
        expect(mostRepeatedBytes(grouping)).toBeGreaterThanOrEqual(repeatedBytes(grouping));
      }
    });
    fc.assert(prove, { seed: 502, numRuns: 500 });
  });
});

/** Bytes of the fields of resources and of frames with records, without the records. */
function besideRecords(signal: Signal, request: Uint8Array): number {
  return ownFieldsOf(signal, request).reduce((sum, { raw }) => sum + raw.length, 0);
}

function attribute(no: number, key: string, value: string): Field {
  return field(no, [field(1, key), field(2, [field(1, value)])]);
}

function valuesIn(signal: "traces" | "logs", bytes: Buffer): readonly (readonly (string | undefined)[])[] {
  const reading = read(signal, bytes, containerId);
  return reading.resources.flatMap((resource) =>
    valuesOfGroups(group(reading, resource, containerId), containerId.keys),
  );
}

test("a text is what its bytes say, whatever was read before it", () => {
  const odd = fc.constantFrom("c3a9", "e9", "ff41", "efbfbd", "41", "0041", "ffc3a9", "f09f9880", "efbbbf41").map(hex);
  const ascii = fc.string({ unit: "binary-ascii", maxLength: 70 }).map((value) => Buffer.from(value));
  const some = fc.array(fc.oneof(odd, ascii, fc.uint8Array({ maxLength: 4 })), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(some, (each) => {
      // Each twice, so that what is remembered is asked for too.
      for (const bytes of [...each, ...each]) {
        const around = Buffer.concat([Buffer.from("x"), bytes, Buffer.from("x")]);
        expect(text(new DataView(around.buffer, around.byteOffset, around.length), 1, 1 + bytes.length)).toBe(
          Buffer.from(bytes).toString(),
        );
      }
    }),
    { seed: 507, numRuns: 1000 },
  );
});
