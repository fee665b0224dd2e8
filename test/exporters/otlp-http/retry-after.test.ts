import { describe, expect, test } from "vitest";
import { parseRetryAfter } from "../../../src/exporters/otlp-http/retry-after.ts";

describe("Retry-After", () => {
  const now = Date.UTC(2026, 10, 24, 12, 0, 0);

  test.each([
    ["0", 0],
    ["120", 120_000],
    [" 7 ", 7000],
    ["Tue, 24 Nov 2026 12:00:30 GMT", 30_000],
    ["Tue, 24 Nov 2026 11:00:00 GMT", 0],
    ["-1", undefined],
    ["1.5", undefined],
    ["99999999999", undefined],
    ["2026-11-24", undefined],
    ["Tue, 99 Foo 2026 12:00:30 GMT", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%s is %s ms", (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });
});
