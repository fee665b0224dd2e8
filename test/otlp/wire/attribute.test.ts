import { expect, test } from "vitest";
import { type AttributeValue, encodeAttribute } from "../../../src/otlp/wire/attribute.ts";
import { hex } from "../wire.ts";

// What `protoc --encode=opentelemetry.proto.resource.v1.Resource` makes of the same attributes.
test.each<[string, AttributeValue, string]>([
  ["a string", "v", "0a 08 0a016b 12 03 0a0176"],
  ["a string of no characters", "", "0a 07 0a016b 12 02 0a00"],
  ["text beyond ASCII", "ö", "0a 09 0a016b 12 04 0a02c3b6"],
  ["zero", 0, "0a 07 0a016b 12 02 1800"],
  ["the largest number", 2 ** 53 - 1, "0a 0e 0a016b 12 09 18ffffffffffffff0f"],
  ["a list", ["a", "b"], "0a 11 0a016b 12 0c 2a0a 0a03 0a0161 0a03 0a0162"],
  ["an empty list", [], "0a 07 0a016b 12 02 2a00"],
])("%s is encoded as protoc does", (_, value, bytes) => {
  expect(encodeAttribute(1, "k", value)).toEqual(hex(bytes));
});

test("an attribute of more than 127 bytes in a field beyond 15 has two bytes of tag and length", () => {
  expect(encodeAttribute(20, "k", "v".repeat(200))).toEqual(
    Buffer.concat([hex("a201 d101 0a016b 12 cb01 0ac801"), Buffer.alloc(200, "v")]),
  );
});

test.each([-1, 0.5, NaN, 2 ** 53])("%d is no value of an attribute", (value) => {
  expect(() => encodeAttribute(1, "k", value)).toThrow(
    new RangeError(`Cannot encode an attribute: must be an integer >= 0, is ${value}`),
  );
});
