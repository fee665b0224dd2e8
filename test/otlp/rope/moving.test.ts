import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { allocateFrames, allocateSlab, moveBetween } from "../../../src/otlp/rope/moving.ts";
import { copierOf } from "../../../src/otlp/rope/rope.ts";
import { Splice } from "../../../src/otlp/rope/splice.ts";

const slabBytes = 64 * 1024;
const numbered = Buffer.from(Array.from({ length: slabBytes }, (_, i) => i % 251));

function slabOf(bytes: Uint8Array): Buffer {
  const slab = allocateSlab(slabBytes);
  slab.set(bytes);
  return slab;
}

describe("a move", () => {
  test("takes bytes from a slab into the memory for frames, and touches nothing beside them", () => {
    const [slab, other, frames] = [slabOf(numbered), slabOf(numbered.toReversed()), allocateFrames(100)];
    frames.fill(0xff);
    moveBetween(slab, frames)?.(frames.byteOffset + 10, slab.byteOffset + 1000, 50);
    moveBetween(other, frames)?.(frames.byteOffset + 70, other.byteOffset, 3);
    expect(frames).toEqual(
      Buffer.concat([
        Buffer.alloc(10, 0xff),
        numbered.subarray(1000, 1050),
        Buffer.alloc(10, 0xff),
        numbered.toReversed().subarray(0, 3),
        Buffer.alloc(27, 0xff),
      ]),
    );
    expect(slab.equals(numbered)).toBe(true);
  });

  test("there is none between other memories", () => {
    const [slab, frames, other] = [allocateSlab(slabBytes), allocateFrames(100), Buffer.alloc(100)];
    expect([
      moveBetween(slab, other),
      moveBetween(other, frames),
      moveBetween(frames, frames),
      moveBetween(slab, slab),
    ]).toEqual([undefined, undefined, undefined, undefined]);
  });
});

test("pieces of a slab come into frames as they come into any other memory", () => {
  const pieces = fc.array(
    fc.oneof(
      fc
        .tuple(fc.nat(slabBytes), fc.nat(700))
        .map(([start, length]) => ({ start, end: Math.min(slabBytes, start + length) })),
      fc.uint8Array({ maxLength: 60 }).map((insert) => ({ insert })),
    ),
    { maxLength: 60 },
  );
  const slab = slabOf(numbered).subarray(8);
  const frames = allocateFrames(slabBytes);
  fc.assert(
    fc.property(pieces, fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1 }), (recipe, sizes) => {
      const out = new Splice(slab);
      out.message(2, () => {
        for (const piece of recipe) {
          if ("insert" in piece) out.insert(piece.insert);
          else out.copy(Math.min(piece.start, slab.length), Math.min(piece.end, slab.length));
        }
      });
      const copier = copierOf(out.toRope());
      frames.fill(0);
      let at = 5;
      for (let turn = 0, left = out.length; left > 0; turn++) {
        const size = Math.min(left, sizes[turn % sizes.length] ?? 1);
        copier.copy(frames, at, size);
        at += size;
        left -= size;
      }
      expect(frames.subarray(0, at).equals(Buffer.concat([Buffer.alloc(5), out.toBytes()]))).toBe(true);
      expect(frames.subarray(at).every((byte) => byte === 0)).toBe(true);
    }),
  );
});

test("a slab of any size has as many bytes as were asked for", () => {
  expect([allocateSlab(1).length, allocateSlab(slabBytes + 1).length]).toEqual([1, slabBytes + 1]);
});

test("a slab that nobody looks at is collected", async () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const slabs = Array.from({ length: 8 }, () => new WeakRef(allocateSlab(slabBytes).buffer));
  await new Promise(setImmediate);
  collect();
  expect(slabs.filter((slab) => slab.deref() !== undefined)).toEqual([]);
});

describe("where it cannot be done", () => {
  afterEach(() => vi.unstubAllGlobals());

  const { WebAssembly: present } = globalThis as { readonly WebAssembly?: object };

  /** The same module, of a process that has this WebAssembly. */
  async function movingWith(wasm: object | undefined) {
    vi.stubGlobal("WebAssembly", wasm);
    vi.resetModules();
    return import("../../../src/otlp/rope/moving.ts");
  }

  test("for want of WebAssembly, memory is like any other", async () => {
    const moving = await movingWith(undefined);
    const [slab, frames] = [moving.allocateSlab(slabBytes), moving.allocateFrames(100)];
    expect([slab.length, frames.length, moving.moveBetween(slab, frames)]).toEqual([slabBytes, 100, undefined]);
  });

  test("for want of addresses, memory is like any other, and they are asked for once", async () => {
    const Memory = vi.fn(function refuse() {
      throw new RangeError("could not allocate memory");
    });
    const moving = await movingWith({ ...present, Memory });
    const slabs = [moving.allocateSlab(slabBytes), moving.allocateSlab(slabBytes)];
    expect(slabs.map(({ length }) => length)).toEqual([slabBytes, slabBytes]);
    expect(Memory).toHaveBeenCalledTimes(1);
  });

  test("for want of room, frames get memory of their own", async () => {
    const moving = await movingWith(present);
    const buffers = Array.from({ length: 5 }, () => moving.allocateFrames(1024 * 1024));
    const slab = moving.allocateSlab(slabBytes);
    expect(buffers.map((buffer) => moving.moveBetween(slab, buffer) !== undefined)).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
    buffers.forEach((buffer, index) => buffer.fill(index));
    expect(buffers.every((buffer, index) => buffer.every((byte) => byte === index))).toBe(true);
  });
});
