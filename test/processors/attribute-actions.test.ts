import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ExportProfilesServiceRequest } from "../../src/proto/opentelemetry/proto/collector/profiles/v1development/profiles_service.ts";
import { resourceProcessor } from "../../src/processors/resource.ts";
import type { Attributes } from "../support/otlp/plain.ts";
import { sharingHost, givenNext } from "./given-next.ts";
import { resourcesOf, traces } from "./telemetry.ts";
import { whole } from "../../src/otlp/rope/rope.ts";

const signal = new AbortController().signal;

/** What a resource has after the actions. */
async function done(before: Attributes, ...attributes: readonly object[]): Promise<Attributes | undefined> {
  const next = givenNext();
  const processor = resourceProcessor.create(
    resourceProcessor.schema.parse({ attributes }),
    sharingHost("resource"),
    next,
  );
  await processor.consume(traces({ attributes: before, items: [{ name: "s", attributes: {} }] }), signal);
  return resourcesOf(next.taken[0]?.batch)[0]?.attributes;
}

function sha256(bytes: string | Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function int(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

describe("the actions of resource and attributes", () => {
  test.each<[string, Attributes, object, Attributes]>([
    ["insert where the key is absent", {}, { key: "a", value: 1, action: "insert" }, { a: 1 }],
    ["insert not where the key is there", { a: "" }, { key: "a", value: 1, action: "insert" }, { a: "" }],
    ["update where the key is there", { a: "x" }, { key: "a", value: 1, action: "update" }, { a: 1 }],
    ["update not where the key is absent", { b: "x" }, { key: "a", value: 1, action: "update" }, { b: "x" }],
    ["upsert where the key is absent", { b: 2 }, { key: "a", value: 1, action: "upsert" }, { b: 2, a: 1 }],
    ["upsert where the key is there", { a: "x" }, { key: "a", value: "y", action: "upsert" }, { a: "y" }],
    ["take the action's name in capitals", { a: "x" }, { key: "a", value: "y", action: "UPSERT" }, { a: "y" }],
    ["keep the type of a value: boolean", {}, { key: "a", value: true, action: "insert" }, { a: true }],
    ["keep the type of a value: double", {}, { key: "a", value: 1.5, action: "insert" }, { a: 1.5 }],
    ["keep the type of a value: negative integer", {}, { key: "a", value: -3, action: "insert" }, { a: -3 }],
    ["keep the type of a value: list", {}, { key: "a", value: ["x", 1], action: "insert" }, { a: ["x", 1] }],
    ["keep the type of a value: map", {}, { key: "a", value: { x: "y" }, action: "insert" }, { a: { x: "y" } }],
    [
      "take another attribute's value with its type",
      { b: 7 },
      { key: "a", from_attribute: "b", action: "upsert" },
      { b: 7, a: 7 },
    ],
    [
      "take a list from another attribute",
      { b: ["x", true] },
      { key: "a", from_attribute: "b", action: "insert" },
      { b: ["x", true], a: ["x", true] },
    ],
    [
      "do nothing where the other attribute is absent",
      { a: 1 },
      { key: "a", from_attribute: "b", action: "upsert" },
      { a: 1 },
    ],
    [
      "take the default value where the other attribute is absent",
      { a: 1 },
      { key: "a", from_attribute: "b", default_value: ["x", 2], action: "upsert" },
      { a: ["x", 2] },
    ],
    [
      "take another attribute's value before the default value, an empty one too",
      { b: "" },
      { key: "a", from_attribute: "b", default_value: "x", action: "insert" },
      { b: "", a: "" },
    ],
    [
      "take a default value alone as the value",
      { a: 1 },
      { key: "a", default_value: false, action: "update" },
      { a: false },
    ],
    [
      "take a value before the default value",
      {},
      { key: "a", value: "x", default_value: "y", action: "insert" },
      { a: "x" },
    ],
    ["delete a key", { a: 1, b: 2 }, { key: "a", action: "delete" }, { b: 2 }],
    [
      "delete the keys that match a pattern",
      { "http.a": 1, "x.http": 2, b: 3 },
      { pattern: "^http\\.", action: "delete" },
      { "x.http": 2, b: 3 },
    ],
    [
      "delete a key and those that match a pattern",
      { a: 1, ab: 2, b: 3 },
      { key: "b", pattern: "^ab$", action: "delete" },
      { a: 1 },
    ],
    ["hash a string", { a: "secret" }, { key: "a", action: "hash" }, { a: sha256("secret") }],
    ["hash an integer's eight bytes", { a: -2 }, { key: "a", action: "hash" }, { a: sha256(int(-2n)) }],
    ["hash a double's eight bytes", { a: 2.5 }, { key: "a", action: "hash" }, { a: sha256(double(2.5)) }],
    ["hash a boolean's one byte", { a: true }, { key: "a", action: "hash" }, { a: sha256(Buffer.of(1)) }],
    [
      "make the hash of a list an empty string, and hash an empty string as any other",
      { a: "", b: ["x"] },
      { pattern: "^[ab]$", action: "hash" },
      { a: sha256(""), b: "" },
    ],
    [
      "hash the keys that match a pattern",
      { "user.id": "u", user: "v" },
      { pattern: "^user\\.", action: "hash" },
      { "user.id": sha256("u"), user: "v" },
    ],
    [
      "extract the groups of a pattern",
      { "http.url": "http://example.com/path?q=1", http_protocol: "old" },
      {
        key: "http.url",
        pattern: "^(?P<http_protocol>.*):\\/\\/(?P<http_domain>.*)\\/(?P<http_path>.*?)(?P<none>x)?$",
        action: "extract",
      },
      {
        "http.url": "http://example.com/path?q=1",
        http_protocol: "http",
        http_domain: "example.com",
        http_path: "path?q=1",
        none: "",
      },
    ],
    [
      "extract by the later of two groups with one name, as Go's patterns have them",
      { a: "5s" },
      { key: "a", pattern: "^(?:(?P<v>\\d+)ms|(?P<v>\\d+)s)$", action: "extract" },
      { a: "5s", v: "5" },
    ],
    [
      "extract nothing from what does not match",
      { a: "x" },
      { key: "a", pattern: "(?P<b>\\d+)", action: "extract" },
      { a: "x" },
    ],
    [
      "extract nothing from what is no string",
      { a: 12 },
      { key: "a", pattern: "(?P<b>\\d+)", action: "extract" },
      { a: 12 },
    ],
    ["convert text to an integer", { a: "-12" }, { key: "a", converted_type: "int", action: "convert" }, { a: -12 }],
    [
      "convert text with a plus to an integer",
      { a: "+12" },
      { key: "a", converted_type: "int", action: "convert" },
      { a: 12 },
    ],
    [
      "leave text that is no integer",
      { a: "12.5" },
      { key: "a", converted_type: "int", action: "convert" },
      { a: "12.5" },
    ],
    [
      "leave text beyond 64 bits",
      { a: "9223372036854775808" },
      { key: "a", converted_type: "int", action: "convert" },
      { a: "9223372036854775808" },
    ],
    ["cut a double to an integer", { a: -2.9 }, { key: "a", converted_type: "int", action: "convert" }, { a: -2 }],
    ["convert a boolean to an integer", { a: true }, { key: "a", converted_type: "int", action: "convert" }, { a: 1 }],
    [
      "convert text with _ between digits to a double",
      { a: "1_000.2_5", b: "1__0" },
      { key: "a", converted_type: "double", action: "convert" },
      { a: 1000.25, b: "1__0" },
    ],
    ["convert text to a double", { a: "1.5e1" }, { key: "a", converted_type: "double", action: "convert" }, { a: 15 }],
    [
      "leave text that is no number",
      { a: "one" },
      { key: "a", converted_type: "double", action: "convert" },
      { a: "one" },
    ],
    ["convert a double to text", { a: 1.5 }, { key: "a", converted_type: "string", action: "convert" }, { a: "1.5" }],
    ["convert an integer to text", { a: 123 }, { key: "a", converted_type: "string", action: "convert" }, { a: "123" }],
    [
      "convert a boolean to text",
      { a: false },
      { key: "a", converted_type: "string", action: "convert" },
      { a: "false" },
    ],
    [
      "convert a list to text as JSON",
      { a: ["x<", 1, true] },
      { key: "a", converted_type: "string", action: "convert" },
      { a: '["x\\u003c",1,true]' },
    ],
    [
      "leave a list that is to be a number",
      { a: ["1"] },
      { key: "a", converted_type: "int", action: "convert" },
      { a: ["1"] },
    ],
  ])("%s", async (_, before, action, after) => {
    expect(await done(before, action)).toEqual(after);
  });

  test("are done one after the other: a key is renamed by upsert and delete", async () => {
    const after = await done(
      { old: "v", b: 1 },
      { key: "new", from_attribute: "old", action: "upsert" },
      { key: "old", action: "delete" },
    );
    expect(after).toEqual({ b: 1, new: "v" });
  });

  test("see what those before them put in", async () => {
    const after = await done(
      {},
      { key: "a", value: "k-7", action: "insert" },
      { key: "a", pattern: "k-(?P<n>\\d+)", action: "extract" },
      { key: "n", converted_type: "int", action: "convert" },
      { pattern: "^a$", action: "delete" },
    );
    expect(after).toEqual({ n: 7 });
  });
});

test("resources of profiles are changed by keys and values that stand in their dictionary", async () => {
  const stringTable = ["", "host.name", "worker-1", "pid", "other"];
  const attributes = [
    { keyStrindex: 1, value: { stringValueStrindex: 2 } },
    { keyStrindex: 3, value: { intValue: 7n } },
    { keyStrindex: 9, value: { stringValueStrindex: 2 } },
    { keyStrindex: 4, value: { stringValueStrindex: 9 } },
  ];
  const request = ExportProfilesServiceRequest.fromPartial({
    dictionary: { stringTable },
    resourceProfiles: [{ resource: { attributes } }],
  });
  const bytes = Buffer.from(ExportProfilesServiceRequest.encode(request).finish());
  const after = async (...actions: readonly object[]) => {
    const next = givenNext();
    const processor = resourceProcessor.create(
      resourceProcessor.schema.parse({ attributes: actions }),
      sharingHost("resource"),
      next,
    );
    await processor.consume({ signal: "profiles", bytes, items: 0 }, signal);
    const passed = whole(next.taken[0]?.batch.bytes ?? new Uint8Array());
    const { resourceProfiles, dictionary } = ExportProfilesServiceRequest.decode(passed);
    expect(dictionary?.stringTable).toEqual(stringTable);
    return {
      bytes: passed,
      attributes: resourceProfiles[0]?.resource?.attributes.map(({ key, keyStrindex, value }) => [
        keyStrindex > 0 ? (stringTable[keyStrindex] ?? "") : key,
        value?.stringValue ?? value?.intValue,
      ]),
    };
  };
  const left = [
    ["", undefined],
    ["other", undefined],
  ];
  expect((await after({ key: "host.name", action: "hash" })).attributes).toEqual([
    ["host.name", sha256("worker-1")],
    ["pid", 7n],
    ...left,
  ]);
  expect((await after({ pattern: "^host", action: "delete" })).attributes).toEqual([["pid", 7n], ...left]);
  expect((await after({ key: "node", from_attribute: "host.name", action: "insert" })).attributes).toEqual([
    ["host.name", undefined],
    ["pid", 7n],
    ...left,
    ["node", "worker-1"],
  ]);
  expect((await after({ key: "pid", converted_type: "string", action: "convert" })).attributes).toEqual([
    ["host.name", undefined],
    ["pid", "7"],
    ...left,
  ]);
  expect(
    (await after({ key: "host.name", value: "worker-1", action: "upsert" }, { key: "pid", value: 1, action: "insert" }))
      .bytes,
  ).toBe(bytes);
});
