import type { Logger } from "../telemetry/log.ts";

type Level = "info" | "warn" | "error";

/** A log for what may happen at every batch: each message at most once in a while, with the number of times it was left out. */
export type QuietLog = { readonly [L in Level]: (fields: object, message: string) => void };

/** Each message once in this time. */
const everyMs = 10_000;

/** Messages are constants, so the memory of them is bounded. */
export function createQuietLog(log: Logger): QuietLog {
  const seen = new Map<string, { since: number; leftOut: number }>();
  const at =
    (level: Level) =>
    (fields: object, message: string): void => {
      const now = performance.now();
      const last = seen.get(message);
      if (last !== undefined && now - last.since < everyMs) {
        last.leftOut++;
        return;
      }
      seen.set(message, { since: now, leftOut: 0 });
      log[level](last === undefined || last.leftOut === 0 ? fields : { ...fields, left_out: last.leftOut }, message);
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}
