import { describe, expect, test } from "vitest";
import { piecesOf, whole } from "../../src/otlp/rope.ts";
import { Splice } from "../../src/otlp/splice.ts";
import { hex } from "./wire.ts";

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

test("a small splice is put together at once", () => {
  const out = new Splice(Buffer.from("small"));
  out.copy(0, 2);
  out.insert(Buffer.from("-"));
  out.copy(2, 5);
  expect(out.toRope()).toEqual(Buffer.from("sm-all"));
});
