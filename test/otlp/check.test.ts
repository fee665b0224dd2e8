import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { check } from "../../src/otlp/check.ts";
import { type Signal, signals } from "../../src/otlp/signals.ts";
import { anyDamage } from "./damage.ts";
import { countByProtobufEs, countByTheBook } from "./frames.ts";
import { anyRequest } from "./requests.ts";
import { encode, field, type Field, hex, recordsOf, varint } from "./wire.ts";

const rules = (seed: number, numRuns = 1000) => ({ seed, numRuns });

/** One span in a scope of a resource with an attribute. */
const oneSpan = hex("0a18 0a0a 0a08 0a01 61 1203 0a01 62 120a 0a03 0a01 63 1203 2a01 64");

describe("what is valid", () => {
  test("every request that follows the specification is, with as many items as it has records", () => {
    const prove = fc.property(anyRequest, ({ signal, fields }) => {
      const bytes = encode(fields, 10);
      expect(check(signal, bytes)).toEqual({ status: "valid", items: recordsOf(signal, bytes).length });
    });
    fc.assert(prove, rules(401));
  });

  test.each<[string, Buffer, number]>([
    ["no bytes at all", Buffer.alloc(0), 0],
    ["a resource without anything", hex("0a00"), 0],
    ["one span", oneSpan, 1],
    ["an attribute behind which the resource counts its dropped attributes", hex("0a04 0a02 1005"), 0],
    ["a record whose inside is broken: that is the backend's to judge", hex("0a05 1203 1201 ff"), 1],
    ["an attribute whose inside is broken", hex("0a05 0a03 0a01 ff"), 0],
    ["an unknown group with a field in it", hex("a301 0801 a401"), 0],
    ["a hundred groups in each other", nest(100), 0],
  ])("%s", (_, bytes, items) => {
    expect(check("traces", bytes)).toEqual({ status: "valid", items });
  });
});

describe("what counts in a metric", () => {
  const points = (count: number) => Array.from({ length: count }, () => field(1, []));
  test.each<[string, Field[], number]>([
    ["the data points of a gauge", [field(5, points(2))], 2],
    ["those of an exponential histogram", [field(10, points(3)), field(12, "x")], 3],
    ["those of data in two pieces", [field(7, points(1)), field(1, "name"), field(7, points(2))], 3],
    ["of data of two kinds the last one's", [field(7, points(3)), field(5, points(1))], 1],
    [
      "of data of one kind, another and the first again the last piece's",
      [field(5, points(3)), field(7, points(2)), field(5, points(1))],
      1,
    ],
    [
      "nothing of what were points of integers in versions before 0.9",
      [field(4, points(3)), field(6, points(3)), field(8, points(3))],
      0,
    ],
  ])("%s", (_, content, items) => {
    const bytes = encode([field(1, [field(2, [field(2, content)])])]);
    expect(check("metrics", bytes)).toEqual({ status: "valid", items });
    expect(recordsOf("metrics", bytes)).toHaveLength(items);
  });
});

