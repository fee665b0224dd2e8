import { expect, test } from "vitest";
import { HeadReader } from "../../../src/net/http2/fields.ts";
import type { Fields } from "../../../src/net/http2/fields.ts";
import { createHpackDecoder } from "../../../src/net/http2/hpack/decoder.ts";

/** Reads blocks of one connection; the fields of each, or what became of it. */
function reading(): (block: string) => unknown {
  const decoder = createHpackDecoder({ maxTableBytes: 4096, maxListBytes: 1e6, maxFields: 100 });
  const reader = new HeadReader<Fields>(decoder, (fields) => fields);
  return (block) => {
    const bytes = Buffer.from(block.replaceAll(" ", ""), "hex");
    const decoded = reader.read({ bytes, start: 0, end: bytes.length, arrived: bytes.length });
    return decoded.status === "ok" ? decoded.head : decoded.status;
  };
}

test("a block that only sets the size of the table does so each time that it comes", () => {
  const read = reading();
  const [toNothing, toAll] = ["20 83", "3fe11f 83"];
  for (const block of [toAll, toNothing, toAll, toNothing, toAll]) expect(read(block)).toEqual([":method", "POST"]);
  expect(read("400161 0162")).toEqual(["a", "b"]);
  expect(read("be")).toEqual(["a", "b"]);
  expect(read(toNothing)).toEqual([":method", "POST"]);
  expect(read("be")).toBe("compression_error");
});

test("a block means what the table says when it comes", () => {
  const read = reading();
  expect(read("400161 0162")).toEqual(["a", "b"]);
  expect(read("be")).toEqual(["a", "b"]);
  expect(read("400163 0164")).toEqual(["c", "d"]);
  expect(read("be")).toEqual(["c", "d"]);
  expect(read("400163 0164")).toEqual(["c", "d"]);
  expect(read("c0")).toEqual(["a", "b"]);
});
