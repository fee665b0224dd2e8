import { describe, expect, test } from "vitest";
import { Arena, type Loan } from "../../../src/otlp/rope/arena.ts";

/** More than half of a slab: each loan is the only one of its slab. */
const half = 300 * 1024;

describe("an arena with special memory", () => {
  function create() {
    const made: Buffer[] = [];
    const arena = new Arena((length) => {
      const slab = Buffer.alloc(length);
      made.push(slab);
      return slab;
    });
    const isSpecial = ({ bytes }: Loan) => made.some((slab) => slab.buffer === bytes.buffer);
    return { arena, made, isSpecial, lend: (count: number) => Array.from({ length: count }, () => arena.lend(half)) };
  }

  test("lends it, and makes no more of it as long as it comes back", () => {
    const { arena, made, isSpecial, lend } = create();
    for (let turn = 0; turn < 200; turn++) {
      const loans = lend(10);
      expect(loans.every(isSpecial)).toBe(true);
      for (const loan of loans) arena.giveBack(loan);
    }
    expect(made.length).toBe(10);
  });

  test("lends common memory where nothing comes back, and the special one again when something does", () => {
    const { arena, isSpecial, lend } = create();
    const lost = lend(100);
    expect(lost.map(isSpecial).lastIndexOf(true)).toBe(31);
    const common = lend(5);
    expect(common.some(isSpecial)).toBe(false);
    for (const loan of common) arena.giveBack(loan);
    // The last one of them is the slab that is cut next.
    expect(lend(6).map(isSpecial)).toEqual([false, true, true, true, true, false]);
  });
});
