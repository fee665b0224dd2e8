import { describe, expect, test } from "vitest";
import type { Transcoded } from "../../../src/otlp/json/limits.ts";
import { jsonToProtobuf } from "../../../src/otlp/json/read.ts";
import type { MessageName } from "../../../src/otlp/json/schema.ts";
import { protobufToJson } from "../../../src/otlp/json/write.ts";
import { hex } from "../wire.ts";

const read = (json: string | Buffer, name: MessageName = "ExportTraceServiceRequest"): Transcoded =>
  jsonToProtobuf(name, Buffer.from(json));

/** The bytes that JSON becomes, in hex; of one that is refused, why. */
function bytesOf(json: string, name?: MessageName): string {
  const transcoded = read(json, name);
  return transcoded.status === "ok" ? transcoded.bytes.toString("hex") : transcoded.problem;
}

/** JSON of a message and back. */
function jsonOf(bytes: string | Buffer, name: MessageName = "ExportTraceServiceRequest"): string {
  const transcoded = protobufToJson(name, typeof bytes === "string" ? hex(bytes) : bytes);
  return transcoded.status === "ok" ? transcoded.bytes.toString() : transcoded.problem;
}

/** A request of one span as an SDK writes it, and its protobuf as ts-proto's code encodes it. */
const example = {
  json: `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"pay"}}]},"scopeSpans":[{"scope":{"name":"lib","version":"1.0.0"},"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","parentSpanId":"eee19b7ec3c1b173","name":"GET /","kind":2,"startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000","attributes":[{"key":"n","value":{"intValue":"-1"}},{"key":"r","value":{"doubleValue":0.5}}],"status":{"code":2}}]}]}]}`,
  bytes:
    "0a92010a170a150a0c736572766963652e6e616d6512050a0370617912770a0c0a036c69621205312e302e3012670a105b8efff798038103d269b633" +
    "813fc60c1208eee19b7ec3c1b1742208eee19b7ec3c1b1732a05474554202f300239004859e3faeb6f15410012f41efbeb6f154a100a016e120b18ff" +
    "ffffffffffffffff014a0e0a0172120921000000000000e03f7a021802",
};

describe("numbers", () => {
  const point = (value: string) => bytesOf(`{"dataPoints":[{"asInt":${value}}]}`, "Gauge");
  test.each([
    ["1", "0a09310100000000000000"],
    ['"1"', "0a09310100000000000000"],
    ["-1", "0a0931ffffffffffffffff"],
    ["9007199254740993", "0a09310100000000002000"],
    ['"9007199254740993"', "0a09310100000000002000"],
    ['"-9223372036854775808"', "0a09310000000000000080"],
    ["9223372036854775807", "0a0931ffffffffffffff7f"],
    ["1e3", "0a0931e803000000000000"],
    ["2.0", "0a09310200000000000000"],
    ["-0", "0a09310000000000000000"],
  ])("a 64-bit integer may be %s", (value, bytes) => expect(point(value)).toBe(bytes));

  test.each([
    "1.5",
    '"x"',
    '""',
    '"1 "',
    '"0x10"',
    "9223372036854775808",
    '"-9223372036854775809"',
    "1e30",
    "true",
    "{}",
    "[1]",
    '"--1"',
  ])("a 64-bit integer may not be %s", (value) =>
    expect(point(value)).toMatch(
      /^Cannot read dataPoints\[0\]\.asInt: must be an integer of 64 bits, is .+ \(byte 24\)$/,
    ),
  );

  const quantile = (value: string) => bytesOf(`{"value":${value}}`, "ValueAtQuantile");
  test.each([
    ["0.5", "11000000000000e03f"],
    ["-0.0", "110000000000000080"],
    ["0", ""],
    ['"NaN"', "11000000000000f87f"],
    ['"Infinity"', "11000000000000f07f"],
    ['"-Infinity"', "11000000000000f0ff"],
    ['"+Inf"', "11000000000000f07f"],
    ['"-inf"', "11000000000000f0ff"],
    ['"nan"', "11000000000000f87f"],
    ['"1.5e1"', "110000000000002e40"],
    ["5e-324", "110100000000000000"],
  ])("a double may be %s", (value, bytes) => expect(quantile(value)).toBe(bytes));

  test.each([
    "1e999",
    '"1e999"',
    '"-nan"',
    '"infinite"',
    '""',
    '" 1"',
    '"0x10"',
    "false",
    "01",
    "1.",
    ".5",
    "+1",
    "-",
    "1e",
    "NaN",
  ])("a double may not be %s", (value) => expect(quantile(value)).toMatch(/^Cannot read value: must be a number/));

  test.each([
    ["4294967296", "from 0 to 4294967295, is 4294967296"],
    ["-1", "from 0 to 4294967295, is -1"],
  ])("a 32-bit integer may not be %s", (value, said) =>
    expect(bytesOf(`{"droppedAttributesCount": ${value}}`, "Resource")).toBe(
      `Cannot read droppedAttributesCount: must be an integer ${said} (byte 27)`,
    ),
  );

  test.each([
    ["2", "3002"],
    ['"SPAN_KIND_SERVER"', "3002"],
    ['"2"', "3002"],
    ["77", "304d"],
    ["-1", "30ffffffffffffffffff01"],
  ])("an enum may be %s", (value, bytes) => expect(bytesOf(`{"kind":${value}}`, "Span")).toBe(bytes));

  test("not-numbers and -0 come out as JSON can have them", () => {
    expect(
      ["11000000000000f87f", "11000000000000f0ff", "110000000000000080"].map((bytes) =>
        jsonOf(bytes, "ValueAtQuantile"),
      ),
    ).toEqual(['{"value":"NaN"}', '{"value":"-Infinity"}', '{"value":-0}']);
  });
});

