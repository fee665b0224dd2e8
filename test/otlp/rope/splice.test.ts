import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Bytes, copierOf, piecesOf, Rope, whole } from "../../../src/otlp/rope/rope.ts";
import { Splice } from "../../../src/otlp/rope/splice.ts";
import { hex } from "../wire.ts";

const source = Buffer.from("0123456789");

describe("a splice", () => {
  test("is made of ranges of the source and of other bytes, in the order in which they came", () => {
    const out = new Splice(source);
    out.copy(8, 10);
    out.insert(Buffer.from("-"));
    out.copyAll([0, 2, 2, 2, 5, 6]);
    expect([out.toBytes().toString(), out.length]).toEqual(["89-015", 6]);
  });

  test("has messages with a tag and a length before them, inside each other", () => {
    const out = new Splice(source);
    out.message(1, () => {
      out.copy(0, 1);
      out.message(16, () => out.insert(Buffer.alloc(200, "x")));
    });
    expect(out.toBytes()).toEqual(Buffer.concat([hex("0a cd01 30 8201 c801"), Buffer.alloc(200, "x")]));
    expect(out.length).toBe(208);
  });

  test("that is a copy of all of the source is the source, without copying it", () => {
    const view = new Uint8Array(source.buffer, source.byteOffset + 2, 4);
    const out = new Splice(view);
    out.copy(0, 3);
    out.copy(3, 4);
    const bytes = out.toBytes();
    expect([bytes.toString(), bytes.buffer, bytes.byteOffset]).toEqual(["2345", source.buffer, source.byteOffset + 2]);
  });

  test("writes itself into the middle of other bytes", () => {
    const out = new Splice(source);
    out.copy(1, 3);
    const target = Buffer.alloc(4, ".");
    out.write(target, 1);
    expect(target.toString()).toBe(".12.");
  });

  test("of nothing is no bytes", () => {
    expect(new Splice(source).toBytes()).toEqual(Buffer.alloc(0));
  });
});

test("a large splice of few pieces stays in them, and is the same bytes put together", () => {
  const source = Buffer.from(Array.from({ length: 40_000 }, (_, i) => i % 251));
  const out = new Splice(source);
  out.message(1, () => {
    out.copy(0, 20_000);
    out.insert(Buffer.from("between"));
    out.copy(20_001, 40_000);
  });
  const rope = out.toRope();
  expect(piecesOf(rope).length).toBe(4);
  expect(rope.length).toBe(out.toBytes().length);
  expect(whole(rope)).toEqual(out.toBytes());
});

test("a small splice is put together when it is wanted in pieces", () => {
  const out = new Splice(Buffer.from("small"));
  out.copy(0, 2);
  out.insert(Buffer.from("-"));
  out.copy(2, 5);
  expect(piecesOf(out.toRope())).toEqual([Buffer.from("sm-all")]);
});

test("ropes of bytes, of splices and of ropes are copied in whatever steps are asked for, each byte to its place", () => {
  const prove = fc.property(
    fc.array(anyPart, { maxLength: 8 }),
    fc.array(fc.integer({ min: 1, max: 700 })),
    (parts, steps) => {
      const bytes = parts.map((part) => part());
      const length = bytes.reduce((sum, each) => sum + each.length, 0);
      const copier = copierOf(new Rope(bytes, length));
      const target = Buffer.alloc(length);
      for (let at = 0, step = 0; at < length; step++) {
        const size = Math.min(steps[step % steps.length] ?? length, length - at);
        copier.copy(target, at, size);
        at += size;
      }
      const expected = Buffer.concat(bytes.map(whole));
      expect(target.equals(expected)).toBe(true);
      expect(Buffer.from(whole(new Rope(bytes, length))).equals(expected)).toBe(true);
      expect(Buffer.concat(piecesOf(new Rope(bytes, length))).equals(expected)).toBe(true);
    },
  );
  fc.assert(prove, { seed: 17, numRuns: 300 });
});

/** Bytes, or a splice of some of them with inserts and messages. */
const anyPart: fc.Arbitrary<() => Bytes> = fc.oneof(
  fc.uint8Array({ maxLength: 400 }).map((bytes) => () => bytes),
  fc
    .record({
      source: fc.uint8Array({ minLength: 1, maxLength: 300 }),
      cuts: fc.array(fc.tuple(fc.nat(300), fc.nat(300), fc.uint8Array({ maxLength: 90 })), { maxLength: 12 }),
    })
    .map(({ source, cuts }) => () => {
      const out = new Splice(source);
      out.message(7, () => {
        for (const [from, to, insert] of cuts) {
          const start = Math.min(from, source.length);
          out.copy(start, Math.max(start, Math.min(to, source.length)));
          out.message(2, () => out.insert(insert));
        }
      });
      return out.toRope();
    }),
);
