import { describe, expect, test } from "vitest";
import { decodePartialSuccess, encodePartialSuccess, fullSuccess } from "../../src/otlp/response.ts";
import { ExportTraceServiceResponse } from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";

const partials = [
  { rejected: 3, message: "span 2: bad id" },
  { rejected: 70_000, message: "" },
  { rejected: 0, message: "a warning: grüße" },
];

describe("partial_success", () => {
  test.each(partials)("%o is written as another library reads it", (partial) => {
    const { partialSuccess } = ExportTraceServiceResponse.decode(encodePartialSuccess(partial));
    expect({ rejected: Number(partialSuccess?.rejectedSpans), message: partialSuccess?.errorMessage }).toEqual(partial);
  });

  test.each(partials)("%o is read as another library writes it", ({ rejected, message }) => {
    const bytes = ExportTraceServiceResponse.encode({
      partialSuccess: { rejectedSpans: BigInt(rejected), errorMessage: message },
    }).finish();
    expect(decodePartialSuccess(bytes)).toEqual({ rejected, message });
  });

  test.each([
    ["no bytes", fullSuccess],
    ["an empty partial_success", Buffer.from("0a00", "hex")],
    ["an unknown field", Buffer.from("1203616263", "hex")],
    ["bytes that are no message", Buffer.from("0aff", "hex")],
    ["a broken partial_success", Buffer.from("0a020aff", "hex")],
  ])("%s is full success", (_, bytes) => expect(decodePartialSuccess(bytes)).toBeUndefined());

  test("a negative count counts nothing", () => {
    expect(decodePartialSuccess(Buffer.from("0a0e08ffffffffffffffffff0112016d", "hex"))).toEqual({
      rejected: 0,
      message: "m",
    });
  });
});
