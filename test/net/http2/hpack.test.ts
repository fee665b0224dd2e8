import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHpackDecoder } from "../../../src/net/http2/hpack/decoder.ts";
import type { HpackDecoder, HpackDecoderLimits, HpackOutcome } from "../../../src/net/http2/hpack/decoder.ts";
import { createHpackEncoder } from "../../../src/net/http2/hpack/encoder.ts";
import type { HpackEncoder, HpackIndexing } from "../../../src/net/http2/hpack/encoder.ts";
import { decodeHuffman, huffmanSize, putHuffman } from "../../../src/net/http2/hpack/huffman.ts";
import { pairs, series } from "./hpack-examples.ts";

type Field = readonly [name: string, value: string];
type Decoded = { readonly outcome: HpackOutcome; readonly fields: readonly Field[]; readonly never: readonly string[] };

const wide: HpackDecoderLimits = { maxTableBytes: 4096, maxListBytes: 1e6, maxFields: 1000 };

function decode(decoder: HpackDecoder, block: Buffer | string): Decoded {
  const bytes = typeof block === "string" ? Buffer.from(block.replaceAll(" ", ""), "hex") : block;
  // Somewhere in a larger buffer, as it comes from a socket.
  const around = Buffer.concat([Buffer.from([0x82, 0xff]), bytes, Buffer.from([0x82, 0xff])]);
  const fields: Field[] = [];
  const never: string[] = [];
  const outcome = decoder.decode(around, 2, 2 + bytes.length, (name, value, neverIndexed) => {
    fields.push([name, value]);
    if (neverIndexed) never.push(name);
  });
  return { outcome, fields, never };
}

function decodeFresh(block: string, limits: Partial<HpackDecoderLimits> = {}): Decoded {
  return decode(createHpackDecoder({ ...wide, ...limits }), block);
}

function encode(encoder: HpackEncoder, fields: readonly Field[], indexing: HpackIndexing = "indexed"): string {
  encoder.begin();
  for (const [name, value] of fields) encoder.add(name, value, indexing);
  return encoder.bytes.toString("hex", 0, encoder.length);
}

test.each(series)("the examples of RFC 7541 $name, are read", ({ examples, tableBytes }) => {
  const decoder = createHpackDecoder({ ...wide, maxTableBytes: tableBytes });
  for (const { block, fields } of examples)
    expect(decode(decoder, block)).toEqual({ outcome: "ok", fields, never: [] });
});

test.each(pairs)("the examples of RFC 7541 $name, are what the encoder writes", ({ plain, coded }) => {
  const encoder = createHpackEncoder();
  encoder.setPeerTableSize(plain.tableBytes);
  // The example's connection begins with this size, so that it tells none.
  encoder.begin();
  plain.examples.forEach(({ fields, block }, i) => {
    const shorter = coded.examples[i]?.block ?? "";
    expect(encode(encoder, fields)).toBe(shorter.length < block.length ? shorter : block);
  });
});

describe("the examples of RFC 7541 C.2, one field each", () => {
  test.each([
    ["400a637573746f6d2d6b65790d637573746f6d2d686561646572", "custom-key", "custom-header"],
    ["040c2f73616d706c652f70617468", ":path", "/sample/path"],
    ["100870617373776f726406736563726574", "password", "secret"],
    ["82", ":method", "GET"],
  ])("%s is read", (block, name, value) => expect(decodeFresh(block).fields).toEqual([[name, value]]));

  test("a field that is never to be indexed says so", () =>
    expect(decodeFresh("100870617373776f726406736563726574").never).toEqual(["password"]));
});

describe("an integer (RFC 7541 C.1)", () => {
  test("is read behind its prefix: the size 1337, which the limit lets through or not", () => {
    expect(decodeFresh("3f9a0a82").outcome).toBe("ok");
    expect(decodeFresh("3f9a0a82", { maxTableBytes: 1336 }).outcome).toBe("compression_error");
  });

  test.each([
    ["is cut off", "ff"],
    ["is cut off in the middle", "ff80"],
    ["has more bytes than any that is of use", "ff808080808000"],
    ["is larger than 32 bits", "ffffffffff7f"],
    ["names an entry that is not there", "be"],
    ["is the index 0", "80"],
    ["is a length beyond the block", "4003616263 7f61"],
    ["names a name that is not there", "7e0161"],
  ])("that %s is a compression error", (_why, block) => expect(decodeFresh(block).outcome).toBe("compression_error"));
});

