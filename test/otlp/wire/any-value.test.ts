import { describe, expect, test } from "vitest";
import {
  type AnyValue,
  decodeValue,
  encodeValue,
  sameValue,
  valueOf,
  valueText,
} from "../../../src/otlp/wire/any-value.ts";
import { AnyValue as Generated } from "../../../src/proto/opentelemetry/proto/common/v1/common.ts";
import { encode, field, hex } from "../wire.ts";

const values: readonly (readonly [string, AnyValue, string])[] = [
  ["nothing", { kind: "empty" }, ""],
  ["a string", { kind: "string", value: "größe" }, "größe"],
  ["true", { kind: "bool", value: true }, "true"],
  ["false", { kind: "bool", value: false }, "false"],
  ["the smallest integer", { kind: "int", value: -(2n ** 63n) }, "-9223372036854775808"],
  ["the largest integer", { kind: "int", value: 2n ** 63n - 1n }, "9223372036854775807"],
  ["zero", { kind: "int", value: 0n }, "0"],
  ["a double", { kind: "double", value: 0.1 }, "0.1"],
  ["a large double", { kind: "double", value: 1e21 }, "1e+21"],
  ["a small double", { kind: "double", value: 1e-7 }, "1e-7"],
  ["minus zero", { kind: "double", value: -0 }, "-0"],
  ["infinity", { kind: "double", value: -Infinity }, "json: unsupported value: -Inf"],
  ["bytes", { kind: "bytes", value: Buffer.of(0, 255) }, "AP8="],
  ["a list", valueOf(["a<b", 1, 1.5, true, null, ["x"]]), '["a\\u003cb",1,1.5,true,null,["x"]]'],
  ["a map, its keys sorted", valueOf({ b: 1, a: { "\u2028": [] } }), '{"a":{"\\u2028":[]},"b":1}'],
];

describe("an AnyValue", () => {
  test.each(values)("is decoded to what was encoded: %s", (_, value) => {
    expect(sameValue(decodeValue(encodeValue(value)), value)).toBe(true);
  });

  test.each(values)("is encoded as another library does it: %s", (_, value) => {
    const bytes = Buffer.from(encodeValue(value));
    expect(Buffer.from(Generated.encode(Generated.decode(bytes)).finish())).toEqual(bytes);
  });

  test.each(values)("is text as in the Collector: %s", (_, value, text) => {
    expect(valueText(value)).toBe(text);
  });

  test.each<[string, string, AnyValue]>([
    ["of a oneof the last field counts", "0a0161 1001", { kind: "bool", value: true }],
    ["lists that stand twice are one", "2a050a030a0161 2a050a030a0162", valueOf(["a", "b"])],
    ["a list behind something else begins anew", "2a050a030a0161 1001 2a050a030a0162", valueOf(["b"])],
    [
      "of a key that stands twice the last counts",
      "320a 0a03 0a0162 0a03 0a0161",
      {
        kind: "map",
        entries: [
          ["b", { kind: "empty" }],
          ["a", { kind: "empty" }],
        ],
      },
    ],
    ["a kind that nobody knows yet", "4801", { kind: "unknown" }],
    ["a broken one", "0a05", { kind: "unknown" }],
    ["a reference into a dictionary that is not there", "4001", { kind: "unknown" }],
  ])("%s", (_, bytes, expected) => {
    expect(decodeValue(hex(bytes))).toEqual(expected);
  });

  test("nested deeper than anyone does is unknown inside, whatever its size", () => {
    let nested: Uint8Array = encodeValue({ kind: "string", value: "deep" });
    for (let depth = 0; depth < 200; depth++) nested = encode([field(5, [field(1, nested)])]);
    expect(valueText(decodeValue(nested))).toMatch(/^\[+null\]+$/);
  });
});