describe("bytes", () => {
  test.each(["+/+/AQ==", "-_-_AQ==", "-_-_AQ", "+\\/+\\/AQ==", "\\u002b/+/AQ"])(
    "%s is base64 in one of its forms",
    (text) => expect(bytesOf(`{"bytesValue":"${text}"}`, "AnyValue")).toBe("3a04fbffbf01"),
  );

  test.each(["A", "AQ=", "A===", "=", "AQ==AQ==", "A Q=", "AQé"])("%s is no base64", (text) =>
    expect(bytesOf(`{"bytesValue":"${text}"}`, "AnyValue")).toMatch(
      /^Cannot read bytesValue: must be a string of base64, is "/,
    ),
  );

  test.each([
    ['"0123456789abcdefABCDEF9876543210"', "0a100123456789abcdefabcdef9876543210"],
    ['""', ""],
    ["null", ""],
  ])("a trace id may be %s", (id, bytes) => expect(bytesOf(`{"traceId":${id}}`, "Span")).toBe(bytes));

  test.each(['"0123"', '"0123456789abcdefABCDEF987654321g"', '"AAECAwQFBgcICQoLDA0ODw=="', "1"])(
    "a trace id may not be %s",
    (id) =>
      expect(bytesOf(`{"traceId":${id}}`, "Span")).toBe(
        `Cannot read traceId: must be 32 hex digits, is ${id} (byte 11)`,
      ),
  );

  test("a profile id is hex, a span id half as long", () => {
    expect(bytesOf('{"profileId":"000102030405060708090a0b0c0d0e0f"}', "Profile")).toBe(
      "3a10000102030405060708090a0b0c0d0e0f",
    );
    expect(bytesOf('{"spanId":"0001020304050607"}', "Link")).toBe("12080001020304050607");
    expect(jsonOf("12080001020304050607", "Link")).toBe('{"spanId":"0001020304050607"}');
  });
});

describe("text", () => {
  const name = (json: string) => read(`{"name":${json}}`, "Event");
  test.each([
    ["escapes", String.raw`"\"\\\/\b\f\n\r\t\u00e4\u20AC\ud83d\ude00"`, '"\\/\b\f\n\r\tä€😀'],
    ["half a pair", String.raw`"a\ud83d b\ude00\ud83dA\ud83d\ud83d\ude00"`, "a\ufffd b\ufffd\ufffdA\ufffd😀"],
    ["long text", `"${"größe ".repeat(40)}"`, "größe ".repeat(40)],
  ])("%s", (_, json, text) => {
    const bytes = Buffer.from(text);
    expect(name(json)).toEqual({
      status: "ok",
      bytes: Buffer.concat([
        hex("12"),
        hex(bytes.length < 128 ? bytes.length.toString(16).padStart(2, "0") : "c002"),
        bytes,
      ]),
    });
  });

  test.each(['"a', '"a\\', '"a\\"', '"\\x"', '"\\u12"', '"\\u12g4"', '"a\nb"', '"\u0000"'])("%j is no string", (json) =>
    expect(name(json)).toMatchObject({
      status: "malformed",
      problem: expect.stringMatching(/^Cannot read name: must /),
    }),
  );

  test("that is no UTF-8 gets U+FFFD on either side", () => {
    const json = Buffer.concat([Buffer.from('{"name":"a'), hex("ff"), Buffer.from('b"}')]);
    expect(read(json, "Event")).toMatchObject({ bytes: hex("12 05 61 efbfbd 62") });
    expect(jsonOf("12 03 61 ff 62", "Event")).toBe('{"name":"a\ufffdb"}');
  });

  test("stays on one line", () => {
    expect(jsonOf("12 05 0a 0d 22 5c 01", "Event")).toBe(String.raw`{"name":"\n\r\"\\\u0001"}`);
  });
});

