import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createRetries } from "../../../src/ebpf/loader/probe-retries.ts";
import type { ProbeName, ProbeReport } from "../../../src/ebpf/loader/reports.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const failed = (probe: ProbeName, reason: ProbeReport["reason"]): ProbeReport => ({
  probe,
  status: "failed",
  reason,
  backend: "none",
  text: "no",
});
const attached: ProbeReport = { ...failed("http", "none"), status: "attached" };

function given() {
  const asked: ProbeName[] = [];
  return {
    asked,
    retries: createRetries({ backoffMs: (failures) => failures * 100, ask: (probe) => asked.push(probe) }),
  };
}

describe("a probe that failed", () => {
  test.each(["noMemory", "refused", "other"] as const)("for the reason %s is asked for again", (reason) => {
    const { asked, retries } = given();
    retries.take(failed("http", reason));
    vi.advanceTimersByTime(100);
    expect(asked).toEqual(["http"]);
  });

  test.each(["noBtf", "noCapability", "lockdown", "noHook", "verifier"] as const)(
    "for the reason %s is not: the same loader in the same kernel has the same answer",
    (reason) => {
      const { asked, retries } = given();
      retries.take(failed("http", reason));
      expect(vi.getTimerCount()).toBe(0);
      expect(asked).toEqual([]);
    },
  );

  test("waits longer after each failure, and from the beginning once it was attached", () => {
    const { asked, retries } = given();
    retries.take(failed("http", "other"));
    vi.advanceTimersByTime(100);
    retries.take(failed("http", "other"));
    vi.advanceTimersByTime(100);
    expect(asked).toHaveLength(1);
    vi.advanceTimersByTime(100);
    expect(asked).toHaveLength(2);
    retries.take(attached);
    retries.take(failed("http", "other"));
    vi.advanceTimersByTime(100);
    expect(asked).toHaveLength(3);
  });

  test("is asked for on its own, and not at all behind clear()", () => {
    const { asked, retries } = given();
    retries.take(failed("http", "other"));
    retries.take(failed("oom", "noMemory"));
    vi.advanceTimersByTime(100);
    expect(asked).toEqual(["http", "oom"]);
    retries.take(failed("oom", "noMemory"));
    retries.clear();
    expect(vi.getTimerCount()).toBe(0);
  });
});
