import { shown } from "../../config/document/problem.ts";
import { columnsOf } from "./width.ts";

/** What a command may use of the outside world; main.ts makes it from the process, tests make their own. */
export type Io = {
  /** Writes to standard output as it is given; text that came from data goes through clean() first. */
  readonly out: (text: string) => void;
  /** Resolves when all that was written to standard output has been taken: who writes much waits for that now and then. */
  readonly flush: () => Promise<void>;
  /** What comes on standard input; it ends when `signal` is aborted. */
  readonly input: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
  /** Writes to standard error. */
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Width of the terminal behind standard output; undefined when it is none. */
  readonly columns: number | undefined;
  /** Whether colours may be used: a terminal that is not dumb, and NO_COLOR is not set. */
  readonly color: boolean;
  /** Aborted when the user interrupts the command. */
  readonly signal: AbortSignal;
};

/** What a command ends with. */
export const exitCode = {
  ok: 0,
  /** The configuration is invalid, or what was asked could not be done. */
  failed: 1,
  /** The command line was not understood. */
  usage: 2,
} as const;

/** The command line was not understood; printed with a pointer to --help, ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What was asked cannot be done; printed as one line, ends with exit code 1. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** The text with everything that could steer a terminal made visible, as \u{1b}; line breaks and tabs too. */
export function clean(text: string): string {
  return shown(text);
}

/** The value as JSON of several lines, in which nothing could steer a terminal either. */
export function json(value: unknown): string {
  return `${harmless(JSON.stringify(value, undefined, 2))}\n`;
}

/** The same in one line. */
export function jsonLine(value: unknown): string {
  return `${harmless(JSON.stringify(value))}\n`;
}

/** JSON in which nothing could steer a terminal. */
export function harmless(text: string): string {
  const escaped = (char: string) =>
    char === "\n" ? char : Array.from({ length: char.length }, (_, i) => `\\u${hex4(char.charCodeAt(i))}`).join("");
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}

/** The value as JSON, or as YAML when that is the format. */
export async function structured(format: string, value: unknown): Promise<string> {
  return format === "yaml" ? (await import("./yaml.ts")).yaml(value) : json(value);
}

function hex4(unit: number): string {
  return unit.toString(16).padStart(4, "0");
}

/** Rows set as columns, two spaces apart; cells are made clean, nothing is cut. */
export function table(rows: readonly (readonly string[])[]): string {
  const set = rows.map((row) => row.map(clean).map((text) => ({ text, columns: columnsOf(text) })));
  const widths: number[] = [];
  for (const row of set) for (const [at, { columns }] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, columns);
  return set
    .map((row) => {
      const cells = row.map(({ text, columns }, at) => text + " ".repeat((widths[at] ?? 0) - columns));
      return `${cells.join("  ").trimEnd()}\n`;
    })
    .join("");
}