describe("keys", () => {
  test("may be written with escapes, and in snake_case", () => {
    expect(bytesOf(String.raw`{"\u0074raceId":"","dropped_links_count":1}`, "Span")).toBe("7001");
  });

  test("that nobody knows are passed over, whatever they hold", () => {
    const other = '{"a":[{"b":null},[],{},"\\u0041",-1.5e3,true,false,[[["x"]]]]}';
    expect(bytesOf(`{"tracestate":${other},"name":"n","Name":${other},"":{}}`, "Span")).toBe("2a016e");
  });

  test("that come again add to a list, replace a value, and merge a message", () => {
    expect(bytesOf('{"idKeys":["a"],"type":"t","type":"","idKeys":["b"]}', "EntityRef")).toBe(
      "1a0161 120174 1200 1a0162".replaceAll(" ", ""),
    );
  });

  test("that are null are absent, also lists", () => {
    expect(bytesOf('{"resource":null,"scopeSpans":null,"schemaUrl":null}', "ResourceSpans")).toBe("");
  });

  test("of a list may hold null for an empty message, as in the Collector", () => {
    expect(bytesOf('{"resourceSpans":[null,{}, null ]}')).toBe("0a000a000a00");
  });

  test("of a oneof keep an empty value", () => {
    expect(
      bytesOf('{"values":[{"stringValue":""},{"boolValue":false},{"intValue":0},{},{"arrayValue":{}}]}', "ArrayValue"),
    ).toBe("0a020a000a0210000a0218000a000a022a00");
    expect(jsonOf("0a020a000a0210000a0218000a000a022a00", "ArrayValue")).toBe(
      '{"values":[{"stringValue":""},{"boolValue":false},{"intValue":"0"},{},{"arrayValue":{}}]}',
    );
  });
});

describe("a body", () => {
  test.each([
    ["", "Cannot read the body: must be a JSON object, is the end of the body (byte 0)"],
    ["[]", "Cannot read the body: must be a JSON object, is [ (byte 0)"],
    ["null", "Cannot read the body: must be a JSON object, is null (byte 0)"],
    ["{} {}", "Cannot read the body: must end here, is { (byte 3)"],
    ["{", "Cannot read the body: must have a name in double quotes here, is the end of the body (byte 1)"],
    ["{a:1}", "Cannot read the body: must have a name in double quotes here, is a (byte 1)"],
    ['{"x" 1}', "Cannot read the body: must have a colon behind the name, is 1 (byte 5)"],
    ['{"x":}', "Cannot read the body: must have a value here, is } (byte 5)"],
    ['{"x":[1,]}', "Cannot read the body: must have a value here, is ] (byte 8)"],
    ['{"x":tru}', "Cannot read the body: must be true, is tru (byte 5)"],
    ['{"resourceSpans":[{}}', "Cannot read resourceSpans: must go on with a comma or end with ], is } (byte 20)"],
    ['{"resourceSpans":{}}', "Cannot read resourceSpans: must be an array, is { (byte 17)"],
    ['{"resourceSpans":[{},7]}', "Cannot read resourceSpans[1]: must be a JSON object, is 7 (byte 21)"],
    ['{"resourceSpans":[{},nul]}', "Cannot read resourceSpans[1]: must be null, is nul (byte 21)"],
    [
      '{"resourceSpans":[{"scopeSpans":[{},{"spans":[{},{},{},{"traceId":"xyz"}]}]}]}',
      'Cannot read resourceSpans[0].scopeSpans[1].spans[3].traceId: must be 32 hex digits, is "xyz" (byte 66)',
    ],
    [
      `{"resourceSpans":[{"schemaUrl":["\u001b[31m${"x".repeat(100)}"]}]}`,
      "Cannot read resourceSpans[0].schemaUrl: must be a string, is [ (byte 31)",
    ],
  ])("%j is refused with the place", (json, problem) => expect(bytesOf(json)).toBe(problem));

  test("does not get its control characters into the message, nor all of its length", () => {
    expect(bytesOf(`{"resourceSpans":["\u001b\u009b${"x".repeat(100)}"]}`)).toBe(
      `Cannot read resourceSpans[0]: must be a JSON object, is "??${"x".repeat(45)}… (byte 18)`,
    );
  });

  test("may begin with a byte order mark", () => expect(bytesOf('\ufeff{"resourceSpans":[{}]}')).toBe("0a00"));

  test("that breaks off anywhere is refused", () => {
    const whole = Buffer.from(example.json);
    for (let length = 0; length < whole.length; length++)
      expect(read(whole.subarray(0, length)).status).toBe("malformed");
    expect(read(whole).status).toBe("ok");
  });

  test("becomes the bytes that other code makes of it, and comes back as it was written", () => {
    expect(bytesOf(example.json)).toBe(example.bytes);
    expect(jsonOf(example.bytes)).toBe(example.json);
  });
});

