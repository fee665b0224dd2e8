import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Ends a run with the skipped tests and their reasons, and the one line `N passed, N failed, N skipped`. */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const skipped = tests.filter((test) => test.result().state === "skipped");
    // A file that cannot be loaded and an error outside of any test have no test of their own, yet something failed.
    const broken = modules.filter((module) => module.errors().length > 0).length + unhandled.length;
    const failed = tests.filter((test) => test.result().state === "failed").length + broken;
    const passed = tests.filter((test) => test.result().state === "passed").length;
    const lines = skipped.length === 0 ? [] : ["Skipped:", ...skippedByReason(skipped), ""];
    console.log([...lines, `${passed} passed, ${failed} failed, ${skipped.length} skipped`].join("\n"));
  }
}

function skippedByReason(tests: readonly TestCase[]): string[] {
  const byReason = new Map<string, TestCase[]>();
  for (const test of tests) {
    const result = test.result();
    const reason = (result.state === "skipped" ? result.note : undefined) ?? "no reason given";
    byReason.set(reason, [...(byReason.get(reason) ?? []), test]);
  }
  return [...byReason].flatMap(([reason, list]) => [`  ${reason}:`, ...list.map((test) => `    ${test.fullName}`)]);
}