describe("a Huffman-coded string", () => {
  test("of any bytes is read as it was written", () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = Buffer.from(bytes).toString("latin1");
        const coded = Buffer.alloc(huffmanSize(text));
        expect(putHuffman(coded, 0, text)).toBe(coded.length);
        expect(decodeHuffman(coded, 0, coded.length)).toBe(text);
      }),
    ));

  test("that is longer than the memory kept for it is read as well", () => {
    const text = "0123456789".repeat(2000);
    const coded = Buffer.alloc(huffmanSize(text));
    putHuffman(coded, 0, text);
    expect(decodeHuffman(coded, 0, coded.length)).toBe(text);
  });

  test.each([
    ["padding of more than seven bits", "1fff"],
    ["padding of a whole byte", "ff"],
    ["padding with a zero", "1c"],
    ["EOS", "ffffffff"],
    ["EOS behind a character", "1ffffffffc"],
  ])("with %s is none", (_why, hex) => {
    const coded = Buffer.from(hex, "hex");
    expect(decodeHuffman(coded, 0, coded.length)).toBeUndefined();
    expect(decodeFresh(`04${(0x80 | coded.length).toString(16)}${hex}`).outcome).toBe("compression_error");
  });
});

describe("a size update", () => {
  const kept = "400161 0162"; // a: b
  test("at the beginning of a block takes effect, any number of them", () => {
    const decoder = createHpackDecoder(wide);
    expect(decode(decoder, `${kept} be`).fields).toHaveLength(2);
    expect(decode(decoder, "20 3fe11f 82").outcome).toBe("ok");
    expect(decode(decoder, "be").outcome).toBe("compression_error");
  });

  test("behind a field is a compression error", () => expect(decodeFresh("82 20").outcome).toBe("compression_error"));

  test("above the limit is a compression error", () => expect(decodeFresh("3fe21f").outcome).toBe("compression_error"));

  test("is due in the first block after the limit was lowered", () => {
    const decoder = createHpackDecoder(wide);
    decode(decoder, kept);
    decoder.setMaxTableSize(100);
    expect(decode(decoder, "").outcome).toBe("ok");
    expect(decode(decoder, "3f45 be").fields).toEqual([["a", "b"]]);
    decoder.setMaxTableSize(0);
    expect(decode(decoder, "82").outcome).toBe("compression_error");
  });

  test("is not due after the limit was raised, and until then the table is no larger", () => {
    const decoder = createHpackDecoder({ ...wide, maxTableBytes: 34 });
    decoder.setMaxTableSize(4096);
    expect(decode(decoder, `${kept} 400163 0164 bf`).outcome).toBe("compression_error");
  });

  test("is told by the encoder in its next block, with the smallest size in between", () => {
    const encoder = createHpackEncoder();
    const decoder = createHpackDecoder(wide);
    decode(decoder, encode(encoder, [["a", "b"]]));
    encoder.setPeerTableSize(0);
    encoder.setPeerTableSize(100);
    decoder.setMaxTableSize(100);
    const block = encode(encoder, [["a", "b"]]);
    expect(block).toMatch(/^203f45/);
    expect(decode(decoder, block).fields).toEqual([["a", "b"]]);
    expect(encode(encoder, [["a", "b"]])).toBe("be");
  });

  test("above what the encoder uses changes nothing", () => {
    const encoder = createHpackEncoder();
    encoder.setPeerTableSize(1_000_000);
    expect(encode(encoder, [[":method", "GET"]])).toBe("82");
  });
});

describe("a dynamic table", () => {
  test("is emptied by an entry that is larger than it (section 4.4)", () => {
    const decoder = createHpackDecoder({ ...wide, maxTableBytes: 60 });
    expect(decode(decoder, "400161 0162 be").outcome).toBe("ok");
    expect(decode(decoder, `4001611e${"62".repeat(30)}`).outcome).toBe("ok");
    expect(decode(decoder, "be").outcome).toBe("compression_error");
  });

  test("lends a name to the entry that makes it leave (section 4.4)", () => {
    const decoder = createHpackDecoder({ ...wide, maxTableBytes: 40 });
    expect(decode(decoder, "400161 0162 7e 0163 be").fields).toEqual([
      ["a", "b"],
      ["a", "c"],
      ["a", "c"],
    ]);
  });

  test("has a generation that a block of indexes leaves alone and an insertion does not", () => {
    const decoder = createHpackDecoder(wide);
    const before = decoder.generation;
    decode(decoder, "82 86 84 0401 61");
    expect(decoder.generation).toBe(before);
    decode(decoder, "400161 0162");
    const after = decoder.generation;
    expect(after).not.toBe(before);
    decode(decoder, "be");
    expect(decoder.generation).toBe(after);
    decode(decoder, "20");
    expect(decoder.generation).not.toBe(after);
  });

  test("of the encoder has a generation of which a block with a size update is no part", () => {
    const encoder = createHpackEncoder();
    encoder.setPeerTableSize(10);
    const before = encoder.generation;
    encode(encoder, [[":method", "GET"]]);
    const after = encoder.generation;
    expect(after).not.toBe(before);
    encode(encoder, [[":method", "GET"]]);
    expect(encoder.generation).toBe(after);
  });
});