describe("nesting", () => {
  const nested = (depth: number) => `${'{"arrayValue":{"values":['.repeat(depth)}{}${"]}}".repeat(depth)}`;

  test("is followed a hundred maps deep and refused far before the stack ends", () => {
    const transcoded = read(nested(150), "AnyValue");
    expect(transcoded.status === "ok" && jsonOf(transcoded.bytes, "AnyValue")).toBe(nested(150));
    expect(bytesOf(nested(100_000), "AnyValue")).toMatch(
      /^Cannot read arrayValue\.values\[0\].{100,400}: must not be nested deeper than 400 messages, is \{ \(byte \d+\)$/,
    );
  });

  test("of bytes is refused at the same depth", () => {
    let bytes = Buffer.alloc(0);
    for (let i = 0; i < 1000; i++) {
      const inner = Buffer.concat([hex("0a"), length(bytes.length), bytes]);
      bytes = Buffer.concat([hex("2a"), length(inner.length), inner]);
    }
    expect(jsonOf(bytes, "AnyValue")).toBe(
      "Cannot write AnyValue as JSON: must not be nested deeper than 400 messages",
    );
  });

  test("of what nobody knows is refused, too", () => {
    expect(bytesOf(`{"x":${"[".repeat(1_000_000)}`)).toMatch(
      /^Cannot read the body: must not be nested deeper than 10000/,
    );
  });
});

function length(value: number): Buffer {
  return Buffer.from(value < 128 ? [value] : [(value & 127) | 128, value >> 7]);
}

describe("bytes that are no message", () => {
  test.each([
    ["0a05", "field 1 claims 5 bytes, 0 are left (byte 2)"],
    ["0a02 0a05", "field 1 claims 5 bytes, 0 are left (byte 4)"],
    ["07", "field number 0 is not one (byte 1)"],
  ])("%s are refused", (bytes, problem) =>
    expect(jsonOf(bytes)).toBe(`Cannot write ExportTraceServiceRequest as JSON: ${problem}`),
  );

  test.each(["3203 010203", "3201 ff", "3a09 000000000000000000"])(
    "a packed list of half a value is refused: %s",
    (bytes) =>
      expect(jsonOf(bytes, "HistogramDataPoint")).toMatch(
        /^Cannot write HistogramDataPoint as JSON: a packed \w+ must hold whole values, ends in the middle of one$/,
      ),
  );

  test("lists come out the same packed and not", () => {
    const unpacked = "31 0100000000000000 31 0200000000000000";
    expect(jsonOf("3210 0100000000000000 0200000000000000", "HistogramDataPoint")).toBe('{"bucketCounts":["1","2"]}');
    expect(jsonOf(unpacked, "HistogramDataPoint")).toBe('{"bucketCounts":["1","2"]}');
    expect(jsonOf(`${unpacked} 5001 3208 0300000000000000`, "HistogramDataPoint")).toBe(
      '{"bucketCounts":["1","2","3"],"flags":1}',
    );
    expect(jsonOf("12020001", "Buckets")).toBe('{"bucketCounts":["0","1"]}');
    expect(jsonOf("12001000", "Buckets")).toBe('{"bucketCounts":["0"]}');
  });

  test("a field of another wire type is unknown", () => expect(jsonOf("0801", "Event")).toBe("{}"));
});
