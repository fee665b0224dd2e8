import { pino } from "pino";
import { consoleLine } from "./console-line.ts";

/** The part of pino's logger that components use. `fields` are what an operator can filter by. */
export type Logger = {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

/** The logger of the process, which makes one for each component. */
export type RootLogger = Logger & {
  /** A logger that adds these fields to each message. */
  child(fields: object): Logger;
};

type LogOptions = {
  readonly level: "debug" | "info" | "warn" | "error";
  /** console: one readable line for each message; json: one object for each. */
  readonly encoding: "console" | "json";
  /** Fields of every message. */
  readonly initialFields?: Readonly<Record<string, unknown>>;
  /** Takes one line, with its line break. */
  readonly write: (line: string) => void;
};

/** Makes the logger of the process. An Error among the fields is written as its message; a Secret as [REDACTED]. */
export function createLogger({ level, encoding, initialFields, write }: LogOptions): RootLogger {
  const destination = { write: encoding === "json" ? write : (line: string) => write(consoleLine(line)) };
  return pino(
    {
      level,
      base: initialFields === undefined || Object.keys(initialFields).length === 0 ? null : initialFields,
      messageKey: "message",
      errorKey: "error",
      timestamp: pino.stdTimeFunctions.isoTime,
      depthLimit: 5,
      edgeLimit: 5000,
      formatters: { level: (label) => ({ level: label }), log: readable },
    },
    destination,
  );
}

function readable(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? value.message : typeof value === "bigint" ? String(value) : value,
    ]),
  );
}