describe("the limits of a list", () => {
  test("of bytes hold for a block of a few bytes that says much (HPACK bomb), and the table stays right", () => {
    const decoder = createHpackDecoder({ ...wide, maxListBytes: 64 * 1024 });
    const entry = `400161 7fa11e${"62".repeat(4000)}`;
    const bomb = decode(decoder, `${entry}${"be".repeat(16_000)}`);
    expect(bomb.outcome).toBe("list_too_large");
    expect(bomb.fields).toHaveLength(16);
    expect(decode(decoder, "be").fields).toEqual([["a", "b".repeat(4000)]]);
  });

  test("of fields hold", () => {
    const { outcome, fields } = decodeFresh("82".repeat(11), { maxFields: 10 });
    expect(outcome).toBe("list_too_large");
    expect(fields).toHaveLength(10);
    expect(decodeFresh("82".repeat(10), { maxFields: 10 }).outcome).toBe("ok");
  });

  test("do not hide what is broken behind them", () =>
    expect(decodeFresh("828280", { maxFields: 1 }).outcome).toBe("compression_error"));
});

describe("the encoder", () => {
  test("writes what is never to be indexed so, each time, and with a name from the table", () => {
    const encoder = createHpackEncoder();
    expect(encode(encoder, [["authorization", "a"]], "never")).toBe("1f080161");
    expect(encode(encoder, [["authorization", "a"]], "never")).toBe("1f080161");
    expect(encode(encoder, [[":method", "GET"]], "never")).toBe("1203474554");
  });

  test("writes a literal without touching the table, or by the index it has", () => {
    const encoder = createHpackEncoder();
    expect(encode(encoder, [["x", "!"]], "literal")).toBe("0001780121");
    expect(encode(encoder, [["x", "!"]], "literal")).toBe("0001780121");
    expect(encode(encoder, [["x", "!"]], "indexed")).toBe("4001780121");
    expect(encode(encoder, [["x", "!"]], "literal")).toBe("be");
  });

  test("does not empty the table for a field that is larger than it", () => {
    const encoder = createHpackEncoder();
    encode(encoder, [["x", "!"]]);
    encode(encoder, [["y", "z".repeat(5000)]]);
    expect(encode(encoder, [["x", "!"]])).toBe("be");
  });
});

const name = fc.oneof(
  fc.constantFrom(":path", ":method", "content-type", "grpc-timeout", "te", "x", "x-long-name"),
  fc.stringMatching(/^[a-z0-9-]{1,20}$/),
);
const value = fc.oneof(
  fc.constantFrom("", "GET", "/", "application/grpc", "trailers", "v".repeat(1500)),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
);
const indexing = fc.constantFrom<HpackIndexing>("indexed", "indexed", "literal", "never");
const step = fc.oneof(
  { weight: 5, arbitrary: fc.array(fc.tuple(name, value, indexing), { maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 40, 100, 1000, 4096, 65_536) },
);

test("what the encoder writes the decoder reads, whatever the fields and the sizes of the table", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const encoder = createHpackEncoder();
      const decoder = createHpackDecoder(wide);
      for (const each of steps) {
        if (typeof each === "number") {
          encoder.setPeerTableSize(each);
          decoder.setMaxTableSize(each);
          continue;
        }
        encoder.begin();
        for (const [n, v, i] of each) encoder.add(n, v, i);
        const { outcome, fields } = decode(decoder, Buffer.from(encoder.bytes.subarray(0, encoder.length)));
        expect(outcome).toBe("ok");
        expect(fields).toEqual(each.map(([n, v]) => [n, v]));
      }
    }),
  );
});

test("damaged and random blocks are answered, never thrown on, and tell no more than the limits", () => {
  const valid = series.flatMap(({ examples }) => examples.map(({ block }) => Buffer.from(block, "hex")));
  const damaged = fc
    .tuple(fc.constantFrom(...valid), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(60))
    .map(([block, changes, cut]) => {
      const copy = Buffer.from(block);
      for (const [at, byte] of changes) copy[at % copy.length] = byte;
      return copy.subarray(0, Math.max(1, copy.length - (cut > 30 ? 0 : cut)));
    });
  const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.array(fc.oneof(damaged, random), { maxLength: 5 }), (blocks) => {
      const decoder = createHpackDecoder({ maxTableBytes: 256, maxListBytes: 1000, maxFields: 10 });
      for (const block of blocks) {
        const { outcome, fields } = decode(decoder, block);
        expect(["ok", "list_too_large", "compression_error"]).toContain(outcome);
        expect(fields.length).toBeLessThanOrEqual(10);
      }
    }),
    { numRuns: 1000 },
  );
});
