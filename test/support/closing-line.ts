import type { Reporter, TestCase, TestModule } from "vitest/node";

/** The lines with which a run's last words begin: those who show several runs put them at the end of all. */
export const headings: readonly string[] = ["Failed:", "Skipped:"];

/** Ends a run with what failed, the skipped tests and their reasons, and the one line `N passed, N failed, N skipped`. */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const skipped = tests.filter((test) => test.result().state === "skipped");
    const failures = [
      ...tests.flatMap((test) => failureOf(test)),
      // A file that cannot be loaded and an error outside of any test have no test of their own, yet something failed.
      ...modules.flatMap((module) => (module.errors().length === 0 ? [] : failure("", module, module.errors()))),
      ...unhandled.map((error) => `  outside of any test: ${firstLine(error)}`),
    ];
    const passed = tests.filter((test) => test.result().state === "passed").length;
    const lines = [
      ...(failures.length === 0 ? [] : ["Failed:", ...failures, ""]),
      ...(skipped.length === 0 ? [] : ["Skipped:", ...skippedByReason(skipped), ""]),
    ];
    console.log([...lines, `${passed} passed, ${failures.length} failed, ${skipped.length} skipped`].join("\n"));
  }
}

function failureOf(test: TestCase): readonly string[] {
  const result = test.result();
  return result.state === "failed" ? [failure(test.fullName, test.module, result.errors)] : [];
}

function failure(name: string, { relativeModuleId }: TestModule, errors: readonly unknown[]): string {
  return `  ${[relativeModuleId, ...(name === "" ? [] : [name])].join(" > ")}: ${firstLine(errors[0])}`;
}

function firstLine(error: unknown): string {
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : error;
  return String(message).split("\n", 1)[0] ?? "";
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
