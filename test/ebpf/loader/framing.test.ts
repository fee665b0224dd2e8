import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { headerAt } from "../../../src/ebpf/abi.ts";
import { createFraming } from "../../../src/ebpf/loader/framing.ts";

/** What a kernel wrote. */
const recorded = readFileSync(new URL("../../fixtures/ebpf/http-socket.bin", import.meta.url));

describe("the framing of the loader's output", () => {
  test.each([1, 3, 7, 39, 40, 41, 100, 1000, 4096, 65_536, recorded.length])(
    "gives the same records whether they come in pieces of %i bytes or at once",
    (size) => {
      const records: Buffer[] = [];
      const framing = createFraming((bytes, at) => {
        records.push(Buffer.from(bytes.subarray(at, at + bytes.readUInt32LE(at + headerAt.len))));
      });
      for (let at = 0; at < recorded.length; at += size) framing.push(recorded.subarray(at, at + size));
      expect(Buffer.concat(records).equals(recorded)).toBe(true);
      expect(records.length).toBeGreaterThan(300);
    },
  );

  test.each([0, 8, 39, 41, 8200, 0xffffffff])("refuses a length of %i", (length) => {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32LE(length, headerAt.len);
    const framing = createFraming(() => undefined);
    expect(() => framing.push(bytes)).toThrow(
      `Cannot read the loader's records: a length must be 40 to 8192, is ${length}`,
    );
  });

  test("refuses a wrong length also where it lies across two pieces", () => {
    const framing = createFraming(() => undefined);
    framing.push(Buffer.from([7, 0]));
    expect(() => framing.push(Buffer.alloc(64))).toThrow("a length must be 40 to 8192, is 7");
  });
});
