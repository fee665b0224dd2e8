import { randomBytes } from "node:crypto";
import { memoryUsage } from "node:process";
import { createZstdCompress, constants, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { inflate } from "../../src/net/compression.ts";
import { snap } from "../../src/net/snappy/block.ts";

const compressors = { gzip: gzipSync, deflate: deflateSync, zstd: zstdCompressSync, snappy: snap };
/** Small is decompressed at once, large aside: it must stay large when it is compressed. */
const texts = {
  small: Buffer.from("a few words, a few words"),
  large: Buffer.from(
    Array.from({ length: 60_000 }, (_, i) => ((i * 2_654_435_761) % 4_294_967_296).toString(36)).join(" "),
  ),
};

describe.each(["gzip", "deflate", "zstd", "snappy"] as const)("%s", (encoding) => {
  describe.each(["small", "large"] as const)("of a %s text", (size) => {
    const text = texts[size];
    const compressed = compressors[encoding](text);

    test("is decompressed up to the limit and not beyond it", async () => {
      expect(await inflate(encoding, compressed, text.length)).toEqual({ status: "ok", bytes: text });
      expect(await inflate(encoding, compressed, text.length - 1)).toEqual({ status: "too_large" });
    });

    test("that breaks off is broken", async () => {
      expect(await inflate(encoding, compressed.subarray(0, -5), text.length)).toMatchObject({ status: "broken" });
    });

    test("that is something else is broken", async () => {
      expect(await inflate(encoding, text, 1_000_000)).toMatchObject({ status: "broken" });
    });
  });

  test("of nothing at all is broken", async () => {
    expect(await inflate(encoding, Buffer.alloc(0), 100)).toMatchObject({ status: "broken" });
  });

  test("of a bomb is stopped", async () => {
    expect(await inflate(encoding, compressors[encoding](Buffer.alloc(50_000_000)), 4_000_000)).toEqual({
      status: "too_large",
    });
  });
});

test("few large messages are decompressed at a time, however many have come", async () => {
  const limit = 8_000_000;
  const bomb = gzipSync(Buffer.concat([randomBytes(70_000), Buffer.alloc(limit - 70_000)]));
  const before = memoryUsage().arrayBuffers;
  const sizes: number[] = [];
  const all = Array.from({ length: 60 }, async () => {
    const { status } = await inflate("gzip", bomb, limit);
    sizes.push(memoryUsage().arrayBuffers - before);
    return status;
  });
  expect(new Set(await Promise.all(all))).toEqual(new Set(["ok"]));
  // Of 480 MB, four at a time and each for a moment twice.
  expect(sizes[0]).toBeLessThan(80_000_000);
});

describe("zstd", () => {
  test.each(["small", "large"] as const)("of several frames is all of them, %s", async (size) => {
    const text = texts[size];
    const frame = zstdCompressSync(text);
    expect(await inflate("zstd", Buffer.concat([frame, frame]), 2 * text.length)).toEqual({
      status: "ok",
      bytes: Buffer.concat([text, text]),
    });
    expect(await inflate("zstd", Buffer.concat([frame, frame]), 2 * text.length - 1)).toEqual({ status: "too_large" });
    expect(await inflate("zstd", Buffer.concat([frame, frame]), text.length)).toEqual({ status: "too_large" });
  });

  test.each(["small", "large"] as const)("with something else behind it is broken, %s", async (size) => {
    const more = Buffer.concat([zstdCompressSync(texts[size]), Buffer.from("more")]);
    expect(await inflate("zstd", more, 1_000_000)).toMatchObject({ status: "broken" });
  });

  test.each([100, 10_000])("of %s frames is refused: each costs a decompressor", async (count) => {
    const frames = Buffer.concat(Array.from({ length: count }, () => zstdCompressSync(Buffer.from("x"))));
    expect(await inflate("zstd", frames, 1_000_000)).toEqual({
      status: "broken",
      problem: "must have at most 64 frames, has more",
    });
  });

  test("whose window takes more than 8 MiB is refused", async () => {
    const compressor = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 26 } });
    for (let i = 0; i < 200; i++) compressor.write(Buffer.alloc(100_000, i));
    compressor.end();
    expect(await inflate("zstd", await buffer(compressor), 100_000_000)).toMatchObject({
      status: "broken",
      problem: expect.stringMatching(/too much memory/),
    });
  });
});
