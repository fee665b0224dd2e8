import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { HeadReader } from "../../../src/net/http2/fields.ts";
import type { Fields } from "../../../src/net/http2/fields.ts";
import { createHpackDecoder } from "../../../src/net/http2/hpack/decoder.ts";
import { block } from "../../support/http2/frames.ts";

/** Reads blocks of one connection; the fields of each, or what became of it. */
function reading(): (hex: string) => unknown {
  const decoder = createHpackDecoder({ maxTableBytes: 4096, maxListBytes: 1e6, maxFields: 100 });
  const reader = new HeadReader<Fields>(decoder, (fields) => fields);
  return (hex) => {
    const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
    const decoded = reader.read({ bytes, start: 0, end: bytes.length, arrived: bytes.length });
    return decoded.status === "ok" ? decoded.head : decoded.status;
  };
}

test("a block that only sets the size of the table does so each time that it comes", () => {
  const read = reading();
  const [toNothing, toAll] = ["20 83", "3fe11f 83"];
  for (const update of [toAll, toNothing, toAll, toNothing, toAll]) expect(read(update)).toEqual([":method", "POST"]);
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

test("of headers that are too large to be remembered nothing is kept", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const decoder = createHpackDecoder({ maxTableBytes: 4096, maxListBytes: 1e6, maxFields: 100 });
  const reader = new HeadReader<object>(decoder, (fields) => fields);
  const given = (): WeakRef<object> => {
    const bytes = block([["x-large", "y".repeat(60_000)]]);
    const decoded = reader.read({ bytes, start: 0, end: bytes.length, arrived: bytes.length });
    return new WeakRef(decoded.status === "ok" ? decoded.head : {});
  };
  const head = given();
  expect(head.deref() !== undefined).toBe(true);
  // What was looked at stays for the rest of this turn.
  await setImmediate();
  collect();
  // Not by toBeUndefined(), which would print all of it.
  expect(head.deref() === undefined).toBe(true);
});
