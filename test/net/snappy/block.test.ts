import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { snap, unsnap } from "../../../src/net/snappy/block.ts";

const text = Buffer.from("to be or not to be, that is the question: to be or not to be");
/** The same as github.com/golang/snappy writes it. */
const ofGo = Buffer.from("PDB0byBiZSBvciBub3QgBQ1YLCB0aGF0IGlzIHRoZSBxdWVzdGlvbjoJHTAgb3Igbm90IHRvIGJl", "base64");

/** Little repeats of little alphabets: literals and copies of all lengths. */
const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 90 }), fc.integer({ min: 1, max: 9 })), { maxLength: 40 })
  .map((words) => Buffer.concat(words.flatMap(([word, times]) => Array.from({ length: times }, () => word))));

describe("a block", () => {
  test("that Go has written is read", () => {
    expect(unsnap(ofGo, text.length)).toEqual(text);
  });

  test("is what it was, whatever it holds", () => {
    fc.assert(fc.property(repetitive, (bytes) => unsnap(snap(bytes), bytes.length)?.equals(bytes) === true));
    for (const bytes of [randomBytes(200_000), Buffer.alloc(200_000), Buffer.alloc(70_000, text)])
      expect(unsnap(snap(bytes), bytes.length)?.equals(bytes)).toBe(true);
  });

  test("of what repeats is small, and of what does not hardly larger than that", () => {
    expect(snap(Buffer.alloc(100_000, text)).length).toBeLessThan(6000);
    expect(snap(randomBytes(100_000)).length).toBeLessThan(100_100);
  });

  test("of more than the limit is none, and takes no memory before", () => {
    expect(unsnap(ofGo, text.length - 1)).toBeUndefined();
    expect(unsnap(Buffer.from("ffffffff0f00", "hex"), 20_000_000)).toBeUndefined();
  });

  test.each([
    ["no length", ""],
    ["a length without an end", "ffffffffff01"],
    ["a length of more than 32 bits", "ffffffff1f"],
    ["less than it says", "050061"],
    ["more than it says", "010461620000"],
    ["a literal that is cut short", "050c6162"],
    ["a literal whose length is cut short", "05f0"],
    ["a long literal that is cut short", "7ff4ffff6162"],
    ["a copy of what is before the beginning", "0500610502"],
    ["a copy of nothing", "0500610100"],
    ["a copy that is cut short", "05006101"],
    ["a far copy that is cut short", "0500611201"],
    ["a copy of more than it says", "0500616d01"],
  ])("with %s is broken", (_what, hex) => {
    expect(() => unsnap(Buffer.from(hex, "hex"), 1000)).toThrow(/^snappy (must|has) /);
  });

  test("of anything is read or broken, and never more than it says", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          expect(unsnap(bytes, 500)?.length ?? 0).toBeLessThanOrEqual(500);
        } catch (error) {
          expect(String(error)).toMatch(/^Error: snappy /);
        }
      }),
    );
  });
});
