import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { crc32c } from "../../../src/net/snappy/checksum.ts";
import { frame, isFramed, unframe } from "../../../src/net/snappy/framed.ts";

const text = Buffer.from("to be or not to be, that is the question: to be or not to be");
/** The same as github.com/golang/snappy writes it: too little to be worth compressing. */
const ofGo = Buffer.from(
  "/wYAAHNOYVBwWQFAAAAaUUqEdG8gYmUgb3Igbm90IHRvIGJlLCB0aGF0IGlzIHRoZSBxdWVzdGlvbjogdG8gYmUgb3Igbm90IHRvIGJl",
  "base64",
);
const beginning = ofGo.subarray(0, 10);
const chunk = (kind: number, body: Buffer): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(kind + body.length * 256);
  return Buffer.concat([head, body]);
};

test("the checksum is that of the polynomial of Castagnoli", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
});

describe("a stream", () => {
  test("is what Go writes, and Go's is read", () => {
    expect(frame(text)).toEqual(ofGo);
    expect(isFramed(ofGo)).toBe(true);
    expect(unframe(ofGo, text.length)).toEqual(text);
  });

  test("is what it was, whatever it holds", () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(200_000, text), randomBytes(200_000), Buffer.alloc(65_536)]) {
      expect(unframe(frame(bytes), bytes.length)?.equals(bytes)).toBe(true);
    }
    expect(frame(Buffer.alloc(200_000, text)).length).toBeLessThan(12_000);
  });

  test("of more than the limit is none", () => {
    expect(unframe(ofGo, text.length - 1)).toBeUndefined();
    expect(unframe(frame(Buffer.alloc(200_000)), 131_072)).toBeUndefined();
  });

  test("may have padding, chunks that nobody need know, and its beginning once more", () => {
    const extra = [chunk(0xfe, Buffer.alloc(9)), chunk(0x80, Buffer.from("new")), beginning];
    expect(unframe(Buffer.concat([beginning, ...extra, ofGo.subarray(10), ...extra]), 100)).toEqual(text);
  });

  test.each([
    ["no beginning", ofGo.subarray(10)],
    ["a chunk that is cut short", ofGo.subarray(0, -1)],
    ["a chunk whose head is cut short", ofGo.subarray(0, 12)],
    ["a chunk of a kind that must be known", Buffer.concat([beginning, chunk(2, Buffer.alloc(8))])],
    ["a chunk without a checksum", Buffer.concat([beginning, chunk(1, Buffer.alloc(3))])],
    ["a chunk with another checksum", Buffer.concat([ofGo.subarray(0, -1), Buffer.from("x")])],
    ["a chunk that is too large", Buffer.concat([beginning, chunk(1, Buffer.alloc(65_541))])],
  ])("with %s is broken", (_what, bytes) => {
    expect(() => unframe(bytes, 1_000_000)).toThrow(/^snappy (must|has) /);
  });
});