describe("what is malformed", () => {
  test("exactly what the specification does not allow, whatever the damage", () => {
    const prove = fc.property(anyRequest, anyDamage, ({ signal, fields }, damage) => {
      const bytes = damage(encode(fields, 10));
      expect(itemsOf(check(signal, bytes))).toEqual(countByTheBook(signal, bytes));
    });
    fc.assert(prove, rules(402, 4000));
  });

  test("what is valid in spite of damage is so for another library, too, but for tags of more than five bytes", () => {
    const prove = fc.property(anyRequest, anyDamage, ({ signal, fields }, damage) => {
      const bytes = damage(encode(fields));
      const items = itemsOf(check(signal, bytes));
      fc.pre(items !== undefined);
      expect([items, "illegal tag: varint overflows uint32"]).toContain(countByProtobufEs(signal, bytes));
    });
    fc.assert(prove, rules(403));
  });

  test("random bytes are judged as the specification does", () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .array(fc.constantFrom(0x0a, 0x12, 0x1a, 0x2a, 0x3a, 0x0b, 0x0c, 0, 1, 2, 3, 4, 0x80, 0xff), { maxLength: 20 })
        .map((bytes) => Uint8Array.from(bytes)),
    );
    const prove = fc.property(fc.constantFrom(...signals), anyBytes, (signal, bytes) => {
      expect(itemsOf(check(signal, bytes))).toEqual(countByTheBook(signal, bytes));
    });
    fc.assert(prove, rules(404, 20_000));
  });

  test("a request that is cut short anywhere is, but for the cuts between two of its fields", () => {
    const bytes = encode([
      field(1, [field(1, [field(2, 5)]), field(2, [field(2, "span"), field(2, "span")]), field(3, "url")]),
      ...unknownFields,
    ]);
    const valid = Array.from({ length: bytes.length }, (_, length) => length).filter(
      (length) => check("traces", bytes.subarray(0, length)).status === "valid",
    );
    expect(valid).toEqual([
      0,
      ...[1, 2, 3, 4].map(
        (count) =>
          encode(
            [
              field(1, [field(1, [field(2, 5)]), field(2, [field(2, "span"), field(2, "span")]), field(3, "url")]),
              ...unknownFields,
            ].slice(0, count),
          ).length,
      ),
    ]);
  });

  const resource = "Cannot read ExportTraceServiceRequest: resource_spans[0]: ";
  test.each<[string, Buffer, string]>([
    [
      "a length beyond the end",
      hex("0a05 00"),
      "Cannot read ExportTraceServiceRequest: field 1 claims 5 bytes, 1 are left (byte 2)",
    ],
    [
      "a length beyond the end of the message it is in",
      hex("0a02 1203 000000"),
      `${resource}field 2 claims 3 bytes, 0 are left (byte 4)`,
    ],
    [
      "a length of 2^32 + 1, which is 1 for whoever counts in 32 bits",
      Buffer.concat([hex("0a"), varint(2n ** 32n + 1n), hex("00")]),
      "Cannot read ExportTraceServiceRequest: field 1 claims 4294967297 bytes, 1 are left (byte 6)",
    ],
    [
      "a length of 2^63",
      Buffer.concat([hex("0a"), varint(2n ** 63n)]),
      "Cannot read ExportTraceServiceRequest: field 1 claims 9223372036854776000 bytes, 0 are left (byte 11)",
    ],
    [
      "a varint without an end",
      hex("08 ffff"),
      "Cannot read ExportTraceServiceRequest: a varint is cut short (byte 1)",
    ],
    [
      "a varint of eleven bytes",
      hex("08 ffffffffffffffffffff01"),
      "Cannot read ExportTraceServiceRequest: a varint has more than ten bytes (byte 1)",
    ],
    ["a field number 0", hex("0200"), "Cannot read ExportTraceServiceRequest: field number 0 is not one (byte 1)"],
    [
      "a field number of 2^29",
      Buffer.concat([varint(2n ** 32n), hex("00")]),
      "Cannot read ExportTraceServiceRequest: field number 536870912 is not one (byte 5)",
    ],
    [
      "a field number 0 in a group",
      hex("a301 0000 a401"),
      "Cannot read ExportTraceServiceRequest: field number 0 is not one (byte 3)",
    ],
    [
      "a field number of 2^29 in a group",
      Buffer.concat([hex("a301"), varint(2n ** 32n), hex("00 a401")]),
      "Cannot read ExportTraceServiceRequest: field number 536870912 is not one (byte 7)",
    ],
    [
      "wire type 6",
      hex("a601"),
      "Cannot read ExportTraceServiceRequest: wire type 6 is not one that may stand here (byte 2)",
    ],
    [
      "the end of a group that did not begin",
      hex("a401"),
      "Cannot read ExportTraceServiceRequest: wire type 4 is not one that may stand here (byte 2)",
    ],
    [
      "a group that ends as another",
      hex("a301 ac01"),
      "Cannot read ExportTraceServiceRequest: group 20 ends as group 21 (byte 4)",
    ],
    [
      "a group without an end",
      hex("a301 0801"),
      "Cannot read ExportTraceServiceRequest: group 20 does not end (byte 4)",
    ],
    [
      "more than a hundred groups in each other",
      nest(101),
      "Cannot read ExportTraceServiceRequest: groups are nested too deep (byte 202)",
    ],
    [
      "a resource_spans that is a number",
      hex("0801"),
      "Cannot read ExportTraceServiceRequest: resource_spans must be length-delimited, has wire type 0 (byte 0)",
    ],
    [
      "a resource that is a group",
      hex("0a02 0b0c"),
      `${resource}resource must be length-delimited, has wire type 3 (byte 2)`,
    ],
    [
      "a schema_url that is a number",
      hex("0a02 1801"),
      `${resource}schema_url must be length-delimited, has wire type 0 (byte 2)`,
    ],
    [
      "an attribute that is longer than its resource",
      hex("0a04 0a02 0a01"),
      `${resource}resource: field 1 claims 1 bytes, 0 are left (byte 6)`,
    ],
    [
      "spans that are numbers",
      hex("0a04 1202 1001"),
      `${resource}scope_spans[0]: spans must be length-delimited, has wire type 0 (byte 4)`,
    ],
  ])("%s", (_, bytes, problem) => {
    expect(check("traces", bytes)).toEqual({ status: "malformed", problem });
  });

  test("a request of more than 100,000 resources and scopes, which would take a hundred times its size to read", () => {
    const scopes = (count: number) => encode([field(1, Buffer.alloc(2 * count, hex("1200")))]);
    expect(check("traces", Buffer.concat([scopes(49_999), scopes(49_999)]))).toEqual({ status: "valid", items: 0 });
    expect(check("traces", Buffer.alloc(200_000, hex("0a00")))).toEqual({ status: "valid", items: 0 });
    expect(check("traces", Buffer.alloc(200_002, hex("0a00"))).status).toBe("malformed");
    const problem = `${resource.replace("[0]", "[1]")}must have at most 100000 resources and scopes, has more (byte 200004)`;
    expect(check("traces", Buffer.concat([scopes(49_999), scopes(50_000)]))).toEqual({ status: "malformed", problem });
  });

  test("a request of more than 200,000 metrics and data in them, or profiles, for the same reason", () => {
    const inScope = (content: Buffer) => encode([field(1, [field(2, content)])]);
    const pairs = (count: number) => inScope(Buffer.alloc(4 * count, hex("12022a00")));
    expect(check("metrics", pairs(100_000))).toEqual({ status: "valid", items: 0 });
    const problem = expect.stringMatching(/must have at most 200000 metrics, their data, and profiles, has more/);
    expect(check("metrics", pairs(100_001))).toEqual({ status: "malformed", problem });
    const profiles = (count: number) => inScope(Buffer.alloc(2 * count, hex("1200")));
    expect(check("profiles", profiles(200_000))).toEqual({ status: "valid", items: 0 });
    expect(check("profiles", profiles(200_001))).toEqual({ status: "malformed", problem });
    // What is in them does not count.
    expect(check("profiles", inScope(encode([field(2, Buffer.alloc(500_000, hex("1200")))])))).toEqual({
      status: "valid",
      items: 250_000,
    });
  });

  const metric = "Cannot read ExportMetricsServiceRequest: resource_metrics[0]: scope_metrics[0]: ";
  test.each<[string, Signal, Field[], string]>([
    [
      "a metric that is a number",
      "metrics",
      [field(2, 1)],
      "metrics must be length-delimited, has wire type 0 (byte 4)",
    ],
    [
      "a metric's name that is a number",
      "metrics",
      [field(2, []), field(2, [field(1, 1)])],
      "metrics[1]: name must be length-delimited, has wire type 0 (byte 8)",
    ],
    [
      "a gauge that is a number",
      "metrics",
      [field(2, [field(5, 1)])],
      "metrics[0]: gauge must be length-delimited, has wire type 0 (byte 6)",
    ],
    [
      "a data point that is a number",
      "metrics",
      [field(2, [field(11, [field(1, 1)])])],
      "metrics[0]: summary: data_points must be length-delimited, has wire type 0 (byte 8)",
    ],
    [
      "a temporality that is a string",
      "metrics",
      [field(2, [field(9, [field(2, "x")])])],
      "metrics[0]: histogram: aggregation_temporality must be a varint, has wire type 2 (byte 8)",
    ],
    [
      "a data point that is cut short",
      "metrics",
      [field(2, [field(7, hex("0a05 00"))])],
      "metrics[0]: sum: field 1 claims 5 bytes, 1 are left (byte 10)",
    ],
  ])("%s", (_, signal, scope, problem) => {
    expect(check(signal, encode([field(1, [field(2, scope)])]))).toEqual({
      status: "malformed",
      problem: metric + problem,
    });
  });

  test("a sample that is a number", () => {
    const problem = `${metric.replace("Metrics", "Profiles").replaceAll("_metrics", "_profiles")}profiles[0]: samples must be length-delimited, has wire type 0 (byte 6)`;
    expect(check("profiles", encode([field(1, [field(2, [field(2, [field(2, 1)])])])]))).toEqual({
      status: "malformed",
      problem,
    });
  });

  test("its place is told by the names of the signal and by its index", () => {
    const bytes = encode([field(1, [field(2, [])]), field(1, [field(2, []), field(2, [field(1, 1)])])]);
    const problem =
      "Cannot read ExportLogsServiceRequest: resource_logs[1]: scope_logs[1]: scope must be length-delimited, has wire type 0 (byte 10)";
    expect(check("logs", bytes)).toEqual({ status: "malformed", problem });
  });
});

const unknownFields: Field[] = [
  field(20, 300),
  { ...field(21, Buffer.alloc(8)), wire: 1 },
  { ...field(22, Buffer.alloc(4)), wire: 5 },
  { ...field(23, [field(1, 1)]), wire: 3 },
];

/** Groups in each other, `depth` of them. */
function nest(depth: number): Buffer {
  return Buffer.concat([Buffer.alloc(2 * depth, hex("a301")), Buffer.alloc(2 * depth, hex("a401"))]);
}

function itemsOf(checked: ReturnType<typeof check>): number | undefined {
  return checked.status === "valid" ? checked.items : undefined;
}
