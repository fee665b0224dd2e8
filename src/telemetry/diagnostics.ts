import { diag, DiagLogLevel } from "@opentelemetry/api";
import type { Logger } from "./log.ts";

/** The same complaint at most once in this time. */
const everyMs = 60_000;
const maxRemembered = 100;

/** Puts what the SDK complains about (a backend of our own telemetry that is not there) into our log. */
export function logDiagnostics(log: Logger): void {
  const last = new Map<string, number>();
  const say = (message: string, ...more: readonly unknown[]): void => {
    const text = [message, ...more].map(readable).join(" ");
    const now = performance.now();
    if (now - (last.get(text) ?? -Infinity) < everyMs) return;
    if (last.size >= maxRemembered) last.clear();
    last.set(text, now);
    log.warn({ error: text }, "Our own telemetry is not as it should be");
  };
  const ignore = (): void => {};
  diag.setLogger(
    { error: say, warn: say, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

/** Leaves the SDK without a log again. */
export function endDiagnostics(): void {
  diag.disable();
}

/** The SDK writes errors as JSON with a stack. */
function readable(part: unknown): string {
  if (part instanceof Error) return part.message;
  if (typeof part !== "string") return String(part);
  try {
    const parsed: unknown = JSON.parse(part);
    if (typeof parsed === "object" && parsed !== null && "message" in parsed) return String(parsed.message);
  } catch {
    // Most messages are no JSON.
  }
  return part;
}
