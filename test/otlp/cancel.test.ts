import { describe, expect, test } from "vitest";
import { Cancellation, type CancelSignal } from "../../src/otlp/cancel.ts";

/** Ours and the one it stands for: each test is of both. */
const kinds: readonly [string, () => { readonly signal: CancelSignal; abort(): void }][] = [
  [
    "a Cancellation",
    () => {
      const signal = new Cancellation();
      return { signal, abort: () => signal.abort() };
    },
  ],
  ["an AbortController", () => new AbortController()],
];

describe.each(kinds)("%s", (_, make) => {
  test("tells each listener once, in their order", () => {
    const one = make();
    const told: string[] = [];
    const first = () => void told.push("first");
    one.signal.addEventListener("abort", first, { once: true });
    one.signal.addEventListener("abort", first, { once: true });
    one.signal.addEventListener("abort", () => void told.push(`second, ${one.signal.aborted}`));
    expect(one.signal.aborted).toBe(false);
    one.abort();
    one.abort();
    expect(told).toEqual(["first", "second, true"]);
    expect(one.signal.aborted).toBe(true);
  });

  test("does not tell who has left, or came too late", () => {
    const one = make();
    const told: string[] = [];
    const gone = () => void told.push("gone");
    one.signal.addEventListener("abort", gone);
    one.signal.removeEventListener("abort", gone);
    one.signal.removeEventListener("abort", gone);
    one.abort();
    one.signal.addEventListener("abort", () => void told.push("late"));
    one.abort();
    expect(told).toEqual([]);
  });
});
